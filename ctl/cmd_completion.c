/* SPDX-License-Identifier: MIT */
/*
 * cmd_completion.c - shmqctl completion: the script that a shell needs to complete our command lines
 */
#include <stdio.h>
#include <string.h>

#include "ctl/completion.h"
#include "ctl/failure.h"

static const struct {
	const char *name;
	void (*print)(FILE *out, const struct verb *const *verbs, size_t n_verbs);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
};

static int completion_run(struct ctl *ctl, int n_args, char **args)
{
	(void)n_args;
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(args[0], shells[i].name))
			continue;
		shells[i].print(stdout, ctl->verbs, ctl->n_verbs);
		return CTL_OK;
	}
	return fail(ctl, CTL_USAGE, "usage", args[0], "bash, zsh or fish.",
		    "for this shell there are no completions.");
}

const struct verb verb_completion = {
	.name = "completion",
	.args = "SHELL",
	.summary = "print the completions for bash, zsh or fish",
	.details = "They are installed where these shells look for them; this is for who has shmqctl\n"
		   "elsewhere.",
	.examples = "  . <(shmqctl completion bash)\n"
		    "  shmqctl completion fish >~/.config/fish/completions/shmqctl.fish",
	.n_args_min = 1,
	.n_args_max = 1,
	.flags = VERB_HIDDEN,
	.run = completion_run,
};
