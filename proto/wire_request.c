/* SPDX-License-Identifier: MIT */
/*
 * wire_request.c - requests, both ways; see wire.h
 *
 * A request whose operation this version doesn't know is CONTROL_UNKNOWN, to be answered; one that
 * has no operation at all is out of form.
 */
#include "proto/wire.h"

#include "proto/wire_form.h"

#define REQUEST_BUDGET_BYTES (128u << 10)

/* Everything that one request may consist of, while it is packed. */
struct request_messages {
	Shmq__Request request;
	struct wire_config config;
	union {
		Shmq__Hello hello;
		Shmq__Create create;
		Shmq__Attach attach;
		Shmq__Detach detach;
		Shmq__Destroy destroy;
		Shmq__Purge purge;
		Shmq__List list;
		Shmq__Show show;
		Shmq__Clients clients;
		Shmq__Watch watch;
		Shmq__Ping ping;
		Shmq__Info info;
		Shmq__Stats stats;
	};
};

static void hello_encode(const struct control_request *from, Shmq__Hello *to)
{
	shmq__hello__init(to);
	to->protocol_min = from->protocol_min;
	to->protocol_max = from->protocol_max;
	to->layout = from->layout;
	if (from->library)
		to->library = (char *)from->library;
}

static void create_encode(const struct control_request *from, struct wire_config *config,
			  Shmq__Create *to)
{
	shmq__create__init(to);
	to->name = (char *)from->name;
	to->config = &config->message;
	to->exclusive = from->exclusive;
	to->nonce = from->nonce;
}

static void attach_encode(const struct control_request *from, struct wire_config *config,
			  Shmq__Attach *to)
{
	shmq__attach__init(to);
	to->name = (char *)from->name;
	to->role = (Shmq__Role)from->role;
	to->nonce = from->nonce;
	to->want_descriptor = from->want_descriptor;
	to->create = from->create;
	if (from->has_config)
		to->config = &config->message;
	to->exclusive = from->exclusive;
	to->schema_set = from->schema_set;
	to->schema = from->schema;
}

/* Set the oneof: member, case and initialiser have one name. */
#define SET_OP(lower, UPPER)                                                                       \
	do {                                                                                       \
		shmq__##lower##__init(&to->lower);                                                 \
		to->request.op_case = SHMQ__REQUEST__OP_##UPPER;                                   \
		to->request.lower = &to->lower;                                                    \
	} while (0)

static int op_encode(const struct control_request *from, struct request_messages *to)
{
	switch (from->op) {
	case CONTROL_HELLO:
		SET_OP(hello, HELLO);
		hello_encode(from, &to->hello);
		return 0;
	case CONTROL_CREATE:
		SET_OP(create, CREATE);
		create_encode(from, &to->config, &to->create);
		return 0;
	case CONTROL_ATTACH:
		SET_OP(attach, ATTACH);
		attach_encode(from, &to->config, &to->attach);
		return 0;
	case CONTROL_DETACH:
		SET_OP(detach, DETACH);
		to->detach.attachment = from->attachment;
		return 0;
	case CONTROL_DESTROY:
		SET_OP(destroy, DESTROY);
		to->destroy.name = (char *)from->name;
		to->destroy.force = from->force;
		return 0;
	case CONTROL_PURGE:
		SET_OP(purge, PURGE);
		to->purge.name = (char *)from->name;
		return 0;
	case CONTROL_LIST:
		SET_OP(list, LIST);
		to->list.cursor = from->cursor;
		return 0;
	case CONTROL_SHOW:
		SET_OP(show, SHOW);
		to->show.name = (char *)from->name;
		return 0;
	case CONTROL_CLIENTS:
		SET_OP(clients, CLIENTS);
		to->clients.cursor = from->cursor;
		return 0;
	case CONTROL_WATCH:
		SET_OP(watch, WATCH);
		return 0;
	case CONTROL_PING:
		SET_OP(ping, PING);
		return 0;
	case CONTROL_INFO:
		SET_OP(info, INFO);
		return 0;
	case CONTROL_STATS:
		SET_OP(stats, STATS);
		to->stats.cursor = from->cursor;
		if (from->name)
			to->stats.name = (char *)from->name;
		return 0;
	case CONTROL_UNKNOWN:
		break;
	}
	return -EINVAL;
}

ssize_t wire_encode_request(const struct control_request *request, void *buf, size_t cap_bytes)
{
	struct request_messages messages;
	size_t bytes;
	int r;

	shmq__request__init(&messages.request);
	messages.request.id = request->id;
	messages.request.echo = request->echo;
	wire_config_encode(&request->config, &messages.config);
	r = op_encode(request, &messages);
	if (r < 0)
		return r;
	bytes = shmq__request__get_packed_size(&messages.request);
	if (bytes > cap_bytes || bytes > CONTROL_PACKET_MAX)
		return -EMSGSIZE;
	return (ssize_t)shmq__request__pack(&messages.request, buf);
}

/* ---- decoding ---- */

static int hello_decode(const Shmq__Hello *from, struct control_request *request)
{
	request->op = CONTROL_HELLO;
	request->protocol_min = from->protocol_min;
	request->protocol_max = from->protocol_max;
	request->layout = from->layout;
	return wire_form_text(from->library, WIRE_REQUEST_TEXT_MAX, &request->library);
}

static int create_decode(const Shmq__Create *from, struct control_request *request)
{
	request->op = CONTROL_CREATE;
	request->has_config = true; /* an absent one is all defaults */
	request->exclusive = from->exclusive;
	request->nonce = from->nonce;
	if (from->config && wire_config_decode(from->config, &request->config) < 0)
		return -EBADMSG;
	return wire_form_text(from->name, WIRE_REQUEST_TEXT_MAX, &request->name);
}

static int attach_decode(const Shmq__Attach *from, struct control_request *request)
{
	request->op = CONTROL_ATTACH;
	request->nonce = from->nonce;
	request->want_descriptor = from->want_descriptor;
	request->create = from->create;
	request->exclusive = from->exclusive;
	request->schema_set = from->schema_set;
	request->schema = from->schema;
	if (wire_role_decode((int)from->role, &request->role) < 0)
		return -EBADMSG;
	if (from->config) {
		request->has_config = true;
		if (wire_config_decode(from->config, &request->config) < 0)
			return -EBADMSG;
	}
	return wire_form_text(from->name, WIRE_REQUEST_TEXT_MAX, &request->name);
}

static int name_decode(enum control_op op, const char *name, struct control_request *request)
{
	request->op = op;
	return wire_form_text(name, WIRE_REQUEST_TEXT_MAX, &request->name);
}

static int plain_decode(enum control_op op, uint64_t cursor, struct control_request *request)
{
	request->op = op;
	request->cursor = cursor;
	return 0;
}

static int op_decode(const Shmq__Request *from, struct control_request *request)
{
	switch (from->op_case) {
	case SHMQ__REQUEST__OP_HELLO:
		return hello_decode(from->hello, request);
	case SHMQ__REQUEST__OP_CREATE:
		return create_decode(from->create, request);
	case SHMQ__REQUEST__OP_ATTACH:
		return attach_decode(from->attach, request);
	case SHMQ__REQUEST__OP_DETACH:
		request->attachment = from->detach->attachment;
		return plain_decode(CONTROL_DETACH, 0, request);
	case SHMQ__REQUEST__OP_DESTROY:
		request->force = from->destroy->force;
		return name_decode(CONTROL_DESTROY, from->destroy->name, request);
	case SHMQ__REQUEST__OP_PURGE:
		return name_decode(CONTROL_PURGE, from->purge->name, request);
	case SHMQ__REQUEST__OP_LIST:
		return plain_decode(CONTROL_LIST, from->list->cursor, request);
	case SHMQ__REQUEST__OP_SHOW:
		return name_decode(CONTROL_SHOW, from->show->name, request);
	case SHMQ__REQUEST__OP_CLIENTS:
		return plain_decode(CONTROL_CLIENTS, from->clients->cursor, request);
	case SHMQ__REQUEST__OP_WATCH:
		return plain_decode(CONTROL_WATCH, 0, request);
	case SHMQ__REQUEST__OP_PING:
		return plain_decode(CONTROL_PING, 0, request);
	case SHMQ__REQUEST__OP_INFO:
		return plain_decode(CONTROL_INFO, 0, request);
	case SHMQ__REQUEST__OP_STATS:
		request->cursor = from->stats->cursor;
		return name_decode(CONTROL_STATS, from->stats->name, request);
	default:
		/* the operation of a later version, or none at all */
		request->op = CONTROL_UNKNOWN;
		return from->base.n_unknown_fields ? 0 : -EBADMSG;
	}
}

int wire_decode_request(const void *buf, size_t len_bytes, struct wire_request *ret)
{
	_cleanup_(wire_arena_freep) struct wire_arena *arena = NULL;
	struct control_request request = {
		.name = "",
		.library = "",
		.config = { .schema_text = "" },
	};
	Shmq__Request *message;

	ret->request = request;
	ret->storage = NULL;
	if (!len_bytes || len_bytes > CONTROL_PACKET_MAX)
		return -EBADMSG;
	ret->request.id = request.id = wire_form_id(buf, len_bytes);
	arena = wire_arena_new(REQUEST_BUDGET_BYTES);
	if (!arena)
		return -ENOMEM;
	message = shmq__request__unpack(&arena->allocator, len_bytes, buf);
	if (!message)
		return wire_arena_error(arena);
	ret->request.id = request.id = message->id;
	request.echo = message->echo;
	if (wire_form_check(&shmq__request__descriptor, buf, len_bytes) < 0 ||
	    op_decode(message, &request) < 0)
		return -EBADMSG;
	ret->request = request;
	ret->storage = TAKE_PTR(arena);
	return 0;
}

void wire_request_release(struct wire_request *request)
{
	request->storage = wire_arena_free(request->storage);
}

uint64_t wire_request_id(const void *buf, size_t len_bytes)
{
	struct wire_request decoded = { 0 };
	uint64_t id;
	int r = wire_decode_request(buf, len_bytes, &decoded);

	id = decoded.request.id; /* is set even if the rest was bad */
	if (r == 0)
		wire_request_release(&decoded);
	return id;
}
