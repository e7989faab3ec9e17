/* SPDX-License-Identifier: MIT */
/*
 * throttle.c - requests of one user per second; see throttle.h
 */
#include "daemon/throttle.h"

#include <unistd.h>

#include "base/clock.h"

#define AHEAD_NS    NS_PER_S
#define TELL_GAP_NS (60 * NS_PER_S)

bool throttle_pass(struct throttle *throttle, uid_t uid, int64_t now_ns)
{
	int64_t *paid_until_ns = &throttle->paid_until_ns[uid % THROTTLE_SLOTS];

	if (!throttle->cost_ns || uid == 0 || uid == geteuid())
		return true;
	if (*paid_until_ns < now_ns)
		*paid_until_ns = now_ns;
	if (*paid_until_ns - now_ns > AHEAD_NS)
		return false;
	*paid_until_ns += throttle->cost_ns;
	return true;
}

bool throttle_tells(struct throttle *throttle, int64_t now_ns)
{
	if (throttle->told_ns && now_ns - throttle->told_ns < TELL_GAP_NS)
		return false;
	throttle->told_ns = now_ns;
	return true;
}
