/* SPDX-License-Identifier: MIT */
/*
 * journal.h - a line with its fields for systemd-journald
 *
 * sd_journal_sendv(3) drops records silently where no journal runs, so log.c asks first whether
 * stderr is the journal's own stream; everywhere else a line goes to stderr, where somebody may read
 * it. Absent when configured without systemd.
 */
#pragma once

#ifdef HAVE_SYSTEMD

#include <stdbool.h>

struct core_log;

/* What is known of a line besides its text. */
struct journal_line {
	int priority;			/* of syslog(3) */
	const char *instance;
	const char *event, *message_id;	/* NULL: of no kind of its own */
	const struct core_log *log;	/* NULL: about the daemon itself */
};

bool journal_is_stderr(void);
/* @text: printable, and cut at 1000 bytes. */
void journal_write(const struct journal_line *line, const char *text);

#endif
