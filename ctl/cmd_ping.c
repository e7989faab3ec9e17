/* SPDX-License-Identifier: MIT */
/*
 * cmd_ping.c - shmqctl ping: does shmqd answer, and how fast
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"

static struct {
	uint64_t count;
} options = { .count = 1 };

static void print_one(struct ctl *ctl, const struct shmq_daemon_info *daemon, int64_t ns)
{
	struct json_object *root;
	char version[64], took[32];

	if (ctl->json) {
		root = json_root();
		json_add_count(root, "round_trip_ns", (uint64_t)ns);
		json_add_count(root, "pid", (uint64_t)daemon->pid);
		json_add_text(root, "version", daemon->version);
		json_add_text(root, "instance", daemon->instance);
		json_print(root, true);
	} else if (!ctl->quiet) {
		printf("shmqd %s (pid %d, instance %s) answers in %s.\n",
		       format_printable(daemon->version, version, sizeof(version)),
		       (int)daemon->pid, daemon->instance,
		       format_duration_ns(ns, took, sizeof(took)));
		fflush(stdout);
	}
}

static int ping_run(struct ctl *ctl, int n_args, char **args)
{
	struct shmq_daemon_info daemon;
	int exit, r;

	(void)n_args;
	(void)args;
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_daemon_info(ctl->client, &daemon);
	if (r < 0)
		return fail_call(ctl, NULL, r);
	for (uint64_t i = 0; i < options.count; i++) {
		int64_t ns = shmq_ping(ctl->client);

		if (ns < 0)
			return fail_call(ctl, NULL, (int)ns);
		print_one(ctl, &daemon, ns);
	}
	return CTL_OK;
}

static const struct option_spec option_specs[] = {
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "so many times [1]" },
	{ 0 },
};

const struct verb verb_ping = {
	.name = "ping",
	.args = "",
	.summary = "measure the time to shmqd and back",
	.options = option_specs,
	.run = ping_run,
};
