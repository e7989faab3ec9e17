/* SPDX-License-Identifier: MIT */
/*
 * cmd_destroy.c - shmqctl destroy: end rings, if nobody uses them or by force
 */
#include <limits.h>
#include <stdio.h>

#include "ctl/failure.h"
#include "ctl/facts.h"

static struct {
	bool force;
} options;

static int destroy_one(struct ctl *ctl, const char *name)
{
	int r = shmq_destroy(ctl->client, name, options.force ? SHMQ_DESTROY_FORCE : 0);
	struct json_object *root;

	if (r < 0)
		return fail_call(ctl, name, r);
	if (ctl->json) {
		root = json_root();
		json_add_text(root, "destroyed", name);
		json_print(root, true);
	} else if (!ctl->quiet) {
		printf("Destroyed %s.\n", name);
	}
	return CTL_OK;
}

static int destroy_run(struct ctl *ctl, int n_args, char **args)
{
	int first = ctl_connect(ctl);

	if (first != CTL_OK)
		return first;
	for (int i = 0; i < n_args; i++) {
		int exit = destroy_one(ctl, args[i]);

		if (first == CTL_OK)
			first = exit;
	}
	return first;
}

static const struct option_spec option_specs[] = {
	{ 'f', "force", NULL, OPTION_FLAG, &options.force, 0,
	  "even while somebody is attached: they read what is\n"
	  "there, then get -ESTALE; no mapping is pulled away" },
	{ 0 },
};

const struct verb verb_destroy = {
	.name = "destroy",
	.args = "RING...",
	.summary = "end rings; unread messages are lost",
	.details = "Refused while somebody is attached, unless forced. With several rings the\n"
		   "exit status is that of the first failure; the others are destroyed.",
	.n_args_min = 1,
	.n_args_max = INT_MAX,
	.options = option_specs,
	.run = destroy_run,
};
