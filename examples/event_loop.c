/* SPDX-License-Identifier: MIT */
/*
 * event_loop.c - a ring beside everything else that a program waits for, in one epoll loop
 *
 * The ring's descriptor is readable until a call has said -EAGAIN: take all there is, then wait.
 * libevent, libuv, GLib and asyncio (loop.add_reader) watch it the same way.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

#define READINGS 10000

/* Another process: it knows nothing of how the other end waits. */
static void sensor(void)
{
	struct shmq_producer *out;
	struct shmq_client *client;

	must(shmq_connect(&client, NULL), "sensor: connect");
	must(shmq_attach_producer(client, "readings", &out), "sensor: attach");
	for (uint32_t i = 0; i < READINGS; i++)
		must(shmq_push(out, &i, sizeof(i), SHMQ_FOREVER), "sensor: push");
	shmq_disconnect(client);
}

/* Return: false when nothing will come any more. */
static bool take_all(struct shmq_consumer *in, unsigned *n_readings)
{
	uint32_t reading;
	ssize_t r;

	while ((r = shmq_try_pop(in, &reading, sizeof(reading))) >= 0)
		++*n_readings;
	if (r != -EAGAIN && r != -EPIPE)
		must((int)r, "pop");
	return r == -EAGAIN;
}

/* SIGCHLD as a descriptor. */
static int child_fd(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

int main(void)
{
	int loop = epoll_create1(EPOLL_CLOEXEC), child = child_fd(), ring;
	unsigned n_readings = 0, n_children = 0;
	struct shmq_consumer *in;
	struct shmq_client *client;
	bool more = true;

	must(shmq_connect(&client, NULL), "connect");
	must(shmq_open_consumer(client, "readings", NULL, &in), "open");
	ring = shmq_consumer_fd(in);
	must(ring, "descriptor");
	epoll_ctl(loop, EPOLL_CTL_ADD, ring, &(struct epoll_event){ EPOLLIN, { .fd = ring } });
	epoll_ctl(loop, EPOLL_CTL_ADD, child, &(struct epoll_event){ EPOLLIN, { .fd = child } });
	if (fork() == 0) {
		sensor();
		_exit(0);
	}

	while (more || n_children == 0) {
		struct epoll_event event;

		if (epoll_wait(loop, &event, 1, -1) != 1)
			continue;
		if (event.data.fd == ring && more)
			more = take_all(in, &n_readings);
		else if (event.data.fd == child)
			n_children += wait(NULL) > 0;
	}
	printf("%u readings, %u child ended\n", n_readings, n_children);
	must(shmq_destroy(client, "readings", SHMQ_DESTROY_FORCE), "destroy");
	shmq_disconnect(client);
	return 0;
}
