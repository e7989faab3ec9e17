/* SPDX-License-Identifier: MIT */
/*
 * journal.c - fields for systemd-journald; see journal.h
 */
#ifdef HAVE_SYSTEMD

#include "daemon/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION /* all lines come from here */
#include <systemd/sd-journal.h>

#include "daemon/core/core.h"

#define TEXT_BYTES  1024
#define FIELDS_MAX  16
#define FIELD_BYTES 160 /* the longest name, value and NUL */

_Static_assert(CONTROL_NAME_MAX + sizeof("SHMQ_RING=") <= FIELD_BYTES, "no ring's name is cut");
_Static_assert(CONTROL_UNIT_MAX + sizeof("SHMQ_UNIT=") <= FIELD_BYTES, "nor a unit's");

struct fields {
	struct iovec parts[FIELDS_MAX];
	char texts[FIELDS_MAX][FIELD_BYTES];
	char message[TEXT_BYTES];
	int n;
};

/* $JOURNAL_STREAM is inherited, stderr may have been redirected since: compare the two. */
bool journal_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, here) == 0;
}

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

static void process_add(struct fields *fields, const struct core_log *log)
{
	if (log->process.pid)
		field_add(fields, "SHMQ_PID=%d", (int)log->process.pid);
	if (log->has_process) {
		field_add(fields, "SHMQ_UID=%u", (unsigned)log->process.uid);
		field_add(fields, "SHMQ_COMM=%s", log->process.comm);
	}
	if (log->unit[0])
		field_add(fields, "SHMQ_UNIT=%s", log->unit);
	if (log->role)
		field_add(fields, "SHMQ_ROLE=%s", log->role);
}

void journal_write(const struct journal_line *line, const char *text)
{
	struct fields fields;
	const struct core_log *log = line->log;

	fields.n = 0;
	snprintf(fields.message, sizeof(fields.message), "MESSAGE=%s", text);
	fields.parts[fields.n++] = (struct iovec){ fields.message, strlen(fields.message) };
	field_add(&fields, "PRIORITY=%d", line->priority);
	field_add(&fields, "SYSLOG_IDENTIFIER=shmqd");
	field_add(&fields, "SHMQ_INSTANCE=%s", line->instance);
	if (line->event) {
		field_add(&fields, "SHMQ_EVENT=%s", line->event);
		field_add(&fields, "MESSAGE_ID=%s", line->message_id);
	}
	if (log && log->ring[0])
		field_add(&fields, "SHMQ_RING=%s", log->ring);
	if (log && log->bytes)
		field_add(&fields, "SHMQ_BYTES=%" PRIu64, log->bytes);
	if (log)
		process_add(&fields, log);
	sd_journal_sendv(fields.parts, fields.n);
}

#endif
