/* SPDX-License-Identifier: MIT */
/*
 * batch.c - many messages for the price of one check: reserve_n, commit_n, peek_n, release_n
 *
 * A batch is at most an eighth of the ring and not atomic: the consumer may see its first messages
 * before its last ones.
 */
#include "common.h"

#define BATCH 16

int main(void)
{
	struct shmq_ring_config config = { .slots = 256, .size_bytes = sizeof(uint64_t) };
	struct shmq_view views[BATCH];
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	size_t lens[BATCH];
	uint64_t sum = 0;
	void *slots[BATCH];
	ssize_t n, seen;

	must(shmq_connect(&client, NULL), "connect");
	must(shmq_open_producer(client, "numbers", &config, &producer), "open");
	must(shmq_attach_consumer(client, "numbers", &consumer), "attach");

	n = shmq_reserve_n(producer, slots, BATCH);
	must((int)n, "reserve");
	for (ssize_t i = 0; i < n; i++) {
		*(uint64_t *)slots[i] = (uint64_t)i + 1;
		lens[i] = sizeof(uint64_t);
	}
	must(shmq_commit_n(producer, lens, (size_t)n), "commit");

	seen = shmq_peek_n(consumer, views, BATCH);
	must((int)seen, "peek");
	for (ssize_t i = 0; i < seen; i++)
		sum += *(const uint64_t *)views[i].data;
	must(shmq_release_n(consumer, (size_t)seen), "release");
	printf("%zd messages in one batch, sum %llu\n", seen, (unsigned long long)sum);

	must(shmq_destroy(client, "numbers", SHMQ_DESTROY_FORCE), "destroy");
	shmq_disconnect(client);
	return 0;
}
