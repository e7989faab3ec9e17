/* SPDX-License-Identifier: MIT */
/*
 * test_messages.c - messages between processes: every one, in order, whole
 */
#include "tests/integration/fixture.h"

#define N_MESSAGES 20000

static int produce(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_producer *producer;
	unsigned char buf[200];

	check(1, client);
	check(2, shmq_attach_producer(client, "ticks", &producer) == 0);
	for (uint64_t i = 0; i < N_MESSAGES; i++) {
		size_t len = message_make(i, i % sizeof(buf), buf);

		check(3, shmq_push(producer, buf, len, LONG_NS) == 0);
	}
	shmq_disconnect(client);
	return 0;
}

Test(messages, all_arrive_in_order_and_then_the_end, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .slots = 64, .size_bytes = 200 };
	struct shmq_consumer *consumer;
	struct daemon daemon;
	struct shmq_client *client;
	unsigned char buf[200];
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "ticks", &config, &consumer));
	cr_assert(eq(sz, shmq_consumer_slots(consumer), 64));
	cr_assert(eq(sz, shmq_consumer_size(consumer), 200));
	child = child_start(produce, &daemon);
	for (uint64_t i = 0; i < N_MESSAGES; i++) {
		ssize_t len = shmq_pop(consumer, buf, sizeof(buf), LONG_NS);

		cr_assert(eq(long, len, (long)(i % 200)), "message %llu: %s", (unsigned long long)i,
			  shmq_strerror((int)len));
		cr_assert(message_is(i, buf, (size_t)len));
	}
	assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), -EPIPE);
	assert_error(shmq_try_pop(consumer, buf, sizeof(buf)), -EAGAIN);
	cr_assert(eq(u64, shmq_consumer_position(consumer), N_MESSAGES));
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int echo(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_consumer *in;
	struct shmq_producer *out;
	ssize_t len;
	char buf[64];

	check(1, client);
	check(2, shmq_open_consumer(client, "there", NULL, &in) == 0);
	check(3, shmq_open_producer(client, "back", NULL, &out) == 0);
	while ((len = shmq_pop(in, buf, sizeof(buf), LONG_NS)) >= 0)
		check(4, shmq_push(out, buf, (size_t)len, LONG_NS) == 0);
	check(5, len == -EPIPE);
	shmq_disconnect(client);
	return 0;
}

/* Neither end is ever more than one message ahead: both sleep and are woken all the time. */
Test(messages, sleepers_are_woken_by_messages, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *there;
	struct shmq_consumer *back;
	char buf[64];
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_set_spin(client, 0));
	assert_ok(shmq_open_producer(client, "there", NULL, &there));
	assert_ok(shmq_open_consumer(client, "back", NULL, &back));
	child = child_start(echo, &daemon);
	for (unsigned i = 0; i < 1000; i++) {
		ssize_t len;

		snprintf(buf, sizeof(buf), "%u", i);
		assert_ok(shmq_push(there, buf, strlen(buf) + 1, LONG_NS));
		len = shmq_pop(back, buf, sizeof(buf), LONG_NS);
		cr_assert(gt(long, len, 0));
		cr_assert(eq(uint, (unsigned)atoi(buf), i));
	}
	cr_assert(eq(ptr, shmq_producer_detach(there), NULL));
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(messages, the_largest_and_the_smallest_ring_work, .timeout = PASS_S)
{
	static const struct shmq_ring_config configs[] = {
		{ .slots = 1, .size_bytes = 1 },
		{ .slots = 2, .size_bytes = 16u << 20 },
		{ .slots = 1u << 20, .size_bytes = 1 },
		{ .slots = 8, .size_bytes = 4088 }, /* a stride of 4096 is avoided */
		{ .slots = 8, .size_bytes = 100, .align_payload = 1 },
	};
	static unsigned char big[16u << 20], got[16u << 20];
	struct daemon daemon;
	struct shmq_client *client;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct shmq_producer *producer;
		struct shmq_consumer *consumer;
		size_t size = configs[i].size_bytes;
		void *slot;

		assert_ok(shmq_create(client, "ring", &configs[i]));
		assert_ok(shmq_attach_producer(client, "ring", &producer));
		assert_ok(shmq_attach_consumer(client, "ring", &consumer));
		message_make(i, size, big);
		for (unsigned round = 0; round < 5; round++) {
			assert_ok(shmq_push(producer, big, size, 0));
			cr_assert(eq(u64, shmq_producer_depth(producer), 1));
			assert_error(shmq_pop(consumer, got, size - 1, 0), -EMSGSIZE);
			assert_error(shmq_pop(consumer, got, size, 0), (long long)size);
			cr_assert(eq(int, memcmp(got, big, size), 0));
		}
		assert_error(shmq_push(producer, big, size + 1, 0), -EMSGSIZE);
		assert_ok(shmq_push(producer, big, 0, 0));
		assert_error(shmq_pop(consumer, got, size, 0), 0);
		assert_ok(shmq_reserve(producer, &slot));
		cr_assert(eq(uint, configs[i].align_payload ? (unsigned)((uintptr_t)slot % 64) : 0,
			     0));
		for (size_t n = 0; n < configs[i].slots; n++)
			assert_ok(shmq_push(producer, "x", 1, 0));
		assert_error(shmq_push(producer, "x", 1, 0), -EAGAIN);
		assert_error(shmq_push(producer, "x", 1, 1000), -ETIMEDOUT);
		shmq_producer_detach(producer);
		shmq_consumer_detach(consumer);
		assert_ok(shmq_destroy(client, "ring", 0));
		cr_assert(eq(uint, daemon_segments(&daemon), 0));
	}
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int push_to_both(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_producer *producers[2];

	check(1, client);
	check(2, shmq_open_producer(client, "a", NULL, &producers[0]) == 0);
	check(3, shmq_open_producer(client, "b", NULL, &producers[1]) == 0);
	for (unsigned i = 0; i < 2000; i++)
		check(4, shmq_push(producers[i * 7 % 3 % 2], "x", 1, LONG_NS) == 0);
	shmq_disconnect(client);
	return 0;
}

Test(messages, wait_any_hears_all_rings_to_their_ends, .timeout = PASS_S)
{
	struct shmq_consumer *consumers[2];
	bool ended[2] = { false, false };
	unsigned n_messages = 0;
	struct daemon daemon;
	struct shmq_client *client;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_set_spin(client, 0));
	assert_ok(shmq_open_consumer(client, "a", NULL, &consumers[0]));
	assert_ok(shmq_open_consumer(client, "b", NULL, &consumers[1]));
	child = child_start(push_to_both, &daemon);
	while (!ended[0] || !ended[1]) {
		size_t index = 2;
		ssize_t len;
		char byte;

		assert_ok(shmq_wait_any(consumers, 2, LONG_NS, &index));
		cr_assert(lt(sz, index, 2));
		len = shmq_try_pop(consumers[index], &byte, 1);
		if (len == -EPIPE)
			ended[index] = true;
		else
			cr_assert(eq(long, len, 1));
		n_messages += len == 1;
	}
	cr_assert(eq(uint, n_messages, 2000));
	cr_assert(eq(int, child_wait(child), 0));
	assert_error(shmq_wait_any(consumers, 2, 0, &(size_t){ 0 }), -EAGAIN);
	assert_error(shmq_wait_any(consumers, 0, 0, &(size_t){ 0 }), -EINVAL);
	assert_error(shmq_wait_any(consumers, 65, 0, &(size_t){ 0 }), -EINVAL);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(messages, batches_and_views_carry_sequence_numbers, .timeout = PASS_S)
{
	struct shmq_message out[8];
	struct shmq_view views[8];
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	void *payloads[8];
	size_t lens[8];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", &(struct shmq_ring_config){ .slots = 64 },
				     &producer));
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	for (size_t i = 0; i < 8; i++)
		out[i] = (struct shmq_message){ "abcdefgh", i };
	assert_error(shmq_try_push_n(producer, out, 8), 8);
	assert_error(shmq_reserve_n(producer, payloads, 8), 8);
	for (size_t i = 0; i < 8; i++) {
		memset(payloads[i], 'z', i);
		lens[i] = i;
	}
	assert_ok(shmq_commit_n(producer, lens, 5));
	cr_assert(eq(u64, shmq_producer_position(producer), 13));
	assert_error(shmq_peek_n(consumer, views, 8), 8);
	for (size_t i = 0; i < 8; i++) {
		cr_assert(eq(sz, views[i].len, i));
		cr_assert(eq(u64, views[i].seq, i));
		cr_assert(eq(int, memcmp(views[i].data, "abcdefgh", i), 0));
	}
	assert_ok(shmq_release_n(consumer, 6));
	assert_error(shmq_release_n(consumer, 3), -EINVAL);
	assert_error(shmq_peek_n(consumer, views, 8), 7);
	cr_assert(eq(u64, views[0].seq, 6));
	cr_assert(eq(u64, views[6].seq, 12));
	cr_assert(eq(int, memcmp(views[6].data, "zzzz", 4), 0));
	assert_ok(shmq_release_n(consumer, 7));
	assert_error(shmq_peek_n(consumer, views, 8), -EAGAIN);
	shmq_disconnect(client);
	fixture_end(&daemon);
}
