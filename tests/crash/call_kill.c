/* SPDX-License-Identifier: MIT */
/*
 * call_kill.c - SIGKILL at every system call of every control call, against a real daemon
 *
 *	call_kill [STRIDE]
 *
 * A client process is stopped by ptrace(2) at the k-th entry to or exit from a system call of one
 * call of the library (connect, create, open, attach, detach, destroy, disconnect), and killed
 * there; between two such stops it changes nothing that anybody else can see but the ring's own
 * words, which step_kill looks after. Then the role must be free, the ring usable, and nothing left
 * over.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define STOPS_MAX 5000

struct victim {
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
};

struct call {
	const char *name;
	void (*prepare)(struct victim *victim);
	void (*run)(struct victim *victim);
};

static struct daemon daemon_;
static const struct shmq_ring_config config = { .slots = 8,
						.size_bytes = 64,
						.lifetime = SHMQ_PERSISTENT };
static const struct shmq_ring_config short_lived = { .slots = 8,
						     .size_bytes = 64,
						     .lifetime = SHMQ_WITH_CREATOR };

static void connected(struct victim *v)
{
	if (shmq_connect(&v->client, daemon_.socket) < 0)
		_exit(1);
}
static void producing(struct victim *v)
{
	connected(v);
	if (shmq_attach_producer(v->client, "kept", &v->producer) < 0)
		_exit(1);
}
static void nothing(struct victim *v)
{
	v->client = NULL;
}
static void run_connect(struct victim *v)
{
	connected(v);
}
static void run_create(struct victim *v)
{
	shmq_create(v->client, "made", &config);
}
static void run_open(struct victim *v)
{
	shmq_open_producer(v->client, "opened", &short_lived, &v->producer);
}
static void run_attach_producer(struct victim *v)
{
	shmq_attach_producer(v->client, "kept", &v->producer);
}
static void run_attach_consumer(struct victim *v)
{
	shmq_attach_consumer(v->client, "kept", &v->consumer);
}
static void run_detach(struct victim *v)
{
	shmq_producer_detach(v->producer);
}
static void run_destroy(struct victim *v)
{
	shmq_destroy(v->client, "made", 0);
}
static void run_disconnect(struct victim *v)
{
	shmq_disconnect(v->client);
}
static void create_first(struct victim *v)
{
	connected(v);
	if (shmq_create(v->client, "made", &config) < 0)
		_exit(1);
}

static const struct call calls[] = {
	{ "connect", nothing, run_connect },
	{ "create", connected, run_create },
	{ "open", connected, run_open },
	{ "attach producer", connected, run_attach_producer },
	{ "attach consumer", connected, run_attach_consumer },
	{ "detach", producing, run_detach },
	{ "destroy", create_first, run_destroy },
	{ "disconnect", producing, run_disconnect },
};

static pid_t start_victim(const struct call *call)
{
	struct victim victim = { 0 };
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	call->prepare(&victim);
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
		_exit(1);
	raise(SIGSTOP);
	call->run(&victim);
	raise(SIGSTOP);
	_exit(0);
}

/* Return: true when the call had ended before its k-th stop. */
static bool kill_at(pid_t pid, unsigned k)
{
	bool ended = false;
	int status;

	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return true;
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	for (unsigned i = 0; i < k && !ended; i++) {
		ptrace(PTRACE_SYSCALL, pid, 0, 0);
		if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return true;
		ended = WSTOPSIG(status) == SIGSTOP;
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		;
	return ended;
}

/* The dead one's role is free at once, and both ends of the ring work. */
static int judge_kept(struct shmq_client *client)
{
	int64_t deadline = deadline_after_ns(HARNESS_DEADLINE_NS);
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	char buf[64];
	int p, c;

	while ((p = shmq_attach_producer(client, "kept", &producer)) == -EBUSY &&
	       deadline_left_ns(deadline))
		usleep(100);
	while ((c = shmq_attach_consumer(client, "kept", &consumer)) == -EBUSY &&
	       deadline_left_ns(deadline))
		usleep(100);
	if (p < 0 || c < 0)
		return printf("# %s\n", shmq_error_detail()), -1;
	p = shmq_push(producer, "x", 1, 0);
	c = (int)shmq_pop(consumer, buf, sizeof(buf), 0);
	shmq_producer_detach(producer);
	shmq_consumer_detach(consumer);
	return p == 0 && c == 1 ? 0 : (printf("# push %d, pop %d\n", p, c), -1);
}

static bool only_kept_is_left(void *arg)
{
	(void)arg;
	return daemon_segments(&daemon_) == 1;
}

static int judge(struct shmq_client *client)
{
	struct shmq_ring_info info;
	int r = shmq_show(client, "made", &info);

	/* A ring that was asked for may be there, then it can be destroyed; half a ring may not. */
	if (r == 0)
		r = shmq_destroy(client, "made", 0);
	if (r < 0 && r != -ENOENT)
		return printf("# made: %s\n", shmq_error_detail()), -1;
	if (!wait_until(only_kept_is_left, NULL))
		return printf("# %u segments are left\n", daemon_segments(&daemon_)), -1;
	return judge_kept(client);
}

static int play(const struct call *call, unsigned stride, uint64_t *kills)
{
	struct shmq_client *client;
	unsigned k;

	if (shmq_connect(&client, daemon_.socket) < 0)
		return -1;
	for (k = 0; k < STOPS_MAX; k += stride) {
		pid_t pid = start_victim(call);
		bool ended = kill_at(pid, k);

		++*kills;
		if (judge(client) < 0) {
			printf("not ok %s, killed at its stop %u\n", call->name, k);
			return -1;
		}
		if (ended)
			break;
	}
	printf("ok %-16s %4u stops at system calls\n", call->name, k);
	shmq_disconnect(client);
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const args[] = { "--grace", "0s", NULL };
	unsigned stride = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	struct shmq_client *client;
	uint64_t kills = 0;
	int bad = 0;

	if (!stride || daemon_start(&daemon_, args) < 0)
		return 1;
	if (shmq_connect(&client, daemon_.socket) < 0 || shmq_create(client, "kept", &config) < 0)
		bad = 1;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !bad; i++)
		bad = play(&calls[i], stride, &kills) < 0;
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	printf("%" PRIu64 " kills, %s\n", kills, bad ? "one not survived" : "all survived");
	return bad;
}
