/* SPDX-License-Identifier: MIT */
/*
 * demo_pipeline.c - part 3: market data -> strategy -> execution, three processes, measured
 *
 * A tick goes through three rings: ticks, orders, and fills back to where it began. The market
 * takes the time of each round trip; this process prints percentiles of all of them, nothing left
 * out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/demo.h"
#include "ctl/facts.h"

#define WARM_UP	    1000u
#define TRIPS_MAX   200000u
#define DURATION_NS (3 * NS_PER_S)
#define STEP_NS	    (5 * NS_PER_S) /* no message takes that long */

struct tick {
	uint64_t number;
	double bid, ask;
};

struct order {
	uint64_t number; /* of its tick */
	double price;
	int32_t side; /* 1 buy, -1 sell */
	uint32_t shares;
};

struct fill {
	uint64_t number;
	double price;
	uint32_t shares;
};

/* Shared; written by the market alone, read by us when it has ended (n: before, for the progress).
 */
struct trips {
	uint64_t n;
	uint32_t ns[TRIPS_MAX];
};

static const struct shmq_ring_config config = { .slots = 1024, .size_bytes = 64 };

/* ---- in the children; they return their exit status ---- */

static int connect_child(const char *socket, struct shmq_client **ret_client)
{
	int r = shmq_connect(ret_client, socket);

	/* With fewer CPUs than processes, who spins keeps the one away whom he waits for: 180 us
	 * per trip instead of 14 on two CPUs. */
	if (r >= 0 && sysconf(_SC_NPROCESSORS_ONLN) < 4)
		r = shmq_set_spin(*ret_client, 0);
	return r;
}

static int run_market(const char *socket, struct trips *trips)
{
	struct shmq_client *client;
	struct shmq_producer *ticks;
	struct shmq_consumer *fills;
	int64_t end_ns = 0;
	uint64_t n = 0;

	if (connect_child(socket, &client) < 0 ||
	    shmq_open_producer(client, "ticks", &config, &ticks) < 0 ||
	    shmq_open_consumer(client, "fills", &config, &fills) < 0)
		return 1;
	for (uint64_t number = 0; n < TRIPS_MAX; number++) {
		struct tick tick = { number, 100.0 + (double)(number % 64) / 64, 100.1 };
		struct fill fill;
		int64_t start_ns = clock_monotonic_ns(), now_ns;

		if (number == WARM_UP)
			end_ns = start_ns + DURATION_NS;
		if (end_ns && start_ns > end_ns)
			break;
		if (shmq_push(ticks, &tick, sizeof(tick), STEP_NS) < 0)
			return 2;
		if (shmq_pop(fills, &fill, sizeof(fill), STEP_NS) != sizeof(fill))
			return 3;
		if (fill.number != number || fill.shares != 100)
			return 4;
		now_ns = clock_monotonic_ns();
		if (number < WARM_UP)
			continue;
		trips->ns[n++] =
			now_ns - start_ns < UINT32_MAX ? (uint32_t)(now_ns - start_ns) : UINT32_MAX;
		/* [Z1] release: after the time it counts; pairs with [Z2] */
		__atomic_store_n(&trips->n, n, __ATOMIC_RELEASE);
	}
	shmq_disconnect(client);
	return 0;
}

static int run_strategy(const char *socket)
{
	struct shmq_client *client;
	struct shmq_consumer *ticks;
	struct shmq_producer *orders;
	double average = 100;

	if (connect_child(socket, &client) < 0 ||
	    shmq_open_consumer(client, "ticks", &config, &ticks) < 0 ||
	    shmq_open_producer(client, "orders", &config, &orders) < 0)
		return 1;
	for (;;) {
		struct order order = { .shares = 100 };
		struct tick tick;
		ssize_t n = shmq_pop(ticks, &tick, sizeof(tick), STEP_NS);

		if (n == -EPIPE)
			break;
		if (n != sizeof(tick))
			return 2;
		average += 0.1 * ((tick.bid + tick.ask) / 2 - average);
		order.number = tick.number;
		order.side = tick.bid < average ? 1 : -1;
		order.price = order.side > 0 ? tick.ask : tick.bid;
		if (shmq_push(orders, &order, sizeof(order), STEP_NS) < 0)
			return 3;
	}
	shmq_disconnect(client);
	return 0;
}

static int run_execution(const char *socket)
{
	struct shmq_client *client;
	struct shmq_consumer *orders;
	struct shmq_producer *fills;

	if (connect_child(socket, &client) < 0 ||
	    shmq_open_consumer(client, "orders", &config, &orders) < 0 ||
	    shmq_open_producer(client, "fills", &config, &fills) < 0)
		return 1;
	for (;;) {
		struct fill fill = { 0 };
		struct order order;
		ssize_t n = shmq_pop(orders, &order, sizeof(order), STEP_NS);

		if (n == -EPIPE)
			break;
		if (n != sizeof(order))
			return 2;
		fill.number = order.number;
		fill.price = order.price;
		fill.shares = order.shares;
		if (shmq_push(fills, &fill, sizeof(fill), STEP_NS) < 0)
			return 3;
	}
	shmq_disconnect(client);
	return 0;
}

/* ---- in this process ---- */

static const char *const stage_names[] = { "market", "strategy", "execution" };

static int start_stages(struct demo *demo, struct trips *trips, pid_t pids[3])
{
	for (int i = 0; i < 3; i++) {
		pids[i] = demo_fork(demo);
		if (pids[i] < 0)
			return (int)pids[i];
		if (pids[i] == 0)
			_exit(i == 0   ? run_market(demo->socket, trips)
			      : i == 1 ? run_strategy(demo->socket)
				       : run_execution(demo->socket));
	}
	return 0;
}

static void show_trips(struct demo *demo, struct trips *trips)
{
	/* [Z2] acquire: times before their number; pairs with [Z1] */
	uint64_t n = __atomic_load_n(&trips->n, __ATOMIC_ACQUIRE);
	char count[32];

	demo_progress(demo, "%s round trips", format_count(n, count, sizeof(count)));
}

/* Until all three have ended; the first that fails is the one to name, for the others fail after
 * it. */
static int watch(struct demo *demo, struct trips *trips, pid_t pids[3])
{
	int64_t deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);
	int n_left = 3;

	while (n_left > 0) {
		for (int i = 0; i < 3; i++) {
			int status = pids[i] ? demo_wait(demo, pids[i],
							 deadline_after_ns(20 * NS_PER_MS))
					     : -ETIMEDOUT;

			if (status == -ETIMEDOUT && deadline_left_ns(deadline_ns) > 0)
				continue;
			if (status != 0)
				return demo_broken(demo, "%s failed with status %d", stage_names[i],
						   status);
			pids[i] = 0;
			n_left--;
		}
		show_trips(demo, trips);
	}
	return 0;
}

static int by_ns(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Nearest rank: so many per mille of all trips took no longer. */
static uint32_t rank_ns(const struct trips *trips, uint64_t per_mille)
{
	uint64_t rank = (trips->n * per_mille + 999) / 1000;

	return trips->ns[rank > 0 ? rank - 1 : 0];
}

static void report(struct demo *demo, struct trips *trips)
{
	static const struct {
		const char *label, *key;
		uint64_t per_mille;
	} ranks[] = {
		{ "p50", "p50_ns", 500 },
		{ "p99", "p99_ns", 990 },
		{ "p99.9", "p999_ns", 999 },
		{ "max", "max_ns", 1000 },
	};
	struct json_object *json = json_object_new_object();
	char text[128] = "", value[32], count[32];

	qsort(trips->ns, trips->n, sizeof(trips->ns[0]), by_ns);
	json_add_count(json, "round_trips", trips->n);
	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		uint32_t ns = rank_ns(trips, ranks[i].per_mille);
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "  %s %s", ranks[i].label,
			 format_duration_ns(ns, value, sizeof(value)));
		json_add_count(json, ranks[i].key, ns);
	}
	json_object_object_add(demo->facts, "pipeline", json);
	demo_claim(demo, true, "%s round trips through three rings, each the answer to its tick",
		   format_count(trips->n, count, sizeof(count)));
	demo_line(demo, "round trip%s", text);
	demo_line(demo, "(3 processes on %ld CPUs, one message at a time)",
		  sysconf(_SC_NPROCESSORS_ONLN));
}

static int run(struct demo *demo, struct trips *trips)
{
	pid_t pids[3];

	demo_line(demo, "market -> ticks -> strategy -> orders -> execution -> fills -> market");
	if (start_stages(demo, trips, pids) < 0)
		return demo_broken(demo, "no more processes");
	if (watch(demo, trips, pids) < 0)
		return -1;
	if (trips->n == 0)
		return demo_broken(demo, "not one round trip in %lld s",
				   (long long)(DURATION_NS / NS_PER_S));
	report(demo, trips);
	return 0;
}

int demo_pipeline(struct demo *demo)
{
	struct trips *trips = demo_shared_new(sizeof(*trips));
	int r;

	demo_title(demo, "3. Market data -> strategy -> execution");
	r = trips ? run(demo, trips) : demo_broken(demo, "no memory");
	demo_kill_all_but_daemon(demo);
	demo_shared_free(trips, sizeof(*trips));
	return r;
}
