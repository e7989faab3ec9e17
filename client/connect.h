/* SPDX-License-Identifier: MIT */
/*
 * connect.h - from the name of a socket to a daemon that has been greeted
 */
#pragma once

#include <stdint.h>

struct shmq_client;

/* Which socket: @socket, else $SHMQ_SOCKET, else the user's if it exists, else the system's.
 * Return: 0 and client->socket; -ENAMETOOLONG. */
int connect_resolve(struct shmq_client *client, const char *socket);

/*
 * connect_once() - one connection, Hello, board; the client must not be connected
 * Return: 0; -ENOTCONN nobody listens; -EAGAIN the listener is overrun; -EPIPE closed while we
 * greeted; -ETIMEDOUT; -EPROTO; -EACCES; or what the daemon says. The sentence is set.
 */
int connect_once(struct shmq_client *client, int64_t deadline_ns);

/* Close the connection, if there is one: the attachments stay. A descriptor that isn't ours any more,
 * because the program closed it (closefrom(3)), is left alone. */
void connect_drop(struct shmq_client *client);
/* Drop it if somebody took the descriptor away. */
void connect_look(struct shmq_client *client);
