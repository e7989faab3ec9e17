/* SPDX-License-Identifier: MIT */
/*
 * wait.h - calls that wait: spin, then sleep on the peer's word and the board's word at once
 *
 * @spin_ns: how long to poll before sleeping; 0: not at all; WAIT_SPIN_ADAPTIVE: for WAIT_SPIN_NS
 * where that pays, which each handle finds out by itself.
 * @timeout_ns: relative; 0 does not wait, negative waits for ever.
 *
 * Errors of all: -EAGAIN (timeout_ns was 0), -ETIMEDOUT; -EPIPE, -EOWNERDEAD, -ESTALE; -EBADMSG;
 * what ring_disable() set.
 *
 * Slices: a waker may be stopped between its publication and the wake-up, so nobody sleeps for ever
 * without looking again: after WAIT_SLICE_NS, then after as long as he has slept (a message of a
 * waker that stays stopped comes late by as much, and who is idle for hours wakes up no more), and
 * at the latest after WAIT_SLICE_MAX_NS. Without FUTEX_WAITV (before Linux 5.16, or denied) the
 * board can't wake: WAIT_SLICE_ONE_WORD_NS. Where membarrier(2) fails, a wake-up may be lost:
 * WAIT_SLICE_NO_BARRIER_NS. With wake=never nobody wakes: naps that grow from WAIT_NAP_MIN_NS to
 * WAIT_NAP_MAX_NS. A producer at first waits for more room than it was asked for, and looks again
 * after as long as it has waited; after WAIT_SLICE_NS it waits for what it was asked for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <shmq/hot.h>

#define WAIT_SLICE_NS		 INT64_C(1000000000)
#define WAIT_SLICE_MAX_NS	 INT64_C(3600000000000)
#define WAIT_SLICE_ONE_WORD_NS	 INT64_C(10000000)
#define WAIT_SLICE_NO_BARRIER_NS INT64_C(1000000)
#define WAIT_NAP_MIN_NS		 INT64_C(50000)
#define WAIT_NAP_MAX_NS		 INT64_C(1000000)
#define WAIT_SPIN_NS		 INT64_C(50000)
#define WAIT_SPIN_ADAPTIVE	 INT64_C(-1)

/*
 * membarrier_register() - once per process, before its first push or release
 * Takes 7-19 ms in a process with several threads, once. Thread-safe.
 * Return: 0; -ENOSYS, -EPERM, -EINVAL: this process must fence by itself (ring_parts.registered).
 */
int membarrier_register(void);

/* Copying calls. Return: 0 resp. the message's length; -EMSGSIZE. */
int ring_push(struct shmq_hot *hot, int64_t spin_ns, const void *msg, size_t len,
	      int64_t timeout_ns);
ssize_t ring_pop(struct shmq_hot *hot, int64_t spin_ns, void *buf, size_t cap, int64_t timeout_ns);

/* Until @n_slots are free. Return: 0; -EINVAL: not 1 to ring_batch_max(). */
int ring_wait_room(struct shmq_hot *hot, uint64_t n_slots, int64_t spin_ns, int64_t timeout_ns);

/* Until there is a message to take. Return: 0. */
int ring_wait_message(struct shmq_hot *hot, int64_t spin_ns, int64_t timeout_ns);

/*
 * Until one of @n consumers (1 to RING_WAIT_ANY_MAX) has something to say at its next call, be it a
 * message, a notice or an error; nothing is taken. Return: 0; -EINVAL; -EAGAIN, -ETIMEDOUT.
 */
int ring_wait_any(struct shmq_hot *const *hots, size_t n, int64_t spin_ns, int64_t timeout_ns,
		  size_t *ret_index);
