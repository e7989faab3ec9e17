/* SPDX-License-Identifier: MIT */
/*
 * query.c - requests that change nothing: list, show, clients, stats, info, ping
 *
 * Listings go by records, a page at a time and at most CORE_SCAN_PER_PAGE records per page, so that a
 * large registry holds nobody up. A page may be short, or empty, and still not be the last.
 */
#include "daemon/core/parts.h"

static struct core_action *page_new(struct core *core, const struct core_ask *ask,
				    enum core_action_type type)
{
	struct core_action *action = action_new_page(core, type);

	action->connection = ask->connection->id;
	action->reply.id = ask->request.id;
	action->reply.text = action->text;
	return action;
}

/* How far this page may look: from @cursor to the result. */
static uint32_t page_end(uint64_t cursor, uint32_t n_records)
{
	return n_records - cursor < CORE_SCAN_PER_PAGE ? n_records
						       : (uint32_t)cursor + CORE_SCAN_PER_PAGE;
}

static void query_list(struct core *core, const struct core_ask *ask)
{
	struct core_action *action = page_new(core, ask, CORE_REPLY_LIST);
	uint32_t n_rings = core->registry.header->n_rings;
	uint64_t cursor = ask->request.cursor;
	uint32_t end;

	action->reply.body = CONTROL_BODY_LIST;
	if (cursor >= n_rings)
		return;
	for (end = page_end(cursor, n_rings); cursor < end; cursor++) {
		const struct registry_ring *record = &core->registry.rings[cursor];

		if (record->state == REGISTRY_RING_FREE ||
		    !access_sees(core, ask->connection, record))
			continue;
		if (action->n_ring_list == CONTROL_LIST_PAGE)
			break;
		action->ring_list[action->n_ring_list++] = (uint32_t)cursor;
	}
	action->reply.list.next_cursor = cursor < n_rings ? cursor : 0;
}

static void query_clients(struct core *core, const struct core_ask *ask)
{
	struct core_action *action = page_new(core, ask, CORE_REPLY);
	uint32_t n_attachments = core->registry.header->n_attachments;
	uint64_t cursor = ask->request.cursor;
	size_t n = 0;
	uint32_t end;

	action->reply.body = CONTROL_BODY_CLIENTS;
	action->reply.clients.holders = action->holder_list;
	if (cursor >= n_attachments)
		return;
	for (end = page_end(cursor, n_attachments); cursor < end; cursor++) {
		const struct registry_attachment *record = &core->registry.attachments[cursor];

		if (record->state == REGISTRY_ATTACHMENT_FREE ||
		    !access_sees(core, ask->connection, &core->registry.rings[record->ring]))
			continue;
		if (n == CONTROL_LIST_PAGE)
			break;
		describe_attachment(core, &core->attachments[cursor], &action->holder_list[n++]);
	}
	action->reply.clients.n_holders = n;
	action->reply.clients.next_cursor = cursor < n_attachments ? cursor : 0;
}

static void stats_page(struct core *core, const struct core_ask *ask, struct core_action *action)
{
	uint64_t cursor = ask->request.cursor;
	uint32_t n_rings = core->registry.header->n_rings;
	uint32_t end;

	if (cursor >= n_rings)
		return;
	for (end = page_end(cursor, n_rings); cursor < end; cursor++) {
		/* one without a name is being taken apart: another may be called so already */
		if (!core->rings[cursor].is_named ||
		    !access_sees(core, ask->connection, &core->registry.rings[cursor]))
			continue;
		if (action->n_ring_list == CONTROL_LIST_PAGE)
			break;
		action->ring_list[action->n_ring_list++] = (uint32_t)cursor;
	}
	action->reply.stats.next_cursor = cursor < n_rings ? cursor : 0;
}

static void query_stats(struct core *core, const struct core_ask *ask)
{
	bool one = ask->request.name && *ask->request.name;
	struct core_ring *ring = one ? access_find(core, ask) : NULL;
	struct control_stats *stats;
	struct core_action *action;

	if (one && !ring) {
		refuse_absent(core, ask);
		return;
	}
	action = page_new(core, ask, CORE_REPLY_STATS);
	stats = &action->reply.stats;
	action->reply.body = CONTROL_BODY_STATS;
	if (one)
		action->ring_list[action->n_ring_list++] = ring_index(core, ring);
	else
		stats_page(core, ask, action);
	if (ask->request.cursor)
		return;
	core_daemon_stats(core, core->now_ns, stats->values);
	stats->n_values = SHMQ_N_DAEMON_METRICS;
}

static void query_show(struct core *core, const struct core_ask *ask)
{
	struct core_ring *ring = access_find(core, ask);
	struct core_action *action;

	if (!ring) {
		refuse_absent(core, ask);
		return;
	}
	action = reply_new(core, ask);
	action->type = CORE_REPLY_RING;
	action->ring = ring_index(core, ring);
	action->reply.body = CONTROL_BODY_RING;
}

static void query_info(struct core *core, const struct core_ask *ask)
{
	struct core_action *action = reply_new(core, ask);

	action->reply.body = CONTROL_BODY_INFO;
	core_daemon_info(core, core->now_ns, &action->reply.info);
}

void query_ask(struct core *core, struct core_ask *ask)
{
	switch (ask->request.op) {
	case CONTROL_LIST:
		query_list(core, ask);
		break;
	case CONTROL_CLIENTS:
		query_clients(core, ask);
		break;
	case CONTROL_SHOW:
		query_show(core, ask);
		break;
	case CONTROL_INFO:
		query_info(core, ask);
		break;
	case CONTROL_STATS:
		query_stats(core, ask);
		break;
	default:
		/* ping: that there is an answer is the answer */
		reply_new(core, ask);
		break;
	}
}
