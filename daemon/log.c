/* SPDX-License-Identifier: MIT */
/*
 * log.c - lines for the journal or for stderr; see log.h
 *
 * Three buckets bound what clients can make us write: refusals of a user; all else of a process, so
 * that one that goes in circles does not hide its neighbours; and of a user, who has as many
 * processes as he likes. State is the process's: one level, one instance, one thread.
 */
#include "daemon/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "daemon/journal.h"
#include "daemon/log_limit.h"

#define LINE_BYTES 1024

static int level = LOG_INFO;
static const char *instance = "";
static struct log_limit refusals = { .burst = 10, .per_s = 1 };
static struct log_limit lines_of_process = { .burst = 100, .per_s = 1 };
static struct log_limit lines_of_user = { .burst = 1000, .per_s = 20 };

static const char *const level_names[] = {
	[LOG_EMERG] = "emerg", [LOG_ALERT] = "alert", [LOG_CRIT] = "crit", [LOG_ERR] = "error",
	[LOG_WARNING] = "warning", [LOG_NOTICE] = "notice", [LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static const struct log_kind {
	const char *name, *message_id;
	enum log_event_limit limit;
} kinds[] = {
#define KIND(id, name, limit, message_id) [id] = { name, message_id, limit },
	LOG_EVENTS(KIND)
#undef KIND
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == N_LOG_EVENTS, "each event is in the table");

int log_level_parse(const char *text, int *ret_priority)
{
	for (int i = LOG_ERR; i <= LOG_DEBUG; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*ret_priority = i;
			return 0;
		}
	}
	return -EINVAL;
}

#ifdef HAVE_SYSTEMD
static bool to_journal;
#endif

void log_open(int max_priority, const char *instance_name)
{
	level = max_priority;
	instance = instance_name;
#ifdef HAVE_SYSTEMD
	to_journal = journal_is_stderr();
#endif
}

void log_set_level(int max_priority)
{
	level = max_priority;
}

static void write_line(int priority, const char *text, const struct log_kind *kind,
		       const struct core_log *log)
{
	char shown[LINE_BYTES];

	format_printable(text, shown, sizeof(shown));
#ifdef HAVE_SYSTEMD
	if (to_journal) {
		struct journal_line line = {
			.priority = priority,
			.instance = instance,
			.event = kind ? kind->name : NULL,
			.message_id = kind ? kind->message_id : NULL,
			.log = log,
		};

		journal_write(&line, shown);
		return;
	}
#else
	(void)kind;
	(void)log;
#endif
	if (priority <= LOG_WARNING || priority == LOG_DEBUG)
		fprintf(stderr, "shmqd: %s: %s\n", level_names[priority], shown);
	else
		fprintf(stderr, "shmqd: %s\n", shown);
}

static void __attribute__((format(printf, 3, 0)))
write_format(int priority, const struct log_kind *kind, const char *format, va_list args)
{
	char text[LINE_BYTES];

	if (priority > level)
		return;
	vsnprintf(text, sizeof(text), format, args);
	write_line(priority, text, kind, NULL);
}

void log_line(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_format(priority, NULL, format, args);
	va_end(args);
}

void log_event(enum shell_log_id id, int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_format(priority, &kinds[id], format, args);
	va_end(args);
}

/* May a line about this process be written? Says first how many were not. */
static bool may_write(enum log_event_limit limit, const struct process_identity *process,
		      int64_t now_ns)
{
	struct log_limit *of_user = limit == LOG_REFUSAL ? &refusals : &lines_of_user;
	uint64_t pid = (uint32_t)process->pid;
	unsigned n_swallowed, ignored;

	if (limit == LOG_LIFE && !log_limit_pass(&lines_of_process, pid, now_ns, &ignored)) {
		log_limit_swallow(of_user, process->uid, now_ns);
		return false;
	}
	if (!log_limit_pass(of_user, process->uid, now_ns, &n_swallowed))
		return false;
	if (n_swallowed > 0)
		log_line(LOG_NOTICE, "%u more %s of uid %u were not logged", n_swallowed,
			 limit == LOG_REFUSAL ? "refusals" : "events", (unsigned)process->uid);
	return true;
}

void log_core(const struct core_log *log, int64_t now_ns)
{
	const struct log_kind *kind = &kinds[log->id];

	if (log->priority > level)
		return;
	if (kind->limit != LOG_FREE && log->has_process &&
	    !may_write(kind->limit, &log->process, now_ns))
		return;
	write_line(log->priority, log->text, kind, log);
}
