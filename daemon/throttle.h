/* SPDX-License-Identifier: MIT */
/*
 * throttle.h - requests of one user per second
 *
 * Who asks more often is not refused but read later: his socket fills, and he waits, while others are
 * served. Root and the daemon's own user are never slowed. Time is what is spent: each request costs
 * 1/rate of a second, and a user may be a second ahead of the clock. Who isn't ahead has no account.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define THROTTLE_SETS 256u
#define THROTTLE_WAYS 8u

struct throttle {
	int64_t cost_ns; /* 0: nobody is slowed */
	int64_t told_ns;
	struct throttle_account {
		uid_t uid;
		int64_t paid_until_ns;
	} accounts[THROTTLE_SETS][THROTTLE_WAYS + 1]; /* the last one: of all who find no other */
};

/* Return: whether a request of @uid may be read now; it is charged then. */
bool throttle_pass(struct throttle *throttle, uid_t uid, int64_t now_ns);
/* Is it time to say so in the journal? At most once a minute. */
bool throttle_tells(struct throttle *throttle, int64_t now_ns);
