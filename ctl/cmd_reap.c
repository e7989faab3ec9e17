/* SPDX-License-Identifier: MIT */
/*
 * cmd_reap.c - shmqctl reap, shmqctl orphans: what nobody owns any more in /dev/shm
 *
 * Both show the same table; reap removes the rows that are orphans. Nothing is removed unless every
 * process on the host could be looked at.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "base/process.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/foreign.h"
#include "ctl/table.h"

#define PATTERNS_MAX 64

static struct {
	bool foreign, dry_run, all, container;
	const char *directory;
} options = { .directory = FOREIGN_DIRECTORY };

/* A row that is shown, and what became of it. */
struct row {
	const struct foreign_object *object;
	const char *action; /* "", "removed", "would go", "kept" */
	char why[512];
};

struct tally {
	size_t n_orphans, n_removed, n_failed;
	uint64_t bytes;
};

static uint64_t object_bytes(const struct foreign_object *object)
{
	return (uint64_t)object->st.st_blocks * 512;
}

static void column_name(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	format_printable(((const struct row *)row)->object->name, buf, cap_bytes);
}

static void column_size(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	uint64_t bytes = object_bytes(((const struct row *)row)->object);

	if (ctl->bytes || ctl->raw)
		snprintf(buf, cap_bytes, "%" PRIu64, bytes);
	else
		format_size(bytes, buf, cap_bytes);
}

static void column_age(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	time_t since_s = ((const struct row *)row)->object->st.st_mtime;
	int64_t age = age_ns(since_s > 0 ? (uint64_t)since_s : 0);

	if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRId64, age / NS_PER_S);
	else
		format_duration_ns(age, buf, cap_bytes);
}

static void column_owner(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	user_name(((const struct row *)row)->object->st.st_uid, buf, cap_bytes);
}

static void column_family(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	snprintf(buf, cap_bytes, "%s", ((const struct row *)row)->object->family);
}

static void column_action(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	snprintf(buf, cap_bytes, "%s", ((const struct row *)row)->action);
}

static void column_why(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	format_printable(((const struct row *)row)->why, buf, cap_bytes);
}

static const char *action_color(const void *row)
{
	return strcmp(((const struct row *)row)->action, "kept") ? "yellow" : NULL;
}

static const struct column columns[] = {
	{ "NAME", true, false, column_name, NULL },
	{ "SIZE", true, true, column_size, NULL },
	{ "AGE", true, true, column_age, NULL },
	{ "OWNER", true, false, column_owner, NULL },
	{ "LOOKS-LIKE", true, false, column_family, NULL },
	{ "ACTION", true, false, column_action, action_color },
	{ "WHY", true, false, column_why, NULL },
};

static struct json_object *json_of_row(const struct row *row)
{
	const struct foreign_object *object = row->object;
	struct json_object *json = json_object_new_object();
	struct json_object *pids = json_object_new_array();

	json_object_object_add(json, "name", json_text(object->name));
	json_object_object_add(json, "bytes", json_object_new_int64((int64_t)object_bytes(object)));
	json_object_object_add(json, "uid", json_object_new_int64(object->st.st_uid));
	json_object_object_add(json, "modified_s", json_object_new_int64(object->st.st_mtime));
	json_object_object_add(json, "family", json_text(object->family));
	json_object_object_add(json, "action", json_text(row->action));
	json_object_object_add(json, "why", json_text(row->why));
	for (size_t i = 0; i < object->held.n_holders && i < HOLDER_PIDS_MAX; i++)
		json_object_array_add(pids, json_object_new_int(object->held.pids[i]));
	json_object_object_add(json, "pids", pids);
	return json;
}

/* Whoever kept it from going, for people. */
static void put_holder(pid_t pid, char *buf, size_t cap_bytes)
{
	char comm[PROCESS_COMM_MAX] = "?", shown[64];

	if (pid == 0) {
		snprintf(buf, cap_bytes, "somebody who can't be seen from here holds it");
		return;
	}
	process_comm(pid, comm);
	snprintf(buf, cap_bytes, "pid %d (%s) opened it meanwhile", (int)pid,
		 format_printable(comm, shown, sizeof(shown)));
}

/* Remove one orphan; its row says what happened. */
static void remove_row(struct row *row, struct tally *tally)
{
	char aside[300], holder[128];
	pid_t pid = 0;
	int r = foreign_remove(options.directory, row->object, &pid, aside);

	if (r == 0) {
		row->action = "removed";
		tally->n_removed++;
		tally->bytes += object_bytes(row->object);
		return;
	}
	row->action = "kept";
	put_holder(pid, holder, sizeof(holder));
	if (r == -EBUSY)
		snprintf(row->why, sizeof(row->why), "%s", holder);
	else if (r == -EEXIST)
		snprintf(row->why, sizeof(row->why), "%s, and its name was taken: it is %s/%s now",
			 holder, options.directory, aside);
	else if (r == -ESTALE || r == -ENOENT)
		snprintf(row->why, sizeof(row->why),
			 "replaced or removed by somebody else meanwhile");
	else if (r == -EPERM || r == -EACCES)
		snprintf(row->why, sizeof(row->why), "only its owner and root may remove it");
	else
		snprintf(row->why, sizeof(row->why), "%s", strerror(-r));
	if (r == -EPERM || r == -EACCES || r == -EEXIST)
		tally->n_failed++;
}

static bool is_shown(const struct foreign_object *object)
{
	if (object->verdict == FOREIGN_ORPHAN || object->verdict == FOREIGN_UNSEEN ||
	    object->verdict == FOREIGN_HELD)
		return true;
	return options.all;
}

static size_t fill_rows(const struct foreign_scan *scan, bool removing, struct row *rows,
			struct tally *tally)
{
	size_t n = 0;

	for (size_t i = 0; i < scan->n; i++) {
		const struct foreign_object *object = &scan->objects[i];
		struct row *row = &rows[n];

		if (!is_shown(object))
			continue;
		n++;
		row->object = object;
		foreign_reason(object, row->why, sizeof(row->why));
		row->action = "kept";
		if (object->verdict != FOREIGN_ORPHAN)
			continue;
		tally->n_orphans++;
		row->action = "would go";
		if (removing)
			remove_row(row, tally);
		else
			tally->bytes += object_bytes(object);
	}
	return n;
}

static int cannot_see(const struct ctl *ctl, const struct foreign_scan *scan)
{
	char comm[PROCESS_COMM_MAX] = "?";

	if (scan->view.n_hidden == 0)
		return fail(ctl, CTL_DENIED, "cannot_see_all", "reap",
			    "Run it on the host, or with --container where /dev/shm is the "
			    "container's own.",
			    "this is a pid namespace of its own: processes outside can't be seen. "
			    "Nothing changed.");
	process_comm(scan->view.hidden_pid, comm);
	return fail(ctl, CTL_DENIED, "cannot_see_all", "reap",
		    "Run it as root: sudo shmqctl reap --foreign …",
		    "the files of %zu process%s can't be seen, of pid %d (%s) for one. Nothing "
		    "changed.",
		    scan->view.n_hidden, scan->view.n_hidden == 1 ? "" : "es",
		    (int)scan->view.hidden_pid, comm);
}

static void print_json(const struct row *rows, size_t n, const struct tally *tally, bool sees_all)
{
	struct json_object *root = json_root();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(array, json_of_row(&rows[i]));
	json_object_object_add(root, "objects", array);
	json_object_object_add(root, "orphans", json_object_new_int64((int64_t)tally->n_orphans));
	json_object_object_add(root, "removed", json_object_new_int64((int64_t)tally->n_removed));
	json_object_object_add(root, "bytes", json_object_new_int64((int64_t)tally->bytes));
	json_object_object_add(root, "sees_all", json_object_new_boolean(sees_all));
	json_print(root, false);
}

/* Show what there is, removing or not. Return: the exit status. */
static int run_scope(struct ctl *ctl, enum foreign_scope scope, int n_args, char **args,
		     bool removing)
{
	_cleanup_(foreign_scan_release) struct foreign_scan scan = { 0 };
	_cleanup_(freep) struct row *rows = NULL;
	const char *patterns[PATTERNS_MAX + 1] = { NULL };
	struct tally tally = { 0 };
	struct table table;
	char size[32];
	size_t n;
	int r, exit;

	exit = table_init(&table, ctl, columns, sizeof(columns) / sizeof(columns[0]));
	if (exit != CTL_OK)
		return exit;
	for (int i = 0; i < n_args; i++)
		patterns[i] = args[i];
	r = foreign_scan(options.directory, scope, patterns, options.container, &scan);
	if (r < 0)
		return fail_file(ctl, options.directory, r);
	if (removing && !foreign_sees_all(&scan))
		return cannot_see(ctl, &scan);
	signal(SIGIO, SIG_IGN); /* for foreign_remove() */
	rows = calloc(scan.n ? scan.n : 1, sizeof(*rows));
	if (!rows)
		return fail_file(ctl, options.directory, -ENOMEM);
	n = fill_rows(&scan, removing, rows, &tally);
	if (ctl->json) {
		print_json(rows, n, &tally, foreign_sees_all(&scan));
		return tally.n_failed ? CTL_DENIED : CTL_OK;
	}
	r = table_print(&table, ctl, rows, sizeof(*rows), n);
	if (r < 0)
		return fail_file(ctl, "standard output", r);
	format_size(tally.bytes, size, sizeof(size));
	if (removing)
		note(ctl, "reap", "%zu of %zu orphans removed, %s freed.", tally.n_removed,
		     tally.n_orphans, size);
	else
		note(ctl, "orphans", "%zu orphans, %s.", tally.n_orphans, size);
	return tally.n_failed ? CTL_DENIED : CTL_OK;
}

static int reap_run(struct ctl *ctl, int n_args, char **args)
{
	if (!options.foreign && n_args > 0)
		return fail(ctl, CTL_USAGE, "usage", args[0],
			    "Patterns go with --foreign: `shmqctl reap --foreign 'psm_*'`.",
			    "rings have lifetimes, not patterns.");
	if (!options.foreign)
		return run_scope(ctl, FOREIGN_QUARANTINE, 0, NULL, !options.dry_run);
	if (n_args == 0 && !options.dry_run)
		return fail(ctl, CTL_USAGE, "usage", "--foreign",
			    "Look first: `shmqctl orphans`, then name what may go: 'psm_*'",
			    "it is not said which objects.");
	return run_scope(ctl, FOREIGN_OTHERS, n_args, args, !options.dry_run);
}

static int orphans_run(struct ctl *ctl, int n_args, char **args)
{
	return run_scope(ctl, FOREIGN_OTHERS, n_args, args, false);
}

static const struct option_spec reap_options[] = {
	{ 'f', "foreign", NULL, OPTION_FLAG, &options.foreign, 0,
	  "leaked objects of other programs, by shell patterns" },
	{ 0, "dry-run", NULL, OPTION_FLAG, &options.dry_run, 0, "say what would go and why" },
	{ 'a', "all", NULL, OPTION_FLAG, &options.all, 0,
	  "with --foreign: show what never goes, too" },
	{ 0, "container", NULL, OPTION_FLAG, &options.container, 0,
	  "this pid namespace is all there is: right where /dev/shm\n"
	  "is the container's own" },
	{ 0, "directory", "PATH", OPTION_TEXT, &options.directory, 0,
	  "with --foreign: look there [" FOREIGN_DIRECTORY "]" },
	{ 0 },
};

static const struct option_spec orphans_options[] = {
	{ 'a', "all", NULL, OPTION_FLAG, &options.all, 0, "show what never goes, too" },
	{ 0, "directory", "PATH", OPTION_TEXT, &options.directory, 0,
	  "look there [" FOREIGN_DIRECTORY "]" },
	{ 0 },
};

const struct verb verb_reap = {
	.name = "reap",
	.args = "[PATTERN...]",
	.summary = "remove what nobody owns any more",
	.details =
		"Without --foreign: segments that a shmqd has set aside because its records of "
		"them\n"
		"were damaged. Whatever it can account for it removes by itself.\n"
		"With --foreign PATTERN...: objects of other programs in /dev/shm that match and "
		"that\n"
		"no process on the host has open or mapped. Age and names prove nothing and are "
		"not\n"
		"used. Refused when some process can't be looked at; somebody who opens an object\n"
		"meanwhile keeps it, and so does one whom only the kernel knows: in another pid\n"
		"namespace, or with a descriptor that is on its way.",
	.examples = "  shmqctl reap --dry-run\n"
		    "  sudo shmqctl reap --foreign 'psm_*' 'sem.mp-*'",
	.n_args_max = PATTERNS_MAX,
	.flags = VERB_TABLE,
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.options = reap_options,
	.run = reap_run,
};

const struct verb verb_orphans = {
	.name = "orphans",
	.args = "[PATTERN...]",
	.summary = "show what other programs leaked in /dev/shm",
	.details = "Every object that isn't shmqd's: size, age, owner, and who has it open or "
		   "mapped.\n"
		   "Nothing is touched; needs no shmqd.",
	.examples = "  shmqctl orphans\n"
		    "  sudo shmqctl orphans 'psm_*' --json",
	.n_args_max = PATTERNS_MAX,
	.flags = VERB_TABLE,
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.options = orphans_options,
	.run = orphans_run,
};
