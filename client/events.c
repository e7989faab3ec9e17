/* SPDX-License-Identifier: MIT */
/*
 * events.c - watching what happens to rings
 *
 * Events come on the connection that asked for them, between replies to other calls as well; those
 * are kept in a bounded queue, and what does not fit is counted.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "client/call.h"
#include "client/connect.h"
#include "client/error.h"

/* Values of control.h and of the public header are the same; the compiler sees to it. */
_Static_assert((int)SHMQ_EVENT_CREATED == (int)CONTROL_EVENT_CREATED, "events");
_Static_assert((int)SHMQ_EVENT_DESTROYED == (int)CONTROL_EVENT_DESTROYED, "events");
_Static_assert((int)SHMQ_EVENT_LOST == (int)CONTROL_EVENT_LOST, "events");
_Static_assert((int)SHMQ_EVENT_ATTACHED == (int)CONTROL_EVENT_ATTACHED, "events");
_Static_assert((int)SHMQ_EVENT_DETACHED == (int)CONTROL_EVENT_DETACHED, "events");
_Static_assert((int)SHMQ_EVENT_DIED == (int)CONTROL_EVENT_DIED, "events");
_Static_assert((int)SHMQ_EVENT_REAPED == (int)CONTROL_EVENT_REAPED, "events");
_Static_assert((int)SHMQ_EVENT_MISSED == (int)CONTROL_EVENT_MISSED, "events");

static void event_out(const struct control_event *from, struct shmq_event *to)
{
	memset(to, 0, sizeof(*to));
	to->kind = (enum shmq_event_kind)from->kind;
	to->role = from->role;
	to->pid = from->pid;
	to->uid = from->uid;
	to->time_ns = from->time_ns;
	to->count = from->count;
	memcpy(to->comm, from->comm, sizeof(to->comm));
	memcpy(to->ring, from->ring, sizeof(to->ring));
}

/* Oldest first; how many are missing is said where they are missing, after the kept ones. */
static bool take_event(struct client_events *queue, struct shmq_event *ret_event)
{
	if (queue->n) {
		event_out(&queue->events[queue->first], ret_event);
		queue->first = (queue->first + 1) % CLIENT_EVENTS_MAX;
		queue->n--;
		return true;
	}
	if (queue->n_missed) {
		*ret_event = (struct shmq_event){
			.kind = SHMQ_EVENT_MISSED,
			.count = queue->n_missed,
			.time_ns = (uint64_t)clock_realtime_ns(),
		};
		queue->n_missed = 0;
		return true;
	}
	return false;
}

int shmq_watch(struct shmq_client *client)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_WATCH };
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r < 0)
		return r;
	r = call(client, &request, CONTROL_BODY_NONE, &reply);
	if (r < 0)
		return r;
	client->watching = true;
	client->watch_lost = false;
	return 0;
}

int shmq_next_event(struct shmq_client *client, int64_t timeout_ns, struct shmq_event *ret_event)
{
	int64_t deadline_ns = deadline_after_ns(timeout_ns);
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r < 0)
		return r;
	if (!client->watching && !client->watch_lost && !client->events.n)
		return error_set(-EINVAL, "shmq_next_event() without shmq_watch()");
	while (!take_event(&client->events, ret_event)) {
		r = client->watching ? exchange_idle(client, deadline_ns) : -EPIPE;
		if (r == -EPIPE || r == -EPROTO)
			connect_drop(client);
		if (r == -EPIPE)
			return error_set(-EHOSTDOWN, "shmqd went away: events of the time until "
						     "shmq_watch() is called again are lost");
		if (r == -ETIMEDOUT && timeout_ns == 0)
			return error_set(-EAGAIN, "no event");
		if (r == -ETIMEDOUT)
			return error_set(-ETIMEDOUT, "no event in the time given");
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	return 0;
}
