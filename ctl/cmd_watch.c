/* SPDX-License-Identifier: MIT */
/*
 * cmd_watch.c - shmqctl watch: what happens to rings and their holders, as it happens
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

static struct {
	uint64_t count;
} options;

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

static int watch_run(struct ctl *ctl, int n_args, char **args)
{
	int64_t timeout_ns = ctl_timeout_ns(ctl, SHMQ_FOREVER);
	uint64_t seen = 0;
	int exit, r;

	(void)n_args;
	(void)args;
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_watch(ctl->client);
	while (r >= 0 && (!options.count || seen < options.count)) {
		struct shmq_event event;

		if (ferror(stdout))
			return CTL_FAILED; /* said at the end */
		r = shmq_next_event(ctl->client, timeout_ns, &event);
		if (r >= 0) {
			print_event(ctl, &event);
			seen++;
		} else if (r == -EHOSTDOWN || r == -ENOTCONN) {
			r = subscribe_again(ctl, deadline_after_ns(timeout_ns));
		}
	}
	if (r == -ETIMEDOUT || r == -EAGAIN)
		return fail(ctl, CTL_TIMEOUT, "timeout", "shmqd", NULL,
			    "nothing happened for as long as --timeout says.");
	return r < 0 ? fail_call(ctl, NULL, r) : CTL_OK;
}

static const struct option_spec option_specs[] = {
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many events" },
	{ 0 },
};

const struct verb verb_watch = {
	.name = "watch",
	.args = "",
	.summary = "show events as they happen",
	.details = "Events: created, destroyed, lost, attached, detached, died, reaped, missed.\n"
		   "--timeout ends it (exit status 6) when nothing has happened for so long.",
	.examples = "  shmqctl watch --json | jq -c 'select(.event == \"died\")'",
	.flags = VERB_STREAM,
	.options = option_specs,
	.run = watch_run,
};
