/* SPDX-License-Identifier: MIT */
/*
 * demo_pump.h - children that move a stream from pipe to pipe and count it in shared memory
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/demo.h"

enum demo_phase { DEMO_BEFORE, DEMO_DOWN, DEMO_AFTER, DEMO_PHASES };

/* Zeroed memory shared with the children. All words are atomic; each has one writer. */
struct demo_counters {
	uint64_t received;		/* by count: bytes that came out of the ring */
	uint64_t pause_ns[DEMO_PHASES]; /* by count: longest time between two pieces */
	uint32_t finished;		/* by count: the end has come */
	uint32_t phase;			/* by the parent */
};

uint64_t demo_counter_received(struct demo_counters *counters);
bool demo_counter_finished(struct demo_counters *counters);
void demo_counter_phase(struct demo_counters *counters, enum demo_phase phase);
int64_t demo_counter_pause_ns(struct demo_counters *counters, enum demo_phase phase);

int demo_pipe(int ret_fds[2]); /* CLOEXEC and wide. Return: 0, -errno */
void demo_pipe_close(int *fd); /* @fd may be NULL; becomes -1 */

/* Everything from @in_fd to both outputs. The descriptors are closed here. Return: pid, -errno. */
pid_t demo_pump_copy(struct demo *demo, int *in_fd, int *out_fd, int *copy_fd);
/* Everything from @in_fd to @out_fd, counted. */
pid_t demo_pump_count(struct demo *demo, struct demo_counters *counters, int *in_fd, int *out_fd);
