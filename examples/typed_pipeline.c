/* SPDX-License-Identifier: MIT */
/*
 * typed_pipeline.c - three processes: market data -> strategy -> execution, typed at every hop
 *
 * A quote has a symbol, price levels and a remark; an order has an id, a symbol, the levels it wants
 * to take, and a text. Each is built in the slot it is sent in and read where it arrived. Both rings
 * know what their messages are: a program with another idea of a quote is refused when it attaches.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#include <shmq/archive.h>

#include "common.h"

#define QUOTES	   20000
#define SLOT_BYTES 1024

SHMQ_RECORD(level, (f64, price), (u32, quantity));
SHMQ_MESSAGE(quote, (utf8, symbol), (vector(struct level), asks), (optional(utf8), remark));
SHMQ_MESSAGE(order,
	(u64, id),
	(utf8, symbol),
	(vector(struct level), levels),
	(utf8, text));

static const char *const symbols[] = { "EURUSD", "XAUUSD", "K\xc3\x96LN" };

/* The ring of one message type. */
static struct shmq_ring_config config_of(const struct shmq_archive_type *type)
{
	struct shmq_ring_config config = { .slots = 256, .size_bytes = SLOT_BYTES };
	static char text[4096];

	must(shmq_archive_describe(type, &config, text, sizeof(text)), "schema");
	return config;
}

static int quote_write(void *slot, uint32_t i)
{
	struct quote_asks_list asks;
	struct shmq_builder b;
	struct level *level;
	struct quote *quote;

	must(quote_build(&b, slot, SLOT_BYTES, &quote), "quote");
	quote_set_symbol(&b, quote, symbols[i % 3]);
	quote_begin_asks(&b, quote, &asks);
	for (uint32_t k = 0; k <= i % 5; k++) {
		must(quote_add_asks(&asks, &level), "level");
		level->price = 100 + i % 7 + k;
		level->quantity = 10 * (k + 1);
	}
	quote_end_asks(&asks);
	if (i % 100 == 0)
		quote_set_remark(&b, quote, "opening auction");
	must(shmq_builder_error(&b), "quote");
	return quote_finish(&b);
}

static void market_data(void)
{
	struct shmq_ring_config config = config_of(quote_archive_type());
	struct shmq_producer *out;
	struct shmq_client *client;
	void *slot;

	must(shmq_connect(&client, NULL), "market data: connect");
	must(shmq_open_producer(client, "typed-quotes", &config, &out), "market data: quotes");
	for (uint32_t i = 0; i < QUOTES; i++) {
		must(shmq_producer_wait(out, 1, SHMQ_FOREVER), "market data: wait");
		must(shmq_reserve(out, &slot), "market data: reserve");
		must(shmq_commit(out, (size_t)quote_write(slot, i)), "market data: commit");
	}
	shmq_disconnect(client);
}

/* Takes the levels below 102, and says why. Return: length of the order, 0 if there is none. */
static int order_write(void *slot, uint64_t id, const struct quote *quote)
{
	const struct level *asks = quote_asks(quote);
	struct order_levels_list levels;
	struct shmq_builder b;
	struct level *level;
	struct order *order;

	must(order_build(&b, slot, SLOT_BYTES, &order), "order");
	order->id = id;
	order_begin_levels(&b, order, &levels);
	for (size_t i = 0; i < quote_n_asks(quote); i++) {
		if (asks[i].price >= 102)
			continue;
		must(order_add_levels(&levels, &level), "level");
		*level = asks[i];
	}
	order_end_levels(&levels);
	if (!order_n_levels(order))
		return 0;
	order_put_symbol(&b, order, quote_symbol(quote), quote_len_symbol(quote));
	order_set_text(&b, order, quote_has_remark(quote) ? quote_remark(quote) : "cheap");
	must(shmq_builder_error(&b), "order");
	return order_finish(&b);
}

static void strategy(void)
{
	struct shmq_ring_config quotes = config_of(quote_archive_type()), orders;
	const struct quote *quote;
	struct shmq_producer *out;
	struct shmq_consumer *in;
	struct shmq_client *client;
	const void *message;
	uint64_t id = 0;
	void *slot;
	size_t len;
	int r;

	must(shmq_connect(&client, NULL), "strategy: connect");
	must(shmq_open_consumer(client, "typed-quotes", &quotes, &in), "strategy: quotes");
	orders = config_of(order_archive_type());
	must(shmq_open_producer(client, "typed-orders", &orders, &out), "strategy: orders");
	while ((r = shmq_consumer_wait(in, SHMQ_FOREVER)) == 0) {
		must(shmq_peek(in, &message, &len, NULL), "strategy: peek");
		must(quote_access(message, len, &quote), "strategy: access");
		must(shmq_producer_wait(out, 1, SHMQ_FOREVER), "strategy: wait");
		must(shmq_reserve(out, &slot), "strategy: reserve");
		r = order_write(slot, id + 1, quote);
		if (r > 0) {
			must(shmq_commit(out, (size_t)r), "strategy: commit");
			id++;
		} else {
			must(shmq_abandon(out), "strategy: abandon");
		}
		must(shmq_release(in), "strategy: release");
	}
	must(r == -EPIPE ? 0 : r, "strategy: quotes ended");
	shmq_disconnect(client);
}

static void execution(void)
{
	struct shmq_ring_config config = config_of(order_archive_type());
	uint64_t n = 0, quantity = 0, remarks = 0;
	const struct order *order;
	struct shmq_consumer *in;
	struct shmq_client *client;
	const void *message;
	size_t len;
	int r;

	must(shmq_connect(&client, NULL), "execution: connect");
	must(shmq_open_consumer(client, "typed-orders", &config, &in), "execution: orders");
	while ((r = shmq_consumer_wait(in, SHMQ_FOREVER)) == 0) {
		must(shmq_peek(in, &message, &len, NULL), "execution: peek");
		must(order_access(message, len, &order), "execution: access");
		must(order->id == ++n ? 0 : -EBADMSG, "execution: order of the orders");
		for (size_t i = 0; i < order_n_levels(order); i++)
			quantity += order_levels(order)[i].quantity;
		remarks += strcmp(order_text(order), "cheap") != 0;
		must(shmq_release(in), "execution: release");
	}
	must(r == -EPIPE ? 0 : r, "execution: orders ended");
	printf("%d quotes, %" PRIu64 " orders for %" PRIu64 " pieces, %" PRIu64 " with a remark\n",
	       QUOTES, n, quantity, remarks);
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
