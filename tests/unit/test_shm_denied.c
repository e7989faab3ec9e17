/* SPDX-License-Identifier: MIT */
/*
 * test_shm_denied.c - waiting where a sandbox refuses system calls, each with an errno of its liking
 *
 * A real seccomp filter, of this test's own process.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/shm_sleeper.h"

TestSuite(denied, .timeout = 60);

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

enum { DENY_WAITV = 1, DENY_MEMBARRIER = 2 };

struct sandbox {
	enum ring_wake wake;
	unsigned denied;
	int error;
};

#define SANDBOXES(wake, error)                                                                     \
	{ wake, DENY_WAITV, error }, { wake, DENY_MEMBARRIER, error },                             \
	{                                                                                          \
		wake, DENY_WAITV | DENY_MEMBARRIER, error                                          \
	}

static struct sandbox sandboxes[] = {
	SANDBOXES(RING_WAKE_MEMBARRIER, ENOSYS), SANDBOXES(RING_WAKE_MEMBARRIER, EPERM),
	SANDBOXES(RING_WAKE_MEMBARRIER, EACCES), SANDBOXES(RING_WAKE_FENCE, ENOSYS),
	SANDBOXES(RING_WAKE_FENCE, EPERM),	 SANDBOXES(RING_WAKE_FENCE, EACCES),
};

#define N_SANDBOXES (sizeof(sandboxes) / sizeof(sandboxes[0]))

/* For good: system call @number answers @error in this process. */
static void deny(long number, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
			 SECCOMP_RET_ERRNO | ((unsigned)error & SECCOMP_RET_DATA)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		cr_skip_test("no seccomp filter can be set here");
	errno = 0;
	cr_assert_eq(syscall(number, -1, -1, -1, -1, -1), -1);
	cr_assert_eq(errno, error);
}

static void enter(const struct sandbox *sandbox, struct ends *ends, uint32_t slots)
{
	if (sandbox->denied & DENY_WAITV)
		deny(SYS_futex_waitv, sandbox->error);
	if (sandbox->denied & DENY_MEMBARRIER)
		deny(SYS_membarrier, sandbox->error);
	cr_assert_eq(membarrier_all() < 0, sandbox->denied & DENY_MEMBARRIER ? 1 : 0);
	ring_memory_init(&ends->memory, slots, 8, sandbox->wake, 0);
	ends_attach(ends);
	if (sandbox->wake == RING_WAKE_MEMBARRIER && sandbox->denied & DENY_MEMBARRIER)
		cr_assert_eq(ends->producer.fence, 1, "who can't register fences by himself");
}

ParameterizedTestParameters(denied, sleepers_are_woken)
{
	return cr_make_param_array(struct sandbox, sandboxes, N_SANDBOXES);
}

ParameterizedTest(struct sandbox *sandbox, denied, sleepers_are_woken)
{
	struct sleeper sleeper;
	struct ends ends;

	enter(sandbox, &ends, 2);
	for (uint64_t i = 0; i < 20; i++) {
		sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
		push_many(&ends, 1);
		cr_assert_eq(sleeper_result(&sleeper), 8);
		cr_assert_eq(sleeper.message, i);
	}
	push_many(&ends, 2);
	for (uint64_t i = 0; i < 20; i++) {
		sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
		pop_many(&ends, 1);
		cr_assert_eq(sleeper_result(&sleeper), 0);
	}
	ends_deinit(&ends);
}

ParameterizedTestParameters(denied, notices_reach_sleepers)
{
	return cr_make_param_array(struct sandbox, sandboxes, N_SANDBOXES);
}

ParameterizedTest(struct sandbox *sandbox, denied, notices_reach_sleepers)
{
	struct sleeper sleeper;
	struct ends ends;

	enter(sandbox, &ends, 4);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DIED);
	cr_assert_eq(sleeper_result(&sleeper), -EOWNERDEAD);
	push_many(&ends, 4);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	cr_assert_eq(sleeper_result(&sleeper), -ESTALE);
	ends_deinit(&ends);
}

/* With slices taken away, a sleep beside the wake-up would last until the test's deadline. With
 * FUTEX_WAITV gone one word is left, and it is the peer's. */
ParameterizedTestParameters(denied, the_peer_wakes_without_any_slice)
{
	return cr_make_param_array(struct sandbox, sandboxes, N_SANDBOXES);
}

ParameterizedTest(struct sandbox *sandbox, denied, the_peer_wakes_without_any_slice)
{
	struct sleeper sleeper;
	struct ends ends;

	if (sandbox->wake == RING_WAKE_MEMBARRIER && sandbox->denied & DENY_MEMBARRIER)
		return; /* there a wake-up may get lost, and slices are what saves it */
	enter(sandbox, &ends, 2);
	futex_pretend(FUTEX_PRETEND_NO_SLICES);
	for (uint64_t i = 0; i < 100; i++) {
		int64_t start_ns = clock_monotonic_ns();

		sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
		push_many(&ends, 1);
		cr_assert_eq(sleeper_result(&sleeper), 8);
		cr_assert_lt(clock_monotonic_ns() - start_ns, SLEEPER_DEADLINE_NS);
	}
	ends_deinit(&ends);
}

/* A fault that no single ring can be blamed for ends all of them, instead of a spinning loop. */
Test(denied, a_fault_of_unknown_origin_poisons)
{
	struct shmq_hot *hots[2];
	struct ends ends[2];
	size_t index;
	uint64_t buf;

	for (int i = 0; i < 2; i++) {
		ends_init(&ends[i], 2, 8);
		hots[i] = &ends[i].consumer;
	}
	deny(SYS_futex_waitv, EFAULT);
	cr_assert_eq(ring_wait_any(hots, 2, 0, -1, &index), 0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(ring_pop(hots[i], 0, &buf, 8, -1), -EBADMSG);
		cr_assert_eq(ends[i].memory.consumer_page->ticket, 0);
		ends_deinit(&ends[i]);
	}
}

/* The kernel may be short of memory for a moment. */
Test(denied, no_memory_for_many_words_is_no_error)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init(&ends, 2, 8);
	deny(SYS_futex_waitv, ENOMEM);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	push_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 8);
	ends_deinit(&ends);
}
