/* SPDX-License-Identifier: MIT */
/*
 * lock.c - a public call on a client begins and ends; see client.h
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/client.h"
#include "client/connect.h"
#include "client/error.h"

int client_lock(struct shmq_client *client, struct shmq_client **ret_locked)
{
	error_clear();
	if (!client)
		return error_set(-EINVAL, "no client was given");
	if (client->pid != getpid())
		return error_set(-ECHILD,
				 "this connection belongs to process %d, which this one was "
				 "forked from: connect again here",
				 (int)client->pid);
	pthread_mutex_lock(&client->mutex);
	client->deadline_ns = deadline_after_ns(client->timeout_ns);
	connect_look(client);
	*ret_locked = client;
	return 0;
}

void client_unlockp(struct shmq_client **locked)
{
	if (*locked)
		pthread_mutex_unlock(&(*locked)->mutex);
	*locked = NULL;
}
