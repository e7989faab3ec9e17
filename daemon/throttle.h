/* SPDX-License-Identifier: MIT */
/*
 * throttle.h - requests of one user per second
 *
 * Who asks more often is not refused but read later: his socket fills, and he waits, while others are
 * served. Root and the daemon's own user are never slowed. Time is what is spent: each request costs
 * 1/rate of a second, and a user may be a second ahead of the clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define THROTTLE_SLOTS 1024u /* uids that differ by a multiple of this share one account */

struct throttle {
	int64_t cost_ns; /* 0: nobody is slowed */
	int64_t paid_until_ns[THROTTLE_SLOTS];
	int64_t told_ns;
};

/* Return: whether a request of @uid may be read now; it is charged then. */
bool throttle_pass(struct throttle *throttle, uid_t uid, int64_t now_ns);
/* Is it time to say so in the journal? At most once a minute. */
bool throttle_tells(struct throttle *throttle, int64_t now_ns);
