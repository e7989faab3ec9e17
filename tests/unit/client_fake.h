/* SPDX-License-Identifier: MIT */
/*
 * client_fake.h - a daemon in a thread that does what a script says, right or wrong
 *
 * It listens on a socket of its own, has a real board and, if asked, a real segment. The script
 * runs once per connection, one after the other; what it can't do itself it does with the helpers
 * here. It never asserts (it is not the test's thread): it says what it saw in fake->notes.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <shmq/layout.h>

#include "proto/wire.h"
#include "tests/harness/janitor.h"

#define FAKE_RINGS 4

struct fake;
typedef void (*fake_script)(struct fake *fake, int fd, unsigned n_connection);

struct fake {
	char dir[64];
	char socket[96];
	char instance[32];
	struct janitor janitor;
	fake_script script;
	void *arg;
	pthread_t thread;
	int listen_fd;
	int board_fd;
	struct shmq_board_header *board;
	size_t board_bytes;
	char segment[CONTROL_SEGMENT_MAX]; /* "" or the name of the one that was made */
	struct control_attach attach;	   /* a right answer for that segment */
	uint8_t epoch[16];
	unsigned n_connections; /* by __atomic builtins, as are the notes */
	uint64_t notes[4];	/* the last one is FAKE_NOTE_OPS */
};

#define FAKE_NOTE_OPS 3 /* what fake_serve() was asked: operations as hex digits */

/* Return: 0 or -errno. */
int fake_start(struct fake *fake, fake_script script, void *arg);
void fake_stop(struct fake *fake);
/* Start it and connect to it; for the test's thread, which it ends if that fails. */
struct shmq_client *fake_connect(struct fake *fake, fake_script script);
/* Make a segment of 4 slots for ring @name, and the answer that goes with it. */
int fake_segment(struct fake *fake, const char *name);

/* For scripts. They return false when the client has gone. */
bool fake_receive(int fd, struct wire_request *ret_request);
bool fake_send(int fd, const void *packet, size_t len_bytes, const int *fds, size_t n_fds);
bool fake_reply(int fd, const struct control_reply *reply, int fd_to_pass);
bool fake_event(int fd, const struct control_event *event);
/* A correct answer to the Hello that is there. */
bool fake_greet(struct fake *fake, int fd);
void fake_hello_reply(const struct fake *fake, uint64_t id, struct control_reply *ret_reply);
void fake_answer(int fd, uint64_t id, int status, const char *text);
/* Answer everything with OK until the client goes; the second is a whole script. */
void fake_serve(struct fake *fake, int fd);
void fake_greet_and_serve(struct fake *fake, int fd, unsigned n_connection);
/* Wait until the client has closed its end. */
void fake_wait_for_end(int fd);
