/* SPDX-License-Identifier: MIT */
/*
 * test_pollable.c - shmq_consumer_fd() and shmq_producer_fd() in the loops that programs have
 */
#include <dirent.h>
#include <event2/event.h>
#include <sys/epoll.h>

#include "tests/integration/pollable_stage.h"

TestSuite(pollable, .timeout = PASS_S);

#define N_MESSAGES 20000u
#define N_MANY	   130u /* rings: three threads' worth */

/* A producer that sleeps in poll(2) when the ring is full. */
static int stream(void *arg)
{
	struct stage *stage = arg;
	struct shmq_client *client = child_connect(&stage->daemon);
	struct shmq_producer *producer;
	int fd;

	check(1, client);
	check(2, shmq_attach_producer(client, "r", &producer) == 0);
	fd = shmq_producer_fd(producer);
	check(3, fd >= 0 && fd == shmq_producer_fd(producer));
	for (uint64_t i = 0; i < N_MESSAGES; i++) {
		int r;

		while ((r = shmq_try_push(producer, &i, sizeof(i))) == -EAGAIN)
			check(4, is_readable(fd, WAIT_MS));
		check(5, r == 0);
		for (uint64_t pauses = i % 7 * 200; pauses > 0; pauses--)
			shmq_pause();
	}
	shmq_disconnect(client);
	return 0;
}

/* ---- loops ---- */

static void take_all_by_epoll(uint32_t trigger)
{
	struct epoll_event event = { .events = EPOLLIN | trigger };
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct stage stage;
	uint64_t next = 0;
	ssize_t r = -EAGAIN;
	pid_t child;

	stage_init(&stage);
	cr_assert(eq(int, epoll_ctl(epoll_fd, EPOLL_CTL_ADD, stage.fd, &event), 0));
	child = child_start(stream, &stage);
	while (r == -EAGAIN) {
		cr_assert(eq(int, epoll_wait(epoll_fd, &event, 1, WAIT_MS), 1));
		r = drain(stage.consumer, &next);
	}
	cr_assert(eq(long, r, -EPIPE));
	cr_assert(eq(u64, next, N_MESSAGES));
	cr_assert(eq(int, child_wait(child), 0));
	close(epoll_fd);
	stage_deinit(&stage);
}

Test(pollable, level_triggered)
{
	take_all_by_epoll(0);
}

Test(pollable, edge_triggered)
{
	take_all_by_epoll(EPOLLET);
}

struct reader {
	struct stage *stage;
	struct event_base *base;
	uint64_t next;
	ssize_t r;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct reader *reader = arg;

	(void)fd, (void)what;
	reader->r = drain(reader->stage->consumer, &reader->next);
	if (reader->r != -EAGAIN)
		event_base_loopbreak(reader->base);
}

Test(pollable, libevent)
{
	struct reader reader = { .base = event_base_new() };
	struct event *event;
	struct stage stage;
	pid_t child;

	stage_init(&stage);
	reader.stage = &stage;
	event = event_new(reader.base, stage.fd, EV_READ | EV_PERSIST, on_readable, &reader);
	cr_assert(eq(int, event_add(event, NULL), 0));
	child = child_start(stream, &stage);
	event_base_dispatch(reader.base);
	cr_assert(eq(long, reader.r, -EPIPE));
	cr_assert(eq(u64, reader.next, N_MESSAGES));
	cr_assert(eq(int, child_wait(child), 0));
	event_free(event);
	event_base_free(reader.base);
	stage_deinit(&stage);
}

Test(pollable, one_message_at_a_time_is_enough_when_level_triggered)
{
	struct shmq_producer *producer;
	struct stage stage;
	uint64_t number;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	for (uint64_t i = 0; i < 3; i++)
		assert_ok(shmq_try_push(producer, &i, sizeof(i)));
	for (uint64_t i = 0; i < 3; i++) {
		cr_assert(is_readable(stage.fd, WAIT_MS));
		assert_ok(shmq_try_pop(stage.consumer, &number, sizeof(number)));
		cr_assert(eq(u64, number, i));
	}
	cr_assert(is_readable(stage.fd, 0));
	assert_quiet(stage.consumer, stage.fd);
	stage_deinit(&stage);
}

/* ---- many ---- */

static void ring_name(unsigned i, char *buf)
{
	snprintf(buf, 8, "m%u", i);
}

static unsigned n_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *task;
	unsigned n = 0;

	cr_assert(ne(ptr, (void *)tasks, NULL));
	while ((task = readdir(tasks)))
		n += task->d_name[0] != '.';
	closedir(tasks);
	return n;
}

static int fill_many(void *arg)
{
	struct stage *stage = arg;
	struct shmq_client *client = child_connect(&stage->daemon);
	struct shmq_producer *producers[N_MANY];
	char name[8];

	check(1, client);
	for (unsigned i = 0; i < N_MANY; i++) {
		ring_name(i, name);
		check(2, shmq_attach_producer(client, name, &producers[i]) == 0);
	}
	for (uint64_t round = 0; round < 20; round++) {
		for (unsigned i = 0; i < N_MANY; i++)
			check(3, shmq_push(producers[i * 37 % N_MANY], &round, sizeof(round),
					   LONG_NS) == 0);
		check(4, gate_wait(&stage->go_on));
	}
	shmq_disconnect(client);
	return 0;
}

Test(pollable, many_rings)
{
	struct shmq_consumer *consumers[N_MANY];
	uint64_t next[N_MANY] = { 0 };
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	unsigned n_before;
	struct stage stage;
	char name[8];
	pid_t child;

	stage_init(&stage);
	n_before = n_threads();
	for (unsigned i = 0; i < N_MANY; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		ring_name(i, name);
		assert_ok(shmq_open_consumer(stage.client, name, &small, &consumers[i]));
		cr_assert(eq(int, epoll_ctl(epoll_fd, EPOLL_CTL_ADD,
					    shmq_consumer_fd(consumers[i]), &event), 0));
	}
	cr_assert(eq(uint, n_threads(), n_before + N_MANY / 63), "63 handles share a thread");
	child = child_start(fill_many, &stage);
	for (unsigned n = 0, n_round = 0; n < 20 * N_MANY;) {
		struct epoll_event event;
		uint64_t before;

		cr_assert(eq(int, epoll_wait(epoll_fd, &event, 1, WAIT_MS), 1));
		before = next[event.data.u32];
		assert_error(drain(consumers[event.data.u32], &next[event.data.u32]), -EAGAIN);
		n += (unsigned)(next[event.data.u32] - before);
		for (; n_round < n / N_MANY; n_round++)
			gate_open(&stage.go_on);
	}
	cr_assert(eq(int, child_wait(child), 0));
	for (unsigned i = 0; i < N_MANY; i += 2)
		shmq_consumer_detach(consumers[i]);
	for (unsigned i = 1; i < N_MANY; i += 2)
		assert_error(drain(consumers[i], &next[i]), -EPIPE);
	close(epoll_fd);
	stage_deinit(&stage);
	cr_assert(eq(uint, n_threads(), n_before - 1));
}

/* ---- producers ---- */

Test(pollable, a_producer_polls_for_room)
{
	struct shmq_producer *producer;
	struct stage stage;
	uint64_t number;
	int fd;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	fd = shmq_producer_fd(producer);
	assert_ok(fd);
	cr_assert(is_readable(fd, 0));
	for (uint64_t i = 0; i < small.slots; i++)
		assert_ok(shmq_try_push(producer, &i, sizeof(i)));
	assert_error(shmq_try_push(producer, &(uint64_t){ 99 }, 8), -EAGAIN);
	cr_assert(not(is_readable(fd, 0)));
	/* less than it would like, and enough for a message */
	assert_ok(shmq_try_pop(stage.consumer, &number, sizeof(number)));
	cr_assert(is_readable(fd, WAIT_MS));
	assert_ok(shmq_try_push(producer, &(uint64_t){ 99 }, 8));
	assert_error(shmq_try_push(producer, &(uint64_t){ 99 }, 8), -EAGAIN);
	cr_assert(not(is_readable(fd, 0)));
	shmq_consumer_detach(stage.consumer);
	cr_assert(is_readable(fd, WAIT_MS));
	assert_error(shmq_try_push(producer, &(uint64_t){ 99 }, 8), -EPIPE);
	stage_deinit(&stage);
}
