/* SPDX-License-Identifier: MIT */
/*
 * process_watch.c - pidfds in the loop; see process_watch.h
 *
 * A watch that can't be set up for want of something is tried again each second: a death would
 * otherwise never be told. Until then the process counts as what it was.
 */
#include "daemon/process_watch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <uthash.h>

#include "base/fd.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/peer.h"
#include "daemon/peer_unit.h"
#include "daemon/shell.h"
#include "daemon/verify.h"

#define RETRY_NS NS_PER_S

struct process_watch {
	struct process_watches *watches;
	uint32_t id;
	UT_hash_handle by_id;
	struct pidfd *pidfd;			/* NULL: still to be verified */
	struct process_identity identity;	/* to verify */
	struct event *event;			/* NULL: still to be set up */
};

static void retry_later(struct process_watches *watches)
{
	struct timeval delay = timeval_from_ns(RETRY_NS);

	if (!evtimer_pending(watches->retry, NULL))
		evtimer_add(watches->retry, &delay);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct process_watch *watch = arg;
	struct shell *shell = watch->watches->shell;
	struct core_event event = { .type = CORE_PROCESS_ENDED, .process_id = watch->id };

	(void)fd;
	(void)what;
	shell_step(shell, &event);
	shell_settle(shell); /* may have freed the watch */
}

static void watch_arm(struct process_watch *watch)
{
	struct event_base *base = watch->watches->shell->base;

	watch->event = event_new(base, watch->pidfd->fd, EV_READ, on_end, watch);
	if (watch->event && event_priority_set(watch->event, LOOP_DEATHS) == 0 &&
	    event_add(watch->event, NULL) == 0)
		return;
	log_line(LOG_ERR, "the end of a process can't be watched just now: trying again");
	if (watch->event)
		event_free(watch->event);
	watch->event = NULL;
	retry_later(watch->watches);
}

static struct process_watch *watch_find(const struct process_watches *watches, uint32_t id)
{
	struct process_watch *watch;

	HASH_FIND(by_id, watches->by_id, &id, sizeof(id), watch);
	return watch;
}

static struct process_watch *watch_new(struct process_watches *watches, uint32_t id)
{
	struct process_watch *watch = calloc(1, sizeof(*watch));

	assert(!watch_find(watches, id));
	if (!watch)
		abort(); /* as in the core: the next daemon goes on from the registry */
	watch->watches = watches;
	watch->id = id;
	HASH_ADD(by_id, watches->by_id, id, sizeof(watch->id), watch);
	return watch;
}

static void watch_free(struct process_watch *watch)
{
	HASH_DELETE(by_id, watch->watches->by_id, watch);
	if (watch->event)
		event_free(watch->event);
	pidfd_unref(watch->pidfd);
	free(watch);
}

void process_watch_start(struct process_watches *watches, uint32_t process_id, struct pidfd *pidfd)
{
	struct process_watch *watch = watch_new(watches, process_id);

	watch->pidfd = pidfd_ref(pidfd);
	watch_arm(watch);
}

/* Return: false: not now. */
static bool watch_verify(struct process_watch *watch)
{
	struct shell *shell = watch->watches->shell;
	struct core_event event = { .type = CORE_PROCESS_VERIFIED, .process_id = watch->id };
	char unit[CONTROL_UNIT_MAX];
	int fd, r;

	r = verify_process(&watch->identity, watch->watches->own_pidns, &event.verdict, &fd);
	if (r < 0)
		return false;
	if (event.verdict == CORE_PROCESS_ALIVE) {
		watch->pidfd = pidfd_new(fd);
		if (!watch->pidfd) {
			fd_close(fd);
			return false;
		}
		peer_unit_read(watch->identity.pid, unit);
		if (!pidfd_has_fired(fd)) /* else the pid may be another's by now */
			event.unit = unit;
		watch_arm(watch);
	} else {
		watch_free(watch);
	}
	shell_step(shell, &event);
	return true;
}

void process_watch_verify(struct process_watches *watches, uint32_t process_id,
			  const struct process_identity *identity)
{
	struct process_watch *watch = watch_new(watches, process_id);

	watch->identity = *identity;
	if (!watch_verify(watch))
		retry_later(watches);
}

void process_watch_forget(struct process_watches *watches, uint32_t process_id)
{
	struct process_watch *watch = watch_find(watches, process_id);

	if (watch)
		watch_free(watch);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct process_watches *watches = arg;
	struct process_watch *watch, *next;

	(void)fd;
	(void)what;
	HASH_ITER(by_id, watches->by_id, watch, next) {
		if (!watch->pidfd) {
			if (!watch_verify(watch))
				retry_later(watches);
		} else if (!watch->event) {
			watch_arm(watch);
		}
	}
	shell_settle(watches->shell);
}

int process_watches_init(struct process_watches *watches, struct shell *shell)
{
	watches->shell = shell;
	watches->own_pidns = peer_own_pidns();
	watches->retry = evtimer_new(shell->base, on_retry, watches);
	return watches->retry ? 0 : -ENOMEM;
}

void process_watches_deinit(struct process_watches *watches)
{
	struct process_watch *watch, *next;

	HASH_ITER(by_id, watches->by_id, watch, next)
		watch_free(watch);
	if (watches->retry)
		event_free(watches->retry);
	watches->retry = NULL;
}
