/* SPDX-License-Identifier: MIT */
/*
 * stats.c - figures of rings and of the daemon
 *
 * They come in pages, as lists do (info.c); the client is unlocked between two of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <shmq/stats.h>

#include "client/call.h"
#include "client/create.h"
#include "client/error.h"

_Static_assert((int)SHMQ_N_RING_METRICS <= SHMQ_STATS_VALUES_MAX, "part of the ABI");
_Static_assert((int)SHMQ_N_DAEMON_METRICS <= SHMQ_STATS_VALUES_MAX, "part of the ABI");

static void ring_stats(const struct control_ring_stats *from, struct shmq_ring_stats *to)
{
	memset(to, 0, sizeof(*to));
	snprintf(to->name, sizeof(to->name), "%s", from->name);
	to->n_values = (uint32_t)from->n_values;
	memcpy(to->values, from->values, from->n_values * sizeof(to->values[0]));
}

static int tell_rings(const struct control_stats *page, shmq_ring_stats_fn fn, void *arg)
{
	for (size_t i = 0; fn && i < page->n_rings; i++) {
		struct shmq_ring_stats stats;
		int r;

		ring_stats(&page->rings[i], &stats);
		r = fn(&stats, arg);
		if (r)
			return r;
	}
	return 0;
}

static void daemon_stats(const struct control_stats *from, struct shmq_daemon_stats *to)
{
	memset(to, 0, sizeof(*to));
	to->n_values = (uint32_t)from->n_values;
	memcpy(to->values, from->values, from->n_values * sizeof(to->values[0]));
}

/* One page. Return: as call(). */
static int ask(struct shmq_client *client, const char *name, uint64_t cursor,
	       struct client_reply *reply)
{
	struct control_request request = {
		.op = CONTROL_STATS, .name = name ? name : "", .cursor = cursor,
	};
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	return r < 0 ? r : call(client, &request, CONTROL_BODY_STATS, reply);
}

int shmq_stats(struct shmq_client *client, const char *name, shmq_ring_stats_fn fn, void *arg,
	       struct shmq_daemon_stats *ret_daemon)
{
	uint64_t cursor = 0;
	int r;

	error_clear();
	r = name ? create_check_name(name) : 0;
	if (r < 0)
		return r;
	do {
		_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
		const struct control_stats *page = &reply.packet.reply.stats;

		r = ask(client, name, cursor, &reply);
		if (r < 0)
			return r;
		if (cursor == 0 && ret_daemon)
			daemon_stats(page, ret_daemon);
		r = tell_rings(page, fn, arg);
		if (r)
			return r;
		if (page->next_cursor && page->next_cursor <= cursor)
			return error_set(-EPROTO, "shmqd lists its rings in circles");
		cursor = fn ? page->next_cursor : 0;
	} while (cursor);
	return 0;
}
