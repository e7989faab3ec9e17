/* SPDX-License-Identifier: MIT */
/*
 * client.h - a connection to shmqd, and what this process owes it
 *
 * A struct shmq_client outlives its connections: it knows where the daemon is, which attachments it
 * has, and which it must still give back. Its mutex guards all fields except the links, handles and
 * owned, which belong to the process-wide list (fork.h), and the spin time, which handles read.
 *
 * Every connection has a board; a handle keeps the board that it was attached with, so a board
 * lives until the last handle is gone, even when the daemon has made a new one. Attachment ids mean
 * something to the daemon of that board only: on another board, the same number is somebody else's.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include <shmq/client.h>
#include <shmq/layout.h>

#include "proto/control.h"

#define CLIENT_EVENTS_MAX 256 /* events kept while nobody asks for them */
#define CLIENT_TIMEOUT_NS INT64_C(5000000000)

struct client_handle;
struct poller;

/* Reference-counted (board.h). */
struct client_board {
	const struct shmq_board_header *header; /* read-only mapping */
	size_t bytes;
	uint32_t n_rings;
	unsigned n_refs; /* by __atomic builtins */
	uint8_t epoch[16];
};

/* Ids of attachments, in the order in which they came. */
struct client_ids {
	uint64_t *ids;
	size_t n, cap;
};

/* An Attach whose answer never came: asked again with the same nonce, it gets the same answer. */
struct client_unanswered {
	uint64_t request_id;
	uint64_t nonce;
	enum shmq_role role;
	char name[CONTROL_NAME_MAX + 1];
};
#define CLIENT_UNANSWERED_MAX 16

struct client_events {
	struct control_event events[CLIENT_EVENTS_MAX];
	size_t first, n;
	uint64_t n_missed; /* dropped because nobody asked */
};

struct shmq_client {
	struct shmq_client *prev, *next; /* fork.h */
	struct client_handle *handles;	 /* fork.h */
	pid_t pid;			 /* of the process that connected */
	pthread_mutex_t mutex;
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd; /* -1: not connected now */
	dev_t fd_dev; /* of that socket: a program may close what it didn't open */
	ino_t fd_ino;
	int64_t timeout_ns;
	int64_t deadline_ns; /* of the public call that has the lock */
	int64_t spin_ns;  /* atomic */
	bool lock_memory; /* of handles that come */
	uint64_t last_id; /* of requests */
	/* what the last Hello said */
	uint64_t echo;
	uid_t owner_uid;
	uint32_t protocol, layout;
	char instance[64];
	struct client_board *board;
	struct poller *pollers; /* threads that watch for handles with a descriptor (poller.h) */
	/* debts and claims */
	struct client_ids detaches; /* to be sent before anything else */
	struct client_ids owned;    /* fork.h: owner roles of with-creator rings */
	struct client_unanswered unanswered[CLIENT_UNANSWERED_MAX];
	size_t n_unanswered;
	bool watching;	 /* this connection gets events */
	bool watch_lost; /* it did, and is gone */
	struct client_events events;
	uint8_t packet[CONTROL_PACKET_MAX]; /* to be sent, then the answer */
};

/*
 * Public calls on a client begin with client_lock(), which also sets their deadline; the lock ends
 * with the scope:
 *	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
 *	int r = client_lock(client, &locked);
 * Return: 0; -ECHILD in a forked child; -EINVAL for NULL. Nothing is locked on failure.
 */
int client_lock(struct shmq_client *client, struct shmq_client **ret_locked);
void client_unlockp(struct shmq_client **locked);

int client_ids_add(struct client_ids *ids, uint64_t id); /* -ENOMEM */
void client_ids_remove(struct client_ids *ids, uint64_t id);
bool client_ids_has(const struct client_ids *ids, uint64_t id);
