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

static bool is_program(struct demo *demo, const char *directory, size_t len)
{
	int n = snprintf(demo->shmqd, sizeof(demo->shmqd), "%.*s/shmqd", (int)len, directory);

	return n > 0 && (size_t)n < sizeof(demo->shmqd) && access(demo->shmqd, X_OK) == 0;
}

/* Beside us; a build tree has us in .libs/ below it, an installation in bin/ beside sbin/. */
static bool find_beside(struct demo *demo)
{
	char place[PATH_MAX];
	char *slash = strrchr(demo->self, '/');
	size_t len = slash ? (size_t)(slash - demo->self) : 0;

	if (is_program(demo, demo->self, len))
		return true;
	if (len > 6 && !strncmp(demo->self + len - 6, "/.libs", 6) &&
	    is_program(demo, demo->self, len - 6))
		return true;
	if ((size_t)snprintf(place, sizeof(place), "%.*s/../sbin", (int)len, demo->self) >= sizeof(place))
		return false;
	return is_program(demo, place, strlen(place));
}

static bool find_in_path(struct demo *demo)
{
	const char *next = getenv("PATH");

	while (next && *next) {
		size_t len = strcspn(next, ":");

		if (len > 0 && is_program(demo, next, len))
			return true;
		next += len + (next[len] == ':');
	}
	/* Not in the PATH of everybody who may run it. */
	return is_program(demo, "/usr/local/sbin", strlen("/usr/local/sbin")) ||
	       is_program(demo, "/usr/sbin", strlen("/usr/sbin"));
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
	if (find_beside(demo) || is_program(demo, SBINDIR, strlen(SBINDIR)) || find_in_path(demo))
		return 0;
	return -ENOENT;
}
