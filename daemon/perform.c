/* SPDX-License-Identifier: MIT */
/*
 * perform.c - actions become system calls, their results become events; see perform.h
 *
 * An answer is given to the core in the middle of the queue, and what follows from it is appended:
 * no recursion, and no order but the core's.
 */
#include "daemon/perform.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/probe.h"
#include "daemon/log.h"
#include "daemon/reply.h"
#include "daemon/shell.h"

static void answer(struct shell *shell, enum core_event_type type, uint32_t ring, int error)
{
	struct core_event event = { .type = type, .ring = ring, .error = error };

	shell_step(shell, &event);
}

static void create(struct shell *shell, const struct core_action *action)
{
	struct core_event event = { .type = CORE_SEGMENT_CREATED, .ring = action->ring };

	event.error = segment_file_create(&shell->segments, action->ring, &event.inode);
	shell_step(shell, &event);
}

static void probe(struct shell *shell, const struct core_action *action)
{
	struct core_event event = {
		.type = CORE_SEGMENT_PROBED, .ring = action->ring, .cookie = action->cookie,
	};
	struct segment_figures figures = { 0 };

	event.error = segment_file_probe(&shell->segments, action->ring, &figures);
	event.pushed = figures.pushed;
	event.popped = figures.popped;
	event.is_held = segment_file_is_held(&shell->segments, action->ring);
	shell_step(shell, &event);
}

static void perform_segment(struct shell *shell, const struct core_action *action)
{
	struct segment_files *files = &shell->segments;
	uint32_t ring = action->ring;

	switch (action->type) {
	case CORE_SEGMENT_CREATE:
		create(shell, action);
		break;
	case CORE_SEGMENT_ALLOCATE:
		answer(shell, CORE_SEGMENT_ALLOCATED, ring,
		       segment_file_allocate(files, ring, action->offset, action->bytes));
		break;
	case CORE_SEGMENT_SHARE:
		answer(shell, CORE_SEGMENT_SHARED, ring, segment_file_share(files, ring));
		break;
	case CORE_SEGMENT_UNLINK:
		answer(shell, CORE_SEGMENT_UNLINKED, ring,
		       segment_file_unlink(files, ring, action->keep_open));
		break;
	case CORE_SEGMENT_PUNCH:
		answer(shell, CORE_SEGMENT_PUNCHED, ring,
		       segment_file_punch(files, ring, action->offset, action->bytes));
		break;
	case CORE_SEGMENT_CLOSE:
		segment_files_forget(files, ring);
		break;
	default:
		probe(shell, action);
		break;
	}
}

static void unlink_stray(struct shell *shell, const struct core_action *action)
{
	int r = segment_file_unlink_stray(&shell->dir, action->segment);

	if (r < 0)
		log_line(LOG_WARNING, "%s is nobody's and can't be removed: %s", action->segment,
			 strerror(-r));
}

static void perform_process(struct shell *shell, const struct core_action *action)
{
	struct session *session;

	switch (action->type) {
	case CORE_PROCESS_WATCH:
		session = sessions_find(&shell->sessions, action->connection);
		assert(session && session->peer.pidfd); /* it has just asked for a role */
		process_watch_start(&shell->processes, action->process_id, session->peer.pidfd);
		break;
	case CORE_PROCESS_VERIFY:
		process_watch_verify(&shell->processes, action->process_id, &action->process);
		break;
	default:
		process_watch_forget(&shell->processes, action->process_id);
		break;
	}
}

static void perform_session(struct shell *shell, const struct core_action *action)
{
	struct session *session = sessions_find(&shell->sessions, action->connection);

	if (!session) /* it was closed meanwhile */
		return;
	switch (action->type) {
	case CORE_EVENT:
		session_tell(session, &action->event);
		break;
	case CORE_CLOSE:
		session_close(session);
		break;
	default:
		reply_perform(shell, session, action);
		break;
	}
}

static void tell(const struct core_log *log)
{
	PROBE(shmqd, event, log->id, log->ring, log->process.pid, log->process.comm);
	if (log->id == CORE_LOG_RING_REAPED)
		PROBE(shmqd, reap, log->ring, log->bytes);
	else if (log->id == CORE_LOG_CLIENT_DIED)
		PROBE(shmqd, died, log->ring, log->process.pid, log->process.comm);
	log_core(log, clock_monotonic_ns());
}

static void perform_action(struct shell *shell, const struct core_action *action)
{
	switch (action->type) {
	case CORE_REPLY:
	case CORE_REPLY_RING:
	case CORE_REPLY_LIST:
	case CORE_REPLY_STATS:
	case CORE_EVENT:
	case CORE_CLOSE:
		perform_session(shell, action);
		break;
	case CORE_PROCESS_WATCH:
	case CORE_PROCESS_VERIFY:
	case CORE_PROCESS_FORGET:
		perform_process(shell, action);
		break;
	case CORE_UNLINK_STRAY:
		unlink_stray(shell, action);
		break;
	case CORE_WAKE:
		board_file_wake(&shell->registry.board, action->ring);
		break;
	case CORE_RING_TIMER_SET:
		ring_timers_set(&shell->timers, action->ring, action->delay_ns);
		break;
	case CORE_RING_TIMER_CLEAR:
		ring_timers_clear(&shell->timers, action->ring);
		break;
	case CORE_LOG:
		tell(&action->log);
		break;
	default:
		perform_segment(shell, action);
		break;
	}
}

void perform_all(struct shell *shell)
{
	struct core_action *action;

	while ((action = core_actions_take(shell->actions))) {
		if (slow_queue_takes(&shell->slow, action)) {
			slow_queue_add(&shell->slow, action);
			continue;
		}
		perform_action(shell, action);
		free(action);
	}
}

/* What joins the queue meanwhile comes behind, and may still fit into this turn. */
void perform_slow(evutil_socket_t fd, short what, void *arg)
{
	struct shell *shell = arg;
	struct core_action *action;
	uint64_t done_bytes = 0;

	(void)fd;
	(void)what;
	while ((action = slow_queue_take(&shell->slow, &done_bytes))) {
		perform_action(shell, action);
		free(action);
		shell_settle(shell);
	}
	slow_queue_ask_turn(&shell->slow);
}
