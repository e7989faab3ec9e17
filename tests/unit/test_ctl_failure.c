/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_failure.c - failures as sentences and as JSON; the exit status of every error
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "ctl/failure.h"

TestSuite(failure, .timeout = 10);

static const struct verb verb = { .name = "show", .args = "RING" };

Test(failure, every_error_of_the_library_has_its_status)
{
	static const struct {
		int error;
		enum ctl_exit exit;
	} rows[] = {
		{ ENOTCONN, CTL_NO_DAEMON }, { EHOSTDOWN, CTL_NO_DAEMON }, { ENOENT, CTL_NO_RING },
		{ ESTALE, CTL_NO_RING },     { EEXIST, CTL_BUSY },	   { EBUSY, CTL_BUSY },
		{ EAGAIN, CTL_TIMEOUT },     { ETIMEDOUT, CTL_TIMEOUT },   { EACCES, CTL_DENIED },
		{ ENOSPC, CTL_NO_SPACE },    { EDQUOT, CTL_NO_SPACE },	   { EPROTO, CTL_MISMATCH },
		{ EINVAL, CTL_USAGE },	     { EBADMSG, CTL_FAILED },	   { ECHILD, CTL_FAILED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(exit_of_error(-rows[i].error), rows[i].exit, "%s",
			     strerror(rows[i].error));
}

Test(failure, is_a_sentence_and_an_indented_remedy, .init = cr_redirect_stderr)
{
	struct ctl ctl = { .verb = &verb };

	cr_expect_eq(fail(&ctl, CTL_BUSY, "ring_busy", "md.ticks", "Stop it.\nOr wait.",
			  "in use by %d.", 812),
		     CTL_BUSY);
	fflush(stderr);
	cr_expect_stderr_eq_str("shmqctl: md.ticks: in use by 812.\n  Stop it.\n  Or wait.\n");
}

Test(failure, without_object_and_remedy_it_is_one_line, .init = cr_redirect_stderr)
{
	struct ctl ctl = { .verb = &verb };

	cr_expect_eq(fail(&ctl, CTL_FAILED, NULL, NULL, NULL, "it broke."), CTL_FAILED);
	fflush(stderr);
	cr_expect_stderr_eq_str("shmqctl: it broke.\n");
}

Test(failure, control_characters_of_an_object_are_not_printed, .init = cr_redirect_stderr)
{
	struct ctl ctl = { .verb = &verb };

	fail(&ctl, CTL_USAGE, "usage", "a\033[31mb", NULL, "no.");
	fflush(stderr);
	cr_expect_stderr_eq_str("shmqctl: a?[31mb: no.\n");
}

static char printed[4096];

/* What @failure prints as JSON, parsed. */
static struct json_object *printed_json(const struct failure *failure)
{
	struct ctl ctl = { .verb = &verb, .json = true };
	struct json_object *root;
	FILE *stream = tmpfile();
	int saved = dup(STDERR_FILENO);

	dup2(fileno(stream), STDERR_FILENO);
	cr_assert_eq(failure_print(&ctl, failure), (int)failure->exit);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(stream);
	printed[fread(printed, 1, sizeof(printed) - 1, stream)] = '\0';
	fclose(stream);
	root = json_tokener_parse(printed);
	cr_assert_not_null(root, "not JSON: %s", printed);
	return root;
}

static const char *text_of(struct json_object *root, const char *key)
{
	struct json_object *error, *value;

	cr_assert(json_object_object_get_ex(root, "error", &error));
	return json_object_object_get_ex(error, key, &value) ? json_object_get_string(value) : NULL;
}

Test(failure, json_has_code_status_message_pids_and_hint)
{
	struct failure failure = {
		.object = "md.ticks",
		.code = "ring_busy",
		.exit = CTL_BUSY,
		.message = "in use by \"feedd\".",
		.hint = "Stop it.",
		.pids = { 812, 4502 },
		.n_pids = 2,
	};
	struct json_object *root = printed_json(&failure);

	cr_expect_str_eq(text_of(root, "code"), "ring_busy");
	cr_expect_str_eq(text_of(root, "exit"), "5");
	cr_expect_str_eq(text_of(root, "object"), "md.ticks");
	cr_expect_str_eq(text_of(root, "message"), "in use by \"feedd\".");
	cr_expect_str_eq(text_of(root, "hint"), "Stop it.");
	cr_expect(strstr(printed, "\"pids\":[812,4502]"), "%s", printed);
	cr_expect_eq(strchr(printed, '\n'), printed + strlen(printed) - 1, "more than one line");
	json_object_put(root);
}

Test(failure, json_leaves_out_what_there_is_not)
{
	struct failure failure = { .code = "usage", .exit = CTL_USAGE, .message = "what?" };
	struct json_object *root = printed_json(&failure);

	cr_expect_null(text_of(root, "object"));
	cr_expect_null(text_of(root, "pids"));
	cr_expect_null(text_of(root, "hint"));
	json_object_put(root);
}

Test(failure, notes_are_json_on_request, .init = cr_redirect_stderr)
{
	struct ctl ctl = { .verb = &verb, .json = true };

	note(&ctl, "r", "the sender \"%s\" died.", "x");
	fflush(stderr);
	cr_expect_stderr_eq_str(
		"{\"note\":{\"object\":\"r\",\"message\":\"the sender \\\"x\\\" died.\"}}\n");
}

Test(failure, quiet_keeps_failures_and_drops_notes, .init = cr_redirect_stderr)
{
	struct ctl quiet = { .verb = &verb, .quiet = true }, normal = { .verb = &verb };

	note(&quiet, "r", "not seen");
	note(&normal, "r", "seen %d", 1);
	fail(&quiet, CTL_FAILED, NULL, "r", NULL, "broken.");
	fflush(stderr);
	cr_expect_stderr_eq_str("shmqctl: r: seen 1\nshmqctl: r: broken.\n");
}
