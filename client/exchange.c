/* SPDX-License-Identifier: MIT */
/*
 * exchange.c - requests out, replies and events in, on one connection; see exchange.h
 */
#include "client/exchange.h"

#include <errno.h>

#include "client/error.h"
#include "client/packet.h"

static bool is_gone(ssize_t error)
{
	return error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN ||
	       error == -ECONNREFUSED;
}

static int not_shmqd(const struct shmq_client *client)
{
	return error_set(-EPROTO, "what listens at %s does not speak the protocol of shmqd",
			 client->socket);
}

static int send_request(struct shmq_client *client, struct control_request *request,
			int64_t deadline_ns)
{
	ssize_t n;
	int r;

	request->echo = client->echo;
	n = wire_encode_request(request, client->packet, sizeof(client->packet));
	if (n == -EMSGSIZE)
		return error_set(-EINVAL, "the request is longer than the %u bytes of a packet",
				 CONTROL_PACKET_MAX);
	if (n < 0)
		return error_set((int)n, "%s", shmq_strerror((int)n));
	r = packet_send(client->fd, client->packet, (size_t)n, deadline_ns);
	if (is_gone(r))
		return -EPIPE;
	if (r == -ETIMEDOUT)
		return error_set(r, "shmqd at %s takes no requests", client->socket);
	if (r < 0)
		return error_set(r, "sending to %s: %s", client->socket, shmq_strerror(r));
	return 0;
}

static bool may_have_two(const struct wire_packet *packet)
{
	return !packet->is_event && packet->reply.body == CONTROL_BODY_ATTACH &&
	       packet->reply.attach.sealed;
}

static int receive_packet(struct shmq_client *client, int64_t deadline_ns,
			  struct client_reply *ret_reply)
{
	int fds[PACKET_FDS] = { -1, -1 };
	ssize_t n = packet_receive(client->fd, client->packet, sizeof(client->packet), deadline_ns,
				   fds);
	_cleanup_fd_ int first = fds[0], second = fds[1];
	int r;

	if (is_gone(n))
		return -EPIPE;
	if (n == -ETIMEDOUT)
		return error_set(-ETIMEDOUT, "shmqd at %s does not answer", client->socket);
	if (n == -EBADMSG)
		return not_shmqd(client);
	if (n < 0)
		return error_set((int)n, "receiving from %s: %s", client->socket,
				 shmq_strerror((int)n));
	r = wire_decode_packet(client->packet, (size_t)n, &ret_reply->packet);
	if (r == -EBADMSG)
		return not_shmqd(client);
	if (r < 0)
		return error_set(r, "%s", shmq_strerror(r));
	if (second >= 0 && !may_have_two(&ret_reply->packet)) {
		wire_packet_release(&ret_reply->packet);
		return not_shmqd(client);
	}
	ret_reply->fd = TAKE_FD(first);
	ret_reply->second_fd = TAKE_FD(second);
	return 0;
}

static void keep_event(struct client_events *queue, const struct control_event *event)
{
	if (event->kind == CONTROL_EVENT_UNKNOWN)
		return;
	if (queue->n == CLIENT_EVENTS_MAX) {
		queue->n_missed += event->kind == CONTROL_EVENT_MISSED ? event->count : 1;
		return;
	}
	queue->events[(queue->first + queue->n) % CLIENT_EVENTS_MAX] = *event;
	queue->n++;
}

/* The answer to an Attach that gave up waiting: the role is ours, and nobody here wants it. */
static void settle_late(struct shmq_client *client, const struct control_reply *reply)
{
	for (size_t i = 0; i < client->n_unanswered; i++) {
		if (client->unanswered[i].request_id != reply->id)
			continue;
		client->unanswered[i] = client->unanswered[--client->n_unanswered];
		if (reply->status == 0 && reply->body == CONTROL_BODY_ATTACH)
			client_ids_add(&client->detaches, reply->attach.attachment);
		return;
	}
}

int exchange(struct shmq_client *client, struct control_request *request, int64_t deadline_ns,
	     struct client_reply *ret_reply)
{
	int r = send_request(client, request, deadline_ns);

	while (r == 0) {
		_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;

		r = receive_packet(client, deadline_ns, &reply);
		if (r < 0)
			break;
		if (reply.packet.is_event) {
			keep_event(&client->events, &reply.packet.event);
		} else if (reply.packet.reply.id == request->id) {
			*ret_reply = reply;
			reply = (struct client_reply)CLIENT_REPLY_INIT;
			return 0;
		} else {
			settle_late(client, &reply.packet.reply);
		}
	}
	return r;
}

int exchange_idle(struct shmq_client *client, int64_t deadline_ns)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	int r = receive_packet(client, deadline_ns, &reply);

	if (r < 0)
		return r;
	if (reply.packet.is_event) {
		keep_event(&client->events, &reply.packet.event);
		return 0;
	}
	settle_late(client, &reply.packet.reply);
	return -EAGAIN;
}
