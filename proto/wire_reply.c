/* SPDX-License-Identifier: MIT */
/*
 * wire_reply.c - replies to messages: struct control_reply into Shmq__Reply
 *
 * Strings of the result are those of the reply, except commands: those are whatever a process calls
 * itself, and protobuf demands UTF-8, so they are made printable on the way. Everything that has no
 * place in the reply is taken from the arena.
 */
#include "proto/wire_form.h"

#include "base/parse.h"

static const struct {
	int error;
	Shmq__Status status;
} statuses[] = {
	{ 0, SHMQ__STATUS__OK },
	{ EPERM, SHMQ__STATUS__EPERM },
	{ ENOENT, SHMQ__STATUS__ENOENT },
	{ ESRCH, SHMQ__STATUS__ESRCH },
	{ EIO, SHMQ__STATUS__EIO },
	{ EAGAIN, SHMQ__STATUS__EAGAIN },
	{ ENOMEM, SHMQ__STATUS__ENOMEM },
	{ EACCES, SHMQ__STATUS__EACCES },
	{ EBUSY, SHMQ__STATUS__EBUSY },
	{ EEXIST, SHMQ__STATUS__EEXIST },
	{ EINVAL, SHMQ__STATUS__EINVAL },
	{ EMFILE, SHMQ__STATUS__EMFILE },
	{ EFBIG, SHMQ__STATUS__EFBIG },
	{ ENOSPC, SHMQ__STATUS__ENOSPC },
	{ EPROTO, SHMQ__STATUS__EPROTO },
	{ EBADMSG, SHMQ__STATUS__EBADMSG },
	{ EMSGSIZE, SHMQ__STATUS__EMSGSIZE },
	{ ENOTSUP, SHMQ__STATUS__ENOTSUP },
	{ ETIMEDOUT, SHMQ__STATUS__ETIMEDOUT },
	{ ESTALE, SHMQ__STATUS__ESTALE },
	{ EDQUOT, SHMQ__STATUS__EDQUOT },
};

#define N_STATUSES (sizeof(statuses) / sizeof(statuses[0]))

static Shmq__Status status_encode(int error)
{
	for (size_t i = 0; i < N_STATUSES; i++)
		if (statuses[i].error == -error)
			return statuses[i].status;
	return SHMQ__STATUS__EIO; /* what the protocol has no word for */
}

int wire_status_decode(int value, int *ret_status)
{
	for (size_t i = 0; i < N_STATUSES; i++) {
		if ((int)statuses[i].status == value) {
			*ret_status = -statuses[i].error;
			return 0;
		}
	}
	return -EBADMSG;
}

static ProtobufCBinaryData bytes_of(const uint8_t *data, size_t len_bytes)
{
	return (ProtobufCBinaryData){ .len = len_bytes, .data = (uint8_t *)data };
}

static char *text_of(const char *text)
{
	return text ? (char *)text : (char *)protobuf_c_empty_string;
}

static Shmq__Geometry *geometry_pack(const struct control_geometry *from, struct wire_arena *arena)
{
	Shmq__Geometry *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__geometry__init(to);
	to->slots = from->slots;
	to->size_bytes = from->size_bytes;
	to->stride_bytes = from->stride_bytes;
	to->lead_bytes = from->lead_bytes;
	to->region_bytes = from->region_bytes;
	to->segment_bytes = from->segment_bytes;
	return to;
}

static char *comm_pack(const char *comm, struct wire_arena *arena)
{
	char *printable = wire_arena_alloc(arena, 1, CONTROL_COMM_MAX);

	return printable ? (char *)format_printable(comm, printable, CONTROL_COMM_MAX) : NULL;
}

static Shmq__Holder *holder_pack(const struct control_holder *from, struct wire_arena *arena)
{
	Shmq__Holder *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__holder__init(to);
	to->attachment = from->attachment;
	to->pid = (uint32_t)from->pid;
	to->uid = from->uid;
	to->role = (Shmq__Role)from->role;
	to->unverified = from->unverified;
	to->since_s = from->since_s;
	to->incarnation = from->incarnation;
	to->comm = comm_pack(from->comm, arena);
	to->ring = (char *)from->ring;
	return to->comm ? to : NULL;
}

static Shmq__Holder **holders_pack(const struct control_holder *from, size_t n,
				   struct wire_arena *arena)
{
	Shmq__Holder **to = wire_arena_alloc(arena, n, sizeof(Shmq__Holder *));

	if (!to)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		to[i] = holder_pack(&from[i], arena);
		if (!to[i])
			return NULL;
	}
	return to;
}

static Shmq__RingInfo *ring_pack(const struct control_ring_info *from, struct wire_arena *arena)
{
	Shmq__RingInfo *to = wire_arena_alloc(arena, 1, sizeof(*to));
	struct wire_config *config;

	if (!to)
		return NULL;
	shmq__ring_info__init(to);
	to->name = (char *)from->name;
	to->generation = bytes_of(from->generation, sizeof(from->generation));
	to->segment = (char *)from->segment;
	to->state = (char *)from->state;
	to->uid = from->uid;
	to->gid = from->gid;
	to->creator_pid = (uint32_t)from->creator_pid;
	to->created_s = from->created_s;
	to->pushed = from->pushed;
	to->popped = from->popped;
	to->n_full = from->n_full;
	to->n_dry = from->n_dry;
	to->n_sleeps = from->n_sleeps;
	to->n_wakes = from->n_wakes;
	to->linger_left_ns = from->linger_left_ns;
	to->remark = (char *)from->remark;
	to->creator_comm = comm_pack(from->creator_comm, arena);
	to->geometry = geometry_pack(&from->geometry, arena);
	config = wire_arena_alloc(arena, 1, sizeof(*config));
	to->n_holders = from->n_holders;
	to->holders = holders_pack(from->holders, from->n_holders, arena);
	if (!to->creator_comm || !to->geometry || !config || !to->holders)
		return NULL;
	wire_config_encode(&from->config, config);
	to->config = &config->message;
	return to;
}

static Shmq__HelloReply *hello_pack(const struct control_hello *from, struct wire_arena *arena)
{
	Shmq__HelloReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__hello_reply__init(to);
	to->protocol = from->protocol;
	to->layout = from->layout;
	to->echo = from->echo;
	to->version = text_of(from->version);
	to->instance = text_of(from->instance);
	to->owner_uid = from->owner_uid;
	to->board_bytes = from->board_bytes;
	to->epoch = bytes_of(from->epoch, sizeof(from->epoch));
	to->pid = (uint32_t)from->pid;
	return to;
}

static Shmq__AttachReply *attach_pack(const struct control_attach *from, struct wire_arena *arena)
{
	Shmq__AttachReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__attach_reply__init(to);
	to->attachment = from->attachment;
	to->incarnation = from->incarnation;
	to->generation = bytes_of(from->generation, sizeof(from->generation));
	to->segment = text_of(from->segment);
	to->inode = from->inode;
	to->geometry = geometry_pack(&from->geometry, arena);
	to->wake = (Shmq__Wake)from->wake;
	to->board_index = from->board_index;
	to->use_count = from->use_count;
	to->created = from->created;
	to->schema = from->schema;
	to->schema_text = text_of(from->schema_text);
	to->sealed = from->sealed;
	return to->geometry ? to : NULL;
}

static Shmq__ListReply *list_pack(const struct control_reply *from, struct wire_arena *arena)
{
	Shmq__ListReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__list_reply__init(to);
	to->next_cursor = from->list.next_cursor;
	to->n_rings = from->list.n_rings;
	to->rings = wire_arena_alloc(arena, to->n_rings, sizeof(Shmq__RingInfo *));
	if (!to->rings)
		return NULL;
	for (size_t i = 0; i < to->n_rings; i++) {
		to->rings[i] = ring_pack(&from->list.rings[i], arena);
		if (!to->rings[i])
			return NULL;
	}
	return to;
}

static Shmq__ClientsReply *clients_pack(const struct control_reply *from, struct wire_arena *arena)
{
	Shmq__ClientsReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__clients_reply__init(to);
	to->next_cursor = from->clients.next_cursor;
	to->n_holders = from->clients.n_holders;
	to->holders = holders_pack(from->clients.holders, to->n_holders, arena);
	return to->holders ? to : NULL;
}

static Shmq__PurgeReply *purge_pack(uint64_t dropped, struct wire_arena *arena)
{
	Shmq__PurgeReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__purge_reply__init(to);
	to->dropped = dropped;
	return to;
}

static Shmq__InfoReply *info_pack(const struct control_info *from, struct wire_arena *arena)
{
	Shmq__InfoReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__info_reply__init(to);
	to->version = text_of(from->version);
	to->instance = text_of(from->instance);
	to->pid = (uint32_t)from->pid;
	to->n_rings = from->n_rings;
	to->max_rings = from->max_rings;
	to->n_attachments = from->n_attachments;
	to->max_attachments = from->max_attachments;
	to->n_connections = from->n_connections;
	to->bytes = from->bytes;
	to->max_bytes = from->max_bytes;
	to->uptime_ns = from->uptime_ns;
	return to;
}

static Shmq__RingStats *ring_stats_pack(const struct control_ring_stats *from,
					struct wire_arena *arena)
{
	Shmq__RingStats *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__ring_stats__init(to);
	to->name = (char *)from->name;
	to->n_values = from->n_values;
	to->values = (uint64_t *)from->values;
	return to;
}

static Shmq__StatsReply *stats_pack(const struct control_stats *from, struct wire_arena *arena)
{
	Shmq__StatsReply *to = wire_arena_alloc(arena, 1, sizeof(*to));

	if (!to)
		return NULL;
	shmq__stats_reply__init(to);
	to->next_cursor = from->next_cursor;
	to->n_daemon = from->n_values;
	to->daemon = (uint64_t *)from->values;
	to->n_rings = from->n_rings;
	to->rings = wire_arena_alloc(arena, to->n_rings, sizeof(Shmq__RingStats *));
	if (!to->rings)
		return NULL;
	for (size_t i = 0; i < to->n_rings; i++) {
		to->rings[i] = ring_stats_pack(&from->rings[i], arena);
		if (!to->rings[i])
			return NULL;
	}
	return to;
}

/* Fill the oneof. Return: false when memory is out. */
static bool body_pack(const struct control_reply *from, struct wire_arena *arena, Shmq__Reply *to)
{
	switch (from->body) {
	case CONTROL_BODY_NONE:
		return true;
	case CONTROL_BODY_HELLO:
		to->body_case = SHMQ__REPLY__BODY_HELLO;
		return (to->hello = hello_pack(&from->hello, arena));
	case CONTROL_BODY_ATTACH:
		to->body_case = SHMQ__REPLY__BODY_ATTACH;
		return (to->attach = attach_pack(&from->attach, arena));
	case CONTROL_BODY_RING:
		to->body_case = SHMQ__REPLY__BODY_RING;
		return (to->ring = ring_pack(&from->ring, arena));
	case CONTROL_BODY_LIST:
		to->body_case = SHMQ__REPLY__BODY_LIST;
		return (to->list = list_pack(from, arena));
	case CONTROL_BODY_CLIENTS:
		to->body_case = SHMQ__REPLY__BODY_CLIENTS;
		return (to->clients = clients_pack(from, arena));
	case CONTROL_BODY_PURGE:
		to->body_case = SHMQ__REPLY__BODY_PURGE;
		return (to->purge = purge_pack(from->dropped, arena));
	case CONTROL_BODY_INFO:
		to->body_case = SHMQ__REPLY__BODY_INFO;
		return (to->info = info_pack(&from->info, arena));
	case CONTROL_BODY_STATS:
		to->body_case = SHMQ__REPLY__BODY_STATS;
		return (to->stats = stats_pack(&from->stats, arena));
	}
	return false;
}

int wire_reply_pack(const struct control_reply *from, struct wire_arena *arena,
		    Shmq__Reply *ret_message)
{
	shmq__reply__init(ret_message);
	ret_message->id = from->id;
	ret_message->status = status_encode(from->status);
	ret_message->text = text_of(from->text);
	ret_message->limit = from->limit;
	ret_message->used = from->used;
	ret_message->n_holders = from->n_holders;
	ret_message->holders = holders_pack(from->holders, from->n_holders, arena);
	if (!ret_message->holders || !body_pack(from, arena, ret_message))
		return -ENOMEM;
	return 0;
}
