/* SPDX-License-Identifier: MIT */
/*
 * handle_fd.c - descriptors to wait with, and calls that wait by themselves; see handle.h
 */
#include <errno.h>

#include "client/error.h"
#include "client/handle.h"
#include "client/poller.h"

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
