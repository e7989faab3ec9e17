/* SPDX-License-Identifier: MIT */
/*
 * core_driver.h - one request, one answer: the core on the fake system, for unit tests
 *
 * driver_ask() sends a request, performs every action that follows, and keeps the last reply. Events
 * and log lines are collected until driver_clear().
 */
#pragma once

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "tests/sim/fake.h"

#define DRIVER_CONNECTIONS 512
#define DRIVER_KEPT	   256

struct driver {
	struct fake *fake;
	uint64_t echo[DRIVER_CONNECTIONS];
	uint64_t last_id;

	/* the last reply */
	unsigned n_replies;
	enum core_action_type type;
	uint32_t connection;
	struct control_reply reply;
	char text[CONTROL_TEXT_MAX];
	char segment[CONTROL_SEGMENT_MAX];
	char schema_text[64];
	bool with_descriptor;
	struct control_ring_info info;		/* of a reply about one ring */
	uint32_t rings[CONTROL_LIST_PAGE];
	size_t n_rings;
	struct control_holder holders[CONTROL_LIST_PAGE];

	struct control_event events[DRIVER_KEPT];
	uint32_t event_connections[DRIVER_KEPT];
	size_t n_events;
	struct core_log logs[DRIVER_KEPT];
	size_t n_logs;
};

/* 16 rings, 32 attachments; @config may be NULL. */
struct driver *driver_new(const struct core_config *config);
/* The same with @n_rings rings and twice as many attachments. */
struct driver *driver_new_sized(const struct core_config *config, uint32_t n_rings);
struct driver *driver_free(struct driver *driver);
/* Listen to driver->fake, which somebody has replaced. */
void driver_hook(struct driver *driver);

/* A new process of @uid connects and says hello. Return: the connection. */
uint32_t driver_client(struct driver *driver, uint32_t uid);
/* The same process connects once more. */
uint32_t driver_again(struct driver *driver, uint32_t connection);
struct fake_process *driver_process(struct driver *driver, uint32_t connection);
/* Its process ends, and the core is told. */
void driver_kill(struct driver *driver, uint32_t connection);
/* The daemon dies and another one adopts; connections are gone, processes live. */
void driver_restart(struct driver *driver);

/* Return: the reply's status, or 1 when none came. */
int driver_ask(struct driver *driver, uint32_t connection, struct control_request request);
int driver_ask_as_stranger(struct driver *driver, uint32_t connection,
			   struct control_request request);

/* 8 slots of 64 bytes. */
struct control_request driver_create_request(const char *name, enum control_lifetime lifetime);
int driver_create(struct driver *driver, uint32_t connection, const char *name,
		  enum control_lifetime lifetime);
int driver_attach(struct driver *driver, uint32_t connection, const char *name, enum shmq_role role);
int driver_detach(struct driver *driver, uint32_t connection, uint64_t attachment);
int driver_destroy(struct driver *driver, uint32_t connection, const char *name, bool force);
int driver_purge(struct driver *driver, uint32_t connection, const char *name);

/* The ring that has the name now; fails the test if there is none. */
uint32_t driver_ring(struct driver *driver, const char *name);
const struct registry_ring *driver_record(struct driver *driver, const char *name);
const struct shmq_board_ring *driver_words(struct driver *driver, uint32_t ring);
struct fake_file *driver_file(struct driver *driver, const char *name);
bool driver_exists(struct driver *driver, const char *name);
/* Messages in the ring's segment. */
void driver_fill(struct driver *driver, const char *name, uint64_t pushed, uint64_t popped);

void driver_clear(struct driver *driver);
bool driver_logged(const struct driver *driver, enum core_log_id id, const char *text);
const struct control_event *driver_event(const struct driver *driver, enum control_event_kind kind,
					 const char *ring);
/* core_check() and what the fake system noticed; fails the test with its sentence. */
void driver_check(struct driver *driver);
bool says(const struct driver *driver, const char *part);
