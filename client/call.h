/* SPDX-License-Identifier: MIT */
/*
 * call.h - one request and its reply, over as many connections as it takes
 *
 * The client is locked. A request may reach the daemon twice (its answer was lost with the
 * connection): each is made so that the second time changes nothing.
 */
#pragma once

#include "client/exchange.h"

/*
 * call() - ask, wait for the answer, reconnect on the way
 * @request: id and echo are filled in.
 * @body: what the answer must carry; CONTROL_BODY_NONE: anything.
 * @ret_reply: release it; written on success only, but for resent.
 * Return: 0; the daemon's status; -EHOSTDOWN, -ETIMEDOUT, -EPROTO, -ENOMEM. The sentence is set.
 */
int call(struct shmq_client *client, struct control_request *request, enum control_body body,
	 struct client_reply *ret_reply);

/* Give an attachment back: now if the daemon is there, else at the next connect. The sentence stays
 * as it is. */
void call_detach(struct shmq_client *client, uint64_t attachment);

/* Pay the debts, waiting for the daemon until the deadline if there are any. */
void call_settle(struct shmq_client *client);
