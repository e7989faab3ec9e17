/* SPDX-License-Identifier: MIT */
/*
 * test_restart.c - the daemon dies, stops, comes back; messages and roles don't notice
 */
#include <signal.h>

#include "tests/integration/fixture.h"

#define N_MESSAGES 60000u

static int stream(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	for (uint64_t i = 0; i < N_MESSAGES; i++)
		check(3, shmq_push(producer, &i, sizeof(i), LONG_NS) == 0);
	shmq_disconnect(client);
	return 0;
}

static void expect_numbers(struct shmq_consumer *consumer, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++) {
		uint64_t number = UINT64_MAX;

		assert_error(shmq_pop(consumer, &number, sizeof(number), LONG_NS), sizeof(number));
		cr_assert(eq(u64, number, i));
	}
}

Test(restart, a_stream_goes_on_while_the_daemon_is_killed_and_replaced, .timeout = PASS_S)
{
	struct shmq_consumer *consumer, *second = NULL;
	struct shmq_client *client, *other;
	struct shmq_ring_info info;
	struct daemon daemon;
	struct cue cue;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&cue, &daemon);
	assert_ok(shmq_open_consumer(client, "r", &(struct shmq_ring_config){ .slots = 64 },
				     &consumer));
	child = child_start(stream, &cue);
	expect_numbers(consumer, 0, 1000);
	daemon_kill(&daemon);
	expect_numbers(consumer, 1000, 20000);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	expect_numbers(consumer, 20000, 30000);

	/* the next control call reconnects, and finds both roles kept */
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 2));
	cr_assert(eq(int, info.holders[0].pid, child));
	cr_assert(eq(int, info.holders[1].pid, getpid()));
	other = fixture_connect(&daemon);
	assert_error(shmq_attach_consumer(other, "r", &second), -EBUSY);

	expect_numbers(consumer, 30000, N_MESSAGES);
	assert_error(shmq_pop(consumer, &info, sizeof(info), LONG_NS), -EPIPE);
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(other);
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

Test(restart, a_detach_without_daemon_is_told_at_the_next_connect, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct shmq_ring_info info;
	struct daemon daemon;
	char byte;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_push(producer, "x", 1, 0));
	daemon_kill(&daemon);
	cr_assert(eq(ptr, shmq_producer_detach(producer), NULL));
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 1));
	cr_assert(eq(u32, info.holders[0].role, SHMQ_ROLE_CONSUMER));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EPIPE);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int disconnect_without_daemon(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_set_control_timeout(client, LONG_NS) == 0);
	check(3, shmq_open_producer(client, "r", NULL, &producer) == 0);
	check(4, shmq_push(producer, "x", 1, 0) == 0);
	gate_open(&cue->ready);
	check(5, gate_wait(&cue->go_on));
	shmq_disconnect(client); /* waits for the daemon: the end is in good order */
	return 0;
}

Test(restart, a_disconnect_waits_for_the_daemon_to_end_in_good_order, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct cue cue;
	char byte;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&cue, &daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(disconnect_without_daemon, &cue);
	cr_assert(gate_wait(&cue.ready));
	daemon_kill(&daemon);
	gate_open(&cue.go_on);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	cr_assert(eq(int, child_wait(child), 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EPIPE);
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

static int hold_producer(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	check(3, shmq_push(producer, "x", 1, 0) == 0);
	gate_open(&cue->ready);
	check(4, gate_wait(&cue->go_on));
	return 0;
}

Test(restart, a_death_while_no_daemon_runs_is_noticed_at_its_start, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct cue cue;
	char byte;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&cue, &daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(hold_producer, &cue);
	cr_assert(gate_wait(&cue.ready));
	daemon_kill(&daemon);
	child_kill(child);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	assert_error(shmq_pop(consumer, &byte, 1, 0), -EAGAIN);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	assert_ok(shmq_attach_producer(client, "r", &producer));
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

Test(restart, an_attachment_that_outlives_the_daemon_is_watched_again, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct cue cue;
	char byte;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&cue, &daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(hold_producer, &cue);
	cr_assert(gate_wait(&cue.ready));
	daemon_kill(&daemon);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	child_kill(child);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

static int count_ring(const struct shmq_ring_info *info, void *arg)
{
	(void)info;
	++*(unsigned *)arg;
	return 0;
}

Test(restart, sigterm_leaves_rings_and_clients_as_they_are, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	unsigned n_rings = 0;
	char byte;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_create(client, "other", NULL));
	cr_assert(eq(int, daemon_stop(&daemon), 0));
	cr_assert(eq(uint, daemon_segments(&daemon), 2));
	for (unsigned i = 0; i < 3000; i++) {
		assert_ok(shmq_push(producer, "x", 1, 0));
		assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	}
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_list(client, count_ring, &n_rings));
	cr_assert(eq(uint, n_rings, 2));
	assert_error(shmq_destroy(client, "r", 0), -EBUSY);
	shmq_consumer_detach(consumer);
	shmq_producer_detach(producer);
	assert_ok(shmq_destroy(client, "r", 0));
	assert_ok(shmq_destroy(client, "other", 0));
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int create_without_daemon(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);

	check(1, client);
	check(2, shmq_set_control_timeout(client, LONG_NS) == 0);
	gate_open(&cue->ready);
	check(3, gate_wait(&cue->go_on));
	check(4, shmq_create(client, "late", NULL) == 0);
	shmq_disconnect(client);
	return 0;
}

Test(restart, a_call_waits_for_the_next_daemon, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct shmq_ring_info info;
	struct daemon daemon;
	struct cue cue;
	pid_t child;

	fixture_start(&daemon, NULL);
	cue_init(&cue, &daemon);
	child = child_start(create_without_daemon, &cue);
	cr_assert(gate_wait(&cue.ready));
	daemon_kill(&daemon);
	gate_open(&cue.go_on);
	cr_assert(child_wait_asleep(child));
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	cr_assert(eq(int, child_wait(child), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_show(client, "late", &info));
	cr_assert(eq(int, info.creator_pid, child));
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

Test(restart, what_a_stopped_daemon_was_asked_is_not_lost, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct shmq_ring_info info;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	assert_ok(shmq_set_control_timeout(client, 50 * 1000 * 1000));
	kill(daemon.pid, SIGSTOP);
	cr_assert(child_wait_stopped(daemon.pid));
	assert_error(shmq_attach_producer(client, "r", &producer), -ETIMEDOUT);
	cr_assert(eq(ptr, shmq_consumer_detach(consumer), NULL));
	kill(daemon.pid, SIGCONT);
	assert_ok(shmq_set_control_timeout(client, LONG_NS));
	/* the daemon has granted the role meanwhile: to us, and we get it */
	assert_ok(shmq_attach_producer(client, "r", &producer));
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 1));
	cr_assert(eq(u32, info.holders[0].role, SHMQ_ROLE_PRODUCER));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(restart, a_second_daemon_is_refused_and_told_who_is_first, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	char log[4096], pid[16], elsewhere[128];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	snprintf(pid, sizeof(pid), "%d", (int)daemon.pid);
	cr_assert(gt(int, daemon_run_second(&daemon, NULL, log, sizeof(log)), 0));
	cr_assert(ne(ptr, strstr(log, pid), NULL), "%s", log);
	/* another socket, the same instance */
	snprintf(elsewhere, sizeof(elsewhere), "%s/other.sock", daemon.dir);
	cr_assert(gt(int, daemon_run_second(&daemon, elsewhere, log, sizeof(log)), 0));
	cr_assert(ne(ptr, strstr(log, daemon.instance), NULL), "%s", log);
	cr_assert(ne(ptr, strstr(log, pid), NULL), "%s", log);
	/* the first one has not noticed */
	cr_assert(eq(uint, daemon_segments(&daemon), 1));
	assert_ok(shmq_ping(client));
	assert_ok(shmq_destroy(client, "r", 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
