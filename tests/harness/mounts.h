/* SPDX-License-Identifier: MIT */
/*
 * mounts.h - a /dev/shm of a test's own, in a mount namespace of its own
 */
#pragma once

/* For the calling process and its children from now on: an empty /dev/shm of @options ("size=64k").
 * Nobody else sees it.
 *
 * Return: 0, or -errno: -EPERM without root, -EINVAL in a chroot whose /dev/shm is not a mount. */
int mounts_own_shm(const char *options);
