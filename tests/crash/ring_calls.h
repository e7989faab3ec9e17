/* SPDX-License-Identifier: MIT */
/*
 * ring_calls.h - the calls that are interrupted at every instruction
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/crash/world.h"

#define RING_CALL_BATCH 2u

struct ring_call {
	const char *name;
	enum shmq_role role;
	uint32_t moves;	   /* messages it publishes or releases when it succeeds */
	bool may_sleep;	   /* ends asleep when there is nothing to do */
	void (*run)(struct shmq_hot *hot, const struct world *world);
};

extern const struct ring_call ring_calls[];
extern const size_t ring_calls_n;
/* A planted mistake: it publishes before it has written. */
extern const struct ring_call ring_call_broken;
