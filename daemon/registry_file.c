/* SPDX-License-Identifier: MIT */
/*
 * registry_file.c - finding the registry that an earlier daemon left; see registry_file.h
 *
 * A new pair is made board first, each without a name until it is whole: a daemon that dies between
 * leaves at most a board that no registry speaks of, and the next one removes it.
 */
#include "daemon/registry_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/random.h"
#include "daemon/instance.h"
#include "daemon/log.h"
#include "daemon/quarantine.h"

#define ROLES_PER_RING 3u /* producer, consumer, owner */

static int registry_map(int fd, const char *name, size_t bytes, struct registry_file *file)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	file->memory = memory;
	file->bytes = bytes;
	strcpy(file->name, name);
	return 0;
}

/* ---- what is there ---- */

/* For people only: whoever may write this object is our own user. */
static int complain_held(const struct shm_dir *dir, int fd, const char *name)
{
	struct registry_header header = { 0 };

	if (pread(fd, &header, sizeof(header), 0) < 0)
		header.daemon_pid = 0;
	log_line(LOG_ERR, "instance '%s' is served already, at another socket: shmqd with pid %d "
		 "holds its registry /dev/shm/%s", dir->instance, (int)header.daemon_pid,
		 name);
	return -EBUSY;
}

struct search {
	const struct shm_dir *dir;
	const uint8_t *boot_id;
	struct registry_file *found;	/* fd -1: none yet */
	unsigned n_planted;		/* not ours, under our names */
};

static const char *why_not(int error)
{
	switch (error) {
	case -EPROTO:
		return "it was written by another version of shmqd";
	case -ESTALE:
		return "it is of an earlier boot";
	case -ENOENT:
	case -EPERM:
		return "its board is missing";
	case -EEXIST:
		return "there is another one";
	default:
		return "it is damaged";
	}
}

static bool is_verdict(int error)
{
	return error == -EBADMSG || error == -EPROTO || error == -ESTALE || error == -ENOENT ||
	       error == -EPERM;
}

/* Return: 0 it was taken over; a verdict; -errno for troubles of our own. */
static int candidate_adopt(struct search *search, int fd, const char *name, size_t bytes)
{
	struct registry_file file = REGISTRY_FILE_INIT;
	const struct registry_header *header;
	int r;

	if (bytes < sizeof(*header))
		return -EBADMSG;
	r = registry_map(fd, name, bytes, &file);
	if (r < 0)
		return r;
	header = file.memory;
	r = registry_adopt(file.memory, bytes, search->dir->instance, search->boot_id,
			   &file.registry);
	if (r == 0)
		r = board_file_adopt(search->dir, header->board_name, header->n_rings,
				     header->board_epoch, &file.board);
	if (r < 0) {
		registry_file_close(&file);
		return r;
	}
	file.is_adopted = true;
	*search->found = file;
	return 0;
}

static int candidate_look(void *arg, const char *name, enum shm_kind kind)
{
	struct search *search = arg;
	_cleanup_fd_ int fd = -1;
	struct stat st;
	int r;

	if (kind != SHM_REGISTRY)
		return 0;
	fd = shm_dir_open_object(search->dir, name, O_RDWR, SHM_PRIVATE, &st);
	if (fd == -EPERM || fd == -EACCES)
		search->n_planted++;
	if (fd < 0)
		return fd == -EPERM || fd == -EACCES || fd == -ENOENT ? 0 : fd;
	r = instance_lock(fd);
	if (r < 0)
		return r == -EBUSY ? complain_held(search->dir, fd, name) : r;
	if (search->found->memory)
		r = -EEXIST;
	else
		r = candidate_adopt(search, fd, name, (size_t)st.st_size);
	if (r == 0) {
		search->found->fd = TAKE_FD(fd);
		return 0;
	}
	if (r != -EEXIST && !is_verdict(r))
		return r;
	log_event(SHELL_LOG_REGISTRY_BAD, LOG_ERR,
		  "the registry %s can't be used: %s; it is set aside", name, why_not(r));
	return shm_dir_set_aside(search->dir, name);
}

static int registry_find(const struct shm_dir *dir, const uint8_t boot_id[BOOT_ID_BYTES],
			 struct registry_file *file)
{
	struct search search = { .dir = dir, .boot_id = boot_id, .found = file };
	int r = shm_dir_each(dir, candidate_look, &search);

	if (r == 0 && search.n_planted > 0)
		log_line(LOG_WARNING, "%u objects in /dev/shm have the name of a registry of ours "
			 "and are not: ignored", search.n_planted);
	return r;
}

/* ---- a new one ---- */

/* Make, fill and lock, then give it a name. */
static int registry_publish(const struct shm_dir *dir, uint32_t n_rings, const uint8_t *boot_id,
			    const uint8_t epoch[16], struct registry_file *file)
{
	uint32_t n_attachments = ROLES_PER_RING * n_rings;
	size_t bytes = registry_bytes(n_rings, n_attachments);
	_cleanup_fd_ int fd = shm_dir_make(dir, bytes);
	char name[CONTROL_SEGMENT_MAX];
	int r;

	if (fd < 0)
		return fd;
	r = shm_dir_new_name(dir, "registry", name);
	if (r == 0)
		r = instance_lock(fd);
	if (r == 0)
		r = registry_map(fd, name, bytes, file);
	if (r < 0)
		return r;
	registry_format(file->memory, n_rings, n_attachments, dir->instance, boot_id,
			file->board.name, epoch, &file->registry);
	r = shm_dir_publish(dir, fd, name);
	if (r < 0)
		return r;
	file->fd = TAKE_FD(fd);
	return 0;
}

struct rivals {
	const struct shm_dir *dir;
	const char *own_name;
};

/* Somebody who started at the same time and also found none. */
static int rival_look(void *arg, const char *name, enum shm_kind kind)
{
	struct rivals *rivals = arg;
	_cleanup_fd_ int fd = -1;
	struct stat st;

	if (kind != SHM_REGISTRY || strcmp(name, rivals->own_name) == 0)
		return 0;
	fd = shm_dir_open_object(rivals->dir, name, O_RDWR, SHM_PRIVATE, &st);
	return fd < 0 ? 0 : complain_held(rivals->dir, fd, name);
}

static int registry_make(const struct shm_dir *dir, uint32_t n_rings, const uint8_t *boot_id,
			 struct registry_file *file)
{
	struct rivals rivals = { dir, file->name };
	uint8_t epoch[16];
	int r = random_bytes(epoch, sizeof(epoch));

	if (r == 0)
		r = board_file_make(dir, n_rings, epoch, &file->board);
	if (r < 0)
		return r;
	r = registry_publish(dir, n_rings, boot_id, epoch, file);
	if (r == 0)
		r = shm_dir_each(dir, rival_look, &rivals);
	if (r < 0)
		registry_file_remove(dir, file);
	return r;
}

/* ---- all of it ---- */

int registry_file_open(const struct shm_dir *dir, uint32_t n_rings,
		       const uint8_t boot_id[BOOT_ID_BYTES], struct registry_file *ret_file)
{
	struct registry_file file = REGISTRY_FILE_INIT;
	int r = registry_find(dir, boot_id, &file);

	if (r == 0 && !file.is_adopted)
		r = registry_make(dir, n_rings, boot_id, &file);
	if (r == 0)
		r = quarantine_sweep(dir, file.board.name, file.is_adopted);
	if (r < 0) {
		registry_file_close(&file);
		return r;
	}
	if (file.registry.header->n_rings != n_rings)
		log_line(LOG_NOTICE, "the registry that was found holds %u rings; --max-rings=%u takes "
			 "effect at a start that finds no ring", file.registry.header->n_rings,
			 n_rings);
	file.registry.header->daemon_pid = getpid();
	*ret_file = file;
	return 0;
}

/* A tombstone that nobody maps has nothing left but its pages, which end with our descriptor. */
bool registry_file_is_empty(const struct registry_file *file)
{
	const struct registry *registry = &file->registry;

	for (uint32_t i = 0; i < registry->header->n_rings; i++)
		if (registry->rings[i].state != REGISTRY_RING_FREE &&
		    registry->rings[i].state != REGISTRY_RING_TOMBSTONE)
			return false;
	for (uint32_t i = 0; i < registry->header->n_attachments; i++)
		if (registry->attachments[i].state != REGISTRY_ATTACHMENT_FREE)
			return false;
	return true;
}

void registry_file_remove(const struct shm_dir *dir, struct registry_file *file)
{
	if (file->fd >= 0)
		shm_dir_unlink(dir, file->name);
	if (file->board.header)
		board_file_retire(dir, file->board.name);
	registry_file_close(file);
}

void registry_file_close(struct registry_file *file)
{
	board_file_close(&file->board);
	if (file->memory)
		munmap(file->memory, file->bytes);
	file->memory = NULL;
	file->fd = fd_close(file->fd);
}
