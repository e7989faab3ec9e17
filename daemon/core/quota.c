/* SPDX-License-Identifier: MIT */
/*
 * quota.c - how much each uid may make the daemon hold
 *
 * Judged before anything is made: the limit of one uid, the limit of all, and a fair share of what
 * the others left. A refusal says limit and use, and leaves one line in the journal.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/parse.h"
#include "daemon/core/parts.h"

/* ---- fair shares ---- */

/* What there is of something, and what one uid has of it. */
struct quota_use {
	uint64_t max, used;	/* of all */
	uint64_t own_max, own;	/* of this uid */
	unsigned n_actors;	/* uids that have any, this one included */
};

/* Of what the others left one may take 1/(n+1): whoever comes next finds something. */
static uint64_t fair_share(const struct core *core, const struct quota_use *use)
{
	uint64_t others = use->used - use->own;
	uint64_t left = use->max > others ? use->max - others : 0;
	uint64_t share = left / (use->n_actors + 1);

	if (!core->config.limits.fair_shares || share > use->own_max)
		return use->own_max;
	return share ? share : 1;
}

enum quota_kind { QUOTA_RINGS, QUOTA_SEALED, QUOTA_BYTES, QUOTA_ATTACHMENTS, QUOTA_CONNECTIONS };

static uint64_t used_of(const struct core_uid *account, enum quota_kind kind)
{
	switch (kind) {
	case QUOTA_RINGS:
		return account->n_rings;
	case QUOTA_SEALED:
		return account->n_sealed;
	case QUOTA_BYTES:
		return account->bytes;
	case QUOTA_ATTACHMENTS:
		return account->n_attachments;
	default:
		return account->n_connections;
	}
}

static struct quota_use use_of(const struct core *core, const struct core_uid *account,
			       enum quota_kind kind)
{
	const struct core_limits *limits = &core->config.limits;
	struct quota_use use = { .own = used_of(account, kind), .n_actors = 1 };

	switch (kind) {
	case QUOTA_RINGS:
		use.max = core->registry.header->n_rings;
		use.own_max = limits->max_rings_per_uid;
		use.used = core->n_rings;
		break;
	case QUOTA_SEALED:
		use.max = use.own_max = limits->max_sealed;
		use.used = core->n_sealed;
		break;
	case QUOTA_BYTES:
		use.max = limits->max_bytes;
		use.own_max = limits->max_bytes_per_uid;
		use.used = core->bytes;
		break;
	case QUOTA_ATTACHMENTS:
		use.max = core->registry.header->n_attachments;
		use.own_max = limits->max_attachments_per_uid;
		use.used = core->n_attachments;
		break;
	case QUOTA_CONNECTIONS:
		use.max = limits->max_connections;
		use.own_max = limits->max_connections_per_uid;
		use.used = core->n_connections;
		break;
	}
	for (const struct core_uid *at = core->uids; at; at = at->hh.next)
		use.n_actors += at != account && used_of(at, kind);
	return use;
}

static bool is_too_much(uint64_t wanted, uint64_t used, uint64_t max)
{
	return wanted > max || used > max - wanted;
}

/* ---- refusals: limit and use, and one line for the journal ---- */

/* Return: NULL: @uid was told lately, or as many others were as anybody wants to read of. */
static struct core_told *told_place(struct core *core, uid_t uid)
{
	struct core_told *place = NULL;

	for (unsigned i = 0; i < CORE_TOLD_SLOTS; i++) {
		struct core_told *told = &core->told[i];
		bool is_recent = told->at_ns && core->now_ns - told->at_ns < CORE_TELL_NS;

		if (is_recent && told->uid == uid)
			return NULL;
		if (!is_recent)
			place = told;
	}
	return place;
}

static void tell_once(struct core *core, const struct process_identity *who, const char *text)
{
	struct core_told *told = told_place(core, who->uid);

	if (!told)
		return;
	*told = (struct core_told){ who->uid, core->now_ns };
	core_log_write(core, CORE_LOG_QUOTA, CORE_WARNING, NULL, who,
		       "refused pid %d (uid %u): %.400s", who->pid, who->uid, text);
}

static int refuse_use(struct core *core, const struct core_ask *ask, uint64_t used, uint64_t limit,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));

static int refuse_use(struct core *core, const struct core_ask *ask, uint64_t used, uint64_t limit,
		      const char *format, ...)
{
	struct core_action *reply = refuse(core, ask, -EDQUOT, "%s", "");
	va_list args;

	va_start(args, format);
	vsnprintf(reply->text, sizeof(reply->text), format, args);
	va_end(args);
	reply->reply.limit = limit;
	reply->reply.used = used;
	tell_once(core, &ask->connection->identity, reply->text);
	return -EDQUOT;
}

static int check_bytes(struct core *core, const struct core_ask *ask, uint64_t bytes)
{
	struct quota_use use = use_of(core, ask->connection->uid, QUOTA_BYTES);
	uint64_t limit = fair_share(core, &use), used = use.own;
	char wanted_text[32], used_text[32], limit_text[32];
	const char *whose = "this user";

	if (!is_too_much(bytes, used, limit)) {
		if (!is_too_much(bytes, use.used, use.max))
			return 0;
		whose = "shmqd";
		used = use.used;
		limit = use.max;
	}
	return refuse_use(core, ask, used, limit,
			  "ring '%s' needs %s, but %s uses %s of %s: choose fewer or smaller slots, "
			  "destroy a ring, or raise the limit", ask->request.name,
			  format_size(bytes, wanted_text, sizeof(wanted_text)), whose,
			  format_size(used, used_text, sizeof(used_text)),
			  format_size(limit, limit_text, sizeof(limit_text)));
}

static int check_number(struct core *core, const struct core_ask *ask, enum quota_kind kind,
			unsigned n, const char *what)
{
	struct quota_use use = use_of(core, ask->connection->uid, kind);
	uint64_t limit = fair_share(core, &use);

	if (is_too_much(n, use.used, use.max))
		return refuse_use(core, ask, use.used, use.max,
				  "shmqd holds %" PRIu64 " %s, as many as it was started for: "
				  "raise the limit, or end some", use.used, what);
	if (is_too_much(n, use.own, limit))
		return refuse_use(core, ask, use.own, limit,
				  "uid %u has %" PRIu64 " %s, and may have %" PRIu64,
				  ask->connection->identity.uid, use.own, what, limit);
	return 0;
}

int quota_check_ring(struct core *core, const struct core_ask *ask, uint64_t bytes, bool sealed)
{
	int r = check_number(core, ask, QUOTA_RINGS, 1, "rings");

	if (r == 0 && sealed)
		r = check_number(core, ask, QUOTA_SEALED, 1, "sealed rings");
	return r < 0 ? r : check_bytes(core, ask, bytes);
}

int quota_check_attachment(struct core *core, const struct core_ask *ask, unsigned n)
{
	return n ? check_number(core, ask, QUOTA_ATTACHMENTS, n, "attachments") : 0;
}

/* There is no request to answer yet: the caller turns it away with this sentence. */
bool quota_has_connection(struct core *core, struct core_uid *account,
			  const struct process_identity *who, char *text, size_t cap_bytes)
{
	const struct core_limits *limits = &core->config.limits;
	struct quota_use use = use_of(core, account, QUOTA_CONNECTIONS);
	uint64_t limit = fair_share(core, &use);

	if (is_too_much(1, use.used, use.max))
		snprintf(text, cap_bytes, "shmqd has %" PRIu64 " connections, as many as it may have",
			 use.used);
	else if (is_too_much(1, use.own, limit))
		snprintf(text, cap_bytes, "uid %u has %" PRIu64 " connections, and may have %" PRIu64
			 ": as many as one user may have", account->uid, use.own, limit);
	else if (!uid_is_trusted(core, account->uid) &&
		 account->n_greeting >= limits->max_handshakes_per_uid)
		snprintf(text, cap_bytes, "uid %u has %u connections that never said Hello, and may "
			 "have %u", account->uid, account->n_greeting,
			 limits->max_handshakes_per_uid);
	else
		return true;
	tell_once(core, who, text);
	return false;
}
