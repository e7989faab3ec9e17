/* SPDX-License-Identifier: MIT */
/*
 * test_death.c - processes that end, in good order or not, and what the other end sees of it
 */
#include <signal.h>

#include "tests/integration/fixture.h"

struct victim {
	struct cue cue;
	unsigned n_messages; /* to push, or to pop */
	unsigned n_peeked;   /* of those, looked at and not released */
	bool detach;
};

static int produce(void *arg)
{
	struct victim *victim = arg;
	struct shmq_client *client = child_connect(victim->cue.daemon);
	struct shmq_producer *producer;
	void *slot;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	for (unsigned i = 0; i < victim->n_messages; i++)
		check(3, shmq_push(producer, &i, sizeof(i), LONG_NS) == 0);
	/* one more is half written when the end comes: it never existed */
	check(4, shmq_reserve(producer, &slot) == 0);
	memset(slot, 'x', 100);
	gate_open(&victim->cue.ready);
	check(5, gate_wait(&victim->cue.go_on));
	if (victim->detach)
		shmq_disconnect(client);
	return 0;
}

static void expect_messages(struct shmq_consumer *consumer, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		unsigned number = ~0u;

		assert_error(shmq_pop(consumer, &number, sizeof(number), LONG_NS), sizeof(number));
		cr_assert(eq(uint, number, i));
	}
}

Test(death, a_killed_producers_messages_come_before_the_news, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct victim victim = { 0 };
	char byte;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&victim.cue, &daemon);
	victim.n_messages = 100;
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(produce, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	child_kill(child);
	expect_messages(consumer, 0, 100);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	assert_error(shmq_pop(consumer, &byte, 1, 0), -EAGAIN);

	/* a successor continues where the dead one stopped */
	victim.n_messages = 3;
	victim.detach = true;
	child = child_start(produce, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	gate_open(&victim.cue.go_on);
	expect_messages(consumer, 0, 3);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EPIPE);
	assert_error(shmq_pop(consumer, &byte, 1, 0), -EAGAIN);
	cr_assert(eq(u64, shmq_consumer_position(consumer), 103));
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	cue_deinit(&victim.cue);
	fixture_end(&daemon);
}

static int consume(void *arg)
{
	struct victim *victim = arg;
	struct shmq_client *client = child_connect(victim->cue.daemon);
	struct shmq_consumer *consumer;
	struct shmq_view view;
	unsigned number;

	check(1, client);
	check(2, shmq_open_consumer(client, "r", NULL, &consumer) == 0);
	for (unsigned i = 0; i < victim->n_messages; i++) {
		check(3, shmq_pop(consumer, &number, sizeof(number), LONG_NS) == sizeof(number));
		check(4, number == i);
	}
	if (victim->n_peeked)
		check(5, shmq_peek_n(consumer, &view, 1) == 1 && view.seq == victim->n_messages);
	gate_open(&victim->cue.ready);
	check(6, gate_wait(&victim->cue.go_on));
	if (victim->detach)
		shmq_disconnect(client);
	return 0;
}

Test(death, what_a_killed_consumer_had_not_released_comes_again, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct victim victim = { 0 };
	const void *message;
	uint64_t seq;
	size_t len;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&victim.cue, &daemon);
	victim.n_messages = 10;
	victim.n_peeked = 1;
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	for (unsigned i = 0; i < 20; i++)
		assert_ok(shmq_push(producer, &i, sizeof(i), 0));
	child = child_start(consume, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	child_kill(child);

	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_peek(consumer, &message, &len, &seq));
	cr_assert(eq(u64, seq, 10));
	cr_assert(eq(uint, *(const unsigned *)message, 10));
	expect_messages(consumer, 10, 20);
	shmq_disconnect(client);
	cue_deinit(&victim.cue);
	fixture_end(&daemon);
}

/* Fill the ring, then wait for what becomes of the consumer. */
static int push_until_told(struct shmq_producer *producer)
{
	int r;

	do {
		r = shmq_push(producer, "x", 1, LONG_NS);
	} while (r == 0);
	return r;
}

Test(death, a_full_producer_is_told_once_how_the_consumer_went, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;
	struct victim victim = { 0 };
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&victim.cue, &daemon);
	assert_ok(shmq_open_producer(client, "r", &(struct shmq_ring_config){ .slots = 8 },
				     &producer));
	child = child_start(consume, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	child_kill(child);
	cr_assert(eq(int, push_until_told(producer), -EOWNERDEAD));
	assert_error(shmq_push(producer, "x", 1, 0), -EAGAIN);

	victim.detach = true;
	child = child_start(consume, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	gate_open(&victim.cue.go_on);
	cr_assert(eq(int, child_wait(child), 0));
	cr_assert(eq(int, push_until_told(producer), -EPIPE));
	assert_error(shmq_push(producer, "x", 1, 0), -EAGAIN);
	shmq_disconnect(client);
	cue_deinit(&victim.cue);
	fixture_end(&daemon);
}

struct sleeper {
	const struct daemon *daemon;
	int expected;
};

static int sleep_in_pop(void *arg)
{
	const struct sleeper *sleeper = arg;
	struct shmq_client *client = child_connect(sleeper->daemon);
	struct shmq_consumer *consumer;
	char byte;

	check(1, client);
	check(2, shmq_set_spin(client, 0) == 0);
	check(3, shmq_attach_consumer(client, "r", &consumer) == 0);
	check(4, shmq_pop(consumer, &byte, 1, SHMQ_FOREVER) == sleeper->expected);
	shmq_disconnect(client);
	return 0;
}

static bool consumer_is_held(void *arg)
{
	struct shmq_ring_info info;

	if (shmq_show(arg, "r", &info) < 0)
		return false;
	for (unsigned i = 0; i < info.n_holders; i++)
		if (info.holders[i].role == SHMQ_ROLE_CONSUMER)
			return true;
	return false;
}

static void wake_sleeper(bool detach, int expected)
{
	struct shmq_client *client;
	struct daemon daemon;
	struct victim victim = { 0 };
	struct sleeper sleeper = { &daemon, expected };
	pid_t producer, consumer;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&victim.cue, &daemon);
	victim.detach = detach;
	producer = child_start(produce, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	consumer = child_start(sleep_in_pop, &sleeper);
	cr_assert(wait_until(consumer_is_held, client));
	cr_assert(child_wait_asleep(consumer));
	if (detach)
		gate_open(&victim.cue.go_on);
	else
		child_kill(producer);
	cr_assert(eq(int, child_wait(consumer), 0));
	if (detach)
		cr_assert(eq(int, child_wait(producer), 0));
	shmq_disconnect(client);
	cue_deinit(&victim.cue);
	fixture_end(&daemon);
}

Test(death, a_sleeper_is_woken_by_its_peers_death, .timeout = PASS_S)
{
	wake_sleeper(false, -EOWNERDEAD);
}

Test(death, a_sleeper_is_woken_by_its_peers_orderly_end, .timeout = PASS_S)
{
	wake_sleeper(true, -EPIPE);
}

Test(death, a_stopped_process_is_not_dead, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_producer *producer = NULL;
	struct shmq_client *client;
	struct daemon daemon;
	struct victim victim = { 0 };
	char byte;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cue_init(&victim.cue, &daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(produce, &victim);
	cr_assert(gate_wait(&victim.cue.ready));
	kill(child, SIGSTOP);
	cr_assert(child_wait_stopped(child));
	assert_error(shmq_pop(consumer, &byte, 1, 0), -EAGAIN);
	assert_error(shmq_attach_producer(client, "r", &producer), -EBUSY);
	kill(child, SIGCONT);
	gate_open(&victim.cue.go_on);
	cr_assert(eq(int, child_wait(child), 0)); /* it ends without detaching */
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	shmq_disconnect(client);
	cue_deinit(&victim.cue);
	fixture_end(&daemon);
}
