/* SPDX-License-Identifier: MIT */
/*
 * info.c - what there is: rings, who holds them, the daemon itself
 *
 * Lists come in pages; between two pages the client is unlocked, so that the caller's function may
 * use it. What appears or goes meanwhile may be missed or seen, never garbled.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "client/call.h"
#include "client/create.h"
#include "client/error.h"

static void holder_info(const struct control_holder *from, struct shmq_holder *to)
{
	memset(to, 0, sizeof(*to));
	to->id = from->attachment;
	to->pid = from->pid;
	to->uid = from->uid;
	to->role = from->role;
	to->unverified = from->unverified;
	to->since_s = from->since_s;
	to->incarnation = from->incarnation;
	memcpy(to->comm, from->comm, sizeof(to->comm));
	memcpy(to->ring, from->ring, sizeof(to->ring));
}

static void rules_info(const struct control_ring_config *from, struct shmq_ring_info *to)
{
	to->n_rules = (uint32_t)from->n_rules;
	for (size_t i = 0; i < from->n_rules; i++) {
		to->rules[i].who = (enum shmq_principal)from->rules[i].who;
		to->rules[i].rights = from->rules[i].rights;
		to->rules[i].id = from->rules[i].id;
		memcpy(to->rules[i].unit, from->rules[i].unit, sizeof(to->rules[i].unit));
	}
}

static void ring_info(const struct control_ring_info *from, struct shmq_ring_info *to)
{
	memset(to, 0, sizeof(*to));
	memcpy(to->name, from->name, sizeof(to->name));
	hex_encode(from->generation, sizeof(from->generation), to->generation);
	memcpy(to->segment, from->segment, sizeof(to->segment));
	memcpy(to->state, from->state, sizeof(to->state));
	to->slots = from->geometry.slots;
	to->size_bytes = from->geometry.size_bytes;
	to->stride_bytes = from->geometry.stride_bytes;
	to->wake = (enum shmq_wake)from->config.wake;
	to->lifetime = (enum shmq_lifetime)from->config.lifetime;
	to->linger_s = from->config.linger_s;
	to->mode = from->config.mode;
	to->align_payload = from->config.align_payload;
	to->uid = from->uid;
	to->gid = from->gid;
	to->creator_pid = from->creator_pid;
	memcpy(to->creator_comm, from->creator_comm, sizeof(to->creator_comm));
	to->created_s = from->created_s;
	to->bytes = from->geometry.segment_bytes;
	to->pushed = from->pushed;
	to->popped = from->popped;
	/* two words read one after the other: the consumer may be ahead of what was seen first */
	to->depth = from->pushed > from->popped ? from->pushed - from->popped : 0;
	to->n_full = from->n_full;
	to->n_dry = from->n_dry;
	to->n_sleeps = from->n_sleeps;
	to->n_wakes = from->n_wakes;
	to->linger_left_ns = from->linger_left_ns;
	to->schema = from->config.schema;
	to->n_holders = (uint32_t)from->n_holders;
	for (size_t i = 0; i < from->n_holders; i++)
		holder_info(&from->holders[i], &to->holders[i]);
	memcpy(to->remark, from->remark, sizeof(to->remark));
	to->sealed = from->config.sealed;
	rules_info(&from->config, to);
}

/* One request without side effects. Return: as call(). */
static int ask(struct shmq_client *client, struct control_request *request, enum control_body body,
	       struct client_reply *reply)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	return r < 0 ? r : call(client, request, body, reply);
}

int shmq_list(struct shmq_client *client, shmq_ring_fn fn, void *arg)
{
	uint64_t cursor = 0;

	do {
		_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
		struct control_request request = { .op = CONTROL_LIST, .cursor = cursor };
		const struct control_reply *page = &reply.packet.reply;
		int r = ask(client, &request, CONTROL_BODY_LIST, &reply);

		if (r < 0)
			return r;
		for (size_t i = 0; i < page->list.n_rings; i++) {
			struct shmq_ring_info info;

			ring_info(&page->list.rings[i], &info);
			r = fn(&info, arg);
			if (r)
				return r;
		}
		if (page->list.next_cursor && page->list.next_cursor <= cursor)
			return error_set(-EPROTO, "shmqd lists its rings in circles");
		cursor = page->list.next_cursor;
	} while (cursor);
	return 0;
}

int shmq_clients(struct shmq_client *client, shmq_holder_fn fn, void *arg)
{
	uint64_t cursor = 0;

	do {
		_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
		struct control_request request = { .op = CONTROL_CLIENTS, .cursor = cursor };
		const struct control_reply *page = &reply.packet.reply;
		int r = ask(client, &request, CONTROL_BODY_CLIENTS, &reply);

		if (r < 0)
			return r;
		for (size_t i = 0; i < page->clients.n_holders; i++) {
			struct shmq_holder holder;

			holder_info(&page->clients.holders[i], &holder);
			r = fn(&holder, arg);
			if (r)
				return r;
		}
		if (page->clients.next_cursor && page->clients.next_cursor <= cursor)
			return error_set(-EPROTO, "shmqd lists its clients in circles");
		cursor = page->clients.next_cursor;
	} while (cursor);
	return 0;
}

int shmq_show(struct shmq_client *client, const char *name, struct shmq_ring_info *ret_info)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_SHOW, .name = name };
	int r;

	error_clear();
	r = create_check_name(name);
	if (r == 0)
		r = ask(client, &request, CONTROL_BODY_RING, &reply);
	if (r == 0)
		ring_info(&reply.packet.reply.ring, ret_info);
	return r;
}

int shmq_show_schema(struct shmq_client *client, const char *name, char *buf, size_t cap)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_SHOW, .name = name };
	size_t len;
	int r;

	error_clear();
	r = create_check_name(name);
	if (r == 0)
		r = ask(client, &request, CONTROL_BODY_RING, &reply);
	if (r < 0)
		return r;
	len = strlen(reply.packet.reply.ring.config.schema_text);
	if (len >= cap)
		return error_set(-EMSGSIZE, "the schema of ring '%s' has %zu bytes, and there is room "
				 "for %zu", name, len, cap);
	memcpy(buf, reply.packet.reply.ring.config.schema_text, len + 1);
	return (int)len;
}

int shmq_daemon_info(struct shmq_client *client, struct shmq_daemon_info *ret_info)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_INFO };
	const struct control_info *info = &reply.packet.reply.info;
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r == 0)
		r = call(client, &request, CONTROL_BODY_INFO, &reply);
	if (r < 0)
		return r;
	*ret_info = (struct shmq_daemon_info){
		.pid = info->pid,
		.protocol = client->protocol,
		.layout = client->layout,
		.n_rings = info->n_rings,
		.max_rings = info->max_rings,
		.n_attachments = info->n_attachments,
		.max_attachments = info->max_attachments,
		.n_connections = info->n_connections,
		.bytes = info->bytes,
		.max_bytes = info->max_bytes,
		.uptime_ns = info->uptime_ns,
	};
	snprintf(ret_info->version, sizeof(ret_info->version), "%s", info->version);
	snprintf(ret_info->instance, sizeof(ret_info->instance), "%s", info->instance);
	return 0;
}

int64_t shmq_ping(struct shmq_client *client)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_PING };
	int64_t start_ns = clock_monotonic_ns();
	int r = ask(client, &request, CONTROL_BODY_NONE, &reply);

	return r < 0 ? r : clock_monotonic_ns() - start_ns;
}
