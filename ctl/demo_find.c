/* SPDX-License-Identifier: MIT */
/*
 * demo_find.c - where shmqd is: in a build tree, in an installation, or in PATH
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/demo.h"

static bool is_program(const char *directory, size_t len, const char *name, char *buf, size_t cap)
{
	int n = snprintf(buf, cap, "%.*s/%s", (int)len, directory, name);

	return n > 0 && (size_t)n < cap && access(buf, X_OK) == 0;
}

static bool is_shmqd(struct demo *demo, const char *directory, size_t len)
{
	return is_program(directory, len, "shmqd", demo->shmqd, sizeof(demo->shmqd));
}

/* Beside us; a build tree has us in .libs/ below it. */
static bool find_beside(struct demo *demo)
{
	char *slash = strrchr(demo->self, '/');
	size_t len = slash ? (size_t)(slash - demo->self) : 0;

	if (is_shmqd(demo, demo->self, len))
		return true;
	return len > 6 && !strncmp(demo->self + len - 6, "/.libs", 6) &&
	       is_shmqd(demo, demo->self, len - 6);
}

/* Look for @name in @path. @buf: where it is. */
static bool find_in(const char *path, const char *name, char *buf, size_t cap)
{
	while (path && *path) {
		size_t len = strcspn(path, ":");

		if (len > 0 && is_program(path, len, name, buf, cap))
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

bool demo_has_program(const char *name)
{
	char path[PATH_MAX];

	return find_in(getenv("PATH"), name, path, sizeof(path));
}

int demo_find_programs(struct demo *demo)
{
	const char *named = getenv("SHMQD_BIN");
	ssize_t n = readlink("/proc/self/exe", demo->self, sizeof(demo->self) - 1);

	if (n < 0)
		return -errno;
	demo->self[n] = '\0';
	if (named && *named) {
		snprintf(demo->shmqd, sizeof(demo->shmqd), "%s", named);
		return access(demo->shmqd, X_OK) == 0 ? 0 : -ENOENT;
	}
	if (find_beside(demo) || find_in(getenv("PATH"), "shmqd", demo->shmqd, sizeof(demo->shmqd)))
		return 0;
	return -ENOENT;
}
