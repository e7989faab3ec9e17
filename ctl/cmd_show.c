/* SPDX-License-Identifier: MIT */
/*
 * cmd_show.c - shmqctl show: all about one ring, after the daemon has looked at the kernel again
 */
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include <shmq/archive_decode.h>
#include <shmq/layout.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/allow.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/pages.h"

static void print_title(const struct ctl *ctl, const struct shmq_ring_info *info)
{
	const char *dot = strcmp(nl_langinfo(CODESET), "UTF-8") ? "*" : "\xe2\x97\x8f";
	const char *color = strcmp(info->state, "live") ? "\033[31m" : "\033[32m";

	printf("%s%s%s %s  %s   generation %.8s\n", ctl->color ? color : "", dot,
	       ctl->color ? "\033[0m" : "", info->name, info->state, info->generation);
}

static void print_made_of(const struct shmq_ring_info *info)
{
	char slots[32], size[16], bytes[16], name[64], rule[160];

	if (info->sealed)
		printf("   Segment: sealed, without a name  %s allocated\n",
		       format_size(info->bytes, bytes, sizeof(bytes)));
	else
		printf("   Segment: /dev/shm%s  %s allocated\n", info->segment,
		       format_size(info->bytes, bytes, sizeof(bytes)));
	printf("  Geometry: %s slots of %s%s, stride %" PRIu32 " B, wake %s\n",
	       format_count(info->slots, slots, sizeof(slots)),
	       format_size(info->size_bytes, size, sizeof(size)),
	       info->align_payload ? " (64-byte lines)" : "", info->stride_bytes,
	       wake_name(info->wake));
	printf("    Access: %04o, user %s", info->mode & 07777,
	       user_name(info->uid, name, sizeof(name)));
	if (info->mode & 0060)
		printf(", group %s", group_name(info->gid, name, sizeof(name)));
	for (uint32_t i = 0; i < info->n_rules; i++)
		printf("%s%s", i ? " " : "; ", allow_format(&info->rules[i], rule, sizeof(rule)));
	printf("\n");
}

/* The first line of a schema: "message NAME layout 1". */
static void print_type(struct ctl *ctl, const struct shmq_ring_info *info)
{
	char text[SHMQ_ARCHIVE_TEXT_MAX + 1], shown[64], name[64] = "";

	if (!info->schema)
		return;
	if (shmq_show_schema(ctl->client, info->name, text, sizeof(text)) > 0)
		sscanf(text, "message %63s", name);
	printf("      Type: %s%sfingerprint %016" PRIx64 "\n",
	       format_printable(name, shown, sizeof(shown)), *name ? ", " : "", info->schema);
}

static void print_life(const struct shmq_ring_info *info)
{
	char age[32], comm[64], left[32];

	printf("   Created: %s ago by pid %d (%s)\n", format_age(info->created_s, age, sizeof(age)),
	       (int)info->creator_pid, format_printable(info->creator_comm, comm, sizeof(comm)));
	printf("  Lifetime: %s", lifetime_name(info->lifetime));
	if (info->lifetime == SHMQ_LINGER)
		printf(" %" PRIu32 " s", info->linger_s);
	if (info->linger_left_ns)
		printf(", ends in %s",
		       format_duration_ns((int64_t)info->linger_left_ns, left, sizeof(left)));
	printf("\n");
}

static void print_messages(const struct shmq_ring_info *info)
{
	char a[32], b[32];

	printf("  Messages: %s pushed, %s popped\n", format_count(info->pushed, a, sizeof(a)),
	       format_count(info->popped, b, sizeof(b)));
	printf("     Depth: %s of %s", format_count(info->depth, a, sizeof(a)),
	       format_count(info->slots, b, sizeof(b)));
	printf(" (%" PRIu64 "%%)\n", info->slots ? info->depth * 100 / info->slots : 0);
	printf("     Waits: %s times full, %s times empty",
	       format_count(info->n_full, a, sizeof(a)), format_count(info->n_dry, b, sizeof(b)));
	printf("; %s sleeps, %s wake-ups\n", format_count(info->n_sleeps, a, sizeof(a)),
	       format_count(info->n_wakes, b, sizeof(b)));
}

static void print_holder(const struct shmq_ring_info *info, uint32_t role, const char *label)
{
	char comm[64], user[64], since[32], memory[64];
	struct pages pages;
	bool any = false;

	for (uint32_t i = 0; i < info->n_holders && i < 3; i++) {
		const struct shmq_holder *holder = &info->holders[i];

		if (holder->role != role)
			continue;
		any = true;
		memory[0] = '\0';
		if (pages_of(info, holder->pid, &pages))
			pages_format(&pages, memory, sizeof(memory));
		printf("%s pid %d %s (%s), for %s%s%s\n", label, (int)holder->pid,
		       format_printable(holder->comm, comm, sizeof(comm)),
		       user_name(holder->uid, user, sizeof(user)),
		       format_age(holder->since_s, since, sizeof(since)), memory,
		       holder->unverified ? "; can't be seen from here, assumed alive" : "");
	}
	if (!any && role != SHMQ_ROLE_OWNER)
		printf("%s none\n", label);
}

static int show_run(struct ctl *ctl, int n_args, char **args)
{
	struct shmq_ring_info info;
	struct json_object *root;
	char remark[256];
	int exit, r;

	(void)n_args;
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_show(ctl->client, args[0], &info);
	if (r < 0)
		return fail_call(ctl, args[0], r);
	if (ctl->json) {
		root = json_root();
		json_object_object_add(root, "ring", json_of_ring(&info));
		json_object_object_add(root, "memory", json_of_pages(&info));
		json_print(root, false);
		return CTL_OK;
	}
	print_title(ctl, &info);
	print_made_of(&info);
	print_type(ctl, &info);
	print_life(&info);
	print_messages(&info);
	print_holder(&info, SHMQ_ROLE_PRODUCER, "  Producer:");
	print_holder(&info, SHMQ_ROLE_CONSUMER, "  Consumer:");
	print_holder(&info, SHMQ_ROLE_OWNER, "     Owner:");
	if (info.remark[0])
		printf("    Remark: %s\n", format_printable(info.remark, remark, sizeof(remark)));
	return CTL_OK;
}

const struct verb verb_show = {
	.name = "show",
	.args = "RING",
	.summary = "show all about one ring",
	.details = "shmqd looks at the kernel again before it answers; what differs is its remark.\n"
		   "Huge pages and locked memory of the holders are shown to root and to their\n"
		   "own user.",
	.n_args_min = 1,
	.n_args_max = 1,
	.flags = VERB_REPEAT,
	.run = show_run,
};
