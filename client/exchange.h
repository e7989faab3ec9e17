/* SPDX-License-Identifier: MIT */
/*
 * exchange.h - one request and its reply on the connection that there is
 *
 * The client is locked and connected. What arrives meanwhile and is not the reply finds its place:
 * events are queued, late answers to calls that gave up are settled.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fd.h"
#include "client/client.h"
#include "proto/wire.h"

struct client_reply {
	struct wire_packet packet;
	int fd;	     /* that came with it, or -1 */
	int second_fd; /* of a sealed ring's attach, else -1 */
	bool resent; /* the request was sent more than once */
};

#define CLIENT_REPLY_INIT                                                                          \
	{                                                                                          \
		.fd = -1, .second_fd = -1                                                          \
	}

static inline void client_reply_release(struct client_reply *reply)
{
	wire_packet_release(&reply->packet);
	reply->fd = fd_close(reply->fd);
	reply->second_fd = fd_close(reply->second_fd);
}

/*
 * exchange() - send @request, wait for its reply
 * @request: the echo is filled in. @ret_reply: holds nothing.
 * Return: 0, @ret_reply is to be released; -EPIPE the connection is gone (nothing is said);
 * -ETIMEDOUT, -EPROTO, -ENOMEM: the sentence is set.
 */
int exchange(struct shmq_client *client, struct control_request *request, int64_t deadline_ns,
	     struct client_reply *ret_reply);

/* Take one packet that is no reply. Return: 0; -EAGAIN it was a reply, and is released; as above.
 */
int exchange_idle(struct shmq_client *client, int64_t deadline_ns);
