/* SPDX-License-Identifier: MIT */
/*
 * cmd_demo.c - shmqctl demo: what shmqd promises, tried before your eyes on a private instance
 */
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/demo.h"
#include "ctl/failure.h"
#include "ctl/facts.h"

#define STREAM_BYTES	 (UINT64_C(400) << 20)
#define STREAM_BYTES_MIN (UINT64_C(32) << 20) /* less is through before shmqd is killed */

static struct {
	uint64_t size;
} options = { .size = STREAM_BYTES };

static int run_parts(struct demo *demo)
{
	int r = demo_daemon_start(demo);

	if (r < 0)
		return r;
	demo_line(demo, "A private shmqd (pid %d, instance %s); no root, no systemd.",
		  (int)demo->daemon_pid, demo->instance);
	r = demo_stream(demo);
	if (r >= 0)
		r = demo_successor(demo);
	if (r >= 0)
		r = demo_pipeline(demo);
	if (r >= 0)
		r = demo_leftovers(demo);
	return r;
}

static int conclude(struct demo *demo, int r, int64_t ns)
{
	bool kept = r >= 0 && demo->n_failed == 0;
	char took[32];

	if (demo->ctl->json) {
		json_add_count(demo->facts, "duration_ns", (uint64_t)ns);
		json_add_bool(demo->facts, "kept", kept);
		json_print(demo->facts, false);
		demo->facts = NULL;
	}
	if (!kept)
		return fail(demo->ctl, CTL_FAILED, "claim_failed", "demo", NULL,
			    "%u promise%s not kept.", demo->n_failed,
			    demo->n_failed == 1 ? " was" : "s were");
	demo_title(demo, "Every promise was kept; %s.", format_duration_ns(ns, took, sizeof(took)));
	return CTL_OK;
}

/* Everything has been removed: now end as the signal demands. */
static void end_by_signal(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static int demo_run(struct ctl *ctl, int n_args, char **args)
{
	struct demo demo = {
		.ctl = ctl,
		.stream_bytes = options.size,
		.tty = isatty(STDOUT_FILENO),
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
	int64_t start_ns = clock_monotonic_ns();
	int exit, r;

	(void)n_args;
	(void)args;
	if (options.size < STREAM_BYTES_MIN)
		return fail(ctl, CTL_USAGE, "usage", "--size", NULL,
			    "with less than 32M it is over before anything can be killed.");
	demo_catch_signals();
	exit = demo_world_init(&demo);
	if (exit == CTL_OK) {
		demo.facts = json_root();
		r = run_parts(&demo);
		exit = demo_interrupted() ? CTL_FAILED
					  : conclude(&demo, r, clock_monotonic_ns() - start_ns);
	}
	demo_world_deinit(&demo);
	json_object_put(demo.facts);
	if (demo_interrupted()) {
		demo_line(&demo, "Interrupted; everything was removed.");
		end_by_signal(demo_interrupted());
	}
	return exit;
}

static const struct option_spec option_specs[] = {
	{ 's', "size", "SIZE", OPTION_SIZE, &options.size, UINT64_C(1) << 40,
	  "how much to stream [400M]" },
	{ 0 },
};

const struct verb verb_demo = {
	.name = "demo",
	.args = "",
	.summary = "try it all on a private shmqd, about 15 s",
	.details =
		"Streams files of this machine through a ring and kills shmqd on the way, kills\n"
		"a consumer and lets another go on, measures a pipeline of three processes, and\n"
		"leaves nothing behind. Needs tar, and openssl or sha256sum. Fails if any promise\n"
		"was not kept. shmqd: SHMQD_BIN, else beside shmqctl, else installed, else in\n"
		"PATH.",
	.examples = "  shmqctl demo\n"
		    "  shmqctl demo --size 2G --json",
	.options = option_specs,
	.run = demo_run,
};
