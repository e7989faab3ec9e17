/* SPDX-License-Identifier: MIT */
/*
 * declared_ring.h - [Ring NAME] of a configuration: a ring that is to be there when shmqd is
 *
 * The table of its keys makes the parser and the list in shmqd.conf(5).
 */
#pragma once

#include <stddef.h>

#include "proto/control.h"

#define DECLARED_RINGS_MAX 1024u

struct declared_ring {
	char name[CONTROL_NAME_MAX + 1];
	struct control_ring_config config;
	char where[256];	/* FILE:LINE of its last section */
};

struct declared_rings {
	struct declared_ring *rings;
	size_t n;
};

struct declared_key {
	const char *name, *argument, *help;
	int (*set)(const char *text, struct control_ring_config *config);
	const char *must_be; /* ... */
};

extern const struct declared_key declared_keys[];
extern const size_t n_declared_keys;

/* The ring @name, which is added if it isn't there. Return: NULL: -ENOMEM, or there are too many. */
struct declared_ring *declared_rings_get(struct declared_rings *rings, const char *name);
/* What is wrong with a ring when all is read, for people; NULL: nothing. */
const char *declared_ring_problem(const struct declared_ring *ring);
void declared_rings_free(struct declared_rings *rings);
