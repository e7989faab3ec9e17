/* SPDX-License-Identifier: MIT */
/*
 * futex.c - futex(2), futex_waitv(2), membarrier(2), CPUs and pauses; see futex.h
 *
 * State of the process: what is known to be missing here, how long a pause takes, on how many CPUs
 * it may run. All of it is found again by whoever does not see it yet, so relaxed words are enough.
 */
#include "shm/futex.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/wait.h"

#ifndef SYS_futex_waitv /* since Linux 5.16; one number for all architectures */
#define SYS_futex_waitv 449
#endif

#define FUTEX_WAITER_32 2u /* FUTEX_32: the size of the word; not private */

/* As struct futex_waitv, which older headers lack. */
struct waiter {
	uint64_t expected;
	uint64_t address;
	uint32_t flags;
	uint32_t reserved;
};

/* As struct __kernel_timespec: 64 bits everywhere. */
struct instant {
	int64_t s, ns;
};

#define CALIBRATION_PAUSES 256
#define CALIBRATION_ROUNDS 5

static unsigned pretended;
static unsigned waitv_is_missing;
static uint32_t pauses_per_us; /* 0: not measured yet */
static uint32_t n_cpus;	       /* 0: not looked at yet */

static unsigned flag_load(const unsigned *flag)
{
	/* [U1] relaxed: see above */
	return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

static void flag_store(unsigned *flag, unsigned value)
{
	/* [U2] relaxed: see above */
	__atomic_store_n(flag, value, __ATOMIC_RELAXED);
}

bool futex_pretends(unsigned what)
{
	return flag_load(&pretended) & what;
}

void futex_pretend(unsigned what)
{
	flag_store(&pretended, what);
	flag_store(&n_cpus, 0);
}

int futex_wake_all(const uint32_t *word)
{
	long r;

	if (futex_pretends(FUTEX_PRETEND_FAULT))
		return -EFAULT;
	r = syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	return r < 0 ? -errno : (int)r;
}

static int wait_one(const struct futex_word *word, int64_t deadline_ns)
{
	struct timespec deadline = timespec_from_ns(deadline_ns);
	/* WAIT_BITSET and not WAIT: its timeout is an absolute CLOCK_MONOTONIC instant */
	long r = syscall(SYS_futex, word->word, FUTEX_WAIT_BITSET, word->expected, &deadline, NULL,
			 FUTEX_BITSET_MATCH_ANY);

	return r < 0 ? -errno : 0;
}

static int wait_many(const struct futex_word *words, size_t n, int64_t deadline_ns)
{
	struct instant deadline = { deadline_ns / NS_PER_S, deadline_ns % NS_PER_S };
	struct waiter waiters[FUTEX_WORDS_MAX];
	long r;

	for (size_t i = 0; i < n; i++)
		waiters[i] = (struct waiter){
			.expected = words[i].expected,
			.address = (uintptr_t)words[i].word,
			.flags = FUTEX_WAITER_32,
		};
	r = syscall(SYS_futex_waitv, waiters, n, 0, &deadline, CLOCK_MONOTONIC);
	return r < 0 ? -errno : 0;
}

bool futex_has_waitv(void)
{
	return !flag_load(&waitv_is_missing) && !futex_pretends(FUTEX_PRETEND_NO_WAITV);
}

int futex_wait_any(const struct futex_word *words, size_t n, int64_t deadline_ns)
{
	int r;

	assert(n >= 1 && n <= FUTEX_WORDS_MAX);
	if (futex_pretends(FUTEX_PRETEND_FAULT))
		return -EFAULT;
	if (n > 1 && futex_has_waitv()) {
		r = wait_many(words, n, deadline_ns);
		if (r >= 0 || r == -EAGAIN || r == -EINTR || r == -ETIMEDOUT || r == -EFAULT)
			return r;
		/* an older kernel, or a sandbox with an errno of its own: look again, with the
		 * slices of one word. So too when the kernel is out of memory for the words: it may
		 * be so again. */
		flag_store(&waitv_is_missing, 1);
		return -EAGAIN;
	}
	return wait_one(words, deadline_ns);
}

int membarrier_all(void)
{
	if (futex_pretends(FUTEX_PRETEND_NO_MEMBARRIER))
		return -ENOSYS;
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) < 0 ? -errno : 0;
}

int membarrier_register(void)
{
	if (futex_pretends(FUTEX_PRETEND_NO_REGISTER))
		return -ENOSYS;
	/* the kernel remembers: a second call costs a system call and no more */
	return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) < 0 ? -errno
											   : 0;
}

/* The fastest round: the others were interrupted. */
static uint32_t measure_pauses_per_us(void)
{
	int64_t best_ns = INT64_MAX;
	uint32_t pauses;

	for (int round = 0; round < CALIBRATION_ROUNDS; round++) {
		int64_t start_ns = clock_monotonic_ns(), took_ns;

		for (int i = 0; i < CALIBRATION_PAUSES; i++)
			shmq_pause();
		took_ns = clock_monotonic_ns() - start_ns;
		if (took_ns < best_ns)
			best_ns = took_ns;
	}
	if (best_ns < 1)
		best_ns = 1;
	pauses = (uint32_t)(CALIBRATION_PAUSES * NS_PER_US / best_ns);
	return pauses ? pauses : 1;
}

uint32_t pauses_from_ns(int64_t ns)
{
	uint32_t per_us = flag_load(&pauses_per_us);

	if (!per_us) {
		per_us = measure_pauses_per_us();
		flag_store(&pauses_per_us, per_us);
	}
	return (uint32_t)(ns * per_us / NS_PER_US);
}

bool cpus_allow_spinning(void)
{
	if (futex_pretends(FUTEX_PRETEND_ONE_CPU))
		return false;
	if (!flag_load(&n_cpus))
		flag_store(&n_cpus, (unsigned)get_nprocs());
	return flag_load(&n_cpus) > 1;
}
