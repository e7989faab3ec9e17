/* SPDX-License-Identifier: MIT */
/*
 * handle_detach.c - giving handles up; see handle.h
 */
#include "base/probe.h"
#include "client/board.h"
#include "client/call.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/handle.h"
#include "client/poller.h"

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
