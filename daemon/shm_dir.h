/* SPDX-License-Identifier: MIT */
/*
 * shm_dir.h - /dev/shm as this instance sees it: names, whose object one is, making and removing
 *
 * Everything of an instance is called "shmq.<instance>.…":
 *
 *   registry.<16 hex>      the daemon's own records          board.<16 hex>     what clients map
 *   <ring>.<16 hex>        a ring's segment
 *   quarantine+<any>       what could not be trusted at a start, under its old name; nobody opens it
 *
 * Anybody can create files in /dev/shm, under our names too. So nothing is opened that was not
 * judged: a regular file of ours, not a link. Names are kept without the slash of shm_open(3);
 * functions take them with or without.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "daemon/options.h"
#include "proto/control.h"

struct shm_dir {
	int fd;
	uid_t uid;		/* ours */
	char instance[OPTIONS_INSTANCE_MAX + 1];
};

enum shm_kind {
	SHM_OTHER,		/* not a name of this instance */
	SHM_REGISTRY,
	SHM_BOARD,
	SHM_QUARANTINED,
	SHM_SEGMENT,		/* any other name of this instance */
};

/* Return: 0; -errno: there is no /dev/shm that we may use. */
int shm_dir_open(const char *instance, struct shm_dir *ret_dir);
void shm_dir_close(struct shm_dir *dir);

enum shm_kind shm_dir_kind(const struct shm_dir *dir, const char *name);
/* "shmq.<instance>.<stem>.<random hex>" Return: 0 or -errno. */
int shm_dir_new_name(const struct shm_dir *dir, const char *stem, char name[CONTROL_SEGMENT_MAX]);

/* How much an object must be the daemon's. Each includes the ones before it. */
enum shm_trust {
	SHM_OWNED,		/* a regular file of our uid */
	SHM_OURS,		/* with one name only: nobody has linked it to where we look for another */
	SHM_PRIVATE,		/* mode 0600: nobody else was ever given access */
};

bool shm_stat_is(const struct shm_dir *dir, const struct stat *st, enum shm_trust trust);
/* Return: 0, -errno. */
int shm_dir_stat(const struct shm_dir *dir, const char *name, struct stat *ret_st);

/*
 * Open an existing object. Return: a descriptor; -ENOENT; -EPERM: it is not what @trust asks for;
 * -errno.
 */
int shm_dir_open_object(const struct shm_dir *dir, const char *name, int flags,
			enum shm_trust trust, struct stat *ret_st);
/* A new object of @bytes, allocated, 0600, without a name. Return: a descriptor; -ENOSPC, -errno. */
int shm_dir_make(const struct shm_dir *dir, uint64_t bytes);
/* Give it one. Return: 0; -EEXIST; -errno. */
int shm_dir_publish(const struct shm_dir *dir, int fd, const char *name);
/* Create under its name at once, empty, 0600. Return: a descriptor; -EEXIST; -errno. */
int shm_dir_create(const struct shm_dir *dir, const char *name);
/* Return: 0, -ENOENT, -errno. */
int shm_dir_unlink(const struct shm_dir *dir, const char *name);
/* Rename into quarantine. Return: 0 or -errno. */
int shm_dir_set_aside(const struct shm_dir *dir, const char *name);

/*
 * shm_dir_each() - call @fn for every name of this instance until it returns non-zero
 * @fn may remove what it is called for. Return: 0, what @fn returned, or -errno.
 */
int shm_dir_each(const struct shm_dir *dir,
		 int (*fn)(void *arg, const char *name, enum shm_kind kind), void *arg);
