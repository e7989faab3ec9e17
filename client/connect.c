/* SPDX-License-Identifier: MIT */
/*
 * connect.c - finding the socket, connecting, greeting, and the board; see connect.h
 *
 * The daemon is known by its Hello reply: under socket activation the credentials of the listener
 * are systemd's, and prove nothing about who answers.
 */
#include "client/connect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/board.h"
#include "client/error.h"
#include "client/exchange.h"
#include "client/fork.h"
#include "client/packet.h"

#define SYSTEM_SOCKET "/run/shmqd/control.sock"
#define USER_SOCKET   "shmqd/control.sock"

static int use_socket(struct shmq_client *client, const char *path)
{
	size_t len = strlen(path);

	if (len >= sizeof(client->socket))
		return error_set(-ENAMETOOLONG, "the socket's path is longer than %zu bytes: %s",
				 sizeof(client->socket) - 1, path);
	memcpy(client->socket, path, len + 1);
	return 0;
}

int connect_resolve(struct shmq_client *client, const char *socket)
{
	const char *runtime_dir;
	char path[512];

	if (socket)
		return use_socket(client, socket);
	socket = secure_getenv("SHMQ_SOCKET");
	if (socket && socket[0])
		return use_socket(client, socket);
	runtime_dir = secure_getenv("XDG_RUNTIME_DIR");
	if (runtime_dir && runtime_dir[0] == '/') {
		int n = snprintf(path, sizeof(path), "%s/%s", runtime_dir, USER_SOCKET);

		/* one that exists counts, even if nobody listens: it must not be the system's by
		 * chance */
		if (n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0)
			return use_socket(client, path);
	}
	return use_socket(client, SYSTEM_SOCKET);
}

static int nobody_listens(const struct shmq_client *client)
{
	if (strcmp(client->socket, SYSTEM_SOCKET) == 0)
		return error_set(-ENOTCONN,
				 "no shmqd listens at %s: start it with 'systemctl start "
				 "shmqd', or your own with 'shmqd --user'",
				 client->socket);
	return error_set(-ENOTCONN,
			 "no shmqd listens at %s: start it with 'shmqd --user', or with "
			 "'shmqd --socket %s --instance NAME'",
			 client->socket, client->socket);
}

static int connect_failed(const struct shmq_client *client, int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
	case -ECONNREFUSED:
		return nobody_listens(client);
	case -EACCES:
	case -EPERM:
		return error_set(-EACCES,
				 "no permission for the socket %s: its owner and the members "
				 "of its group may use it",
				 client->socket);
	case -EPROTOTYPE:
		return error_set(-EPROTO, "the socket %s is not shmqd's: it is of another type",
				 client->socket);
	case -EAGAIN:
		return error_set(-EAGAIN, "shmqd at %s has too many connections waiting",
				 client->socket);
	default:
		return error_set(error, "connecting to %s: %s", client->socket,
				 shmq_strerror(error));
	}
}

static int judge_hello(struct shmq_client *client, const struct control_reply *reply)
{
	const struct control_hello *hello = &reply->hello;

	if (reply->status < 0)
		return error_set(reply->status == -EPERM ? -EACCES : reply->status, "%s",
				 reply->text[0] ? reply->text : shmq_strerror(reply->status));
	if (reply->body != CONTROL_BODY_HELLO)
		return error_set(-EPROTO, "what listens at %s does not greet like shmqd",
				 client->socket);
	if (hello->protocol != CONTROL_PROTOCOL || hello->layout != SHMQ_LAYOUT_VERSION)
		return error_set(-EPROTO,
				 "shmqd %s at %s speaks protocol %u and layout %u, this library "
				 "%s speaks %u and %u: update the older one",
				 hello->version, client->socket, hello->protocol, hello->layout,
				 shmq_version(), CONTROL_PROTOCOL, SHMQ_LAYOUT_VERSION);
	return 0;
}

/* Another board is another registry: nothing that was ours is known there, and its numbers are
 * others'. */
static void forget_attachments(struct shmq_client *client)
{
	client->detaches.n = 0;
	client->n_unanswered = 0;
	fork_forget_owned(client);
}

/* Say Hello. Return: as connect_once(). */
static int greet(struct shmq_client *client, int64_t deadline_ns)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = {
		.id = ++client->last_id,
		.op = CONTROL_HELLO,
		.protocol_min = CONTROL_PROTOCOL,
		.protocol_max = CONTROL_PROTOCOL,
		.layout = SHMQ_LAYOUT_VERSION,
		.library = shmq_version(),
	};
	const struct control_hello *hello = &reply.packet.reply.hello;
	struct client_board *board;
	int r;

	r = exchange(client, &request, deadline_ns, &reply);
	if (r == -EPIPE)
		return error_set(
			r,
			"what listens at %s hung up at the greeting: it is not shmqd, or it "
			"is just stopping",
			client->socket);
	if (r == 0)
		r = judge_hello(client, &reply.packet.reply);
	if (r == 0)
		r = client_board_open(client, hello, reply.fd, &board);
	if (r < 0)
		return r;
	if (client->board && client->board != board)
		forget_attachments(client);
	client_board_unref(client->board);
	client->board = board;
	client->echo = hello->echo;
	client->owner_uid = hello->owner_uid;
	client->protocol = hello->protocol;
	client->layout = hello->layout;
	snprintf(client->instance, sizeof(client->instance), "%s", hello->instance);
	return 0;
}

static void connection_set(struct shmq_client *client, int fd)
{
	struct stat st = { 0 };

	(void)fstat(fd, &st); /* it can't fail on a descriptor that is open */
	client->fd = fd;
	client->fd_dev = st.st_dev;
	client->fd_ino = st.st_ino;
}

static bool connection_is_ours(const struct shmq_client *client)
{
	struct stat st;

	return fstat(client->fd, &st) == 0 && st.st_dev == client->fd_dev &&
	       st.st_ino == client->fd_ino;
}

int connect_once(struct shmq_client *client, int64_t deadline_ns)
{
	int fd = packet_connect_until(client->socket, deadline_ns);
	int r;

	if (fd < 0)
		return connect_failed(client, fd);
	connection_set(client, fd);
	r = greet(client, deadline_ns);
	if (r < 0)
		connect_drop(client);
	return r;
}

void connect_drop(struct shmq_client *client)
{
	if (client->fd >= 0 && connection_is_ours(client))
		fd_close(client->fd);
	client->fd = -1;
	if (client->watching) {
		client->watching = false;
		client->watch_lost = true;
	}
}

void connect_look(struct shmq_client *client)
{
	if (client->fd >= 0 && !connection_is_ours(client))
		connect_drop(client);
}
