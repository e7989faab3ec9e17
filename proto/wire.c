/* SPDX-License-Identifier: MIT */
/*
 * wire.c - what the daemon sends: replies and events as packets, both ways; see wire.h
 *
 * Requests are wire_request.c. A packet is judged in three steps, and nothing of it is believed
 * before the last: protobuf-c takes it apart within a memory budget, the strings are searched for
 * NULs (wire_form.c), then every field is copied or refused (wire_reply_decode.c).
 */
#include "proto/wire.h"

#include "base/parse.h"
#include "proto/wire_form.h"

#define PACKET_BUDGET_BYTES (1u << 20)

static ssize_t packet_pack(const Shmq__Packet *packet, void *buf, size_t cap_bytes)
{
	size_t bytes = shmq__packet__get_packed_size(packet);

	if (bytes > cap_bytes || bytes > CONTROL_PACKET_MAX)
		return -EMSGSIZE;
	return (ssize_t)shmq__packet__pack(packet, buf);
}

ssize_t wire_encode_reply(const struct control_reply *reply, void *buf, size_t cap_bytes)
{
	_cleanup_(wire_arena_freep) struct wire_arena *arena = wire_arena_new(PACKET_BUDGET_BYTES);
	Shmq__Packet packet = SHMQ__PACKET__INIT;
	Shmq__Reply message;

	if (!arena || wire_reply_pack(reply, arena, &message) < 0)
		return -ENOMEM;
	packet.kind_case = SHMQ__PACKET__KIND_REPLY;
	packet.reply = &message;
	return packet_pack(&packet, buf, cap_bytes);
}

ssize_t wire_encode_event(const struct control_event *event, void *buf, size_t cap_bytes)
{
	Shmq__Packet packet = SHMQ__PACKET__INIT;
	Shmq__Event message = SHMQ__EVENT__INIT;
	char comm[CONTROL_COMM_MAX];

	message.kind = (Shmq__EventKind)event->kind;
	message.ring = (char *)event->ring;
	message.role = (Shmq__Role)event->role;
	message.pid = (uint32_t)event->pid;
	message.uid = event->uid;
	message.comm = (char *)format_printable(event->comm, comm, sizeof(comm));
	message.time_ns = event->time_ns;
	message.count = event->count;
	packet.kind_case = SHMQ__PACKET__KIND_EVENT;
	packet.event = &message;
	return packet_pack(&packet, buf, cap_bytes);
}

static enum control_event_kind event_kind(int value)
{
	switch (value) {
	case SHMQ__EVENT_KIND__CREATED:
		return CONTROL_EVENT_CREATED;
	case SHMQ__EVENT_KIND__DESTROYED:
		return CONTROL_EVENT_DESTROYED;
	case SHMQ__EVENT_KIND__LOST:
		return CONTROL_EVENT_LOST;
	case SHMQ__EVENT_KIND__ATTACHED:
		return CONTROL_EVENT_ATTACHED;
	case SHMQ__EVENT_KIND__DETACHED:
		return CONTROL_EVENT_DETACHED;
	case SHMQ__EVENT_KIND__DIED:
		return CONTROL_EVENT_DIED;
	case SHMQ__EVENT_KIND__REAPED:
		return CONTROL_EVENT_REAPED;
	case SHMQ__EVENT_KIND__MISSED:
		return CONTROL_EVENT_MISSED;
	default:
		return CONTROL_EVENT_UNKNOWN; /* of a later version */
	}
}

static int event_decode(const Shmq__Event *from, struct control_event *event)
{
	event->kind = event_kind((int)from->kind);
	event->uid = from->uid;
	event->time_ns = from->time_ns;
	event->count = from->count;
	if (wire_role_decode((int)from->role, &event->role) < 0 ||
	    wire_form_pid(from->pid, &event->pid) < 0 ||
	    wire_form_copy(from->comm, event->comm, sizeof(event->comm)) < 0 ||
	    wire_form_copy(from->ring, event->ring, sizeof(event->ring)) < 0)
		return -EBADMSG;
	return 0;
}

static int kind_decode(const Shmq__Packet *from, struct wire_arena *arena, struct wire_packet *to)
{
	switch (from->kind_case) {
	case SHMQ__PACKET__KIND_REPLY:
		return wire_reply_decode(from->reply, arena, &to->reply);
	case SHMQ__PACKET__KIND_EVENT:
		to->is_event = true;
		return event_decode(from->event, &to->event);
	default:
		/* a kind of a later version is an event that means nothing here */
		to->is_event = true;
		return from->base.n_unknown_fields ? 0 : -EBADMSG;
	}
}

int wire_decode_packet(const void *buf, size_t len_bytes, struct wire_packet *ret)
{
	_cleanup_(wire_arena_freep) struct wire_arena *arena = NULL;
	struct wire_packet packet = { .reply = { .text = "" } };
	Shmq__Packet *message;
	int r;

	if (!len_bytes || len_bytes > CONTROL_PACKET_MAX)
		return -EBADMSG;
	arena = wire_arena_new(PACKET_BUDGET_BYTES);
	if (!arena)
		return -ENOMEM;
	message = shmq__packet__unpack(&arena->allocator, len_bytes, buf);
	if (!message)
		return wire_arena_error(arena);
	r = wire_form_check(&shmq__packet__descriptor, buf, len_bytes);
	if (r == 0)
		r = kind_decode(message, arena, &packet);
	if (r < 0)
		return r;
	*ret = packet;
	ret->storage = TAKE_PTR(arena);
	return 0;
}

void wire_packet_release(struct wire_packet *packet)
{
	packet->storage = wire_arena_free(packet->storage);
}
