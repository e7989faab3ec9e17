/* SPDX-License-Identifier: MIT */
/*
 * call.c - control calls that survive the daemon's restart; see call.h
 *
 * When the connection breaks, the call connects again (at first at once, then ever slower) until
 * its deadline, pays the debts (detaches that could not be sent), and asks again.
 */
#include "client/call.h"

#include <errno.h>

#include "base/clock.h"
#include "client/connect.h"
#include "client/error.h"

#define BACKOFF_FIRST_NS (NS_PER_MS)
#define BACKOFF_LAST_NS	 (200 * NS_PER_MS)

struct backoff {
	int64_t deadline_ns;
	int64_t delay_ns; /* 0: the next try is at once */
};

/* Return: 0 try again; -ETIMEDOUT there is no time left. */
static int backoff_wait(struct backoff *backoff)
{
	int64_t left_ns = deadline_left_ns(backoff->deadline_ns);
	struct timespec pause =
		timespec_from_ns(backoff->delay_ns < left_ns ? backoff->delay_ns : left_ns);

	if (backoff->delay_ns)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL); /* a signal only hastens it */
	backoff->delay_ns = backoff->delay_ns ? 2 * backoff->delay_ns : BACKOFF_FIRST_NS;
	if (backoff->delay_ns > BACKOFF_LAST_NS)
		backoff->delay_ns = BACKOFF_LAST_NS;
	return deadline_left_ns(backoff->deadline_ns) > 0 ? 0 : -ETIMEDOUT;
}

static int host_down(const struct shmq_client *client)
{
	return error_set(-EHOSTDOWN,
			 "shmqd went away and was not back in time (socket %s); messages flow on, "
			 "start it again and repeat the call",
			 client->socket);
}

/* Detach everything that is owed. Any answer settles: the daemon knows better than we do. */
static int pay_debts(struct shmq_client *client, int64_t deadline_ns)
{
	while (client->detaches.n) {
		_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
		struct control_request request = {
			.id = ++client->last_id,
			.op = CONTROL_DETACH,
			.attachment = client->detaches.ids[0],
		};
		int r = exchange(client, &request, deadline_ns, &reply);

		if (r < 0)
			return r;
		client_ids_remove(&client->detaches, request.attachment);
	}
	return 0;
}

/* Return: 0 connected and nothing owed; -EHOSTDOWN or what no patience helps against. */
static int call_ready(struct shmq_client *client, struct backoff *backoff)
{
	for (;;) {
		int r = client->fd >= 0 ? 0 : connect_once(client, backoff->deadline_ns);

		if (r == 0)
			r = pay_debts(client, backoff->deadline_ns);
		if (r == -EPIPE || r == -EPROTO)
			connect_drop(client);
		if (r == -ETIMEDOUT && client->fd < 0)
			return host_down(client);
		if (r != -EPIPE && r != -ENOTCONN && r != -EAGAIN)
			return r;
		if (backoff_wait(backoff) < 0)
			return host_down(client);
	}
}

/* A daemon that is just stopping, or has its hands full: its successor, or it, will answer. */
static bool is_not_now(int r, const struct client_reply *reply)
{
	return r == 0 && reply->packet.reply.status == -EAGAIN;
}

static int exchange_patiently(struct shmq_client *client, struct control_request *request,
			      struct client_reply *ret_reply)
{
	struct backoff backoff = { .deadline_ns = client->deadline_ns };
	bool sent = false;

	for (;;) {
		int r = call_ready(client, &backoff);

		if (r < 0)
			return r;
		r = exchange(client, request, backoff.deadline_ns, ret_reply);
		if (r == 0)
			ret_reply->resent = sent;
		if (r == -EPROTO || r == -EPIPE)
			connect_drop(client);
		if (r != -EPIPE && !is_not_now(r, ret_reply))
			return r;
		sent = sent || r == -EPIPE;
		if (backoff_wait(&backoff) < 0)
			return r == -EPIPE ? host_down(client) : r;
		client_reply_release(ret_reply);
	}
}

/* The daemon's words for errors, in the library's. */
static int refused(const struct control_reply *reply)
{
	int error = reply->status;

	if (error == -EPERM)
		error = -EACCES;
	if (error == -ENOTSUP)
		error = -EPROTO;
	if (error == -EAGAIN)
		error = -EHOSTDOWN; /* asked again until the deadline */
	return error_set(error, "%s", reply->text[0] ? reply->text : shmq_strerror(error));
}

int call(struct shmq_client *client, struct control_request *request, enum control_body body,
	 struct client_reply *ret_reply)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	int r;

	request->id = ++client->last_id;
	r = exchange_patiently(client, request, &reply);
	if (r < 0)
		return r;
	if (reply.fd >= 0 && !request->want_descriptor) {
		connect_drop(client);
		return error_set(-EPROTO, "shmqd at %s sent a descriptor that nobody asked for",
				 client->socket);
	}
	if (reply.packet.reply.status < 0) {
		ret_reply->resent = reply.resent;
		return refused(&reply.packet.reply);
	}
	if (body != CONTROL_BODY_NONE && reply.packet.reply.body != body) {
		connect_drop(client);
		return error_set(-EPROTO, "shmqd at %s answered something else than was asked",
				 client->socket);
	}
	*ret_reply = reply;
	reply = (struct client_reply)CLIENT_REPLY_INIT;
	error_clear(); /* what failed on the way is forgotten */
	return 0;
}

/* A connection may have died unnoticed: one more try, but no waiting for a daemon. */
static void pay_now(struct shmq_client *client)
{
	for (int tries = 0; tries < 2; tries++) {
		if (client->fd < 0 && connect_once(client, client->deadline_ns) < 0)
			return;
		if (pay_debts(client, client->deadline_ns) != -EPIPE)
			return;
		connect_drop(client);
	}
}

void call_detach(struct shmq_client *client, uint64_t attachment)
{
	struct error_saved saved;

	if (client_ids_add(&client->detaches, attachment) < 0)
		return; /* out of memory: the role is free when this process ends */
	error_save(&saved);
	pay_now(client);
	error_restore(&saved);
}

void call_settle(struct shmq_client *client)
{
	struct backoff backoff = { .deadline_ns = client->deadline_ns };

	/* answers that came too late, and are here now */
	while (client->fd >= 0 && client->n_unanswered) {
		int r = exchange_idle(client, 0);

		if (r < 0 && r != -EAGAIN)
			break;
	}
	if (client->detaches.n)
		call_ready(client, &backoff);
}
