/* SPDX-License-Identifier: MIT */
/*
 * mounts.c - see mounts.h
 */
#include "tests/harness/mounts.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>

int mounts_own_shm(const char *options)
{
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	/* What is mounted here must not show up elsewhere. In a chroot "/" is not a mount that could
	 * be told so: then the one that is mounted upon. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
	    mount(NULL, "/dev/shm", NULL, MS_PRIVATE, NULL) < 0)
		return -errno;
	return mount("tmpfs", "/dev/shm", "tmpfs", 0, options) < 0 ? -errno : 0;
}
