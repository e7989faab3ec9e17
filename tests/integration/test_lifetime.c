/* SPDX-License-Identifier: MIT */
/*
 * test_lifetime.c - when rings end by themselves, and when they must not
 */
#include "tests/integration/fixture.h"

static const char *const at_once[] = { "--grace=0s", "--linger-unread=1s", NULL };

static bool is_gone(void *arg)
{
	struct shmq_ring_info info;

	return shmq_show(arg, "r", &info) == -ENOENT;
}

Test(lifetime, a_persistent_ring_stays_through_everything, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .lifetime = SHMQ_PERSISTENT };
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char buf[8];

	fixture_start(&daemon, at_once);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", &config, &producer));
	assert_ok(shmq_push(producer, "kept", 4, 0));
	shmq_disconnect(client);
	cr_assert(eq(int, daemon_stop(&daemon), 0));
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	daemon_kill(&daemon);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_error(shmq_pop(consumer, buf, sizeof(buf), 0), 4);
	shmq_consumer_detach(consumer);
	assert_ok(shmq_destroy(client, "r", 0));
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(lifetime, a_lingering_ring_goes_when_it_is_left_empty, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .lifetime = SHMQ_LINGER, .linger_s = 1 };
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;

	fixture_start(&daemon, at_once);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", &config, &producer));
	shmq_producer_detach(producer);
	cr_assert(wait_until(is_gone, client));
	cr_assert(daemon_wait_tidy(&daemon));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(lifetime, a_reap_of_unread_messages_is_told_to_who_asks, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .lifetime = SHMQ_LINGER, .linger_s = 1 };
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct shmq_ring_info info;
	struct daemon daemon;
	char log[8192];

	fixture_start(&daemon, at_once);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", &config, &producer));
	for (unsigned i = 0; i < 17; i++)
		assert_ok(shmq_push(producer, "x", 1, 0));
	shmq_producer_detach(producer);
	cr_assert(wait_until(is_gone, client));
	assert_error(shmq_show(client, "r", &info), -ENOENT);
	assert_detail("17 messages");
	daemon_log(&daemon, log, sizeof(log));
	cr_assert(ne(ptr, strstr(log, "17"), NULL), "%s", log);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

struct creator {
	struct cue cue;
	bool open, disconnect;
};

static int create_and_hold(void *arg)
{
	struct creator *creator = arg;
	struct shmq_ring_config config = { .lifetime = SHMQ_WITH_CREATOR };
	struct shmq_client *client = child_connect(creator->cue.daemon);
	struct shmq_producer *producer;

	check(1, client);
	if (creator->open) {
		check(2, shmq_open_producer(client, "r", &config, &producer) == 0);
		check(3, shmq_push(producer, "x", 1, 0) == 0);
	} else {
		check(4, shmq_create(client, "r", &config) == 0);
	}
	gate_open(&creator->cue.ready);
	check(5, gate_wait(&creator->cue.go_on));
	if (creator->disconnect)
		shmq_disconnect(client);
	gate_open(&creator->cue.ready);
	check(6, gate_wait(&creator->cue.go_on));
	return 0;
}

static void end_with_creator(bool open, bool disconnect)
{
	struct creator creator = { .open = open, .disconnect = disconnect };
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char buf[8];
	pid_t child;
	ssize_t r;

	fixture_start(&daemon, at_once);
	cue_init(&creator.cue, &daemon);
	client = fixture_connect(&daemon);
	child = child_start(create_and_hold, &creator);
	cr_assert(gate_wait(&creator.cue.ready));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	gate_open(&creator.cue.go_on);
	cr_assert(gate_wait(&creator.cue.ready));
	if (!disconnect)
		child_kill(child); /* else it lives on, and only its connection has ended */
	if (open)
		assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), 1);
	r = shmq_pop(consumer, buf, sizeof(buf), LONG_NS);
	/* who was producer as well may be heard going before his ring goes */
	if (open && r == (disconnect ? -EPIPE : -EOWNERDEAD))
		r = shmq_pop(consumer, buf, sizeof(buf), LONG_NS);
	cr_assert(eq(long, r, -ESTALE));
	cr_assert(daemon_wait_tidy(&daemon));
	gate_open(&creator.cue.go_on);
	if (disconnect)
		cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	cue_deinit(&creator.cue);
	fixture_end(&daemon);
}

Test(lifetime, with_creator_ends_with_the_creators_process, .timeout = PASS_S)
{
	end_with_creator(false, false);
	end_with_creator(true, false);
}

Test(lifetime, with_creator_ends_with_the_creators_disconnect, .timeout = PASS_S)
{
	end_with_creator(false, true);
	end_with_creator(true, true);
}

Test(lifetime, with_creator_survives_the_daemon_and_other_clients, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .lifetime = SHMQ_WITH_CREATOR };
	struct shmq_client *client, *other;
	struct shmq_ring_info info;
	struct daemon daemon;

	fixture_start(&daemon, at_once);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", &config));
	daemon_kill(&daemon);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 1));
	cr_assert(eq(u32, info.holders[0].role, SHMQ_ROLE_OWNER));
	/* an equal ring is there: the second client of this process is not its creator */
	other = fixture_connect(&daemon);
	assert_ok(shmq_create(other, "r", &config));
	shmq_disconnect(other);
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 1));
	shmq_disconnect(client);
	cr_assert(daemon_wait_tidy(&daemon));
	fixture_end(&daemon);
}
