/* SPDX-License-Identifier: MIT */
/*
 * demo_successor.c - part 2: a consumer is killed, its successor goes on where it stopped
 *
 * Each consumer peeks a few jobs, works on them, and releases them together: what it had not
 * released when it was killed comes again to the next one, under the same number. All of them keep
 * a record in shared memory of what they have seen; this process compares in the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/demo.h"
#include "ctl/facts.h"

#define RING	"jobs"
#define N_JOBS	3000u
#define PACE_NS (800 * NS_PER_US) /* between two jobs */
#define WORK_NS (400 * NS_PER_US) /* on one job */
#define BATCH	8u
#define KILL_AT 1000u
#define PILE_UP 200u /* jobs that wait until the successor starts */

/* Shared with the children; every word is atomic. seen[] and next are written by the consumer that
 * lives, sent by the producer. */
struct record {
	uint64_t sent;	   /* jobs pushed */
	uint64_t next;	   /* one more than the job last seen */
	uint64_t first[2]; /* first job of each consumer, + 1 */
	int64_t attached_ns[2];
	uint8_t seen[N_JOBS]; /* how often */
};

struct parts {
	struct demo *demo;
	struct record *record;
	pid_t producer, consumers[2];
	int64_t killed_ns;
	uint64_t killed_at;
};

/* All words of the record are figures: nothing else hangs on their order. The last look comes after
 * waitpid(2), which jobs everything. */
/* [Y1] relaxed: a figure; pairs with [Y2] */
#define record_get(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
/* [Y2] relaxed: a figure; pairs with [Y1] */
#define record_set(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELAXED)

/* Whoever comes first makes the ring. */
static const struct shmq_ring_config config = { .slots = 4096, .size_bytes = 64 };

/* ---- in the children; they return their exit status ---- */

static int produce(const char *socket, struct record *record)
{
	struct shmq_client *client;
	struct shmq_producer *producer;
	char job[64];

	if (shmq_connect(&client, socket) < 0 ||
	    shmq_open_producer(client, RING, &config, &producer) < 0)
		return 1;
	for (uint64_t i = 0; i < N_JOBS; i++) {
		int n = snprintf(job, sizeof(job), "%" PRIu64, i);

		if (shmq_push(producer, job, (size_t)n, DEMO_PATIENCE_NS) < 0)
			return 2;
		record_set(record->sent, i + 1);
		demo_nap(PACE_NS);
	}
	shmq_disconnect(client);
	return 0;
}

/* The role is free when shmqd has noticed the death, within milliseconds. */
static int take_over(struct shmq_client *client, struct shmq_consumer **ret_consumer)
{
	int64_t deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);
	int r;

	do {
		r = shmq_open_consumer(client, RING, &config, ret_consumer);
		if (r == -EBUSY)
			demo_nap(NS_PER_MS / 10);
	} while (r == -EBUSY && deadline_left_ns(deadline_ns) > 0);
	return r;
}

/* A consumer takes whole batches, as long as more are to come. */
static bool batch_is_complete(const struct shmq_consumer *consumer, struct record *record)
{
	return shmq_consumer_depth(consumer) >= BATCH || record_get(record->sent) == N_JOBS;
}

/* The jobs of a batch, in turn. Return: 0, or a status that says what is wrong with them. */
static int work(struct record *record, int number, const struct shmq_view *views, size_t n,
		uint64_t *expected)
{
	for (size_t i = 0; i < n; i++) {
		char text[64], job[64];

		snprintf(text, sizeof(text), "%.*s", (int)views[i].len,
			 (const char *)views[i].data);
		snprintf(job, sizeof(job), "%" PRIu64, views[i].seq);
		if (views[i].seq >= N_JOBS || strcmp(text, job))
			return 3;
		if (*expected == UINT64_MAX)
			record_set(record->first[number], views[i].seq + 1);
		else if (views[i].seq != *expected)
			return 4;
		*expected = views[i].seq + 1;
		demo_nap(WORK_NS);
		record_set(record->seen[views[i].seq], (uint8_t)(record->seen[views[i].seq] + 1));
		record_set(record->next, views[i].seq + 1);
	}
	return 0;
}

static int consume(const char *socket, struct record *record, int number)
{
	struct shmq_view views[BATCH];
	struct shmq_client *client;
	struct shmq_consumer *consumer;
	uint64_t expected = UINT64_MAX;

	if (shmq_connect(&client, socket) < 0 || take_over(client, &consumer) < 0)
		return 1;
	record_set(record->attached_ns[number], clock_monotonic_ns());
	for (;;) {
		ssize_t n = 0;
		int status;

		if (batch_is_complete(consumer, record))
			n = shmq_peek_n(consumer, views, BATCH);
		else
			demo_nap(PACE_NS);
		if (n == -EAGAIN)
			n = shmq_consumer_wait(consumer, DEMO_PATIENCE_NS);
		if (n == 0)
			continue;
		if (n == -EPIPE && record_get(record->sent) == N_JOBS)
			break;
		if (n < 0)
			return 2;
		status = work(record, number, views, (size_t)n, &expected);
		if (status != 0)
			return status;
		if (shmq_release_n(consumer, (size_t)n) < 0)
			return 5;
	}
	shmq_disconnect(client);
	return 0;
}

/* ---- in this process ---- */

static pid_t start_consumer(struct parts *parts, int number)
{
	pid_t pid = demo_fork(parts->demo);

	if (pid == 0)
		_exit(consume(parts->demo->socket, parts->record, number));
	parts->consumers[number] = pid;
	return pid;
}

/* Show both ends until @enough of the counter is reached. Return: 0; -1 said. */
static int watch_until(struct parts *parts, const uint64_t *counter, uint64_t enough,
		       const char *who)
{
	struct demo *demo = parts->demo;
	int64_t deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);
	char sent[32], depth[32];

	while (record_get(*counter) < enough) {
		uint64_t n_sent = record_get(parts->record->sent);
		uint64_t n_seen = record_get(parts->record->next);

		if (demo_interrupted())
			return -1;
		if (deadline_left_ns(deadline_ns) == 0)
			return demo_broken(demo, "nothing moves in ring " RING);
		demo_progress(
			demo, "%s jobs sent, %s in the ring: %s",
			format_count(n_sent, sent, sizeof(sent)),
			format_count(n_sent > n_seen ? n_sent - n_seen : 0, depth, sizeof(depth)),
			who);
		demo_nap(20 * NS_PER_MS);
	}
	return 0;
}

/* Not at a convenient moment, but in the middle of a batch. */
static void await_bad_moment(struct parts *parts)
{
	int64_t deadline_ns = deadline_after_ns(NS_PER_S);

	while (record_get(parts->record->next) % BATCH != BATCH / 2 &&
	       deadline_left_ns(deadline_ns) > 0)
		demo_nap(WORK_NS / 8);
}

static int kill_consumer(struct parts *parts)
{
	struct demo *demo = parts->demo;
	uint64_t waiting;
	char at[32], sent[32];

	await_bad_moment(parts);
	demo_kill(demo, parts->consumers[0]);
	parts->killed_ns = clock_monotonic_ns();
	parts->killed_at = record_get(parts->record->next);
	demo_line(demo, "kill -9 consumer (pid %d) after job %s", (int)parts->consumers[0],
		  format_count(parts->killed_at - 1, at, sizeof(at)));
	if (watch_until(parts, &parts->record->sent, parts->killed_at + PILE_UP,
			"no consumer, the producer goes on") < 0)
		return -1;
	waiting = record_get(parts->record->sent) - parts->killed_at;
	demo_line(demo, "nobody reads; %s jobs wait in the ring, the producer goes on",
		  format_count(waiting, sent, sizeof(sent)));
	return 0;
}

static void report(struct parts *parts)
{
	struct demo *demo = parts->demo;
	struct record *record = parts->record;
	uint64_t n_missing = 0, n_again = 0, first = record->first[1] - 1;
	struct json_object *json = json_object_new_object();
	char count[32], at[32];

	for (uint64_t i = 0; i < N_JOBS; i++) {
		n_missing += record->seen[i] == 0;
		n_again += record->seen[i] > 1;
	}
	demo_claim(demo, record->first[1] > 0 && first <= parts->killed_at,
		   "the successor (pid %d) began with job %s", (int)parts->consumers[1],
		   format_count(first, at, sizeof(at)));
	demo_claim(demo, n_missing == 0, "%s jobs sent, %s missing, all in order",
		   format_count(N_JOBS, count, sizeof(count)),
		   format_count(n_missing, at, sizeof(at)));
	demo_claim(demo, n_again <= BATCH,
		   "%" PRIu64 " seen twice: peeked but not released when it was killed", n_again);
	json_add_count(json, "messages", N_JOBS);
	json_add_count(json, "missing", n_missing);
	json_add_count(json, "redelivered", n_again);
	json_add_count(json, "killed_after_seq", parts->killed_at - 1);
	json_add_count(json, "successor_first_seq", first);
	json_object_object_add(demo->facts, "successor", json);
}

static int run(struct parts *parts)
{
	struct demo *demo = parts->demo;
	int64_t deadline_ns;
	int status;

	parts->producer = demo_fork(demo);
	if (parts->producer == 0)
		_exit(produce(demo->socket, parts->record));
	if (parts->producer < 0 || start_consumer(parts, 0) < 0)
		return demo_broken(demo, "no more processes");
	demo_line(demo, "producer (pid %d) -> ring " RING " -> consumer (pid %d)",
		  (int)parts->producer, (int)parts->consumers[0]);
	if (watch_until(parts, &parts->record->next, KILL_AT, "the consumer keeps up") < 0 ||
	    kill_consumer(parts) < 0)
		return -1;
	if (start_consumer(parts, 1) < 0)
		return demo_broken(demo, "no more processes");
	if (watch_until(parts, &parts->record->next, N_JOBS, "the successor catches up") < 0)
		return -1;
	deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);
	status = demo_wait(demo, parts->producer, deadline_ns);
	if (status != 0)
		return demo_broken(demo, "the producer failed with status %d", status);
	status = demo_wait(demo, parts->consumers[1], deadline_ns);
	if (status != 0)
		return demo_broken(demo, "the successor failed with status %d", status);
	report(parts);
	return 0;
}

int demo_successor(struct demo *demo)
{
	struct parts parts = { .demo = demo };
	int r;

	demo_title(demo, "2. A consumer killed, and its successor");
	parts.record = demo_shared_new(sizeof(*parts.record));
	r = parts.record ? run(&parts) : demo_broken(demo, "no memory");
	demo_kill_all_but_daemon(demo);
	demo_shared_free(parts.record, sizeof(*parts.record));
	return r;
}
