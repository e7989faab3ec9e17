/* SPDX-License-Identifier: MIT */
/*
 * cmd_check.c - shmqctl check: one line and a status for whoever watches machines (Nagios, Icinga,
 * monit, a systemd unit's ExecCondition=)
 *
 * Every ring is judged by the same rules; the worst verdict is the status. That the daemon doesn't
 * answer, or that a ring isn't there, is a verdict too and no failure of this tool.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/facts.h"
#include "ctl/failure.h"
#include "ctl/metric_tables.h"

#define WARN_FILL_PERCENT 80
#define MAX_FILL_PERCENT  95

enum verdict { VERDICT_OK = 0, VERDICT_WARNING = 1, VERDICT_CRITICAL = 2 };

static const char *const verdict_names[] = { "OK", "WARNING", "CRITICAL" };

static struct {
	uint64_t warn_fill, max_fill; /* percent; 0: not given */
	int64_t stalled_ns;
	bool need_producer, need_consumer;
} options;

struct report {
	enum verdict verdict;
	char reasons[1024]; /* "ticks is 97% full, ..." */
	size_t n_reasons;
	struct json_object *findings;
};

static void report_add(struct report *report, enum verdict verdict, const char *ring,
		       const char *code, const char *text)
{
	struct json_object *finding = json_object_new_object();
	size_t len = strlen(report->reasons);

	if (verdict > report->verdict)
		report->verdict = verdict;
	snprintf(report->reasons + len, sizeof(report->reasons) - len, "%s%s%s%s",
		 report->n_reasons++ ? ", " : "", ring ? ring : "", ring ? " " : "", text);
	json_add_text(finding, "status", verdict_names[verdict]);
	if (ring)
		json_add_text(finding, "ring", ring);
	json_add_text(finding, "code", code);
	json_add_text(finding, "message", text);
	json_object_array_add(report->findings, finding);
}

static uint64_t fill_percent(const struct shmq_ring_stats *ring)
{
	uint64_t slots = ring->values[SHMQ_RING_SLOTS_METRIC];

	return slots ? ring->values[SHMQ_RING_DEPTH_METRIC] * 100 / slots : 0;
}

static void judge_fill(struct report *report, const struct shmq_ring_stats *ring)
{
	uint64_t fill = fill_percent(ring);
	char text[64];

	snprintf(text, sizeof(text), "is %" PRIu64 "%% full", fill);
	if (fill >= options.max_fill)
		report_add(report, VERDICT_CRITICAL, ring->name, "fill", text);
	else if (fill >= options.warn_fill)
		report_add(report, VERDICT_WARNING, ring->name, "fill", text);
}

/* Messages wait, and none was taken since @before: whoever should read them doesn't. */
static void judge_progress(struct report *report, const struct shmq_ring_stats *before,
			   const struct shmq_ring_stats *ring)
{
	char span[32], text[96];

	if (!before || before->values[SHMQ_RING_DEPTH_METRIC] == 0 ||
	    before->values[SHMQ_RING_CREATED_S_METRIC] !=
		    ring->values[SHMQ_RING_CREATED_S_METRIC] ||
	    before->values[SHMQ_RING_POPPED_METRIC] != ring->values[SHMQ_RING_POPPED_METRIC])
		return;
	snprintf(text, sizeof(text), "has unread messages and none was read for %s",
		 format_duration_ns(options.stalled_ns, span, sizeof(span)));
	report_add(report, VERDICT_CRITICAL, ring->name, "stalled", text);
}

static void judge(struct report *report, const struct shmq_ring_stats *before,
		  const struct shmq_ring_stats *ring)
{
	if (!ring->values[SHMQ_RING_LIVE_METRIC])
		report_add(report, VERDICT_CRITICAL, ring->name, "not_live", "can't be used");
	if (options.need_producer && !ring->values[SHMQ_RING_PRODUCERS_METRIC])
		report_add(report, VERDICT_CRITICAL, ring->name, "no_producer", "has no producer");
	if (options.need_consumer && !ring->values[SHMQ_RING_CONSUMERS_METRIC])
		report_add(report, VERDICT_CRITICAL, ring->name, "no_consumer", "has no consumer");
	judge_fill(report, ring);
	judge_progress(report, before, ring);
}

/* What a graph is made of: 'label'=value;warning;critical;min;max */
static void print_perfdata(const struct snapshot *snapshot)
{
	printf(" | rings=%zu;;;0", snapshot->n_rings);
	for (size_t i = 0; i < snapshot->n_rings; i++) {
		const struct shmq_ring_stats *ring = &snapshot->rings[i];

		printf(" %s.fill=%" PRIu64 "%%;%" PRIu64 ";%" PRIu64 ";0;100", ring->name,
		       fill_percent(ring), options.warn_fill, options.max_fill);
		printf(" %s.pushed=%" PRIu64 "c", ring->name,
		       ring->values[SHMQ_RING_PUSHED_METRIC]);
	}
}

static int report_print(const struct ctl *ctl, struct report *report,
			const struct snapshot *snapshot)
{
	const char *name = verdict_names[report->verdict];

	if (ctl->json) {
		struct json_object *root = json_root();

		json_add_text(root, "status", name);
		json_object_object_add(root, "findings", report->findings);
		if (snapshot)
			json_add_count(root, "rings", snapshot->n_rings);
		json_print(root, true);
		return (int)report->verdict;
	}
	json_object_put(report->findings);
	printf("SHMQ %s - ", name);
	if (report->n_reasons)
		printf("%s", report->reasons);
	else if (snapshot)
		printf("%zu ring%s", snapshot->n_rings, snapshot->n_rings == 1 ? "" : "s");
	if (snapshot)
		print_perfdata(snapshot);
	printf("\n");
	return (int)report->verdict;
}

/* Wait for --stalled between two snapshots; without it there is one. */
static int take(struct ctl *ctl, char **names, int n_names, struct snapshot *before,
		struct snapshot *ret_now, const char **ret_name)
{
	struct timespec at;
	int r;

	if (options.stalled_ns == 0)
		return snapshot_take(ctl, names, n_names, ret_now, ret_name);
	r = snapshot_take(ctl, names, n_names, before, ret_name);
	if (r < 0)
		return r;
	at = timespec_from_ns(clock_monotonic_ns() + options.stalled_ns);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
	r = snapshot_take(ctl, names, n_names, ret_now, ret_name);
	if (r < 0) {
		snapshot_release(before);
		*before = (struct snapshot){ 0 };
	}
	return r;
}

static int check_options(const struct ctl *ctl)
{
	if (options.stalled_ns < 0)
		return fail(ctl, CTL_USAGE, "usage", "--stalled", NULL, "it must end.");
	if (!options.max_fill)
		options.max_fill = MAX_FILL_PERCENT;
	if (!options.warn_fill)
		options.warn_fill = options.max_fill < WARN_FILL_PERCENT ? options.max_fill
									 : WARN_FILL_PERCENT;
	if (options.warn_fill > options.max_fill)
		return fail(ctl, CTL_USAGE, "usage", "--warn-fill", NULL,
			    "it is more than --max-fill.");
	return CTL_OK;
}

static int check_run(struct ctl *ctl, int n_args, char **args)
{
	struct report report = { .verdict = VERDICT_OK };
	struct snapshot before = { 0 }, now;
	const char *name = NULL;
	int exit = check_options(ctl);
	int r;

	if (exit != CTL_OK)
		return exit;
	report.findings = json_object_new_array();
	r = ctl_try_connect(ctl);
	if (r >= 0)
		r = take(ctl, args, n_args, &before, &now, &name);
	if (r < 0) {
		report_add(&report, VERDICT_CRITICAL, name, code_of_error(r),
			   name && r == -ENOENT ? "does not exist" : shmq_strerror(r));
		return report_print(ctl, &report, NULL);
	}
	for (size_t i = 0; i < now.n_rings; i++)
		judge(&report, snapshot_find(&before, now.rings[i].name), &now.rings[i]);
	exit = report_print(ctl, &report, &now);
	snapshot_release(&before);
	snapshot_release(&now);
	return exit;
}

static const struct option_spec option_specs[] = {
	{ 0, "warn-fill", "PERCENT", OPTION_COUNT, &options.warn_fill, 100,
	  "warn from this fill on [80]" },
	{ 0, "max-fill", "PERCENT", OPTION_COUNT, &options.max_fill, 100,
	  "critical from this fill on [95]" },
	{ 0, "need-producer", NULL, OPTION_FLAG, &options.need_producer, 0,
	  "critical without a producer" },
	{ 0, "need-consumer", NULL, OPTION_FLAG, &options.need_consumer, 0,
	  "critical without a consumer" },
	{ 0, "stalled", "TIME", OPTION_DURATION, &options.stalled_ns, 0,
	  "look for so long; critical if there are unread\n"
	  "messages and none is read meanwhile" },
	{ 0 },
};

const struct verb verb_check = {
	.name = "check",
	.args = "[RING...]",
	.summary = "say in one line whether all is well, for monitoring",
	.details = "Prints one line with figures as Nagios and its kin read it. The exit status is\n"
		   "theirs: 0 all is well, 1 warning, 2 critical, also when shmqd doesn't answer or\n"
		   "when there is no such ring.",
	.examples = "  shmqctl check\n"
		    "  shmqctl check ticks --need-producer --need-consumer --stalled 2s",
	.n_args_max = 1000,
	.options = option_specs,
	.run = check_run,
};
