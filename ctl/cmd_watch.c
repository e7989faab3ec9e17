/* SPDX-License-Identifier: MIT */
/*
 * cmd_watch.c - shmqctl events: what happens to rings and their holders, as it happens; watch is the
 * same without filters
 *
 * Outlives a restart of the daemon: it says so, subscribes again, and what happened meanwhile is
 * not told (list and show have the result).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <shmq/layout.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "base/suggest.h"

static struct {
	uint64_t count;
	const char *kinds; /* "died,lost"; NULL: all */
} options;

/* Whether the list @kinds has @name, which is no part of another one. */
static bool kinds_have(const char *kinds, const char *name)
{
	size_t len = strlen(name);

	for (; kinds; kinds = strchr(kinds, ',')) {
		kinds += *kinds == ',';
		if (!strncmp(kinds, name, len) && (kinds[len] == ',' || !kinds[len]))
			return true;
	}
	return false;
}

/* Every word of --kind must be one: a filter that lets nothing through looks like peace. */
static int check_kinds(const struct ctl *ctl)
{
	const char *names[SHMQ_EVENT_MISSED];
	char word[64], shown[64], hint[128];

	for (int i = 0; i < SHMQ_EVENT_MISSED; i++)
		names[i] = event_name((enum shmq_event_kind)(i + 1));
	for (const char *at = options.kinds; at; at = strchr(at, ',')) {
		const char *best;
		bool known = false;

		at += *at == ',';
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, ","), at);
		for (int i = 0; i < SHMQ_EVENT_MISSED; i++)
			known |= !strcmp(word, names[i]);
		if (known)
			continue;
		best = suggest(word, names, SHMQ_EVENT_MISSED);
		snprintf(hint, sizeof(hint), "%s%s%sThey are listed by `shmqctl events --help`.",
			 best ? "Did you mean " : "", best ? best : "", best ? "?  " : "");
		return fail(ctl, CTL_USAGE, "usage", "--kind", hint, "there is no event '%s'.",
			    format_printable(word, shown, sizeof(shown)));
	}
	return CTL_OK;
}

/* Missed events pass always: they may have been of any ring and kind. */
static bool is_wanted(const struct shmq_event *event, char *const *rings, int n_rings)
{
	bool wanted = n_rings == 0;

	if (event->kind == SHMQ_EVENT_MISSED)
		return true;
	if (options.kinds && !kinds_have(options.kinds, event_name(event->kind)))
		return false;
	for (int i = 0; i < n_rings; i++)
		wanted |= !strcmp(event->ring, rings[i]);
	return wanted;
}

static void print_text(const struct shmq_event *event)
{
	time_t seconds = (time_t)(event->time_ns / NS_PER_S);
	char clock[16] = "", comm[64], count[32];
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf("%s  %-10s", clock, event_name(event->kind));
	if (event->kind == SHMQ_EVENT_MISSED) {
		printf("  %s events, nobody read them in time\n",
		       format_count(event->count, count, sizeof(count)));
		return;
	}
	printf("%s", event->ring);
	if (event->kind == SHMQ_EVENT_ATTACHED || event->kind == SHMQ_EVENT_DETACHED ||
	    event->kind == SHMQ_EVENT_DIED)
		printf("  %s", role_name(event->role));
	if (event->pid > 0)
		printf("  pid %d (%s)", (int)event->pid,
		       format_printable(event->comm, comm, sizeof(comm)));
	if (event->count > 0)
		printf("  %s unread dropped", format_count(event->count, count, sizeof(count)));
	printf("\n");
}

static void print_event(const struct ctl *ctl, const struct shmq_event *event)
{
	if (ctl->json) {
		json_print(json_of_event(event), true);
	} else {
		print_text(event);
		fflush(stdout);
	}
}

/* Subscribe again; every attempt waits a little for a daemon that isn't there yet. */
static int subscribe_again(struct ctl *ctl, int64_t deadline_ns)
{
	const struct timespec nap = { .tv_nsec = 100 * NS_PER_MS };
	int r;

	note(ctl, "shmqd", "gone; waiting for it to come back.");
	for (;;) {
		r = shmq_watch(ctl->client);
		if (r != -ENOTCONN && r != -EHOSTDOWN)
			break;
		if (deadline_left_ns(deadline_ns) == 0)
			return r;
		nanosleep(&nap, NULL);
	}
	if (r >= 0)
		note(ctl, "shmqd", "is back. What happened meanwhile is in `shmqctl list`.");
	return r;
}

static int watch_run(struct ctl *ctl, int n_rings, char **rings)
{
	int64_t timeout_ns = ctl_timeout_ns(ctl, SHMQ_FOREVER);
	int64_t deadline_ns = deadline_after_ns(timeout_ns);
	uint64_t seen = 0;
	int exit, r;

	exit = check_kinds(ctl);
	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_watch(ctl->client);
	while (r >= 0 && (!options.count || seen < options.count)) {
		struct shmq_event event;

		if (ferror(stdout))
			return CTL_FAILED; /* said at the end */
		r = shmq_next_event(ctl->client, deadline_left_ns(deadline_ns), &event);
		if (r >= 0 && is_wanted(&event, rings, n_rings)) {
			print_event(ctl, &event);
			seen++;
			deadline_ns = deadline_after_ns(timeout_ns);
		} else if (r == -EHOSTDOWN || r == -ENOTCONN) {
			deadline_ns = deadline_after_ns(timeout_ns);
			r = subscribe_again(ctl, deadline_ns);
		}
	}
	if (r == -ETIMEDOUT || r == -EAGAIN)
		return fail(ctl, CTL_TIMEOUT, "timeout", "shmqd", NULL,
			    "nothing happened for as long as --timeout says.");
	return r < 0 ? fail_call(ctl, NULL, r) : CTL_OK;
}

static const struct option_spec watch_options[] = {
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many events" },
	{ 0 },
};

static const struct option_spec events_options[] = {
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many events" },
	{ 'k', "kind", "KIND,...", OPTION_TEXT, &options.kinds, 0, "events of these kinds only" },
	{ 0 },
};

const struct verb verb_events = {
	.name = "events",
	.args = "[RING...]",
	.summary = "show events as they happen, of all rings or of these",
	.details = "Kinds: created, destroyed, lost, attached, detached, died, reaped, missed.\n"
		   "What happened before is not told. Events that came faster than they were read\n"
		   "are counted by a missed one, whatever is asked for.\n"
		   "--timeout ends it (exit status 6) when nothing has happened for so long.",
	.examples = "  shmqctl events ticks\n"
		    "  shmqctl events --kind died,lost --json",
	.n_args_max = 1000,
	.flags = VERB_STREAM,
	.options = events_options,
	.run = watch_run,
};

const struct verb verb_watch = {
	.name = "watch",
	.args = "",
	.summary = "show all events as they happen",
	.details = "Events: created, destroyed, lost, attached, detached, died, reaped, missed.\n"
		   "--timeout ends it (exit status 6) when nothing has happened for so long.",
	.examples = "  shmqctl watch --json | jq -c 'select(.event == \"died\")'",
	.flags = VERB_STREAM,
	.options = watch_options,
	.run = watch_run,
};
