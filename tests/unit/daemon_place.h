/* SPDX-License-Identifier: MIT */
/*
 * daemon_place.h - a place of a test's own: a directory, an instance's names in /dev/shm
 *
 * Both are gone at the end, however the test ends.
 */
#pragma once

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/random.h"
#include "daemon/shm_dir.h"
#include "tests/harness/janitor.h"

struct place {
	char path[64];
	char instance[OPTIONS_INSTANCE_MAX + 1];
	struct shm_dir shm;
	struct janitor janitor;
};

static inline void place_begin(struct place *place)
{
	char prefix[64], hex[17];
	uint8_t unique[8];

	strcpy(place->path, "/tmp/shmq-test.XXXXXX");
	cr_assert_not_null(mkdtemp(place->path));
	cr_assert_eq(random_bytes(unique, sizeof(unique)), 0);
	hex_encode(unique, sizeof(unique), hex);
	snprintf(place->instance, sizeof(place->instance), "test-%s", hex);
	snprintf(prefix, sizeof(prefix), "shmq.%s.", place->instance);
	cr_assert_eq(janitor_start(&place->janitor, place->path, prefix), 0);
	cr_assert_eq(shm_dir_open(place->instance, &place->shm), 0);
}

static inline void place_end(struct place *place)
{
	shm_dir_close(&place->shm);
	janitor_finish(&place->janitor);
}

/* "shmq.<instance>.<tail>" */
static inline const char *place_name(const struct place *place, const char *tail, char name[256])
{
	snprintf(name, 256, "shmq.%s.%s", place->instance, tail);
	return name;
}

/* An object of the daemon's user. */
static inline void place_file(const struct place *place, const char *tail, mode_t mode, off_t bytes)
{
	_cleanup_fd_ int fd = -1;
	char name[256];

	fd = openat(place->shm.fd, place_name(place, tail, name), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    mode);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fchmod(fd, mode), 0);
	cr_assert_eq(ftruncate(fd, bytes), 0);
}

static inline bool place_has(const struct place *place, const char *tail)
{
	struct stat st;
	char name[256];

	return fstatat(place->shm.fd, place_name(place, tail, name), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

struct place_count {
	enum shm_kind kind;
	unsigned n;
};

static inline int place_count_one(void *arg, const char *name, enum shm_kind kind)
{
	struct place_count *count = arg;

	(void)name;
	count->n += kind == count->kind;
	return 0;
}

/* How many objects of a kind this instance has. */
static inline unsigned place_count(const struct place *place, enum shm_kind kind)
{
	struct place_count count = { .kind = kind };

	cr_assert_eq(shm_dir_each(&place->shm, place_count_one, &count), 0);
	return count.n;
}
