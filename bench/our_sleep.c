/* SPDX-License-Identifier: MIT */
/*
 * our_sleep.c - the ring's calls that wait: with the spinning that programs get, and without any
 *
 * shmq: spins for as long as shmq_set_spin(3) says by default, then sleeps. shmq, no spin: sleeps at
 * once, as everything that goes through the kernel does.
 */
#include "bench/our_ends.h"
#include "shm/wait.h"

static struct our_ends ends;

static int attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	*ret_ends = (struct bench_ends){ .out = &ends.out, .in = &ends.in };
	return our_ends_attach(run, is_a, &ends);
}

static int send(void *end, const void *msg, size_t len)
{
	return ring_push(end, WAIT_SPIN_ADAPTIVE, msg, len, -1);
}

static int receive(void *end, void *buf, size_t len)
{
	ssize_t r = ring_pop(end, WAIT_SPIN_ADAPTIVE, buf, len, -1);

	return r < 0 ? (int)r : 0;
}

static int send_asleep(void *end, const void *msg, size_t len)
{
	return ring_push(end, 0, msg, len, -1);
}

static int receive_asleep(void *end, void *buf, size_t len)
{
	ssize_t r = ring_pop(end, 0, buf, len, -1);

	return r < 0 ? (int)r : 0;
}

static const struct bench_ops ops = { .send = send, .receive = receive };
static const struct bench_ops asleep_ops = { .send = send_asleep, .receive = receive_asleep };

BENCH_HALVES(spinning, ops, attach, false)
BENCH_HALVES(asleep, asleep_ops, attach, false)

const struct bench_variant our_sleeping_variants[] = {
	BENCH_BOTH(spinning, "shmq", NULL, our_open, our_close, BENCH_COPY, BENCH_SLEEPS, 0),
	BENCH_BOTH(asleep, "shmq, no spin", NULL, our_open, our_close, BENCH_COPY, BENCH_SLEEPS,
		   0),
	BENCH_END,
};
