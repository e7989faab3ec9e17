/* SPDX-License-Identifier: MIT */
/*
 * cmd_purge.c - shmqctl purge: drop the unread messages of a ring that nobody uses
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"

static int purge_run(struct ctl *ctl, int n_args, char **args)
{
	struct json_object *root;
	int64_t dropped;
	char count[32];
	int exit;

	(void)n_args;
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	dropped = shmq_purge(ctl->client, args[0]);
	if (dropped < 0)
		return fail_call(ctl, args[0], (int)dropped);
	if (ctl->json) {
		root = json_root();
		json_add_text(root, "ring", args[0]);
		json_add_count(root, "dropped", (uint64_t)dropped);
		json_print(root, false);
	} else if (!ctl->quiet) {
		printf("Dropped %s message%s of %s.\n",
		       format_count((uint64_t)dropped, count, sizeof(count)),
		       dropped == 1 ? "" : "s", args[0]);
	}
	return CTL_OK;
}

const struct verb verb_purge = {
	.name = "purge",
	.args = "RING",
	.summary = "drop the unread messages of a ring that nobody uses",
	.details = "The ring itself stays. Refused while somebody is attached.",
	.n_args_min = 1,
	.n_args_max = 1,
	.run = purge_run,
};
