/* SPDX-License-Identifier: MIT */
/*
 * declare.h - declared rings are made: the daemon asks its core as any client would, one ring at a time
 *
 * The core knows a connection of the daemon's own process, which has no socket: its requests are put
 * to the core here, and what perform.c would answer comes here. So a declared ring is judged, charged
 * and made as every other one; one that exists as declared is content, one that differs is left alone
 * and told. Two rounds never overlap: what is declared meanwhile waits for the next.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/config.h"

struct core_action;
struct shell;

struct declare {
	struct shell *shell;
	struct declared_rings rings;	/* of this round */
	struct declared_rings next;	/* of the round after it */
	size_t at;			/* the ring that is being asked for */
	uint32_t connection;		/* 0: no round goes on */
	void (*done)(struct shell *shell); /* after the first round; NULL: was called */
};

/* @rings: taken over. What follows waits for shell_settle(). @done: called when all of them were
 * answered, which may be at once; NULL: nobody waits. */
void declare_begin(struct shell *shell, struct declared_rings *rings,
		   void (*done)(struct shell *shell));
/* Is the action for the connection of the daemon itself? Then it was taken. */
bool declare_takes(struct shell *shell, const struct core_action *action);
void declare_deinit(struct declare *declare);
