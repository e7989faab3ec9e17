/* SPDX-License-Identifier: MIT */
/*
 * throttle.c - requests of one user per second; see throttle.h
 */
#include "daemon/throttle.h"

#include <unistd.h>

#include "base/clock.h"

#define AHEAD_NS    NS_PER_S
#define TELL_GAP_NS (60 * NS_PER_S)

/* A user's own, unless more users than there are ways are ahead in one set. */
static struct throttle_account *account_of(struct throttle *throttle, uid_t uid, int64_t now_ns)
{
	struct throttle_account *set = throttle->accounts[uid % THROTTLE_SETS];
	struct throttle_account *place = &set[THROTTLE_WAYS];

	for (unsigned i = 0; i < THROTTLE_WAYS; i++) {
		if (set[i].paid_until_ns <= now_ns) {
			if (place == &set[THROTTLE_WAYS])
				place = &set[i];
		} else if (set[i].uid == uid) {
			return &set[i];
		}
	}
	place->uid = uid;
	if (place->paid_until_ns < now_ns)
		place->paid_until_ns = now_ns;
	return place;
}

bool throttle_pass(struct throttle *throttle, uid_t uid, int64_t now_ns)
{
	struct throttle_account *account;

	if (!throttle->cost_ns || uid == 0 || uid == geteuid())
		return true;
	account = account_of(throttle, uid, now_ns);
	if (account->paid_until_ns - now_ns > AHEAD_NS)
		return false;
	account->paid_until_ns += throttle->cost_ns;
	return true;
}

bool throttle_tells(struct throttle *throttle, int64_t now_ns)
{
	if (throttle->told_ns && now_ns - throttle->told_ns < TELL_GAP_NS)
		return false;
	throttle->told_ns = now_ns;
	return true;
}
