/* SPDX-License-Identifier: MIT */
/*
 * cmd_reload.c - shmqctl reload: let shmqd read its configuration again, and wait until it has
 *
 * A signal asks for it, which the kernel lets root and the daemon's own user do and nobody else; the
 * daemon's counters say how it ended. That is what a unit's ExecReload= needs: a command that returns
 * when it is done.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "ctl/failure.h"
#include "ctl/facts.h"

#define PATIENCE_NS (30 * NS_PER_S)
#define NAP_NS	    (10 * NS_PER_MS)

struct counts {
	uint64_t applied, refused;
};

/* Return: 0; -EOPNOTSUPP: a daemon of an older version; what the library says. */
static int counts_take(struct ctl *ctl, struct counts *ret_counts)
{
	struct shmq_daemon_stats stats;
	int r = shmq_stats(ctl->client, NULL, NULL, NULL, &stats);

	if (r < 0)
		return r;
	if (stats.n_values <= SHMQ_DAEMON_RELOADS_REFUSED_METRIC)
		return -EOPNOTSUPP;
	ret_counts->applied = stats.values[SHMQ_DAEMON_RELOADS_METRIC];
	ret_counts->refused = stats.values[SHMQ_DAEMON_RELOADS_REFUSED_METRIC];
	return 0;
}

static int report(struct ctl *ctl, bool is_applied)
{
	struct json_object *root;

	if (!is_applied)
		return fail(ctl, CTL_FAILED, "config_refused", "shmqd",
			    "`shmqd --check-config` says which (with the options that it runs with).",
			    "the configuration has mistakes: everything stays as it was.");
	if (ctl->json) {
		root = json_root();
		json_add_bool(root, "reloaded", true);
		json_print(root, false);
	}
	return CTL_OK;
}

static int await_end(struct ctl *ctl, const struct counts *before)
{
	int64_t deadline_ns = deadline_after_ns(ctl_timeout_ns(ctl, PATIENCE_NS));
	struct timespec nap = timespec_from_ns(NAP_NS);
	struct counts now;
	int r;

	for (;;) {
		r = counts_take(ctl, &now);
		if (r < 0)
			return fail_call(ctl, NULL, r);
		if (now.applied != before->applied || now.refused != before->refused)
			return report(ctl, now.refused == before->refused);
		if (deadline_left_ns(deadline_ns) == 0)
			return fail(ctl, CTL_TIMEOUT, "timeout", "shmqd", NULL,
				    "it has not read its configuration yet.");
		nanosleep(&nap, NULL);
	}
}

static int reload_run(struct ctl *ctl, int n_args, char **args)
{
	struct shmq_daemon_info daemon;
	struct counts before = { 0 };
	int exit, r;

	(void)n_args;
	(void)args;
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_daemon_info(ctl->client, &daemon);
	if (r >= 0)
		r = counts_take(ctl, &before);
	if (r < 0)
		return fail_call(ctl, NULL, r);
	if (kill(daemon.pid, SIGHUP) < 0 && errno == EPERM)
		return fail(ctl, CTL_DENIED, "denied", "shmqd", NULL,
			    "only root and the user that shmqd (pid %d) runs as may do that.",
			    (int)daemon.pid);
	return await_end(ctl, &before);
}

const struct verb verb_reload = {
	.name = "reload",
	.args = "",
	.summary = "let shmqd read its configuration again",
	.details = "Returns when that is done. A configuration with a mistake changes nothing and is\n"
		   "exit status 1. Rings and clients are never disturbed.",
	.examples = "  shmqctl reload",
	.run = reload_run,
};
