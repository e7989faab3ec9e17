/* SPDX-License-Identifier: MIT */
/*
 * test_shm_futex.c - the system calls of shm/ answer what wait.c relies on
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"

TestSuite(futex, .timeout = 30);

static int64_t soon(void)
{
	return clock_monotonic_ns() + NS_PER_MS;
}

Test(futex, a_word_that_differs_is_not_slept_on)
{
	uint32_t word = 5;
	struct futex_word wait = { &word, 6 };

	cr_assert_eq(futex_wait_any(&wait, 1, soon()), -EAGAIN);
}

Test(futex, sleeps_end_at_an_absolute_deadline)
{
	uint32_t words[2] = { 5, 6 };
	struct futex_word waits[2] = { { &words[0], 5 }, { &words[1], 6 } };

	for (size_t n = 1; n <= 2; n++) {
		int64_t deadline_ns = soon();

		cr_assert_eq(futex_wait_any(waits, n, deadline_ns), -ETIMEDOUT);
		cr_assert_geq(clock_monotonic_ns(), deadline_ns);
		cr_assert_eq(futex_wait_any(waits, n, 0), -ETIMEDOUT, "a deadline in the past");
	}
}

Test(futex, any_of_128_words_that_differs_ends_it)
{
	uint32_t words[FUTEX_WORDS_MAX] = { 0 };
	struct futex_word waits[FUTEX_WORDS_MAX];

	for (size_t i = 0; i < FUTEX_WORDS_MAX; i++)
		waits[i] = (struct futex_word){ &words[i], 0 };
	cr_assert_eq(futex_wait_any(waits, FUTEX_WORDS_MAX, soon()), -ETIMEDOUT);
	if (!futex_has_waitv())
		return; /* an old kernel: only the first word counts */
	for (size_t i = 0; i < FUTEX_WORDS_MAX; i++) {
		words[i] = 1;
		cr_assert_eq(futex_wait_any(waits, FUTEX_WORDS_MAX, soon()), -EAGAIN);
		words[i] = 0;
	}
}

struct sleeper {
	struct futex_word *words;
	size_t n;
	int result;
	bool done;
};

static void *sleeper_run(void *arg)
{
	struct sleeper *sleeper = arg;

	sleeper->result =
		futex_wait_any(sleeper->words, sleeper->n, clock_monotonic_ns() + 20 * NS_PER_S);
	__atomic_store_n(&sleeper->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void assert_wakes(struct futex_word *words, size_t n, const uint32_t *word)
{
	struct sleeper sleeper = { .words = words, .n = n };
	pthread_t thread;
	int n_woken = 0;

	cr_assert_eq(pthread_create(&thread, NULL, sleeper_run, &sleeper), 0);
	while (!__atomic_load_n(&sleeper.done, __ATOMIC_ACQUIRE)) {
		int r = futex_wake_all(word);

		cr_assert_geq(r, 0);
		n_woken += r;
		sched_yield();
	}
	pthread_join(thread, NULL);
	cr_assert_eq(sleeper.result >= 0, 1, "%d", sleeper.result);
	cr_assert_eq(n_woken, 1);
}

Test(futex, a_sleeper_on_read_only_memory_is_woken_at_each_word)
{
	size_t bytes = 4096;
	int fd = memfd_create("shmq-test-futex", MFD_CLOEXEC);
	uint32_t *writable, *readable;
	struct futex_word words[2];

	cr_assert_geq(fd, 0);
	cr_assert_eq(ftruncate(fd, (off_t)bytes), 0);
	writable = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	readable = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	cr_assert(writable != MAP_FAILED && readable != MAP_FAILED);
	words[0] = (struct futex_word){ &readable[0], 0 };
	words[1] = (struct futex_word){ &readable[100], 0 };
	assert_wakes(words, 1, &writable[0]);
	assert_wakes(words, 2, &writable[0]);
	if (futex_has_waitv())
		assert_wakes(words, 2, &writable[100]);
	close(fd);
}

Test(futex, memory_that_is_not_there_is_efault)
{
	uint32_t *word = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t good = 0;
	struct futex_word words[2] = { { word, 0 }, { &good, 0 } };

	cr_assert(word != MAP_FAILED);
	munmap(word, 4096);
	cr_assert_eq(futex_wait_any(words, 1, soon()), -EFAULT);
	cr_assert_eq(futex_wake_all(word), -EFAULT);
	if (futex_has_waitv())
		cr_assert_eq(futex_wait_any(words, 2, soon()), -EFAULT);
}

Test(futex, what_is_pretended_is_missing)
{
	uint32_t words[2] = { 5, 6 };
	struct futex_word waits[2] = { { &words[0], 5 }, { &words[1], 0 } };

	futex_pretend(FUTEX_PRETEND_NO_WAITV);
	cr_assert_not(futex_has_waitv());
	/* only the first word counts: the second would have ended it at once */
	cr_assert_eq(futex_wait_any(waits, 2, soon()), -ETIMEDOUT);
	futex_pretend(FUTEX_PRETEND_NO_MEMBARRIER);
	cr_assert_lt(membarrier_all(), 0);
	futex_pretend(FUTEX_PRETEND_NO_REGISTER);
	cr_assert_lt(membarrier_register(), 0);
	futex_pretend(FUTEX_PRETEND_FAULT);
	cr_assert_eq(futex_wait_any(waits, 1, soon()), -EFAULT);
	futex_pretend(FUTEX_PRETEND_ONE_CPU);
	cr_assert_not(cpus_allow_spinning());
	futex_pretend(0);
}

Test(futex, registering_twice_is_fine)
{
	int r = membarrier_register();

	cr_assert_eq(membarrier_register(), r);
	if (r == 0)
		cr_assert_eq(membarrier_all(), 0);
}

Test(futex, pauses_grow_with_the_time)
{
	uint32_t one_us = pauses_from_ns(NS_PER_US);

	cr_assert_geq(one_us, 1);
	cr_assert_eq(pauses_from_ns(10 * NS_PER_US), 10 * one_us);
	cr_assert_eq(pauses_from_ns(0), 0);
}

/* The peer may be on another CPU, however this process is pinned. */
Test(futex, one_cpu_is_no_place_to_spin)
{
	cpu_set_t all, one;

	cr_assert_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	cr_assert_eq(cpus_allow_spinning(), sysconf(_SC_NPROCESSORS_ONLN) > 1);
	futex_pretend(FUTEX_PRETEND_ONE_CPU);
	cr_assert_not(cpus_allow_spinning());
}
