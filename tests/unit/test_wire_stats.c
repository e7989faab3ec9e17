/* SPDX-License-Identifier: MIT */
/*
 * test_wire_stats.c - figures on the control socket, between versions that know different ones
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

#include "proto/shmq.pb-c.h"
#include "proto/wire.h"

TestSuite(wire_stats, .timeout = 10);

static unsigned char packet[CONTROL_PACKET_MAX];

static void fill(uint64_t *values, size_t n, uint64_t from)
{
	for (size_t i = 0; i < n; i++)
		values[i] = from - i;
}

Test(wire_stats, a_request_survives)
{
	struct control_request request = {
		.id = 7, .op = CONTROL_STATS, .name = "ticks", .cursor = 64,
	};
	struct wire_request got;
	ssize_t n = wire_encode_request(&request, packet, sizeof(packet));

	cr_assert(gt(long, n, 0));
	cr_assert(eq(int, wire_decode_request(packet, (size_t)n, &got), 0));
	cr_assert(eq(int, (int)got.request.op, CONTROL_STATS));
	cr_assert(eq(str, (char *)got.request.name, "ticks"));
	cr_assert(eq(u64, got.request.cursor, 64));
	wire_request_release(&got);
}

/* With the longest names and values, so that every page fits. */
Test(wire_stats, a_whole_page_survives)
{
	static struct control_ring_stats rings[CONTROL_LIST_PAGE];
	struct control_reply reply = {
		.id = 1, .text = "", .body = CONTROL_BODY_STATS,
		.stats = { .rings = rings, .n_rings = CONTROL_LIST_PAGE,
			   .next_cursor = UINT64_MAX, .n_values = SHMQ_N_DAEMON_METRICS },
	};
	const struct control_stats *stats;
	struct wire_packet got;
	ssize_t n;

	fill(reply.stats.values, SHMQ_N_DAEMON_METRICS, UINT64_MAX);
	for (unsigned i = 0; i < CONTROL_LIST_PAGE; i++) {
		memset(rings[i].name, 'a' + (int)i % 26, CONTROL_NAME_MAX);
		rings[i].n_values = SHMQ_N_RING_METRICS;
		fill(rings[i].values, SHMQ_N_RING_METRICS, UINT64_MAX - i);
	}
	n = wire_encode_reply(&reply, packet, sizeof(packet));
	cr_assert(gt(long, n, 0));
	cr_assert(eq(int, wire_decode_packet(packet, (size_t)n, &got), 0));
	stats = &got.reply.stats;
	cr_assert(eq(int, (int)got.reply.body, CONTROL_BODY_STATS));
	cr_assert(eq(u64, stats->next_cursor, UINT64_MAX));
	cr_assert(eq(sz, stats->n_values, SHMQ_N_DAEMON_METRICS));
	cr_assert(eq(int, memcmp(stats->values, reply.stats.values, sizeof(stats->values)), 0));
	cr_assert(eq(sz, stats->n_rings, CONTROL_LIST_PAGE));
	for (unsigned i = 0; i < CONTROL_LIST_PAGE; i++) {
		cr_assert(eq(str, (char *)stats->rings[i].name, rings[i].name));
		cr_assert(eq(sz, stats->rings[i].n_values, SHMQ_N_RING_METRICS));
		cr_assert(eq(int, memcmp(stats->rings[i].values, rings[i].values,
					 sizeof(rings[i].values)), 0));
	}
	wire_packet_release(&got);
}

/* A page as another version sends it. Return: the result of decoding. */
static int decode_foreign(size_t n_ring_values, size_t n_daemon_values, const char *name,
			  struct wire_packet *ret_packet)
{
	static uint64_t values[400];
	Shmq__RingStats ring = SHMQ__RING_STATS__INIT;
	Shmq__RingStats *rings[] = { &ring };
	Shmq__StatsReply stats = SHMQ__STATS_REPLY__INIT;
	Shmq__Reply reply = SHMQ__REPLY__INIT;
	Shmq__Packet foreign = SHMQ__PACKET__INIT;
	size_t n;

	fill(values, 400, 1000);
	ring.name = (char *)name;
	ring.values = stats.daemon = values;
	ring.n_values = n_ring_values;
	stats.n_daemon = n_daemon_values;
	stats.rings = rings;
	stats.n_rings = 1;
	reply.body_case = SHMQ__REPLY__BODY_STATS;
	reply.stats = &stats;
	foreign.kind_case = SHMQ__PACKET__KIND_REPLY;
	foreign.reply = &reply;
	n = shmq__packet__pack(&foreign, packet);
	return wire_decode_packet(packet, n, ret_packet);
}

Test(wire_stats, a_newer_daemon_may_know_more_and_an_older_one_less)
{
	struct wire_packet got;

	cr_assert(eq(int, decode_foreign(400, 400, "r", &got), 0));
	cr_assert(eq(sz, got.reply.stats.rings[0].n_values, SHMQ_N_RING_METRICS));
	cr_assert(eq(sz, got.reply.stats.n_values, SHMQ_N_DAEMON_METRICS));
	cr_assert(eq(u64, got.reply.stats.values[1], 999));
	wire_packet_release(&got);
	cr_assert(eq(int, decode_foreign(2, 0, "r", &got), 0));
	cr_assert(eq(sz, got.reply.stats.rings[0].n_values, 2));
	cr_assert(eq(u64, got.reply.stats.rings[0].values[1], 999));
	cr_assert(eq(u64, got.reply.stats.rings[0].values[2], 0));
	cr_assert(eq(sz, got.reply.stats.n_values, 0));
	wire_packet_release(&got);
}

Test(wire_stats, a_name_that_is_too_long_is_out_of_form)
{
	char name[CONTROL_NAME_MAX + 2];
	struct wire_packet got;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert(eq(int, decode_foreign(1, 1, name, &got), -EBADMSG));
}
