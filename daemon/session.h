/* SPDX-License-Identifier: MIT */
/*
 * session.h - one client's socket: its packets in, replies and events out
 *
 * A connection is a way to talk and holds nothing: when it ends, what its process holds stays held.
 * It is read from only while everything for it has been written and few answers are outstanding, so
 * what a client can make the daemon keep is bounded.
 *
 * Ending: whoever finds a connection at its end marks it doomed; sessions_sweep() tells the core
 * and frees it, outside of everything else. The core may still name a doomed one meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <uthash.h>

#include "daemon/core/core.h"
#include "daemon/outbox.h"
#include "daemon/peer.h"
#include "daemon/throttle.h"

#define SESSION_UNANSWERED_MAX 64u	/* requests at work */
#define SESSION_EVENTS_MAX	  128u	/* packets waiting; further events are counted, not kept */
#define SESSION_TURNED_MAX	  64u	/* refused ones that are waited for, to tell them */

struct shell;

struct session {
	struct shell *shell;
	uint32_t id;
	UT_hash_handle by_id;
	struct session *next_doomed;
	int fd;
	struct peer peer;
	struct event *readable, *writable;
	struct event *deadline;		/* first request; closing; trying to write again */
	struct outbox outbox;
	unsigned n_unanswered;
	uint64_t n_missed;		/* events that found no room */
	bool has_spoken;		/* a request came */
	bool is_slowed;			/* its user has asked too often: not read just now */
	bool is_closing;		/* when all is written */
	bool is_doomed;
	int turned_away;		/* -errno: its first request gets this answer, and no other; 0: welcome */
	char why[CONTROL_TEXT_MAX];
};

struct sessions {
	struct shell *shell;
	struct session *by_id;
	struct session *doomed;
	uint32_t last_id;
	unsigned n_turned_away;
	struct throttle throttle;	/* requests */
	struct throttle arrivals;	/* connections */
	struct event *resume;		/* those that are slowed are read again; NULL until there was one */
	unsigned char in[CONTROL_PACKET_MAX];	/* the packet being looked at */
};

void sessions_init(struct sessions *sessions, struct shell *shell);
void sessions_deinit(struct sessions *sessions); /* zeroed memory is fine; tells nobody */
/* Requests of one user per second, from now on. */
void sessions_set_rate(struct sessions *sessions, uint32_t rate);
struct session *sessions_find(const struct sessions *sessions, uint32_t id);
/* Free one that is doomed, telling the core: what follows from it may name the next one, and is done
 * first. Return: whether there was any. */
bool sessions_sweep(struct sessions *sessions);

/* Welcome a client: takes @fd and @peer over, also on failure. Return: 0, -ENOMEM. */
int session_new(struct sessions *sessions, int fd, struct peer *peer);

/* ---- session_in.c ---- */

void session_on_readable(evutil_socket_t fd, short what, void *session); /* a callback of the loop */

/* ---- session_out.c ---- */

/* A packet for it; with descriptors, or OUTBOX_NO_FD. */
void session_send(struct session *session, const void *data, size_t len_bytes,
		  struct outbox_fds fds);
/* The same for a reply, encoded. */
void session_reply(struct session *session, const struct control_reply *reply,
		   struct outbox_fds fds);
void session_tell(struct session *session, const struct control_event *event);
/* A request of it was answered. */
void session_answered(struct session *session);
/* It has no place here: its first request will be answered with this, then it is closed. */
void session_turn_away(struct session *session, int status, const char *why);
/* Close it once everything is written. */
void session_close(struct session *session);
void session_doom(struct session *session);
void session_update_reading(struct session *session);
void session_write(struct session *session); /* what waits in the outbox */
void session_refuse(struct session *session, uint64_t id); /* as turned_away says */
void session_set_deadline(struct session *session, int64_t delay_ns);
