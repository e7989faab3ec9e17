/* SPDX-License-Identifier: MIT */
/*
 * wake_calls.c [FACTOR] - one system call per sleep of the peer, none per message: counted by ptrace(2)
 *
 * A consumer goes to sleep; when it does, the producer pushes a burst, which the consumer takes as a
 * whole. Every system call of the producer is seen by its tracer: there must be one per burst.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"
#include "tests/stress/stream.h"

#define SLOTS	    64u
#define BURST	    32u
#define ROUNDS	    200
#define DEADLINE_NS (30 * NS_PER_S)

#define SYSCALL_STOP (SIGTRAP | 0x80)

struct counts {
	uint64_t n_futex, n_other;
};

/* Without a system call: the clock is the kernel's page. */
static int until_published(const struct ring_memory *memory, uint64_t position)
{
	int64_t deadline_ns = clock_monotonic_ns() + DEADLINE_NS;

	while (__atomic_load_n(&memory->producer_page->position, __ATOMIC_ACQUIRE) != position) {
		shmq_pause();
		if (clock_monotonic_ns() > deadline_ns)
			return 1;
	}
	return 0;
}

static int consume(const struct ring_memory *memory, uint64_t n)
{
	struct shmq_hot hot;
	uint64_t message;

	if (ring_attach_consumer(&memory->consumer, &hot) < 0)
		return 1;
	for (uint64_t i = 0; i < n; i++) {
		if (i % BURST == 0 && (ring_wait_message(&hot, 0, DEADLINE_NS) < 0 ||
				       until_published(memory, i + BURST)))
			return 2;
		if (shmq_hot_try_pop(&hot, &message, sizeof(message)) != sizeof(message) ||
		    message != i)
			return 3;
	}
	return 0;
}

/* The same until the consumer sleeps, or is about to, for the message of @position: its ticket alone
 * says less, for it looks once more behind it. */
static int until_asleep(const struct ring_memory *memory, uint64_t position)
{
	const struct shmq_end_page *page = memory->consumer_page;
	int64_t deadline_ns = clock_monotonic_ns() + DEADLINE_NS;

	while (__atomic_load_n(&page->ticket, __ATOMIC_ACQUIRE) != position + 1 ||
	       __atomic_load_n(&page->n_sleeps, __ATOMIC_ACQUIRE) <= position / BURST) {
		shmq_pause();
		if (clock_monotonic_ns() > deadline_ns)
			return 1;
	}
	return 0;
}

/* getppid() marks where the count begins and ends. */
static int produce(const struct ring_memory *memory, uint64_t n)
{
	struct shmq_hot hot;

	if (ring_attach_producer(&memory->producer, &hot) < 0 || raise(SIGSTOP) != 0)
		return 1;
	syscall(SYS_getppid);
	for (uint64_t i = 0; i < n; i++) {
		if (i % BURST == 0 && until_asleep(memory, i))
			return 2;
		if (shmq_hot_try_push(&hot, &i, sizeof(i)) < 0)
			return 3;
	}
	syscall(SYS_getppid);
	return 0;
}

/* Let the stopped @pid run to its end. Return: its exit status, or -1. */
static int count_calls(pid_t pid, struct counts *ret_counts)
{
	bool entering = true, counting = false;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		return perror("ptrace"), 77;
	kill(pid, SIGCONT);
	for (;;) {
		struct __ptrace_syscall_info info;
		int signal_number = 0;

		if (waitpid(pid, &status, 0) != pid)
			return perror("waitpid"), -1;
		if (!WIFSTOPPED(status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		if (WSTOPSIG(status) == SYSCALL_STOP) {
			ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
			entering = info.op == PTRACE_SYSCALL_INFO_ENTRY;
			if (entering && info.entry.nr == SYS_getppid)
				counting = !counting;
			else if (entering && counting && info.entry.nr == SYS_futex)
				ret_counts->n_futex++;
			else if (entering && counting)
				ret_counts->n_other++;
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
			signal_number = WSTOPSIG(status);
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, signal_number);
	}
}

static pid_t start(int (*fn)(const struct ring_memory *memory, uint64_t n),
		   const struct ring_memory *memory, uint64_t n)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || (memory->producer.registered && membarrier_register() < 0))
		_exit(1);
	_exit(fn(memory, n));
}

static int judge(const struct ring_memory *memory, const struct counts *counts, uint64_t n)
{
	uint64_t n_sleeps = memory->consumer_page->n_sleeps;

	printf("%llu messages, %llu sleeps, %llu wake-ups, %llu other calls\n",
	       (unsigned long long)n, (unsigned long long)n_sleeps,
	       (unsigned long long)counts->n_futex, (unsigned long long)counts->n_other);
	if (counts->n_other > 0 || counts->n_futex != n / BURST || counts->n_futex > n_sleeps ||
	    counts->n_futex != memory->producer_page->n_wakes)
		return fprintf(stderr, "not one system call per sleep\n"), 1;
	return 0;
}

static int run(enum ring_wake wake, uint64_t n)
{
	struct ring_memory memory;
	struct counts counts = { 0 };
	pid_t consumer, producer;
	int r, status;

	ring_memory_init(&memory, SLOTS, 8, wake, 0);
	fflush(NULL);
	consumer = start(consume, &memory, n);
	producer = start(produce, &memory, n);
	if (consumer < 0 || producer < 0 || waitpid(producer, &status, WUNTRACED) != producer ||
	    !WIFSTOPPED(status))
		return fprintf(stderr, "the producer does not start\n"), 1;
	r = count_calls(producer, &counts);
	if (r != 0)
		kill(consumer, SIGKILL);
	if (waitpid(consumer, &status, 0) != consumer || (r == 0 && status != 0))
		r = 1;
	if (r == 0)
		r = judge(&memory, &counts, n);
	else
		kill(producer, SIGKILL);
	ring_memory_deinit(&memory);
	return r;
}

int main(int argc, char **argv)
{
	uint64_t n = ROUNDS * BURST * stream_factor(argc, argv);
	int r = run(RING_WAKE_MEMBARRIER, n);

	return r ? r : run(RING_WAKE_FENCE, n);
}
