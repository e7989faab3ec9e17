/* SPDX-License-Identifier: MIT */
/*
 * bench_pair.c - two processes, each on its CPU: what they send each other, and how long it takes
 *
 * Both attach, bounce a bare cache line, run, and bounce the line again. Every message begins with its
 * number, which is checked; the last one has a number of its own. With in_place all words are written
 * and read, else the library copies them in and out.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/bench.h"

#define STEP_NS	     (10 * NS_PER_S) /* no message takes that long */
#define SPIN_NS	     (10 * NS_PER_S) /* for ever, as far as that goes */
#define GRACE_NS     (20 * NS_PER_S) /* what a run may take beyond its time */
#define LAST_MESSAGE UINT64_MAX
#define LINE_TRIPS   2000
#define LINE_ROUNDS  5
#define CLOCK_EVERY  64u /* messages of a stream */

#define LOST_PERCENT_MAX 2.0
#define LINE_RATIO_MAX	 1.5

/* One of the two processes: it sends on one ring and receives on the other. */
struct side {
	const struct bench_task *task;
	struct bench_outcome *outcome;
	int index;
	struct shmq_client *client;
	struct shmq_producer *out;
	struct shmq_consumer *in;
	unsigned char *buf;
	uint64_t sum; /* so that what is read is read */
};

/* ---- messages ---- */

static int put_in_place(struct side *side, uint64_t number)
{
	uint64_t *words;
	void *slot;
	int r;

	while ((r = shmq_reserve(side->out, &slot)) == -EAGAIN)
		if ((r = shmq_producer_wait(side->out, 1, STEP_NS)) < 0)
			break;
	if (r < 0)
		return r;
	words = slot;
	for (size_t i = 0; i < side->task->size_bytes / sizeof(*words); i++)
		words[i] = number + i;
	return shmq_commit(side->out, side->task->size_bytes);
}

static int put(struct side *side, uint64_t number)
{
	if (side->task->in_place)
		return put_in_place(side, number);
	memcpy(side->buf, &number, sizeof(number));
	return shmq_push(side->out, side->buf, side->task->size_bytes, STEP_NS);
}

static int take_in_place(struct side *side, uint64_t *ret_number)
{
	const uint64_t *words;
	const void *message = NULL;
	size_t len = 0;
	int r;

	while ((r = shmq_peek(side->in, &message, &len, NULL)) == -EAGAIN)
		if ((r = shmq_consumer_wait(side->in, STEP_NS)) < 0)
			break;
	if (r < 0)
		return r;
	words = message;
	*ret_number = words[0];
	for (size_t i = 0; i < len / sizeof(*words); i++)
		side->sum += words[i];
	return shmq_release(side->in);
}

/* Return: 0; -EBADMSG: it isn't message @expected, nor the last one; what the library says. */
static int take(struct side *side, uint64_t expected, uint64_t *ret_number)
{
	ssize_t n;
	int r;

	if (side->task->in_place) {
		r = take_in_place(side, ret_number);
	} else {
		n = shmq_pop(side->in, side->buf, side->task->size_bytes, STEP_NS);
		r = n < 0 ? (int)n : n == (ssize_t)side->task->size_bytes ? 0 : -EBADMSG;
		memcpy(ret_number, side->buf, sizeof(*ret_number));
	}
	return r == 0 && *ret_number != expected && *ret_number != LAST_MESSAGE ? -EBADMSG : r;
}

/* ---- runs ---- */

static int ask(struct side *side)
{
	int64_t now_ns = clock_monotonic_ns(), end_ns = now_ns + side->task->duration_ns;
	uint64_t answer;
	int r;

	for (uint64_t number = 0; now_ns < end_ns; number++) {
		int64_t start_ns = now_ns;

		r = put(side, number);
		if (r == 0)
			r = take(side, number, &answer);
		if (r < 0)
			return r;
		now_ns = clock_monotonic_ns();
		histogram_record(&side->outcome->trips_ns, (uint64_t)(now_ns - start_ns));
	}
	r = put(side, LAST_MESSAGE);
	return r < 0 ? r : take(side, LAST_MESSAGE, &answer);
}

static int answer(struct side *side)
{
	uint64_t number;
	int r;

	for (uint64_t expected = 0;; expected++) {
		r = take(side, expected, &number);
		if (r == 0)
			r = put(side, number);
		if (r < 0 || number == LAST_MESSAGE)
			return r;
	}
}

static int stream_out(struct side *side)
{
	int64_t end_ns = clock_monotonic_ns();
	int r;

	side->outcome->began_ns = end_ns;
	end_ns += side->task->duration_ns;
	for (uint64_t number = 0;; number++) {
		if (number % CLOCK_EVERY == 0 && clock_monotonic_ns() >= end_ns)
			return put(side, LAST_MESSAGE);
		r = put(side, number);
		if (r < 0)
			return r;
	}
}

static int stream_in(struct side *side)
{
	uint64_t number;
	int r;

	for (uint64_t expected = 0;; expected++) {
		r = take(side, expected, &number);
		if (r < 0)
			return r;
		if (number != LAST_MESSAGE)
			continue;
		side->outcome->ended_ns = clock_monotonic_ns();
		side->outcome->n_messages = expected;
		return 0;
	}
}

static int (*const runs[BENCH_KINDS][2])(struct side *side) = {
	[BENCH_ROUND_TRIP] = { ask, answer },
	[BENCH_STREAM] = { stream_out, stream_in },
};

/* ---- the pair ---- */

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Both have come as far as @stage. On one CPU they have to take turns. */
static void meet(struct side *side, uint64_t stage)
{
	uint64_t *arrived = side->outcome->arrived;

	/* [M1] release: what was done before it; pairs with [M2] of the other side */
	__atomic_store_n(&arrived[side->index], stage, __ATOMIC_RELEASE);
	/* [M2] acquire: pairs with [M1] */
	while (__atomic_load_n(&arrived[!side->index], __ATOMIC_ACQUIRE) < stage)
		sched_yield();
}

static void line_ping(struct bench_outcome *outcome, double *ret_ns)
{
	uint64_t value = outcome->ping;
	double best_ns = INFINITY;

	for (int round = 0; round < LINE_ROUNDS; round++) {
		int64_t start_ns = clock_monotonic_ns();
		double took_ns;

		for (int i = 0; i < LINE_TRIPS; i++) {
			/* [M3] release and acquire: as a ring's header goes; pairs with [M4] */
			__atomic_store_n(&outcome->ping, ++value, __ATOMIC_RELEASE);
			while (__atomic_load_n(&outcome->pong, __ATOMIC_ACQUIRE) != value)
				;
		}
		took_ns = (double)(clock_monotonic_ns() - start_ns) / LINE_TRIPS;
		if (took_ns < best_ns)
			best_ns = took_ns;
	}
	*ret_ns = best_ns;
}

static void line_pong(struct bench_outcome *outcome)
{
	uint64_t value = outcome->pong;

	for (int i = 0; i < LINE_TRIPS * LINE_ROUNDS; i++) {
		++value;
		/* [M4] acquire and release: pairs with [M3] */
		while (__atomic_load_n(&outcome->ping, __ATOMIC_ACQUIRE) != value)
			;
		__atomic_store_n(&outcome->pong, value, __ATOMIC_RELEASE);
	}
}

static void line(struct side *side, uint64_t stage)
{
	meet(side, stage);
	if (side->task->cpus[0] == side->task->cpus[1])
		return; /* it would take a turn of the scheduler each time */
	if (side->index == 0)
		line_ping(side->outcome, &side->outcome->line_ns[stage > 1]);
	else
		line_pong(side->outcome);
}

static int64_t cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * NS_PER_S + time.tv_nsec;
}

static int side_attach(struct side *side, const char *socket)
{
	const char *const *rings = side->task->rings;
	int r = shmq_connect(&side->client, socket);

	if (r >= 0)
		r = shmq_set_spin(side->client, side->task->sleeps ? 0 : SPIN_NS);
	if (r >= 0)
		r = shmq_attach_producer(side->client, rings[side->index], &side->out);
	if (r >= 0)
		r = shmq_attach_consumer(side->client, rings[!side->index], &side->in);
	return r;
}

static int side_run(struct side *side, const char *socket, enum bench_kind kind)
{
	int64_t start_ns, took_ns;
	int r;

	pin(side->task->cpus[side->index]);
	r = side_attach(side, socket);
	if (r < 0)
		return r;
	line(side, 1);
	meet(side, 2);
	start_ns = clock_monotonic_ns();
	took_ns = -cpu_ns();
	r = runs[kind][side->index](side);
	took_ns += cpu_ns();
	side->outcome->lost_percent[side->index] =
		100 - 100 * (double)took_ns / (double)(clock_monotonic_ns() - start_ns);
	if (r < 0)
		return r;
	line(side, 3);
	shmq_disconnect(side->client);
	return 0;
}

static pid_t side_fork(struct demo *world, const struct bench_task *task, enum bench_kind kind,
		       struct bench_outcome *outcome, unsigned char *buf, int index)
{
	struct side side = { .task = task, .outcome = outcome, .index = index, .buf = buf };
	pid_t pid = demo_fork(world);
	int r;

	if (pid != 0)
		return pid;
	r = side_run(&side, world->socket[0] ? world->socket : NULL, kind);
	if (r < 0)
		dprintf(world->log_fd < 0 ? STDERR_FILENO : world->log_fd, "%s\n",
			r == -EBADMSG ? "what came is not what was sent" : shmq_error_detail());
	_exit(r < 0 ? 1 : 0);
}

int bench_run(struct demo *world, const struct bench_task *task, enum bench_kind kind,
	      struct bench_outcome *outcome)
{
	int64_t deadline_ns = deadline_after_ns(task->duration_ns + GRACE_NS);
	unsigned char *bufs[2] = { demo_shared_new(task->size_bytes),
				   demo_shared_new(task->size_bytes) };
	pid_t sides[2] = { -ENOMEM, -ENOMEM };
	int status = 0;

	memset(outcome, 0, sizeof(*outcome));
	for (int i = 0; i < 2 && bufs[0] && bufs[1]; i++)
		sides[i] = side_fork(world, task, kind, outcome, bufs[i], i);
	for (int i = 0; i < 2 && status == 0; i++)
		status = sides[i] < 0 ? sides[i] : demo_wait(world, sides[i], deadline_ns);
	demo_kill_all_but_daemon(world);
	for (int i = 0; i < 2; i++)
		demo_shared_free(bufs[i], task->size_bytes);
	if (status == 0)
		return 0;
	return demo_broken(world, "a run with messages of %u bytes failed%s", task->size_bytes,
			   status == -ETIMEDOUT ? ": it does not end" : "");
}

bool bench_is_quiet(const struct bench_task *task, const struct bench_outcome *outcome)
{
	double a = outcome->line_ns[0], b = outcome->line_ns[1];

	if (task->cpus[0] == task->cpus[1] || a > b * LINE_RATIO_MAX || b > a * LINE_RATIO_MAX)
		return false;
	return task->sleeps || (outcome->lost_percent[0] <= LOST_PERCENT_MAX &&
				outcome->lost_percent[1] <= LOST_PERCENT_MAX);
}
