/* SPDX-License-Identifier: MIT */
/*
 * hint.c - remedies by error and verb, and "did you mean" for names of rings
 */
#include "ctl/hint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/suggest.h"

/* The nearest name so far. */
struct near {
	const char *typed;
	char best[64]; /* "" none */
};

static int near_add(const struct shmq_ring_info *info, void *arg)
{
	struct near *near = arg;
	const char *const names[] = { near->best, info->name };
	bool found = *near->best;
	const char *best = suggest(near->typed, names + !found, found ? 2 : 1);

	if (best == info->name)
		snprintf(near->best, sizeof(near->best), "%s", best);
	return 0;
}

/* The ring that was probably meant. Return: whether there is one. */
static bool near_ring(struct ctl *ctl, const char *typed, char *buf, size_t cap_bytes)
{
	struct near near = { .typed = typed };

	if (!ctl->client || shmq_list(ctl->client, near_add, &near) < 0 || !*near.best)
		return false;
	snprintf(buf, cap_bytes, "Did you mean %s?  All rings: `shmqctl list`.", near.best);
	return true;
}

/* @verb NULL: any. %s is the object. */
static const struct {
	int error;
	const char *verb;
	const char *text;
} hints[] = {
	{ ENOTCONN, NULL,
	  "Another one: --socket PATH, --user, or SHMQ_SOCKET in the environment." },
	{ EHOSTDOWN, NULL, "Rings and messages outlive it; see `systemctl status shmqd`." },
	{ EPROTO, NULL, "`shmqctl version` shows both versions." },
	{ ENOENT, "destroy", "All rings: `shmqctl list`." },
	{ ENOENT, "purge", "All rings: `shmqctl list`." },
	{ ENOENT, NULL, "All rings: `shmqctl list`.  Make it: `shmqctl create %s`." },
	{ ESTALE, NULL, "Rings that exist: `shmqctl list`." },
	{ EEXIST, "create",
	  "Use it as it is: leave out the options that differ.\n"
	  "Replace it: `shmqctl destroy %s`, then create it." },
	{ EEXIST, NULL, "Use it as it is: leave out --slots and --size." },
	{ EBUSY, "destroy",
	  "Stop them, or `shmqctl destroy --force %s`: they may read what is there, then get\n"
	  "-ESTALE; no mapping is pulled away." },
	{ EBUSY, NULL,
	  "The role is free as soon as that process detaches or ends: `shmqctl clients %s`." },
	{ EACCES, NULL, "Who may use it: `shmqctl show %s`.  Who you are: `id`." },
	{ ENOSPC, NULL, "What is used: `df -h /dev/shm` and `shmqctl list`." },
	{ EDQUOT, NULL, "What is used: `shmqctl list`; the limits are in shmqd's configuration." },
	{ EBADMSG, NULL, "Its memory can't be trusted any more: `shmqctl destroy --force %s`." },
};

/* What is wrong with a name or with the figures; the daemon's sentence has told which it was. */
static const char *hint_invalid(const char *object)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = object ? strlen(object) : 0;

	if (len == 0 || len > 63 || strspn(object, letters) != len || strchr("._-", object[0]))
		return "A name has 1 to 63 of A-Z a-z 0-9 . _ - and begins with a letter or digit.";
	return "Slots: a power of two, 1 to 1048576.  Size: 1 byte to 16M.";
}

void hint_for(struct ctl *ctl, const char *object, int error, char *buf, size_t cap_bytes)
{
	char shown[64];

	*buf = '\0';
	if (error == -ENOENT && object && near_ring(ctl, object, buf, cap_bytes))
		return;
	if (error == -EINVAL) {
		snprintf(buf, cap_bytes, "%s", hint_invalid(object));
		return;
	}
	if (error == -EACCES && (!object || strchr(object, '/'))) {
		snprintf(buf, cap_bytes, "%s",
			 "Who may connect: its group and mode, `ls -l`.  Who you are: `id`.");
		return;
	}
	format_printable(object ? object : "", shown, sizeof(shown));
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		const char *place = strstr(hints[i].text, "%s");

		if (hints[i].error != -error ||
		    (hints[i].verb && strcmp(hints[i].verb, ctl->verb->name)))
			continue;
		if (place)
			snprintf(buf, cap_bytes, "%.*s%s%s", (int)(place - hints[i].text),
				 hints[i].text, shown, place + 2);
		else
			snprintf(buf, cap_bytes, "%s", hints[i].text);
		return;
	}
}
