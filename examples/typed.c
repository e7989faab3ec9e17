/* SPDX-License-Identifier: MIT */
/*
 * typed.c - a message with a text and a list in it, built in its slot and read there
 *
 * Nothing is encoded and nothing decoded: the consumer judges the bytes once, and then follows
 * relative offsets.
 */
#include "common.h"

#include <shmq/archive.h>

SHMQ_RECORD(level, (f64, price), (u32, quantity));
SHMQ_MESSAGE(order, (u64, id), (utf8, symbol), (vector(struct level), levels));

int main(void)
{
	struct shmq_ring_config config = { .slots = 64, .size_bytes = 1024 };
	const struct level levels[] = { { 99.5, 10 }, { 99.4, 25 } };
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct shmq_builder builder;
	const struct order *seen = NULL;
	struct order *order = NULL;
	const void *message = NULL;
	void *slot = NULL;
	size_t len = 0;
	int bytes;

	must(shmq_connect(&client, NULL), "connect");
	config.schema = order_archive_fingerprint(); /* a ring of this type and no other */
	must(shmq_open_producer(client, "typed", &config, &producer), "open");
	must(shmq_attach_consumer(client, "typed", &consumer), "attach");

	must(shmq_reserve(producer, &slot), "reserve");
	must(order_build(&builder, slot, config.size_bytes, &order), "build");
	order->id = 42;
	must(order_set_symbol(&builder, order, "SHMQ"), "symbol");
	must(order_put_levels(&builder, order, levels, 2), "levels");
	bytes = order_finish(&builder);
	must(bytes, "finish");
	must(shmq_commit(producer, (size_t)bytes), "commit");

	must(shmq_peek(consumer, &message, &len, NULL), "peek");
	must(order_access(message, len, &seen), "access");
	printf("order %llu: %s, %zu levels in %zu bytes\n", (unsigned long long)seen->id,
	       order_symbol(seen), (size_t)order_n_levels(seen), len);
	must(shmq_release(consumer), "release");

	must(shmq_destroy(client, "typed", SHMQ_DESTROY_FORCE), "destroy");
	shmq_disconnect(client);
	return 0;
}
