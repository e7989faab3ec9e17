/* SPDX-License-Identifier: MIT */
/*
 * board.h - the mapped board of a connection, shared by the handles attached with it
 */
#pragma once

#include "client/client.h"

/*
 * client_board_open() - the board that a Hello speaks of
 * @fd: its descriptor, stays the caller's; -1 if none came.
 * Return: 0 and a reference: to the client's own if it is the same, else to a new mapping; -EPROTO,
 * -ENOMEM.
 */
int client_board_open(struct shmq_client *client, const struct control_hello *hello, int fd,
		      struct client_board **ret_board);

struct client_board *client_board_ref(struct client_board *board);
struct client_board *
client_board_unref(struct client_board *board); /* NULL is fine; returns NULL */

/* The record of ring @index, or NULL if there is none. */
const struct shmq_board_ring *client_board_ring(const struct client_board *board, uint32_t index);
