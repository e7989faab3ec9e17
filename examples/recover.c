/* SPDX-License-Identifier: MIT */
/*
 * recover.c - a worker that is killed in the middle of a message, and its successor
 *
 * Who must not lose what he is working on peeks, works, and releases. What was not released when
 * the process died is there again for the next consumer, with the same sequence number: work that
 * was recorded by sequence is not done twice.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

#define JOBS 5

/* Works through the jobs; dies with its hands on job @die_at. */
static void work(uint64_t die_at)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	const void *job;
	uint64_t seq;
	size_t len;

	must(shmq_connect(&client, NULL), "connect");
	must(shmq_attach_consumer(client, "jobs", &consumer), "attach");
	while (shmq_peek(consumer, &job, &len, &seq) == 0) {
		printf("pid %d works on job %llu: ", getpid(), (unsigned long long)seq);
		fwrite(job, 1, len, stdout);
		putchar('\n');
		fflush(stdout);
		if (seq == die_at)
			kill(getpid(), SIGKILL);
		must(shmq_release(consumer), "release"); /* done, and not before */
	}
	shmq_disconnect(client);
	exit(0);
}

int main(void)
{
	struct shmq_producer *producer;
	struct shmq_client *client;
	char job[32];
	pid_t first;

	must(shmq_connect(&client, NULL), "connect");
	must(shmq_open_producer(client, "jobs", NULL, &producer), "open");
	for (int i = 0; i < JOBS; i++)
		must(shmq_push(producer, job, (size_t)snprintf(job, sizeof(job), "job %d", i), 0),
		     "push");

	first = fork();
	if (first == 0)
		work(2);
	waitpid(first, NULL, 0);
	puts("killed: its successor starts where it stopped");
	fflush(stdout);
	if (fork() == 0)
		work(UINT64_MAX);
	wait(NULL);

	must(shmq_destroy(client, "jobs", SHMQ_DESTROY_FORCE), "destroy");
	shmq_disconnect(client);
	return 0;
}
