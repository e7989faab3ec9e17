/* SPDX-License-Identifier: MIT */
/*
 * step_kill.c - SIGKILL at every instruction of every call on a ring, then the survivors are judged
 *
 * For k = 0, 1, 2 … a fresh process becomes one end of a prepared ring, is stepped by ptrace(2)
 * through k instructions of one call, and killed. Then a successor takes its role and the other end
 * goes on: every message that was accepted is there, once, whole and in order; the one under way is
 * there whole or not at all; the role can be taken; whoever slept is awake with a reason. x86-64.
 *
 *   step_kill         all calls, on an empty, half full and full ring, with the peer awake and asleep
 *   step_kill --long  the same without leaving any instruction out
 *
 * Without --long: at the wrap of slots, every instruction of calls that move messages, samples of the
 * others.
 *
 * First of all a push that publishes before it has written must be caught.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "shm/wait.h"
#include "tests/crash/ring_calls.h"
#include "tests/crash/world.h"
#include "tests/harness/process.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
int main(void)
{
	puts("stepping wants x86-64, and code as users run it: not with a sanitizer");
	return 77;
}
#else

#define SLOTS	  16u
#define INT3	  0xccu
#define SYSCALL	  0x050f
#define SYS_FUTEX_WAITV 449 /* missing in older headers */
#define GOT	  10 /* exit status of a sleeper that got what it waited for */
#define TOLD	  11 /* … that was told of the death instead */
#define STEPS_MAX 200000

/* ---- one kill ---- */

struct scene {
	const struct ring_call *call;
	uint64_t base;
	uint32_t depth;
	bool peer_sleeps;
};

struct tally {
	uint64_t kills, violations, before, after;
};

static struct world world;

static void violation(struct tally *tally, const struct scene *scene, uint64_t k, const char *what)
{
	if (tally->violations++ < 3)
		printf("# %s, base %" PRIx64 ", depth %u, peer %s, killed after %" PRIu64
		       " instructions: %s\n",
		       scene->call->name, scene->base, scene->depth,
		       scene->peer_sleeps ? "asleep" : "awake", k, what);
}

static int attach(enum shmq_role role, struct shmq_hot *hot)
{
	return role == SHMQ_ROLE_PRODUCER ? world_producer(&world, hot)
					  : world_consumer(&world, hot);
}

static pid_t start_victim(const struct ring_call *call)
{
	pid_t pid = fork();
	struct shmq_hot hot;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 || attach(call->role, &hot) < 0)
		_exit(1);
	__asm__ volatile("int3");
	call->run(&hot, &world);
	__asm__ volatile("int3");
	_exit(0);
}

/* The other end, asleep until there is a message or room, or the news of a death. */
static int sleeper(void *arg)
{
	enum shmq_role victim = *(enum shmq_role *)arg;
	unsigned char message[WORLD_SIZE];
	struct shmq_hot hot;
	uint64_t position;
	ssize_t n;
	int r;

	if (attach(victim == SHMQ_ROLE_PRODUCER ? SHMQ_ROLE_CONSUMER : SHMQ_ROLE_PRODUCER, &hot) <
	    0)
		return 1;
	position = hot.position;
	if (victim == SHMQ_ROLE_PRODUCER) {
		n = ring_pop(&hot, 0, message, sizeof(message), HARNESS_DEADLINE_NS);
		if (n >= 0)
			return message_is(position, message, (uint64_t)n) ? GOT : 2;
		return n == -EOWNERDEAD ? TOLD : 3;
	}
	r = ring_push(&hot, 0, message, message_fill(position, message), HARNESS_DEADLINE_NS);
	return r == 0 ? GOT : r == -EOWNERDEAD ? TOLD : 4;
}

static bool at_int3(pid_t pid)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0 &&
	       (ptrace(PTRACE_PEEKTEXT, pid, (void *)regs.rip, 0) & 0xff) == INT3;
}

/* About to make a system call that may last for ever. */
static bool at_futex(pid_t pid)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0 &&
	       (regs.rax == SYS_futex || regs.rax == SYS_FUTEX_WAITV) &&
	       (ptrace(PTRACE_PEEKTEXT, pid, (void *)regs.rip, 0) & 0xffff) == SYSCALL;
}

static bool is_asleep(pid_t pid)
{
	char state = 0;

	return process_state(pid, &state) == 0 && state == 'S';
}

/* Return: 1 stopped again, 0 asleep in the kernel, -1 ended. */
static int step(pid_t pid, bool may_sleep)
{
	bool sleeps = may_sleep && at_futex(pid);
	int status;

	if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0)
		return -1;
	while (waitpid(pid, &status, sleeps ? WNOHANG : 0) == 0) {
		if (is_asleep(pid))
			return 0;
		sched_yield(); /* it runs on this CPU */
	}
	return WIFSTOPPED(status) ? 1 : -1;
}

/*
 * Run the victim through @k instructions of its call and kill it. Return: how many it really ran:
 * fewer if the call ended, or fell asleep. Looking for the end costs two system calls per
 * instruction: only the first run of a scene does.
 */
static uint64_t kill_after(const struct scene *scene, uint64_t k, bool look, struct tally *tally)
{
	pid_t pid = start_victim(scene->call);
	uint64_t i = 0;
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status)) {
		violation(tally, scene, k, "the victim can't be traced");
		return 0;
	}
	while (i < k && !(look && at_int3(pid)) && step(pid, scene->call->may_sleep) > 0)
		i++;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == pid && !WIFSIGNALED(status) && !WIFEXITED(status))
		;
	return i;
}

/* Take everything out, from what a successor finds first to the end. Return: the position after. */
static uint64_t drain(const struct scene *scene, uint64_t k, struct tally *tally)
{
	unsigned char message[WORLD_SIZE];
	struct shmq_hot hot;
	int64_t len;

	if (world_consumer(&world, &hot) < 0) {
		violation(tally, scene, k, "no consumer can attach");
		return 0;
	}
	for (;;) {
		uint64_t position = hot.position;

		len = shmq_hot_try_pop(&hot, message, sizeof(message));
		if (len < 0)
			break;
		if (!message_is(position, message, (uint64_t)len))
			violation(tally, scene, k,
				  "a message is torn, or not the one of its position");
	}
	if (len != -EAGAIN && len != -EOWNERDEAD)
		violation(tally, scene, k, "the ring doesn't end as an empty one");
	return hot.position;
}

static void judge_positions(const struct scene *scene, uint64_t k, uint64_t start,
			    uint64_t position, struct tally *tally)
{
	uint64_t moved = position - start;
	uint32_t possible = scene->call->moves;

	if (moved > possible)
		violation(tally, scene, k, "a position that nobody made");
	if (moved == 0)
		tally->before++;
	else
		tally->after++;
}

/* The role's successor goes on: a producer by pushing, a consumer by taking. */
static void judge_successor(const struct scene *scene, uint64_t k, bool sleeper_moved,
			    struct tally *tally)
{
	uint64_t published = scene->base + scene->depth;
	unsigned char message[WORLD_SIZE];
	struct shmq_hot producer, consumer;
	uint64_t end;

	if (world_producer(&world, &producer) < 0 || world_consumer(&world, &consumer) < 0) {
		violation(tally, scene, k, "a role can't be taken over");
		return;
	}
	if (scene->call->role == SHMQ_ROLE_PRODUCER)
		judge_positions(scene, k, published, producer.position, tally);
	else
		judge_positions(scene, k, scene->base, consumer.position, tally);
	if (scene->call->role == SHMQ_ROLE_CONSUMER &&
	    producer.position - published != (sleeper_moved ? 1 : 0))
		violation(tally, scene, k, "a message was lost or made up");
	if (producer.position - consumer.position < SLOTS &&
	    shmq_hot_try_push(&producer, message, message_fill(producer.position, message)) < 0)
		violation(tally, scene, k, "there is room, and the successor can't push");
	end = drain(scene, k, tally);
	if (end != producer.position)
		violation(tally, scene, k, "what was published is not all that comes out");
}

static pid_t start_sleeper(const struct scene *scene, struct tally *tally)
{
	enum shmq_role victim = scene->call->role;
	pid_t pid = child_start(sleeper, &victim);

	if (pid < 0 || !child_wait_asleep(pid))
		violation(tally, scene, 0, "the sleeper doesn't sleep");
	return pid;
}

static void judge_sleeper(const struct scene *scene, uint64_t k, pid_t pid, struct tally *tally)
{
	int status = child_wait(pid);

	if (status != GOT && status != TOLD)
		violation(tally, scene, k,
			  status == CHILD_STUCK ? "the sleeper sleeps on"
						: "the sleeper got something else");
	if (status == GOT && scene->call->moves == 0)
		violation(tally, scene, k, "the sleeper got what nobody gave");
}

/* A producer that slept may have pushed one message once it was awake. */
static bool sleeper_pushed(const struct scene *scene)
{
	struct shmq_hot hot;

	return scene->peer_sleeps && scene->call->role == SHMQ_ROLE_CONSUMER &&
	       world_producer(&world, &hot) == 0 && hot.position != scene->base + scene->depth;
}

/* One death. Return: how many instructions the victim ran. */
static uint64_t play(const struct scene *scene, uint64_t k, bool look, struct tally *tally)
{
	pid_t pid = 0;
	uint64_t ran;

	world_reset(&world, scene->base, scene->depth);
	if (scene->peer_sleeps)
		pid = start_sleeper(scene, tally);
	ran = kill_after(scene, k, look, tally);
	tally->kills++;
	world_tell_death(&world, scene->call->role);
	if (scene->peer_sleeps)
		judge_sleeper(scene, k, pid, tally);
	judge_successor(scene, k, sleeper_pushed(scene), tally);
	return ran;
}

static struct tally play_all(const struct scene *scene, uint64_t stride)
{
	struct tally tally = { 0 };
	uint64_t n = play(scene, STEPS_MAX, true, &tally);

	for (uint64_t k = 0; k <= n && tally.violations < 20; k += stride)
		play(scene, k, false, &tally);
	return tally;
}

/* ---- all scenes ---- */

static const uint64_t bases[] = {
	0, SLOTS - 1,			 /* wrap of the slots */
	(UINT64_C(1) << 32) * SLOTS - 1, /* wrap of the lap in the header */
	UINT64_MAX,			 /* wrap of the position */
};

static uint64_t play_call(const struct ring_call *call, bool all, uint64_t *kills)
{
	static const uint32_t depths[] = { 0, SLOTS / 2, SLOTS };
	struct tally sum = { 0 };

	for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++)
		for (size_t d = 0; d < 3; d++)
			for (int sleeps = 0; sleeps < 2; sleeps++) {
				struct scene scene = { call, bases[b], depths[d], sleeps };
				bool peer_can_sleep =
					call->role == SHMQ_ROLE_PRODUCER ? d == 0 : d == 2;
				struct tally tally;

				/* A peer sleeps where it has nothing to do; one wrap shows the
				 * others. */
				if (!all && b != 1)
					continue;
				if (sleeps && (!peer_can_sleep || b != 1 || call->may_sleep))
					continue;
				tally = play_all(&scene, all || call->moves ? 1 : 7);
				sum.kills += tally.kills;
				sum.violations += tally.violations;
				sum.before += tally.before;
				sum.after += tally.after;
			}
	printf("%-20s %6" PRIu64 " kills, %6" PRIu64 " before and %6" PRIu64
	       " after it counted, %" PRIu64 " violations\n",
	       call->name, sum.kills, sum.before, sum.after, sum.violations);
	fflush(stdout);
	*kills += sum.kills;
	return sum.violations;
}

/* What a process works out once (how long a pause takes, what the kernel can) is inherited by every
 * victim: it would be thousands of instructions of each. */
static void warm_up(void)
{
	struct shmq_hot hot;

	world_reset(&world, 0, 0);
	if (world_consumer(&world, &hot) == 0)
		ring_wait_message(&hot, 1000, 100000);
}

/* Stepping is a wake-up per instruction: on one CPU it costs a switch, on two an interrupt. */
static void stay_on_one_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

int main(int argc, char **argv)
{
	uint64_t violations = 0, kills = 0, caught;
	struct scene scene = { &ring_call_broken, 0, 0, false };

	bool all = argc > 1 && !strcmp(argv[1], "--long");

	if (world_init(&world, SLOTS) < 0)
		return 1;
	stay_on_one_cpu();
	warm_up();
	caught = play_all(&scene, 1).violations;
	printf("planted early publication: %s\n", caught ? "caught" : "NOT CAUGHT");
	for (size_t i = 0; i < ring_calls_n; i++)
		violations += play_call(&ring_calls[i], all, &kills);
	printf("%" PRIu64 " kills, %" PRIu64 " violations\n", kills, violations);
	return caught && !violations ? 0 : 1;
}
#endif
