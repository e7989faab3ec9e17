/* SPDX-License-Identifier: MIT */
/*
 * cmd_create.c - shmqctl create: make a ring that stays until it is destroyed
 */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/allow.h"
#include "ctl/failure.h"
#include "ctl/facts.h"

static struct {
	uint64_t slots, size;
	int64_t linger_ns;
	const char *wake, *mode, *group, *allow;
	bool align, exclusive, if_missing, sealed;
} options = { .linger_ns = INT64_MIN };

static int pick_lifetime(struct ctl *ctl, struct shmq_ring_config *config)
{
	int64_t seconds = options.linger_ns / NS_PER_S;

	config->lifetime = SHMQ_PERSISTENT;
	if (options.linger_ns == INT64_MIN)
		return CTL_OK;
	if (seconds < 1 || seconds > UINT32_MAX)
		return fail(ctl, CTL_USAGE, "usage", "--linger", NULL,
			    "it is at least a second, and not for ever.");
	config->lifetime = SHMQ_LINGER;
	config->linger_s = (uint32_t)seconds;
	return CTL_OK;
}

static int pick_wake(struct ctl *ctl, struct shmq_ring_config *config)
{
	static const enum shmq_wake wakes[] = { SHMQ_WAKE_MEMBARRIER, SHMQ_WAKE_FENCE,
						SHMQ_WAKE_NEVER };

	if (!options.wake)
		return CTL_OK;
	for (size_t i = 0; i < sizeof(wakes) / sizeof(wakes[0]); i++) {
		if (!strcmp(options.wake, wake_name(wakes[i]))) {
			config->wake = wakes[i];
			return CTL_OK;
		}
	}
	return fail(ctl, CTL_USAGE, "usage", "--wake", "membarrier, fence or never",
		    "it can't be '%s'.", options.wake);
}

/* --mode 0600, 0660, 0666; --group NAME means 0660 for that group. */
static int pick_access(struct ctl *ctl, struct shmq_ring_config *config)
{
	uint64_t gid;

	if (options.mode) {
		const char *digits = options.mode + (options.mode[0] == '0');

		if (strcmp(digits, "600") && strcmp(digits, "660") && strcmp(digits, "666"))
			return fail(ctl, CTL_USAGE, "usage", "--mode", "0600, 0660 or 0666",
				    "it can't be '%s'.", options.mode);
		config->mode = digits[1] == '0' ? 0600 : digits[2] == '0' ? 0660 : 0666;
	}
	if (options.group) {
		struct group *group = getgrnam(options.group);

		if (!group && parse_u64(options.group, 0, UINT32_MAX - 1, &gid) < 0)
			return fail(ctl, CTL_USAGE, "usage", "--group", NULL,
				    "there is no group '%s'.", options.group);
		config->gid = group ? group->gr_gid : (gid_t)gid;
		config->group_set = 1;
		if (!config->mode)
			config->mode = 0660;
	}
	return CTL_OK;
}

static int pick_config(struct ctl *ctl, struct shmq_ring_config *config)
{
	int exit;

	*config = (struct shmq_ring_config){
		.struct_size = sizeof(*config),
		.slots = (uint32_t)options.slots,
		.size_bytes = (uint32_t)options.size,
		.align_payload = options.align,
		.exclusive = options.exclusive,
		.sealed = options.sealed,
	};
	exit = pick_lifetime(ctl, config);
	if (exit == CTL_OK)
		exit = pick_wake(ctl, config);
	if (exit == CTL_OK)
		exit = pick_access(ctl, config);
	if (exit == CTL_OK && options.allow)
		exit = allow_parse(ctl, options.allow, config);
	return exit;
}

static void print_result(struct ctl *ctl, const struct shmq_ring_info *info, bool created)
{
	char slots[32], size[16], bytes[16];
	struct json_object *root;

	if (ctl->json) {
		root = json_root();
		json_add_bool(root, "created", created);
		json_object_object_add(root, "ring", json_of_ring(info));
		json_print(root, false);
		return;
	}
	if (ctl->quiet)
		return;
	printf("%s %s: %s x %s, %s%s\n", created ? "Created" : "Exists already:", info->name,
	       format_count(info->slots, slots, sizeof(slots)),
	       format_size(info->size_bytes, size, sizeof(size)),
	       format_size(info->bytes, bytes, sizeof(bytes)),
	       created ? " (allocated now, so that it can't fail later)." : ".");
	if (created && isatty(STDOUT_FILENO))
		printf("  try it:  echo hi | shmqctl send %s\n  read it: shmqctl recv %s\n",
		       info->name, info->name);
}

static int create_run(struct ctl *ctl, int n_args, char **args)
{
	struct shmq_ring_config config;
	struct shmq_ring_info info;
	int r, exit;

	(void)n_args;
	exit = pick_config(ctl, &config);
	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_create(ctl->client, args[0], &config);
	if (r < 0 && !(r == -EEXIST && options.if_missing))
		return fail_call(ctl, args[0], r);
	r = shmq_show(ctl->client, args[0], &info);
	if (r < 0)
		return fail_call(ctl, args[0], r);
	/* In another pid namespace the daemon knows us by another number: "exists" is said then. */
	print_result(ctl, &info, info.creator_pid == getpid());
	return CTL_OK;
}

static const struct option_spec option_specs[] = {
	{ 's', "slots", "N", OPTION_COUNT, &options.slots, UINT32_MAX,
	  "messages it holds: a power of two, 1 to 1048576 [1024]" },
	{ 'z', "size", "SIZE", OPTION_SIZE, &options.size, UINT32_MAX,
	  "largest message, 1 to 16M [256]" },
	{ 'l', "linger", "TIME", OPTION_DURATION, &options.linger_ns, 0,
	  "let it end when it was empty and unused for so long,\n"
	  "instead of keeping it until it is destroyed" },
	{ 'm', "mode", "MODE", OPTION_TEXT, &options.mode, 0,
	  "who may use it: 0600 you, 0660 a group, 0666 all [0600]" },
	{ 'g', "group", "GROUP", OPTION_TEXT, &options.group, 0,
	  "the group of 0660, which it implies" },
	{ 'a', "allow", "RULES", OPTION_TEXT, &options.allow, 0,
	  "who else may what, such as\n"
	  "produce:user=bob,consume+see:unit=x.service" },
	{ 0, "sealed", NULL, OPTION_FLAG, &options.sealed, 0,
	  "memory without a name, which each end gets the part\n"
	  "of that it may write, and nobody can shrink" },
	{ 'w', "wake", "HOW", OPTION_TEXT, &options.wake, 0,
	  "how sleepers are found: membarrier, fence, never; see\n"
	  "shmq(7) [membarrier]" },
	{ 0, "align", NULL, OPTION_FLAG, &options.align, 0, "let payloads start on 64-byte lines" },
	{ 'x', "exclusive", NULL, OPTION_FLAG, &options.exclusive, 0,
	  "fail if it exists, even if it is equal" },
	{ 0, "if-missing", NULL, OPTION_FLAG, &options.if_missing, 0,
	  "succeed if it exists, even if it differs" },
	{ 0 },
};

const struct verb verb_create = {
	.name = "create",
	.args = "RING",
	.summary = "make a ring",
	.details = "Its memory is allocated at once, so that no program that uses it can fail for\n"
		   "want of memory later. An equal ring that exists is success.",
	.examples = "  shmqctl create md.ticks --slots 4096 --size 256 --group trading\n"
		    "  shmqctl create frames --slots 64 --size 8M --linger 10min",
	.n_args_min = 1,
	.n_args_max = 1,
	.options = option_specs,
	.run = create_run,
};
