/* SPDX-License-Identifier: MIT */
/*
 * client.c - the life of a struct shmq_client: connect, settings, disconnect
 */
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "client/board.h"
#include "client/call.h"
#include "client/connect.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/handle.h"
#include "client/poller.h"
#include "shm/wait.h"

#define GREETINGS_MAX	  5 /* times that a first connection may be hung up on */
#define GREETING_PAUSE_NS (5 * NS_PER_MS)

static struct shmq_client *client_free(struct shmq_client *client)
{
	if (!client)
		return NULL;
	client->pollers = pollers_free(client->pollers, client->pid != getpid());
	connect_drop(client);
	client_board_unref(client->board);
	free(client->detaches.ids);
	free(client->owned.ids);
	pthread_mutex_destroy(&client->mutex);
	free(client);
	return NULL;
}
DEFINE_CLEANUP(struct shmq_client *, client_free);

static struct shmq_client *client_new(int64_t timeout_ns)
{
	struct shmq_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->fd = -1;
	client->pid = getpid();
	client->timeout_ns = timeout_ns;
	client->spin_ns = WAIT_SPIN_ADAPTIVE;
	pthread_mutex_init(&client->mutex, NULL);
	return client;
}

/* A listener that is overrun or just being replaced is worth a few tries; nobody at all is not. */
static int connect_first(struct shmq_client *client)
{
	int64_t deadline_ns = deadline_after_ns(client->timeout_ns);
	struct timespec pause = timespec_from_ns(GREETING_PAUSE_NS);
	int r = 0;

	for (int tries = 0; tries < GREETINGS_MAX; tries++) {
		r = connect_once(client, deadline_ns);
		if (r != -EPIPE && r != -EAGAIN)
			return r;
		if (deadline_left_ns(deadline_ns) <= 0)
			break;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		pause = timespec_from_ns(GREETING_PAUSE_NS << (tries + 1));
	}
	return r == -EPIPE ? -EPROTO : -EHOSTDOWN;
}

int shmq_connect(struct shmq_client **ret_client, const char *socket)
{
	return shmq_connect_timeout(ret_client, socket, CLIENT_TIMEOUT_NS);
}

int shmq_connect_timeout(struct shmq_client **ret_client, const char *socket, int64_t timeout_ns)
{
	_cleanup_(client_freep) struct shmq_client *client = NULL;
	int r;

	error_clear();
	if (!ret_client)
		return error_set(-EINVAL, "no place for the client was given");
	client = client_new(timeout_ns);
	if (!client)
		return error_set(-ENOMEM, "%s", shmq_strerror(-ENOMEM));
	r = connect_resolve(client, socket);
	if (r == 0)
		r = connect_first(client);
	if (r < 0)
		return r;
	error_clear(); /* what failed on the way is forgotten */
	fork_add_client(client);
	*ret_client = TAKE_PTR(client);
	return 0;
}

/* Give everything back that the daemon thinks this client has. */
static void detach_all(struct shmq_client *client)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;

	if (client_lock(client, &locked) < 0)
		return; /* a forked child: it has nothing */
	while (client->handles) {
		bool owed = client->handles->board == client->board;
		uint64_t attachment = handle_close(client->handles);

		if (owed)
			client_ids_add(&client->detaches, attachment);
	}
	for (size_t i = 0; i < client->owned.n; i++)
		client_ids_add(&client->detaches, client->owned.ids[i]);
	call_settle(client);
}

struct shmq_client *shmq_disconnect(struct shmq_client *client)
{
	if (!client)
		return NULL;
	detach_all(client);
	while (client->handles)
		handle_close(client->handles);
	fork_remove_client(client);
	error_clear();
	return client_free(client);
}

int shmq_set_control_timeout(struct shmq_client *client, int64_t timeout_ns)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r < 0)
		return r;
	client->timeout_ns = timeout_ns;
	return 0;
}

int shmq_set_mlock(struct shmq_client *client, int on)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r < 0)
		return r;
	client->lock_memory = on != 0;
	return 0;
}

int shmq_set_spin(struct shmq_client *client, int64_t spin_ns)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r < 0)
		return r;
	/* [N1] relaxed: a setting, nothing else depends on it; pairs with [N2] */
	__atomic_store_n(&client->spin_ns, spin_ns < 0 ? WAIT_SPIN_ADAPTIVE : spin_ns,
			 __ATOMIC_RELAXED);
	return 0;
}
