/* SPDX-License-Identifier: MIT */
/*
 * zero_copy.c - write a message where it will be read, read it where it was written
 *
 * The producer borrows the next slot and fills it in place; the consumer looks at the message in
 * its slot and gives the slot back. Both ends in one process here, to be short: usually they are
 * two.
 */
#include <string.h>

#include "common.h"

struct quote {
	char symbol[8];
	double bid, ask;
};

int main(void)
{
	struct shmq_ring_config config = {
		.slots = 64,
		.size_bytes = sizeof(struct quote),
		.lifetime = SHMQ_WITH_CREATOR, /* gone when this process disconnects or dies */
	};
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	const struct quote *seen = NULL;
	struct quote *quote = NULL;
	uint64_t seq = 0;
	size_t len = 0;

	must(shmq_connect(&client, NULL), "connect");
	must(shmq_create(client, "quotes", &config), "create");
	must(shmq_attach_producer(client, "quotes", &producer), "attach");
	must(shmq_attach_consumer(client, "quotes", &consumer), "attach");

	must(shmq_reserve(producer, (void **)&quote), "reserve");
	memcpy(quote->symbol, "SHMQ", 5);
	quote->bid = 99.5;
	quote->ask = 100.5;
	must(shmq_commit(producer, sizeof(*quote)), "commit"); /* now the consumer sees it */

	must(shmq_peek(consumer, (const void **)&seen, &len, &seq), "peek");
	printf("message %llu: %s %.1f/%.1f, %zu bytes, nothing copied\n", (unsigned long long)seq,
	       seen->symbol, seen->bid, seen->ask, len);
	must(shmq_release(consumer), "release"); /* now the producer may use the slot again */
	shmq_disconnect(client);
	return 0;
}
