/* SPDX-License-Identifier: MIT */
/*
 * segment_files.c - the cache of segments' descriptors; see segment_files.h
 */
#include "daemon/segment_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "daemon/fd_store.h"

void segment_files_init(struct segment_files *files, const struct shm_dir *dir,
			const struct core *core, const struct registry *registry)
{
	memset(files, 0, sizeof(*files));
	files->dir = dir;
	files->core = core;
	files->registry = registry;
	for (unsigned i = 0; i < SEGMENT_FILES_KEPT; i++)
		files->kept[i].fd = -1;
	for (unsigned i = 0; i < SEGMENT_FILES_PINNED; i++)
		files->pinned[i].fd = -1;
}

/* Without a word to who keeps it: it may be for the next daemon. */
static void memory_free(struct segment_files *files, uint32_t ring)
{
	struct sealed_memory *memory = files->sealed[ring];

	files->sealed[ring] = NULL;
	if (memory)
		sealed_close(&memory->file);
	free(memory);
}

void segment_files_deinit(struct segment_files *files)
{
	for (unsigned i = 0; i < SEGMENT_FILES_KEPT; i++)
		files->kept[i].fd = fd_close(files->kept[i].fd);
	for (unsigned i = 0; i < SEGMENT_FILES_PINNED; i++)
		files->pinned[i].fd = fd_close(files->pinned[i].fd);
	for (uint32_t i = 0; files->sealed && i < files->registry->header->n_rings; i++)
		memory_free(files, i);
	free(files->sealed);
	files->sealed = NULL;
}

static struct segment_file *find(struct segment_file *table, unsigned n, uint32_t ring)
{
	for (unsigned i = 0; i < n; i++)
		if (table[i].fd >= 0 && table[i].ring == ring)
			return &table[i];
	return NULL;
}

/* A free place, or the one that was not used for longest. */
static struct segment_file *place(struct segment_files *files)
{
	struct segment_file *oldest = &files->kept[0];

	for (unsigned i = 0; i < SEGMENT_FILES_KEPT; i++) {
		if (files->kept[i].fd < 0)
			return &files->kept[i];
		if (files->kept[i].used < oldest->used)
			oldest = &files->kept[i];
	}
	oldest->fd = fd_close(oldest->fd);
	return oldest;
}

void segment_files_add(struct segment_files *files, uint32_t ring, int fd, ino_t inode)
{
	segment_files_forget(files, ring);
	*place(files) = (struct segment_file){
		.fd = fd, .ring = ring, .inode = inode, .used = ++files->clock,
	};
}

/* The inode that the registry knows; 0: it died before it could note it, and the name decides. */
static bool is_recorded(const struct segment_files *files, uint32_t ring, ino_t inode)
{
	uint64_t recorded = files->registry->rings[ring].inode;

	return recorded == 0 || recorded == inode;
}

int segment_files_get(struct segment_files *files, uint32_t ring)
{
	struct segment_file *file = find(files->pinned, SEGMENT_FILES_PINNED, ring);
	char name[CONTROL_SEGMENT_MAX];
	struct stat st;
	int fd;

	if (!file)
		file = find(files->kept, SEGMENT_FILES_KEPT, ring);
	if (file && is_recorded(files, ring, file->inode)) {
		file->used = ++files->clock;
		return file->fd;
	}
	core_segment_name(files->core, ring, name);
	fd = shm_dir_open_object(files->dir, name, O_RDWR, SHM_OWNED, &st);
	if (fd < 0)
		return fd;
	if (!is_recorded(files, ring, st.st_ino)) {
		fd_close(fd);
		return -ESTALE;
	}
	segment_files_add(files, ring, fd, st.st_ino);
	return fd;
}

static bool has_enough(const struct segment_files *files, uint32_t ring)
{
	const struct registry_ring *rings = files->registry->rings;
	uint32_t uid = rings[ring].creator.uid;
	unsigned n = 0;

	for (unsigned i = 0; i < SEGMENT_FILES_PINNED; i++)
		n += files->pinned[i].fd >= 0 && rings[files->pinned[i].ring].creator.uid == uid;
	return uid != 0 && uid != geteuid() && n >= SEGMENT_FILES_PINNED_PER_UID;
}

int segment_files_pin(struct segment_files *files, uint32_t ring)
{
	int fd = segment_files_get(files, ring);

	if (fd < 0 || find(files->pinned, SEGMENT_FILES_PINNED, ring))
		return fd < 0 ? fd : 0;
	if (has_enough(files, ring))
		return -EMFILE;
	for (unsigned i = 0; i < SEGMENT_FILES_PINNED; i++) {
		struct segment_file *file = find(files->kept, SEGMENT_FILES_KEPT, ring);

		if (files->pinned[i].fd >= 0)
			continue;
		files->pinned[i] = *file;
		file->fd = -1;
		return 0;
	}
	return -EMFILE;
}

void segment_files_forget(struct segment_files *files, uint32_t ring)
{
	struct segment_file *file = find(files->pinned, SEGMENT_FILES_PINNED, ring);

	if (file)
		file->fd = fd_close(file->fd);
	file = find(files->kept, SEGMENT_FILES_KEPT, ring);
	if (file)
		file->fd = fd_close(file->fd);
	if (files->sealed && files->sealed[ring]) {
		fd_store_drop(files->sealed[ring]->name);
		memory_free(files, ring);
	}
}

/* ---- sealed ---- */

const struct sealed_file *segment_files_sealed(const struct segment_files *files, uint32_t ring)
{
	return files->sealed && files->sealed[ring] ? &files->sealed[ring]->file : NULL;
}

static int memory_keep(struct segment_files *files, uint32_t ring, const struct sealed_file *file)
{
	struct sealed_memory *memory;

	if (!files->sealed)
		files->sealed = calloc(files->registry->header->n_rings, sizeof(*files->sealed));
	memory = files->sealed ? calloc(1, sizeof(*memory)) : NULL;
	if (!memory)
		return -ENOMEM;
	segment_files_forget(files, ring);
	memory->file = *file;
	core_segment_name(files->core, ring, memory->name);
	files->sealed[ring] = memory;
	return 0;
}

int segment_files_seal(struct segment_files *files, uint32_t ring, const struct sealed_file *file)
{
	int r = memory_keep(files, ring, file);

	if (r == 0)
		fd_store_put(files->sealed[ring]->name, file);
	return r;
}

int segment_files_restore(struct segment_files *files, uint32_t ring)
{
	const struct registry_ring *record = &files->registry->rings[ring];
	char name[CONTROL_SEGMENT_MAX];
	struct sealed_file file;
	int r;

	core_segment_name(files->core, ring, name);
	r = fd_store_claim(name, &file);
	if (r < 0)
		return r;
	r = sealed_check(record, &file);
	if (r == 0)
		r = memory_keep(files, ring, &file);
	if (r < 0) {
		fd_store_drop(name);
		sealed_close(&file);
	}
	return r;
}

/* ---- for clients ---- */

/* A description of its own: what a client does to its flags, or that it stays open, is its affair. */
static int named_open_for(struct segment_files *files, uint32_t ring)
{
	char name[CONTROL_SEGMENT_MAX];
	struct stat st;
	int fd = segment_files_get(files, ring);

	if (fd < 0)
		return fd;
	core_segment_name(files->core, ring, name);
	fd = shm_dir_open_object(files->dir, name, O_RDWR, SHM_OWNED, &st);
	if (fd >= 0 && !is_recorded(files, ring, st.st_ino)) {
		fd_close(fd);
		return -ESTALE;
	}
	return fd;
}

int segment_files_open_for(struct segment_files *files, uint32_t ring, enum shmq_role role,
			   int ret_fds[2])
{
	const struct sealed_file *sealed = segment_files_sealed(files, ring);
	struct sealed_file opened = { { -1, -1 } };
	int r = 0;

	if (!files->registry->rings[ring].sealed)
		r = opened.fd[0] = named_open_for(files, ring);
	else
		r = sealed ? sealed_open_for(sealed, role, &opened) : -ENOENT;
	if (r < 0)
		return r;
	ret_fds[0] = opened.fd[0];
	ret_fds[1] = opened.fd[1];
	return 0;
}
