/* SPDX-License-Identifier: MIT */
/*
 * glutton.h - a process that fills /dev/shm to the brim, empties it, and begins again
 */
#pragma once

#include <stdint.h>

#include "tests/storm/ledger.h"

struct glutton {
	const char *socket;
	const uint32_t *stop;	/* set by the parent */
	struct ledger_row *row; /* what it must not see; its 'attaches' count the times it was full */
};

/* For child_start(): @arg is a struct glutton. Leaves nothing behind unless it is killed. */
int glutton_run(void *arg);
