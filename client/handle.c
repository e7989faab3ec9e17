/* SPDX-License-Identifier: MIT */
/*
 * handle.c - the memory of handles: made, disowned, freed; see handle.h
 */
#include "client/handle.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/board.h"
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

int64_t handle_spin_ns(const struct client_handle *handle)
{
	/* [N2] relaxed: a setting, nothing else depends on it; pairs with [N1] */
	return __atomic_load_n(&handle->client->spin_ns, __ATOMIC_RELAXED);
}
