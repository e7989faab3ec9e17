/* SPDX-License-Identifier: MIT */
/*
 * handle.c - making, disowning and giving up handles; see handle.h
 */
#include "client/handle.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/probe.h"
#include "client/board.h"
#include "client/call.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/guard.h"
#include "client/poller.h"
#include "shm/ring.h"
#include "shm/wait.h"

#define HANDLE_ALIGNMENT 64 /* the hot part in as few cache lines as it has */

static pthread_once_t registered_once = PTHREAD_ONCE_INIT;
static bool registered;

static void register_process(void)
{
	registered = membarrier_register() == 0;
}

bool handle_process_init(void)
{
	pthread_once(&registered_once, register_process);
	return registered;
}

struct client_handle *handle_new(struct shmq_client *client, const char *name, uint64_t attachment)
{
	size_t bytes = (sizeof(struct client_handle) + HANDLE_ALIGNMENT - 1) &
		       ~(size_t)(HANDLE_ALIGNMENT - 1);
	struct client_handle *handle = aligned_alloc(HANDLE_ALIGNMENT, bytes);

	if (!handle)
		return NULL;
	memset(handle, 0, sizeof(*handle));
	handle->client = client;
	handle->board = client_board_ref(client->board);
	handle->attachment = attachment;
	snprintf(handle->name, sizeof(handle->name), "%s", name);
	return handle;
}

struct client_handle *handle_free(struct client_handle *handle)
{
	if (!handle)
		return NULL;
	guard_remove(&handle->map);
	segment_unmap(&handle->map);
	client_board_unref(handle->board);
	free(handle);
	return NULL;
}

void handle_disown(struct client_handle *handle)
{
	ring_disable(&handle->hot, -ECHILD);
	if (handle->pollable)
		pollable_disown(handle->pollable);
	guard_remove(&handle->map);
	/* not unmapped: the addresses may be somebody else's by now */
	memset(&handle->map, 0, sizeof(handle->map));
}

uint64_t handle_close(struct client_handle *handle)
{
	uint64_t attachment = handle->attachment;

	PROBE(shmq, detach, handle, handle->name, handle->hot.position);
	pollable_free(TAKE_PTR(handle->pollable));
	fork_remove_handle(handle);
	handle_free(handle);
	return attachment;
}

void handle_detach(struct client_handle *handle)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	struct shmq_client *client = handle->client;
	struct client_board *board = client_board_ref(handle->board);
	uint64_t attachment = handle_close(handle);

	if (client_lock(client, &locked) == 0 && client->board == board)
		call_detach(client, attachment);
	client_board_unref(board);
	error_clear(); /* a detach can't fail: what is not done now is done at the next connect */
}

int64_t handle_spin_ns(const struct client_handle *handle)
{
	/* [N2] relaxed: a setting, nothing else depends on it; pairs with [N1] */
	return __atomic_load_n(&handle->client->spin_ns, __ATOMIC_RELAXED);
}

/* A call that does not wait is about to say -EAGAIN. */
static void handle_blocked(struct shmq_hot *hot)
{
	struct client_handle *handle = (struct client_handle *)(void *)hot;

	pollable_arm(handle->pollable, hot);
}

void handle_wait_begin(struct client_handle *handle)
{
	if (!handle->pollable || handle->hot.error)
		return;
	handle->hot.on_blocked = NULL;
	pollable_disarm(handle->pollable);
}

ssize_t handle_wait_end(struct client_handle *handle, ssize_t r)
{
	bool is_blocked = r == -EAGAIN || r == -ETIMEDOUT;

	if (handle->pollable) {
		handle->hot.on_blocked = handle_blocked;
		if (is_blocked)
			handle_blocked(&handle->hot);
	}
	if (r < 0 && !is_blocked)
		error_set((int)r, "ring '%s': %s", handle->name, shmq_strerror((int)r));
	return r;
}

int handle_fd(struct client_handle *handle)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(handle->client, &locked);

	if (r < 0)
		return r;
	if (!handle->pollable) {
		r = pollable_new(&locked->pollers, &handle->pollable);
		if (r < 0)
			return error_set(r, "ring '%s': no descriptor to wait with: %s",
					 handle->name, shmq_strerror(r));
		handle->hot.on_blocked = handle_blocked;
	}
	return handle->pollable->fd;
}
