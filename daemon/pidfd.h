/* SPDX-License-Identifier: MIT */
/*
 * pidfd.h - one descriptor of one process, shared by its connections and by the watch on its end
 *
 * Shared, so that granting a role needs no new descriptor: it can't fail for want of one.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

struct pidfd {
	int fd;
	unsigned n_refs;
};

/* Takes @fd over. Return: NULL without memory; @fd is the caller's then. */
struct pidfd *pidfd_new(int fd);
struct pidfd *pidfd_ref(struct pidfd *pidfd);
struct pidfd *pidfd_unref(struct pidfd *pidfd); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct pidfd *, pidfd_unref);

/* Has the process ended? */
bool pidfd_has_fired(int fd);
