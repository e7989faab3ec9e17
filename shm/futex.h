/* SPDX-License-Identifier: MIT */
/*
 * futex.h - the system calls of shm/: futex(2), futex_waitv(2), membarrier(2), the clock of pauses
 *
 * Words lie in memory that processes share, and may be mapped read-only. Results are 0 or -errno.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct futex_word {
	const uint32_t *word;
	uint32_t expected; /* sleep only while it says this */
};

#define FUTEX_WORDS_MAX 128u

/* Wake all sleepers on @word. Return: how many; -EFAULT: there is no memory any more. */
int futex_wake_all(const uint32_t *word);

/*
 * futex_wait_any() - sleep until one word is woken or differs
 * @deadline_ns: CLOCK_MONOTONIC. Without FUTEX_WAITV only the first word is slept on.
 * Return: 0, -EAGAIN (differs), -EINTR, -ETIMEDOUT: look again; -EFAULT.
 */
int futex_wait_any(const struct futex_word *words, size_t n, int64_t deadline_ns);

/* Can futex_wait_any() watch more than one word? */
bool futex_has_waitv(void);

/* A full barrier in every registered process of this host. Return: 0; -errno: none was made. */
int membarrier_all(void);

/* Spin-wait hints (shmq_pause()) that take about @ns; measured once per process. */
uint32_t pauses_from_ns(int64_t ns);

/* Can it make sense to spin: has this machine more than one CPU? That this process may run on one only
 * says nothing: who spins is often pinned, with the peer on another CPU. */
bool cpus_allow_spinning(void);

/* For tests: behave as if the kernel lacked something. Process-wide; set before the first wait. */
enum {
	FUTEX_PRETEND_NO_WAITV = 1,
	FUTEX_PRETEND_NO_MEMBARRIER = 2, /* of the sleeper */
	FUTEX_PRETEND_NO_REGISTER = 4,
	FUTEX_PRETEND_FAULT = 8, /* every sleep and wake-up answers -EFAULT */
	FUTEX_PRETEND_ONE_CPU = 16,
	FUTEX_PRETEND_NO_SLICES = 32, /* sleeps last until they are ended: a lost wake-up shows */
};
void futex_pretend(unsigned what);
bool futex_pretends(unsigned what);
