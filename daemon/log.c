/* SPDX-License-Identifier: MIT */
/*
 * log.c - lines for the journal or for stderr; see log.h
 *
 * sd_journal_sendv(3) drops records silently where no journal runs, so it is used only when stderr
 * is the journal's own stream; everywhere else a line goes to stderr, where somebody may read it.
 * State is the process's: one level, one instance, one thread.
 */
#include "daemon/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* all lines come from here */
#include <systemd/sd-journal.h>
#endif

#include "base/parse.h"
#include "daemon/log_limit.h"

#define LINE_BYTES  1024
#define FIELDS_MAX  12
#define FIELD_BYTES 128

static int level = LOG_INFO;
static const char *instance = "";
static struct log_limit refusals;

static const char *const level_names[] = {
	[LOG_EMERG] = "emerg", [LOG_ALERT] = "alert", [LOG_CRIT] = "crit", [LOG_ERR] = "error",
	[LOG_WARNING] = "warning", [LOG_NOTICE] = "notice", [LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

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

/* What makes an event findable: journalctl MESSAGE_ID=… */
static const char *const message_ids[] = {
	[CORE_LOG_RING_CREATED] = "9bae573805c14d17a29fa07610427b84",
	[CORE_LOG_RING_DESTROYED] = "5dd5e812a30f476caf8205fe6ff90d09",
	[CORE_LOG_RING_REAPED] = "8cb1496ab53241b1bccc9be66294f9f7",
	[CORE_LOG_RING_LOST] = "d2297ba6ae3e4867b3b10432062e05de",
	[CORE_LOG_CLIENT_DIED] = "64cea65417bf40bc949432a3ce97505e",
	[CORE_LOG_REFUSED] = "f9e2ec481ce74d9ea48b8339f951c206",
	[CORE_LOG_ADOPTED] = "4c6e8713467441fea4e0b70fa94a4d44",
	[CORE_LOG_UNVERIFIED] = "a88d977ccb6a459ca396a617298615c0",
	[CORE_LOG_STRAY] = "3c7ca7876d38430fada1316103dd0194",
	[CORE_LOG_CREATE_FAILED] = "3fc91ed9cc1e41fea6a1d16b9277293a",
};

#define N_MESSAGE_IDS (sizeof(message_ids) / sizeof(message_ids[0]))

/* ---- the journal ---- */

#ifdef HAVE_SYSTEMD
static bool to_journal;

/* $JOURNAL_STREAM is inherited, stderr may have been redirected since: compare the two. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, here) == 0;
}

struct fields {
	struct iovec parts[FIELDS_MAX];
	char texts[FIELDS_MAX][FIELD_BYTES];
	char message[LINE_BYTES + 16];
	int n;
};

static void __attribute__((format(printf, 2, 3)))
field_add(struct fields *fields, const char *format, ...)
{
	char *text = fields->texts[fields->n];
	va_list args;

	va_start(args, format);
	vsnprintf(text, FIELD_BYTES, format, args);
	va_end(args);
	fields->parts[fields->n++] = (struct iovec){ text, strlen(text) };
}

static void journal_write(int priority, const char *text, const struct core_log *log)
{
	struct fields fields;

	fields.n = 0;
	snprintf(fields.message, sizeof(fields.message), "MESSAGE=%s", text);
	fields.parts[fields.n++] =
		(struct iovec){ fields.message, strlen(fields.message) };
	field_add(&fields, "PRIORITY=%d", priority);
	field_add(&fields, "SYSLOG_IDENTIFIER=shmqd");
	field_add(&fields, "SHMQ_INSTANCE=%s", instance);
	if (log && log->id < N_MESSAGE_IDS)
		field_add(&fields, "MESSAGE_ID=%s", message_ids[log->id]);
	if (log && log->ring[0])
		field_add(&fields, "SHMQ_RING=%s", log->ring);
	if (log && log->bytes)
		field_add(&fields, "SHMQ_BYTES=%" PRIu64, log->bytes);
	if (log && log->process.pid) {
		field_add(&fields, "SHMQ_PID=%d", (int)log->process.pid);
		field_add(&fields, "SHMQ_UID=%u", (unsigned)log->process.uid);
		field_add(&fields, "SHMQ_COMM=%s", log->process.comm);
	}
	sd_journal_sendv(fields.parts, fields.n);
}
#endif

/* ---- both ---- */

void log_open(int max_priority, const char *instance_name)
{
	level = max_priority;
	instance = instance_name;
#ifdef HAVE_SYSTEMD
	to_journal = stderr_is_journal();
#endif
}

static void write_line(int priority, const char *text, const struct core_log *log)
{
	char shown[LINE_BYTES];

	format_printable(text, shown, sizeof(shown));
#ifdef HAVE_SYSTEMD
	if (to_journal) {
		journal_write(priority, shown, log);
		return;
	}
#endif
	if (priority <= LOG_WARNING || priority == LOG_DEBUG)
		fprintf(stderr, "shmqd: %s: %s\n", level_names[priority], shown);
	else
		fprintf(stderr, "shmqd: %s\n", shown);
}

void log_line(int priority, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list args;

	if (priority > level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	write_line(priority, text, NULL);
}

void log_core(const struct core_log *log, int64_t now_ns)
{
	unsigned n_swallowed;

	if (log->priority > level)
		return;
	if (log->id == CORE_LOG_REFUSED || log->id == CORE_LOG_CREATE_FAILED) {
		if (!log_limit_pass(&refusals, log->process.uid, now_ns, &n_swallowed))
			return;
		if (n_swallowed > 0)
			log_line(LOG_NOTICE, "%u more refusals of uid %u were not logged",
				 n_swallowed, (unsigned)log->process.uid);
	}
	write_line(log->priority, log->text, log);
}
