/* SPDX-License-Identifier: MIT */
/*
 * test_pollable.c - shmq_consumer_fd() and shmq_producer_fd() in the loops that programs have
 */
#include <dirent.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>

#include "tests/integration/fixture.h"

TestSuite(pollable, .timeout = PASS_S);

#define N_MESSAGES 20000u
#define N_MANY	   130u /* rings: three threads' worth */
#define WAIT_MS	   ((int)(LONG_NS / 1000000))

static const struct shmq_ring_config small = { .slots = 16, .size_bytes = 8 };

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int r = poll(&pollfd, 1, timeout_ms);

	return r == 1 && pollfd.revents == POLLIN;
}

/* As documented: until -EAGAIN. Return: the result that ended it. */
static ssize_t drain(struct shmq_consumer *consumer, uint64_t *next)
{
	uint64_t number;
	ssize_t r;

	while ((r = shmq_try_pop(consumer, &number, sizeof(number))) >= 0) {
		if (number != *next)
			return -EILSEQ;
		++*next;
	}
	return r;
}

/* Nothing to take, and the descriptor says so. */
static void assert_quiet(struct shmq_consumer *consumer, int fd)
{
	uint64_t next = 0;

	assert_error(drain(consumer, &next), -EAGAIN);
	cr_assert(eq(u64, next, 0));
	cr_assert(not(is_readable(fd, 0)));
}

struct stage {
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_consumer *consumer;
	int fd;
	struct gate ready, go_on;
};

/* A daemon, a ring "r", its consumer, and the descriptor, asked for before any producer came. */
static void stage_init(struct stage *stage)
{
	fixture_start(&stage->daemon, NULL);
	cr_assert(eq(int, gate_init(&stage->ready), 0));
	cr_assert(eq(int, gate_init(&stage->go_on), 0));
	stage->client = fixture_connect(&stage->daemon);
	assert_ok(shmq_open_consumer(stage->client, "r", &small, &stage->consumer));
	stage->fd = shmq_consumer_fd(stage->consumer);
	assert_ok(stage->fd);
	cr_assert(is_readable(stage->fd, 0), "nobody has looked yet");
	assert_quiet(stage->consumer, stage->fd);
}

static void stage_deinit(struct stage *stage)
{
	shmq_disconnect(stage->client);
	gate_deinit(&stage->ready);
	gate_deinit(&stage->go_on);
	fixture_end(&stage->daemon);
}

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

/* ---- what is no message ---- */

static int push_two_and_wait(void *arg)
{
	struct stage *stage = arg;
	struct shmq_client *client = child_connect(&stage->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_attach_producer(client, "r", &producer) == 0);
	for (uint64_t i = 0; i < 2; i++)
		check(3, shmq_try_push(producer, &i, sizeof(i)) == 0);
	gate_open(&stage->ready);
	check(4, gate_wait(&stage->go_on));
	shmq_disconnect(client);
	return 0;
}

Test(pollable, a_dead_peer_is_news_and_so_is_his_successor)
{
	struct stage stage;
	uint64_t next = 0;
	pid_t child;

	stage_init(&stage);
	child = child_start(push_two_and_wait, &stage);
	cr_assert(gate_wait(&stage.ready));
	assert_error(drain(stage.consumer, &next), -EAGAIN);
	cr_assert(eq(u64, next, 2));
	cr_assert(not(is_readable(stage.fd, 0)));
	child_kill(child);
	cr_assert(is_readable(stage.fd, WAIT_MS));
	assert_error(drain(stage.consumer, &next), -EOWNERDEAD);
	next = 0;
	assert_quiet(stage.consumer, stage.fd);
	child = child_start(push_two_and_wait, &stage);
	cr_assert(is_readable(stage.fd, WAIT_MS));
	cr_assert(gate_wait(&stage.ready));
	assert_error(drain(stage.consumer, &next), -EAGAIN);
	cr_assert(eq(u64, next, 2));
	gate_open(&stage.go_on);
	cr_assert(eq(int, child_wait(child), 0));
	cr_assert(is_readable(stage.fd, WAIT_MS));
	assert_error(drain(stage.consumer, &next), -EPIPE);
	stage_deinit(&stage);
}

Test(pollable, a_destroyed_ring_stays_readable)
{
	struct stage stage;
	uint64_t next = 0;

	stage_init(&stage);
	assert_ok(shmq_destroy(stage.client, "r", SHMQ_DESTROY_FORCE));
	for (int i = 0; i < 3; i++) {
		cr_assert(is_readable(stage.fd, WAIT_MS));
		assert_error(drain(stage.consumer, &next), -ESTALE);
	}
	stage_deinit(&stage);
}

Test(pollable, it_outlives_the_daemon)
{
	struct shmq_producer *producer;
	struct stage stage;
	uint64_t next = 0;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	daemon_kill(&stage.daemon);
	assert_ok(shmq_try_push(producer, &(uint64_t){ 0 }, 8));
	cr_assert(is_readable(stage.fd, WAIT_MS));
	assert_error(drain(stage.consumer, &next), -EAGAIN);
	cr_assert(eq(int, daemon_restart(&stage.daemon), 0));
	assert_ok(shmq_try_push(producer, &(uint64_t){ 1 }, 8));
	cr_assert(is_readable(stage.fd, WAIT_MS));
	assert_error(drain(stage.consumer, &next), -EAGAIN);
	cr_assert(eq(u64, next, 2));
	/* and the new one's board words end the sleep, too */
	shmq_producer_detach(producer);
	cr_assert(is_readable(stage.fd, WAIT_MS));
	assert_error(drain(stage.consumer, &next), -EPIPE);
	stage_deinit(&stage);
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

/* ---- mixed with calls that wait by themselves ---- */

Test(pollable, calls_that_wait_by_themselves_take_nothing_from_it)
{
	struct shmq_producer *producer;
	struct stage stage;
	uint64_t number;
	size_t index;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	for (uint64_t i = 0; i < 50; i++) {
		int64_t timeout_ns = i % 5 ? (int64_t)i * 1000 : 0;
		int r = i % 3 == 0   ? shmq_wait_any(&stage.consumer, 1, timeout_ns, &index)
			: i % 3 == 1 ? shmq_consumer_wait(stage.consumer, timeout_ns)
				     : (int)shmq_pop(stage.consumer, &number, 8, timeout_ns);

		cr_assert(eq(int, r, timeout_ns ? -ETIMEDOUT : -EAGAIN));
		cr_assert(not(is_readable(stage.fd, 0)), "call %d", (int)i);
		assert_ok(shmq_try_push(producer, &i, sizeof(i)));
		cr_assert(is_readable(stage.fd, WAIT_MS));
		assert_error(shmq_pop(stage.consumer, &number, 8, LONG_NS), 8);
		cr_assert(eq(u64, number, i));
	}
	stage_deinit(&stage);
}

Test(pollable, what_a_waiting_call_leaves_is_readable)
{
	struct shmq_producer *producer;
	struct stage stage;
	uint64_t number;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	for (uint64_t i = 0; i < 100; i++) {
		assert_ok(shmq_try_push(producer, &i, sizeof(i)));
		assert_ok(shmq_try_push(producer, &i, sizeof(i)));
		assert_error(shmq_pop(stage.consumer, &number, 8, LONG_NS), 8);
		cr_assert(is_readable(stage.fd, WAIT_MS));
		assert_error(shmq_pop(stage.consumer, &number, 8, LONG_NS), 8);
		assert_quiet(stage.consumer, stage.fd);
	}
	stage_deinit(&stage);
}

/* ---- the process ---- */

static int be_a_child(void *arg)
{
	struct stage *stage = arg;
	uint64_t number;

	check(1, shmq_consumer_fd(stage->consumer) == -ECHILD);
	check(2, shmq_pop(stage->consumer, &number, 8, 1000) == -ECHILD);
	check(3, shmq_try_pop(stage->consumer, &number, 8) == -ECHILD);
	check(4, shmq_consumer_detach(stage->consumer) == NULL);
	check(5, shmq_disconnect(stage->client) == NULL);
	return 0;
}

Test(pollable, a_forked_child_disturbs_nothing)
{
	struct shmq_producer *producer;
	struct stage stage;
	uint64_t next = 0;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	for (uint64_t i = 0; i < 20; i++) {
		cr_assert(eq(int, child_wait(child_start(be_a_child, &stage)), 0));
		cr_assert(not(is_readable(stage.fd, 0)));
		assert_ok(shmq_try_push(producer, &i, sizeof(i)));
		cr_assert(is_readable(stage.fd, WAIT_MS));
		assert_error(drain(stage.consumer, &next), -EAGAIN);
	}
	cr_assert(eq(u64, next, 20));
	stage_deinit(&stage);
}

Test(pollable, detaching_and_coming_back)
{
	struct shmq_producer *producer;
	struct stage stage;

	stage_init(&stage);
	assert_ok(shmq_attach_producer(stage.client, "r", &producer));
	for (uint64_t i = 0; i < 50; i++) {
		uint64_t number;

		/* armed, signalled or neither, it goes */
		if (i % 3 == 1)
			assert_ok(shmq_try_push(producer, &i, sizeof(i)));
		cr_assert(eq(ptr, shmq_consumer_detach(stage.consumer), NULL));
		assert_ok(shmq_attach_consumer(stage.client, "r", &stage.consumer));
		assert_ok(shmq_consumer_fd(stage.consumer));
		stage.fd = shmq_consumer_fd(stage.consumer);
		cr_assert(is_readable(stage.fd, 0));
		if (i % 3 == 1)
			assert_ok(shmq_try_pop(stage.consumer, &number, sizeof(number)));
		if (i % 2)
			assert_quiet(stage.consumer, stage.fd);
	}
	stage_deinit(&stage);
}

/* Is @signal_number blocked in each thread that the library has started? */
static bool all_block(int signal_number)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned n_pollers = 0, n_blocking = 0;
	const struct dirent *task;

	cr_assert(ne(ptr, (void *)tasks, NULL));
	while ((task = readdir(tasks))) {
		unsigned long long mask = 0;
		bool is_poller = false;
		char path[300], line[256];
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file)) {
			is_poller |= strcmp(line, "Name:\tshmq-poller\n") == 0;
			sscanf(line, "SigBlk: %llx", &mask);
		}
		if (file)
			fclose(file);
		n_pollers += is_poller;
		n_blocking += is_poller && mask >> (signal_number - 1) & 1;
	}
	closedir(tasks);
	return n_pollers == 1 && n_blocking == 1;
}

Test(pollable, the_thread_takes_no_signals)
{
	struct stage stage;

	stage_init(&stage);
	cr_assert(all_block(SIGTERM));
	cr_assert(all_block(SIGCHLD));
	cr_assert(all_block(SIGUSR1));
	stage_deinit(&stage);
}
