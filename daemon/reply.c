/* SPDX-License-Identifier: MIT */
/*
 * reply.c - figures and descriptors for replies; see reply.h
 */
#include "daemon/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "daemon/log.h"
#include "daemon/shell.h"
#include "daemon/stats.h"

static void info_fill(struct shell *shell, uint32_t ring, struct control_ring_info *info)
{
	struct segment_figures figures = { 0 };

	core_ring_info(shell->core, ring, clock_monotonic_ns(), info);
	if (segment_file_probe(&shell->segments, ring, &figures) < 0)
		return; /* it has no segment (yet, any more): all zero */
	info->pushed = figures.pushed;
	info->popped = figures.popped;
	info->n_full = figures.n_full;
	info->n_dry = figures.n_dry;
	info->n_sleeps = figures.n_sleeps;
	info->n_wakes = figures.n_wakes;
}

static void reply_ring(struct shell *shell, struct session *session,
		       const struct core_action *action)
{
	struct control_reply reply = action->reply;
	struct control_ring_info *info = &reply.ring;

	info_fill(shell, action->ring, info);
	info->config.schema_text = core_ring_schema(shell->core, action->ring);
	segment_file_inspect(&shell->segments, action->ring, info->remark, sizeof(info->remark));
	session_reply(session, &reply, OUTBOX_NO_FD);
}

static void reply_list(struct shell *shell, struct session *session,
		       const struct core_action *action)
{
	static struct control_ring_info infos[CONTROL_LIST_PAGE]; /* 64 KiB and more */
	struct control_reply reply = action->reply;

	for (size_t i = 0; i < action->n_ring_list; i++) {
		info_fill(shell, action->ring_list[i], &infos[i]);
		infos[i].config.schema_text = "";
		infos[i].config.n_rules = 0; /* a page has no room for them either */
	}
	reply.list.rings = infos;
	reply.list.n_rings = action->n_ring_list;
	session_reply(session, &reply, OUTBOX_NO_FD);
}

static void reply_stats(struct shell *shell, struct session *session,
			const struct core_action *action)
{
	static struct control_ring_stats rings[CONTROL_LIST_PAGE];
	struct control_reply reply = action->reply;

	for (size_t i = 0; i < action->n_ring_list; i++)
		stats_of_ring(shell, action->ring_list[i], &rings[i]);
	reply.stats.rings = rings;
	reply.stats.n_rings = action->n_ring_list;
	if (reply.stats.n_values)
		stats_of_shell(shell, reply.stats.values);
	session_reply(session, &reply, OUTBOX_NO_FD);
}

/* Who was granted a role can ask for its descriptor again and again. */
static void log_failure(const struct session *session, const char *segment, const char *text)
{
	struct core_log log = {
		.id = CORE_LOG_REFUSED, .priority = LOG_WARNING, .has_process = true,
		.process = session->peer.identity,
	};

	snprintf(log.text, sizeof(log.text), "%.100s: %.300s", segment, text);
	log_core(&log, clock_monotonic_ns());
}

/* Without its descriptors the reply still says that the role is granted: it has to be detached. */
static void reply_segment(struct shell *shell, struct session *session,
			  const struct core_action *action)
{
	struct control_reply reply = action->reply;
	struct outbox_fds fds = OUTBOX_NO_FD;
	int r = segment_files_open_for(&shell->segments, action->ring, action->role, fds.fd);
	char text[CONTROL_TEXT_MAX];

	if (r < 0) {
		snprintf(text, sizeof(text), "the segment's descriptor can't be sent: %s",
			 strerror(-r));
		log_failure(session, action->segment, text);
		reply.text = text;
	}
	session_reply(session, &reply, fds);
	fd_close(fds.fd[0]);
	fd_close(fds.fd[1]);
}

void reply_perform(struct shell *shell, struct session *session,
		   const struct core_action *action)
{
	if (!session->has_spoken) {
		session_turn_away(session, action->reply.status, action->reply.text);
		return;
	}
	if (action->type == CORE_REPLY_RING)
		reply_ring(shell, session, action);
	else if (action->type == CORE_REPLY_LIST)
		reply_list(shell, session, action);
	else if (action->type == CORE_REPLY_STATS)
		reply_stats(shell, session, action);
	else if (!action->with_descriptor)
		session_reply(session, &action->reply, OUTBOX_NO_FD);
	else if (action->reply.body == CONTROL_BODY_HELLO)
		session_reply(session, &action->reply,
			      OUTBOX_FD(shell->registry.board.client_fd));
	else
		reply_segment(shell, session, action);
	session_answered(session);
}
