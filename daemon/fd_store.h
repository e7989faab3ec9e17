/* SPDX-License-Identifier: MIT */
/*
 * fd_store.h - descriptors that the service manager keeps while no daemon runs
 *
 * Memory of sealed rings has no name to find it by again. Under systemd each object is handed to the
 * manager when it is made and comes back at the next start, under the name "<segment>.<part>". Where
 * nobody keeps them nothing happens here, and nothing comes back.
 */
#pragma once

#include <stdbool.h>

#include "daemon/sealed.h"

/* Let the manager keep both, without waiting for an answer. @segment: "/shmq.…" */
void fd_store_put(const char *segment, const struct sealed_file *file);
/* They are not needed any more. */
void fd_store_drop(const char *segment);

/* At start, one descriptor that came back. Takes @fd over. Return: false: it is none of these. */
bool fd_store_came_back(const char *name, int fd);
/* Return: 0, both are the caller's; -ENOENT. */
int fd_store_claim(const char *segment, struct sealed_file *ret_file);
/* What nobody has claimed is let go. */
void fd_store_forget_rest(void);
