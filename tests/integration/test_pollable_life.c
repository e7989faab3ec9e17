/* SPDX-License-Identifier: MIT */
/*
 * test_pollable_life.c - descriptors to wait with: deaths, destroy, restart, fork, detach, signals
 */
#include <dirent.h>
#include <signal.h>

#include "tests/integration/pollable_stage.h"

TestSuite(pollable_life, .timeout = PASS_S);

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

Test(pollable_life, a_dead_peer_is_news_and_so_is_his_successor)
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

Test(pollable_life, a_destroyed_ring_stays_readable)
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

Test(pollable_life, it_outlives_the_daemon)
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

/* ---- mixed with calls that wait by themselves ---- */

Test(pollable_life, calls_that_wait_by_themselves_take_nothing_from_it)
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

Test(pollable_life, what_a_waiting_call_leaves_is_readable)
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

Test(pollable_life, a_forked_child_disturbs_nothing)
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

/* The thread that was started for it has not begun yet, as a rule. */
Test(pollable_life, it_may_be_given_up_at_once)
{
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	for (unsigned i = 0; i < 20; i++) {
		struct shmq_client *client = fixture_connect(&daemon);
		struct shmq_consumer *consumer;

		assert_ok(shmq_open_consumer(client, "r", &small, &consumer));
		assert_ok(shmq_consumer_fd(consumer));
		shmq_disconnect(client);
	}
	fixture_end(&daemon);
}

Test(pollable_life, detaching_and_coming_back)
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

/* Is @signal_number blocked in the thread that the library has started? */
static bool poller_blocks(int signal_number)
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
	cr_assert(eq(uint, n_pollers, 1));
	return n_blocking == 1;
}

/* A thread begins with everything blocked. */
static bool poller_has_begun(void *arg)
{
	(void)arg;
	return !poller_blocks(SIGBUS);
}

Test(pollable_life, the_thread_takes_no_signals_but_its_own)
{
	struct stage stage;

	stage_init(&stage);
	cr_assert(wait_until(poller_has_begun, NULL), "the program may handle what it causes");
	cr_assert(poller_blocks(SIGTERM));
	cr_assert(poller_blocks(SIGCHLD));
	cr_assert(poller_blocks(SIGUSR1));
	stage_deinit(&stage);
}
