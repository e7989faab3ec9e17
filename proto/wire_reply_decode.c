/* SPDX-License-Identifier: MIT */
/*
 * wire_reply_decode.c - messages to replies: Shmq__Reply into struct control_reply
 *
 * Strings of the result are those of the message; lists are taken from the message's arena. A body
 * of a later version is no body: whoever asked finds out that his answer is missing.
 */
#include "proto/wire_form.h"

static int geometry_decode(const Shmq__Geometry *from, struct control_geometry *ret_geometry)
{
	if (!from)
		return -EBADMSG;
	*ret_geometry = (struct control_geometry){
		.slots = from->slots,
		.size_bytes = from->size_bytes,
		.stride_bytes = from->stride_bytes,
		.lead_bytes = from->lead_bytes,
		.region_bytes = from->region_bytes,
		.segment_bytes = from->segment_bytes,
	};
	return 0;
}

static int holder_decode(const Shmq__Holder *from, struct control_holder *holder)
{
	holder->attachment = from->attachment;
	holder->uid = from->uid;
	holder->unverified = from->unverified;
	holder->since_s = from->since_s;
	holder->incarnation = from->incarnation;
	if (wire_form_pid(from->pid, &holder->pid) < 0 ||
	    wire_role_decode((int)from->role, &holder->role) < 0 ||
	    wire_form_copy(from->comm, holder->comm, sizeof(holder->comm)) < 0 ||
	    wire_form_copy(from->ring, holder->ring, sizeof(holder->ring)) < 0)
		return -EBADMSG;
	return 0;
}

static int holders_decode(Shmq__Holder *const *from, size_t n, struct control_holder *holders,
			  size_t max, size_t *ret_n)
{
	if (n > max)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++)
		if (holder_decode(from[i], &holders[i]) < 0)
			return -EBADMSG;
	*ret_n = n;
	return 0;
}

static int ring_decode(const Shmq__RingInfo *from, struct control_ring_info *ring)
{
	ring->uid = from->uid;
	ring->gid = from->gid;
	ring->created_s = from->created_s;
	ring->pushed = from->pushed;
	ring->popped = from->popped;
	ring->n_full = from->n_full;
	ring->n_dry = from->n_dry;
	ring->n_sleeps = from->n_sleeps;
	ring->n_wakes = from->n_wakes;
	ring->linger_left_ns = from->linger_left_ns;
	if (!from->config || wire_config_decode(from->config, &ring->config) < 0 ||
	    geometry_decode(from->geometry, &ring->geometry) < 0 ||
	    wire_form_pid(from->creator_pid, &ring->creator_pid) < 0 ||
	    wire_form_copy(from->name, ring->name, sizeof(ring->name)) < 0 ||
	    wire_form_bytes(&from->generation, ring->generation, sizeof(ring->generation)) < 0 ||
	    wire_form_copy(from->segment, ring->segment, sizeof(ring->segment)) < 0 ||
	    wire_form_copy(from->state, ring->state, sizeof(ring->state)) < 0 ||
	    wire_form_copy(from->creator_comm, ring->creator_comm, sizeof(ring->creator_comm)) <
		    0 ||
	    wire_form_copy(from->remark, ring->remark, sizeof(ring->remark)) < 0)
		return -EBADMSG;
	return holders_decode(from->holders, from->n_holders, ring->holders, CONTROL_HOLDERS_MAX,
			      &ring->n_holders);
}

static int hello_decode(const Shmq__HelloReply *from, struct control_hello *hello)
{
	hello->protocol = from->protocol;
	hello->layout = from->layout;
	hello->echo = from->echo;
	hello->owner_uid = from->owner_uid;
	hello->board_bytes = from->board_bytes;
	if (wire_form_pid(from->pid, &hello->pid) < 0 ||
	    wire_form_bytes(&from->epoch, hello->epoch, sizeof(hello->epoch)) < 0 ||
	    wire_form_text(from->version, WIRE_VERSION_MAX, &hello->version) < 0 ||
	    wire_form_text(from->instance, WIRE_INSTANCE_MAX, &hello->instance) < 0)
		return -EBADMSG;
	return 0;
}

static int attach_decode(const Shmq__AttachReply *from, struct control_attach *attach)
{
	attach->attachment = from->attachment;
	attach->incarnation = from->incarnation;
	attach->inode = from->inode;
	attach->board_index = from->board_index;
	attach->use_count = from->use_count;
	attach->created = from->created;
	attach->schema = from->schema;
	if (geometry_decode(from->geometry, &attach->geometry) < 0 ||
	    wire_wake_decode((int)from->wake, &attach->wake) < 0 ||
	    wire_form_bytes(&from->generation, attach->generation, sizeof(attach->generation)) <
		    0 ||
	    wire_form_text(from->segment, CONTROL_SEGMENT_MAX - 1, &attach->segment) < 0 ||
	    wire_form_text(from->schema_text, CONTROL_SCHEMA_MAX - 1, &attach->schema_text) < 0)
		return -EBADMSG;
	attach->sealed = from->sealed;
	return 0;
}

static int list_decode(const Shmq__ListReply *from, struct wire_arena *arena,
		       struct control_reply *reply)
{
	struct control_ring_info *rings;

	if (from->n_rings > CONTROL_LIST_PAGE)
		return -EBADMSG;
	rings = wire_arena_alloc(arena, from->n_rings, sizeof(*rings));
	if (!rings)
		return wire_arena_error(arena);
	for (size_t i = 0; i < from->n_rings; i++)
		if (ring_decode(from->rings[i], &rings[i]) < 0)
			return -EBADMSG;
	reply->list.rings = rings;
	reply->list.n_rings = from->n_rings;
	reply->list.next_cursor = from->next_cursor;
	return 0;
}

static int clients_decode(const Shmq__ClientsReply *from, struct wire_arena *arena,
			  struct control_reply *reply)
{
	struct control_holder *holders;

	if (from->n_holders > CONTROL_LIST_PAGE)
		return -EBADMSG;
	holders = wire_arena_alloc(arena, from->n_holders, sizeof(*holders));
	if (!holders)
		return wire_arena_error(arena);
	reply->clients.holders = holders;
	reply->clients.next_cursor = from->next_cursor;
	return holders_decode(from->holders, from->n_holders, holders, CONTROL_LIST_PAGE,
			      &reply->clients.n_holders);
}

static int info_decode(const Shmq__InfoReply *from, struct control_info *info)
{
	info->n_rings = from->n_rings;
	info->max_rings = from->max_rings;
	info->n_attachments = from->n_attachments;
	info->max_attachments = from->max_attachments;
	info->n_connections = from->n_connections;
	info->bytes = from->bytes;
	info->max_bytes = from->max_bytes;
	info->uptime_ns = from->uptime_ns;
	if (wire_form_pid(from->pid, &info->pid) < 0 ||
	    wire_form_text(from->version, WIRE_VERSION_MAX, &info->version) < 0 ||
	    wire_form_text(from->instance, WIRE_INSTANCE_MAX, &info->instance) < 0)
		return -EBADMSG;
	return 0;
}

/* What we know of; a later version has more. Return: how many. */
static size_t values_decode(const uint64_t *from, size_t n, uint64_t *values, size_t max)
{
	if (n > max)
		n = max;
	if (n)
		memcpy(values, from, n * sizeof(*values));
	return n;
}

static int stats_decode(const Shmq__StatsReply *from, struct wire_arena *arena,
			struct control_stats *stats)
{
	struct control_ring_stats *rings;

	if (from->n_rings > CONTROL_LIST_PAGE)
		return -EBADMSG;
	rings = wire_arena_alloc(arena, from->n_rings, sizeof(*rings));
	if (!rings)
		return wire_arena_error(arena);
	for (size_t i = 0; i < from->n_rings; i++) {
		const Shmq__RingStats *ring = from->rings[i];

		if (wire_form_copy(ring->name, rings[i].name, sizeof(rings[i].name)) < 0)
			return -EBADMSG;
		rings[i].n_values = values_decode(ring->values, ring->n_values, rings[i].values,
						  SHMQ_N_RING_METRICS);
	}
	stats->rings = rings;
	stats->n_rings = from->n_rings;
	stats->next_cursor = from->next_cursor;
	stats->n_values = values_decode(from->daemon, from->n_daemon, stats->values,
					SHMQ_N_DAEMON_METRICS);
	return 0;
}

static int body_decode(const Shmq__Reply *from, struct wire_arena *arena,
		       struct control_reply *reply)
{
	switch (from->body_case) {
	case SHMQ__REPLY__BODY_HELLO:
		reply->body = CONTROL_BODY_HELLO;
		return hello_decode(from->hello, &reply->hello);
	case SHMQ__REPLY__BODY_ATTACH:
		reply->body = CONTROL_BODY_ATTACH;
		return attach_decode(from->attach, &reply->attach);
	case SHMQ__REPLY__BODY_RING:
		reply->body = CONTROL_BODY_RING;
		return ring_decode(from->ring, &reply->ring);
	case SHMQ__REPLY__BODY_LIST:
		reply->body = CONTROL_BODY_LIST;
		return list_decode(from->list, arena, reply);
	case SHMQ__REPLY__BODY_CLIENTS:
		reply->body = CONTROL_BODY_CLIENTS;
		return clients_decode(from->clients, arena, reply);
	case SHMQ__REPLY__BODY_PURGE:
		reply->body = CONTROL_BODY_PURGE;
		reply->dropped = from->purge->dropped;
		return 0;
	case SHMQ__REPLY__BODY_INFO:
		reply->body = CONTROL_BODY_INFO;
		return info_decode(from->info, &reply->info);
	case SHMQ__REPLY__BODY_STATS:
		reply->body = CONTROL_BODY_STATS;
		return stats_decode(from->stats, arena, &reply->stats);
	default:
		return 0;
	}
}

int wire_reply_decode(const Shmq__Reply *from, struct wire_arena *arena,
		      struct control_reply *reply)
{
	reply->id = from->id;
	reply->limit = from->limit;
	reply->used = from->used;
	if (wire_status_decode((int)from->status, &reply->status) < 0 ||
	    wire_form_text(from->text, CONTROL_TEXT_MAX - 1, &reply->text) < 0 ||
	    holders_decode(from->holders, from->n_holders, reply->holders, CONTROL_HOLDERS_MAX,
			   &reply->n_holders) < 0)
		return -EBADMSG;
	return body_decode(from, arena, reply);
}
