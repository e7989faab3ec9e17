/* SPDX-License-Identifier: MIT */
/*
 * foreign.c - scan, judge and remove leaked shared-memory objects of other programs
 */
#include "ctl/foreign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/held.h"
#include "base/process.h"
#include "base/random.h"

/* Names that well-known programs give their objects; for people, never a ground to remove. */
static const struct {
	const char *pattern, *family;
} families[] = {
	{ "psm_*", "Python multiprocessing.shared_memory" },
	{ "sem.mp-*", "Python multiprocessing semaphore" },
	{ "sem.loky-*", "Python joblib" },
	{ "sem.*", "POSIX named semaphore" },
	{ "wnsm_*", "Python multiprocessing.shared_memory" },
	{ "torch_*", "PyTorch" },
	{ "nccl-*", "NCCL" },
	{ "vader_segment.*", "Open MPI" },
	{ "sglang*", "sglang" },
	{ "vllm*", "vLLM" },
	{ "fastrtps_*", "Fast DDS" },
	{ "fast_datasharing*", "Fast DDS" },
	{ "iceoryx*", "iceoryx" },
	{ "iox2_*", "iceoryx2" },
	{ "iox1_*", "iceoryx" },
	{ "qb-*", "libqb" },
	{ "aeron*", "Aeron" },
	{ "__IPC_SHM__*", "cpp-ipc" },
	{ "lttng-*", "LTTng" },
	{ "pulse-shm-*", "PulseAudio" },
	{ "PostgreSQL.*", "PostgreSQL" },
	{ "shmq.*.quarantine+*", "shmqd, set aside" },
};

static const char *family_of(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (fnmatch(families[i].pattern, name, 0) == 0)
			return families[i].family;
	return "";
}

static bool matches(const char *const *patterns, const char *name)
{
	if (!patterns || !patterns[0])
		return true;
	for (; *patterns; patterns++)
		if (fnmatch(*patterns, name, 0) == 0)
			return true;
	return false;
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int add_object(struct foreign_scan *scan, const char *name, const struct stat *st)
{
	struct foreign_object *objects =
		reallocarray(scan->objects, scan->n + 1, sizeof(*scan->objects));
	struct foreign_object *object;

	if (!objects)
		return -ENOMEM;
	scan->objects = objects;
	object = &objects[scan->n++];
	memset(object, 0, sizeof(*object));
	snprintf(object->name, sizeof(object->name), "%s", name);
	object->st = *st;
	object->family = family_of(name);
	object->held.dev = st->st_dev;
	object->held.inode = st->st_ino;
	return 0;
}

static int read_directory(const char *directory, struct foreign_scan *scan)
{
	_cleanup_(closedirp) DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir)
		return -errno;
	errno = 0;
	while ((entry = readdir(dir))) {
		struct stat st;
		int r = 0;

		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			r = add_object(scan, entry->d_name, &st);
		if (r < 0)
			return r;
		errno = 0;
	}
	return -errno;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct foreign_object *)a)->name,
		      ((const struct foreign_object *)b)->name);
}

/* All objects are asked about in one walk over /proc, whatever the patterns say of them. */
static int find_holders(struct foreign_scan *scan)
{
	_cleanup_(freep) struct held_file *files = calloc(scan->n ? scan->n : 1, sizeof(*files));
	int r;

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < scan->n; i++)
		files[i] = scan->objects[i].held;
	r = holders_find(files, scan->n, &scan->view);
	for (size_t i = 0; r == 0 && i < scan->n; i++)
		scan->objects[i].held = files[i];
	return r;
}

static enum foreign_verdict judge(const struct foreign_scan *scan, enum foreign_scope scope,
				  const struct foreign_object *object, const char *const *patterns)
{
	bool aside = !strncmp(object->name, FOREIGN_ASIDE, strlen(FOREIGN_ASIDE));
	bool ours = !strncmp(object->name, "shmq.", 5);
	bool quarantined = ours && fnmatch("shmq.*.quarantine+*", object->name, 0) == 0;

	if (ours && !(quarantined && scope == FOREIGN_QUARANTINE))
		return FOREIGN_OURS;
	if (!ours && scope == FOREIGN_QUARANTINE)
		return FOREIGN_NO_MATCH;
	if (!S_ISREG(object->st.st_mode))
		return FOREIGN_NOT_FILE;
	if (!aside && !matches(patterns, object->name))
		return FOREIGN_NO_MATCH;
	if (object->held.n_holders > 0)
		return FOREIGN_HELD;
	return foreign_sees_all(scan) ? FOREIGN_ORPHAN : FOREIGN_UNSEEN;
}

int foreign_scan(const char *directory, enum foreign_scope scope, const char *const *patterns,
		 bool container, struct foreign_scan *ret_scan)
{
	_cleanup_(foreign_scan_release) struct foreign_scan scan = { 0 };
	int r = read_directory(directory, &scan);

	if (r == 0)
		r = find_holders(&scan);
	if (r < 0)
		return r;
	scan.view.namespaced &= !container;
	if (scan.n > 0)
		qsort(scan.objects, scan.n, sizeof(*scan.objects), by_name);
	for (size_t i = 0; i < scan.n; i++)
		scan.objects[i].verdict = judge(&scan, scope, &scan.objects[i], patterns);
	*ret_scan = scan;
	scan.objects = NULL;
	return 0;
}

void foreign_scan_release(struct foreign_scan *scan)
{
	free(scan->objects);
	scan->objects = NULL;
	scan->n = 0;
}

bool foreign_sees_all(const struct foreign_scan *scan)
{
	return scan->view.n_hidden == 0 && !scan->view.namespaced;
}

/* Out of the way under a name nobody knows. Return: 0 and the name, or -errno. */
static int rename_aside(int dir, const char *name, char aside[300])
{
	uint64_t random;
	int r = random_u64(&random);

	if (r < 0)
		return r;
	snprintf(aside, 300, "%s%016" PRIx64, FOREIGN_ASIDE, random);
	return renameat2(dir, name, dir, aside, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

static int same_object(int dir, const char *name, const struct stat *expected)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return st.st_dev == expected->st_dev && st.st_ino == expected->st_ino ? 0 : -ESTALE;
}

/* By the kernel's own count: of processes that can't be seen, of descriptors between two of them. Opened
 * for this only now: nobody waits for it under its name. Return: 0; -EBUSY; -errno. */
static int ask_kernel(int dir, const char *aside)
{
	_cleanup_fd_ int fd = openat(dir, aside, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return held_elsewhere(fd) ? -EBUSY : 0;
	if (errno == EAGAIN || errno == ETXTBSY) /* somebody's lease; somebody runs it */
		return -EBUSY;
	return errno == EACCES ? 0 : -errno; /* its owner can't read it: /proc must do */
}

/* Under @aside nobody can find it any more: who holds it now is who there is. */
static int remove_aside(int dir, const struct foreign_object *object, const char *aside,
			pid_t *ret_pid)
{
	struct held_file held = object->held;
	struct holders_view view;
	int r = same_object(dir, aside, &object->st);

	if (r == 0)
		r = holders_find(&held, 1, &view);
	if (r < 0)
		return r;
	if (held.n_holders > 0) {
		*ret_pid = held.pids[0];
		return -EBUSY;
	}
	if (view.n_hidden > 0) {
		*ret_pid = view.hidden_pid;
		return -EBUSY;
	}
	r = ask_kernel(dir, aside);
	if (r < 0)
		return r;
	return unlinkat(dir, aside, 0) < 0 ? -errno : 0;
}

int foreign_remove(const char *directory, const struct foreign_object *object, pid_t *ret_pid,
		   char ret_aside[300])
{
	_cleanup_fd_ int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid = 0;
	int r;

	if (dir < 0)
		return -errno;
	r = same_object(dir, object->name, &object->st);
	if (r == 0)
		r = rename_aside(dir, object->name, ret_aside);
	if (r < 0)
		return r;
	r = remove_aside(dir, object, ret_aside, &pid);
	if (r == 0)
		return 0;
	*ret_pid = pid;
	if (renameat2(dir, ret_aside, dir, object->name, RENAME_NOREPLACE) < 0)
		return errno == EEXIST ? -EEXIST : -errno;
	return r;
}

static void put_holders(const struct foreign_object *object, char *buf, size_t cap_bytes)
{
	size_t n =
		object->held.n_holders < HOLDER_PIDS_MAX ? object->held.n_holders : HOLDER_PIDS_MAX;
	size_t used = (size_t)snprintf(buf, cap_bytes, "held by");

	for (size_t i = 0; i < n && used < cap_bytes; i++) {
		char comm[PROCESS_COMM_MAX] = "?";

		process_comm(object->held.pids[i], comm);
		used += (size_t)snprintf(buf + used, cap_bytes - used, "%s pid %d (%s)",
					 i ? "," : "", (int)object->held.pids[i], comm);
	}
	if (object->held.n_holders > n && used < cap_bytes)
		snprintf(buf + used, cap_bytes - used, " and %zu more", object->held.n_holders - n);
}

void foreign_reason(const struct foreign_object *object, char *buf, size_t cap_bytes)
{
	switch (object->verdict) {
	case FOREIGN_ORPHAN:
		snprintf(buf, cap_bytes, "no process has it open or mapped");
		break;
	case FOREIGN_HELD:
		put_holders(object, buf, cap_bytes);
		break;
	case FOREIGN_OURS:
		snprintf(buf, cap_bytes, "shmqd's own: see `shmqctl list`");
		break;
	case FOREIGN_NO_MATCH:
		snprintf(buf, cap_bytes, "matches no pattern");
		break;
	case FOREIGN_NOT_FILE:
		snprintf(buf, cap_bytes, "not a shared-memory object (not a regular file)");
		break;
	case FOREIGN_UNSEEN:
		snprintf(buf, cap_bytes, "no holder seen, but not every process can be seen");
		break;
	}
}
