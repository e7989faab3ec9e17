/* SPDX-License-Identifier: MIT */
/*
 * our_ends.h - two rings of ours, to and fro, each process with mappings of its own
 *
 * There is no daemon here: it has no part in what is measured.
 */
#pragma once

#include "bench/loops.h"
#include "tests/stress/ring_memory.h"

struct our_ends {
	struct shmq_hot out, in;
};

void *our_open(size_t slots, size_t size_bytes);
void *our_open_fence(size_t slots, size_t size_bytes);
void our_close(void *rings);

/* The ends of a half; pages are mapped here, not on the hot path. Return: 0, negative errno. */
int our_ends_attach(const struct bench_run *run, bool is_a, struct our_ends *ret_ends);
