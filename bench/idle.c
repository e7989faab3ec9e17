/* SPDX-License-Identifier: MIT */
/*
 * idle.c - what clients and the daemon do while nothing happens: wake-ups and CPU time
 *
 *	idle [SECONDS [PERIODS]]		default: 60 2
 *
 * One process per way of waiting, all on a private daemon, their peers attached in this process.
 * Printed per process and period, beginning when all of them sleep: how often a thread of it was
 * switched to, and how long it was on a CPU, as the kernel counts.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define N_RINGS 16

static struct daemon daemon_;
static struct gate asleep_soon;

struct way {
	const char *name;
	int (*sleep)(struct shmq_client *client);
	pid_t pid;
};

static int must(int r)
{
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", shmq_strerror(r), shmq_error_detail());
		_exit(1);
	}
	return r;
}

static const char *ring_name(const char *prefix, int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "%s%d", prefix, i);
	return name;
}

static void consumers_attach(struct shmq_client *client, const char *prefix,
			     struct shmq_consumer **consumers)
{
	for (int i = 0; i < N_RINGS; i++)
		must(shmq_attach_consumer(client, ring_name(prefix, i), &consumers[i]));
}

static int sleep_attached(struct shmq_client *client)
{
	struct shmq_consumer *consumer;

	must(shmq_attach_consumer(client, "attached0", &consumer));
	gate_open(&asleep_soon);
	return pause();
}

static int sleep_in_pop(struct shmq_client *client)
{
	struct shmq_consumer *consumer;

	must(shmq_attach_consumer(client, "pop0", &consumer));
	gate_open(&asleep_soon);
	return (int)shmq_pop(consumer, &(char){ 0 }, 1, SHMQ_FOREVER);
}

static int sleep_in_push(struct shmq_client *client)
{
	struct shmq_producer *producer;

	must(shmq_open_producer(client, "push0", NULL, &producer));
	while (shmq_try_push(producer, "x", 1) == 0)
		;
	gate_open(&asleep_soon);
	return shmq_push(producer, "x", 1, SHMQ_FOREVER);
}

static int sleep_in_wait_any(struct shmq_client *client)
{
	struct shmq_consumer *consumers[N_RINGS];
	size_t index;

	consumers_attach(client, "any", consumers);
	gate_open(&asleep_soon);
	return shmq_wait_any(consumers, N_RINGS, SHMQ_FOREVER, &index);
}

static int sleep_in_poll(struct shmq_client *client)
{
	struct shmq_consumer *consumers[N_RINGS];
	struct pollfd fds[N_RINGS];

	consumers_attach(client, "poll", consumers);
	for (int i = 0; i < N_RINGS; i++) {
		fds[i] = (struct pollfd){ must(shmq_consumer_fd(consumers[i])), POLLIN, 0 };
		if (shmq_try_pop(consumers[i], &(char){ 0 }, 1) != -EAGAIN)
			return 1;
	}
	gate_open(&asleep_soon);
	return poll(fds, N_RINGS, -1);
}

static struct way ways[] = {
	{ .name = "shmqd" },
	{ .name = "attached, not waiting", .sleep = sleep_attached },
	{ .name = "shmq_pop(), for ever", .sleep = sleep_in_pop },
	{ .name = "shmq_push() to a full ring", .sleep = sleep_in_push },
	{ .name = "shmq_wait_any() of 16 rings", .sleep = sleep_in_wait_any },
	{ .name = "poll() of 16 descriptors", .sleep = sleep_in_poll },
};

#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

static int child(void *arg)
{
	const struct way *way = arg;
	struct shmq_client *client;

	must(shmq_connect(&client, daemon_.socket));
	fprintf(stderr, "%s ended by itself: %d\n", way->name, way->sleep(client));
	return 1;
}

/* ---- what the kernel has counted ---- */

struct counts {
	uint64_t n_switches, cpu_ns;
};

static void add_task(pid_t pid, const char *task, struct counts *counts)
{
	char path[300], line[256];
	uint64_t value;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/status", pid, task);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "voluntary_ctxt_switches: %" SCNu64, &value) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %" SCNu64, &value) == 1)
			counts->n_switches += value;
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, task);
	file = fopen(path, "re");
	if (file && fscanf(file, "%" SCNu64, &value) == 1)
		counts->cpu_ns += value;
	if (file)
		fclose(file);
}

static struct counts counts_of(pid_t pid)
{
	struct counts counts = { 0 };
	const struct dirent *task;
	char path[64];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (task = readdir(tasks)))
		if (task->d_name[0] != '.')
			add_task(pid, task->d_name, &counts);
	if (tasks)
		closedir(tasks);
	return counts;
}

static void observe(unsigned seconds)
{
	struct counts before[N_WAYS];
	struct timespec period = { .tv_sec = (time_t)seconds };

	for (size_t i = 0; i < N_WAYS; i++)
		before[i] = counts_of(ways[i].pid);
	while (nanosleep(&period, &period) < 0)
		;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct counts after = counts_of(ways[i].pid);

		printf("%-30s %8" PRIu64 " wake-ups %10.1f us of CPU\n", ways[i].name,
		       after.n_switches - before[i].n_switches,
		       (double)(after.cpu_ns - before[i].cpu_ns) / 1e3);
	}
}

/* ---- the scene ---- */

static void peers_attach(struct shmq_client *client)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;

	must(shmq_open_producer(client, "attached0", NULL, &producer));
	must(shmq_open_producer(client, "pop0", NULL, &producer));
	must(shmq_open_consumer(client, "push0", NULL, &consumer));
	for (int i = 0; i < N_RINGS; i++) {
		must(shmq_open_producer(client, ring_name("any", i), NULL, &producer));
		must(shmq_open_producer(client, ring_name("poll", i), NULL, &producer));
	}
}

static int scene_start(struct shmq_client **ret_client)
{
	if (daemon_start(&daemon_, NULL) < 0 || gate_init(&asleep_soon) < 0)
		return 1;
	must(shmq_connect(ret_client, daemon_.socket));
	peers_attach(*ret_client);
	ways[0].pid = daemon_.pid;
	for (size_t i = 1; i < N_WAYS; i++) {
		ways[i].pid = child_start(child, &ways[i]);
		if (ways[i].pid < 0 || !gate_wait(&asleep_soon) ||
		    !child_wait_asleep(ways[i].pid))
			return fprintf(stderr, "%s does not sleep\n", ways[i].name), 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 60;
	int n_periods = argc > 2 ? atoi(argv[2]) : 2;
	struct shmq_client *client;

	if (seconds == 0 || n_periods < 1)
		return fprintf(stderr, "usage: idle [SECONDS [PERIODS]]\n"), 2;
	if (scene_start(&client))
		return 1;
	for (int i = 0; i < n_periods; i++) {
		printf("# seconds %u to %u\n", (unsigned)i * seconds, (unsigned)(i + 1) * seconds);
		observe(seconds);
		fflush(stdout);
	}
	for (size_t i = 1; i < N_WAYS; i++)
		child_kill(ways[i].pid);
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	return 0;
}
