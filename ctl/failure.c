/* SPDX-License-Identifier: MIT */
/*
 * failure.c - failures as sentences or JSON, and the table from errno values to exit statuses
 */
#include "ctl/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/parse.h"
#include "ctl/hint.h"

static const struct {
	int error;
	enum ctl_exit exit;
	const char *code;
} error_table[] = {
	{ ENOTCONN, CTL_NO_DAEMON, "not_reachable" },
	{ EHOSTDOWN, CTL_NO_DAEMON, "not_reachable" },
	{ EPROTO, CTL_MISMATCH, "version_mismatch" },
	{ ENOENT, CTL_NO_RING, "no_such_ring" },
	{ ESTALE, CTL_NO_RING, "ring_gone" },
	{ EEXIST, CTL_BUSY, "ring_exists" },
	{ EBUSY, CTL_BUSY, "ring_busy" },
	{ EAGAIN, CTL_TIMEOUT, "timeout" },
	{ ETIMEDOUT, CTL_TIMEOUT, "timeout" },
	{ EACCES, CTL_DENIED, "not_permitted" },
	{ EPERM, CTL_DENIED, "not_permitted" },
	{ ENOSPC, CTL_NO_SPACE, "no_space" },
	{ EDQUOT, CTL_NO_SPACE, "quota" },
	{ ENOMEM, CTL_NO_SPACE, "no_memory" },
	{ EINVAL, CTL_USAGE, "invalid" },
	{ ENAMETOOLONG, CTL_USAGE, "invalid" },
	{ EBADMSG, CTL_FAILED, "ring_corrupt" },
};

enum ctl_exit exit_of_error(int error)
{
	for (size_t i = 0; i < sizeof(error_table) / sizeof(error_table[0]); i++)
		if (error_table[i].error == -error)
			return error_table[i].exit;
	return CTL_FAILED;
}

const char *code_of_error(int error)
{
	for (size_t i = 0; i < sizeof(error_table) / sizeof(error_table[0]); i++)
		if (error_table[i].error == -error)
			return error_table[i].code;
	return "failed";
}

static void print_line(struct json_object *root)
{
	fprintf(stderr, "%s\n",
		json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

static void print_json(const struct failure *failure)
{
	struct json_object *root = json_object_new_object();
	struct json_object *error = json_object_new_object();
	struct json_object *pids;

	json_object_object_add(error, "code",
			       json_object_new_string(failure->code ? failure->code : "failed"));
	json_object_object_add(error, "exit", json_object_new_int(failure->exit));
	if (failure->object)
		json_object_object_add(error, "object", json_object_new_string(failure->object));
	json_object_object_add(error, "message", json_object_new_string(failure->message));
	if (failure->n_pids > 0) {
		pids = json_object_new_array();
		for (size_t i = 0; i < failure->n_pids; i++)
			json_object_array_add(pids, json_object_new_int(failure->pids[i]));
		json_object_object_add(error, "pids", pids);
	}
	if (failure->hint[0])
		json_object_object_add(error, "hint", json_object_new_string(failure->hint));
	json_object_object_add(root, "error", error);
	print_line(root);
}

static void print_text(const struct failure *failure)
{
	const char *line = failure->hint;

	if (failure->object && !failure->object_said)
		fprintf(stderr, "shmqctl: %s: %s\n", failure->object, failure->message);
	else
		fprintf(stderr, "shmqctl: %s\n", failure->message);
	while (*line) {
		size_t len = strcspn(line, "\n");

		fprintf(stderr, "  %.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

int failure_print(const struct ctl *ctl, const struct failure *failure)
{
	struct failure shown = *failure;
	char object[128];

	if (failure->object)
		shown.object = format_printable(failure->object, object, sizeof(object));
	fflush(stdout); /* what was said before stands before it */
	if (ctl->json)
		print_json(&shown);
	else
		print_text(&shown);
	return failure->exit;
}

int fail(const struct ctl *ctl, enum ctl_exit exit, const char *code, const char *object,
	 const char *hint, const char *format, ...)
{
	struct failure failure = { .object = object, .code = code, .exit = exit };
	va_list args;

	va_start(args, format);
	vsnprintf(failure.message, sizeof(failure.message), format, args);
	va_end(args);
	if (hint)
		snprintf(failure.hint, sizeof(failure.hint), "%s", hint);
	return failure_print(ctl, &failure);
}

/*
 * The library's sentence, with a full stop. The object stands in front of it: at the beginning it
 * is not repeated. A path that is named further on is not put in front.
 */
static void message_of_call(struct failure *failure, int error)
{
	const char *text = shmq_error_detail(), *object = failure->object ? failure->object : "";
	char starts[3][128], *buf = failure->message;
	size_t len;

	snprintf(starts[0], sizeof(starts[0]), "%s: ", object);
	snprintf(starts[1], sizeof(starts[1]), "ring '%s' ", object);
	snprintf(starts[2], sizeof(starts[2]), "there is no ring '%s'", object);
	if (!*text)
		text = shmq_strerror(error);
	failure->object_said = strchr(object, '/') && strstr(text, object);
	for (int i = 0; i < 2; i++)
		if (!strncmp(text, starts[i], strlen(starts[i])))
			text += strlen(starts[i]);
	if (strncmp(text, starts[2], strlen(starts[2])))
		len = 0;
	else
		len = (size_t)snprintf(buf, sizeof(failure->message), "there is no such ring");
	format_printable(text + (len ? strlen(starts[2]) : 0), buf + len,
			 sizeof(failure->message) - len - 1);
	len = strlen(buf);
	if (len > 0 && !strchr(".!?", buf[len - 1]))
		memcpy(buf + len, ".", 2);
}

/* Who is in the way, as numbers: a program that reads our JSON shouldn't parse sentences. */
static void find_pids(struct ctl *ctl, const char *object, struct failure *failure)
{
	struct shmq_ring_info info;

	if (!ctl->client || shmq_show(ctl->client, object, &info) < 0)
		return;
	for (uint32_t i = 0; i < info.n_holders && i < FAILURE_PIDS_MAX; i++)
		failure->pids[failure->n_pids++] = info.holders[i].pid;
}

int fail_call(struct ctl *ctl, const char *object, int error)
{
	struct failure failure = {
		.object = object,
		.code = code_of_error(error),
		.exit = exit_of_error(error),
	};

	message_of_call(&failure, error);
	if (error == -EBUSY && object)
		find_pids(ctl, object, &failure);
	hint_for(ctl, object, error, failure.hint, sizeof(failure.hint));
	return failure_print(ctl, &failure);
}

int fail_file(const struct ctl *ctl, const char *object, int error)
{
	return fail(ctl, CTL_FAILED, "io", object, NULL, "%s.", strerror(-error));
}

void note(const struct ctl *ctl, const char *object, const char *format, ...)
{
	struct json_object *root, *inner;
	char text[FAILURE_TEXT_MAX];
	va_list args;

	if (ctl->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!ctl->json) {
		fprintf(stderr, "shmqctl: %s: %s\n", object, text);
		return;
	}
	root = json_object_new_object();
	inner = json_object_new_object();
	json_object_object_add(inner, "object", json_object_new_string(object));
	json_object_object_add(inner, "message", json_object_new_string(text));
	json_object_object_add(root, "note", inner);
	print_line(root);
}
