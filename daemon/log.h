/* SPDX-License-Identifier: MIT */
/*
 * log.h - one line per event: the journal's structured fields, or readable lines on stderr
 *
 * Whoever decides logs, once. What a client can provoke again and again passes log_limit.h first.
 */
#pragma once

#include <syslog.h>

#include "daemon/core/core.h"
#include "daemon/log_events.h"

/* Once, before the first line. @instance is kept. */
void log_open(int max_priority, const char *instance);
void log_set_level(int max_priority);
/* A line of the daemon about itself, priority as in syslog(3). */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One that has a kind of its own in log_events.h. */
void log_event(enum shell_log_id id, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What the core wants told. */
void log_core(const struct core_log *log, int64_t now_ns);
/* "debug" … "err" -> LOG_DEBUG … Return: 0, -EINVAL. */
int log_level_parse(const char *text, int *ret_priority);
