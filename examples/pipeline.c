/* SPDX-License-Identifier: MIT */
/*
 * pipeline.c - three processes: market data -> strategy -> execution
 *
 * Market data comes as ticks through one ring; the strategy turns some of them into orders and
 * sends them through another. Each process ends when the one before it has detached in good order
 * and all it said was heard: -EPIPE, once, after the last message.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

#define TICKS 100000

struct tick {
	uint32_t instrument;
	uint32_t price;
};

struct order {
	uint32_t instrument;
	uint32_t price;
	uint64_t tick; /* sequence of the tick that caused it */
};

static const struct shmq_ring_config ticks = { .slots = 4096, .size_bytes = sizeof(struct tick) };
static const struct shmq_ring_config orders = { .slots = 256, .size_bytes = sizeof(struct order) };

static void market_data(void)
{
	struct shmq_producer *out;
	struct shmq_client *client;

	must(shmq_connect(&client, NULL), "market data: connect");
	must(shmq_open_producer(client, "ticks", &ticks, &out), "market data: ticks");
	for (uint32_t i = 0; i < TICKS; i++) {
		struct tick tick = { i % 100, 1000 + i * 7919 % 200 };

		must(shmq_push(out, &tick, sizeof(tick), SHMQ_FOREVER), "market data: push");
	}
	shmq_disconnect(client);
}

static void strategy(void)
{
	struct shmq_producer *out;
	struct shmq_consumer *in;
	struct shmq_client *client;
	const void *message;
	uint64_t seq;
	int r;

	must(shmq_connect(&client, NULL), "strategy: connect");
	must(shmq_open_consumer(client, "ticks", &ticks, &in), "strategy: ticks");
	must(shmq_open_producer(client, "orders", &orders, &out), "strategy: orders");
	while ((r = shmq_consumer_wait(in, SHMQ_FOREVER)) == 0) {
		struct tick tick;

		must(shmq_peek(in, &message, NULL, &seq), "strategy: peek");
		memcpy(&tick, message, sizeof(tick));
		if (tick.price < 1010) {
			struct order order = { tick.instrument, tick.price, seq };

			must(shmq_push(out, &order, sizeof(order), SHMQ_FOREVER), "strategy: push");
		}
		must(shmq_release(in), "strategy: release");
	}
	must(r == -EPIPE ? 0 : r, "strategy: ticks ended");
	shmq_disconnect(client);
}

static void execution(void)
{
	struct shmq_consumer *in;
	struct shmq_client *client;
	struct order order;
	unsigned n = 0;
	ssize_t len;

	must(shmq_connect(&client, NULL), "execution: connect");
	must(shmq_open_consumer(client, "orders", &orders, &in), "execution: orders");
	while ((len = shmq_pop(in, &order, sizeof(order), SHMQ_FOREVER)) >= 0)
		n++;
	must(len == -EPIPE ? 0 : (int)len, "execution: orders ended");
	printf("%d ticks, %u orders\n", TICKS, n);
	fflush(stdout);
	shmq_disconnect(client);
}

int main(void)
{
	void (*const stages[])(void) = { market_data, strategy, execution };
	int bad = 0, status;

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (fork() == 0) {
			stages[i]();
			exit(0);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	return bad ? 1 : 0;
}
