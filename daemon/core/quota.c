/* SPDX-License-Identifier: MIT */
/*
 * quota.c - what each uid makes the daemon hold, and how much it may
 *
 * Sums are charged where the thing begins to exist and released where it ends; they are never
 * computed anew, and core_check() proves that they would come out the same.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include "base/parse.h"
#include "daemon/core/parts.h"

struct core_uid *uid_get(struct core *core, uid_t uid)
{
	struct core_uid *account;

	HASH_FIND(hh, core->uids, &uid, sizeof(uid), account);
	if (account)
		return account;
	account = core_alloc(sizeof(*account));
	account->uid = uid;
	HASH_ADD(hh, core->uids, uid, sizeof(account->uid), account);
	return account;
}

void uid_put(struct core *core, struct core_uid *account)
{
	if (account->bytes || account->n_rings || account->n_attachments ||
	    account->n_connections || account->n_watches)
		return;
	HASH_DELETE(hh, core->uids, account);
	free(account);
}

static int refuse_bytes(struct core *core, const struct core_ask *ask, const char *whose,
			uint64_t bytes, uint64_t used, uint64_t limit)
{
	char wanted_text[32], used_text[32], limit_text[32];
	struct core_action *reply;

	format_size(bytes, wanted_text, sizeof(wanted_text));
	format_size(used, used_text, sizeof(used_text));
	format_size(limit, limit_text, sizeof(limit_text));
	reply = refuse(core, ask, -EDQUOT,
		       "ring '%s' needs %s, but %s uses %s of %s: choose fewer or smaller slots, "
		       "destroy a ring, or raise the limit",
		       ask->request.name, wanted_text, whose, used_text, limit_text);
	reply->reply.limit = limit;
	reply->reply.used = used;
	return -EDQUOT;
}

static int refuse_number(struct core *core, const struct core_ask *ask, const char *what,
			 uint64_t used, uint64_t limit)
{
	struct core_action *reply;

	reply = refuse(core, ask, -EDQUOT, "uid %u has %" PRIu64 " %s, and may have %" PRIu64,
		       ask->connection->identity.uid, used, what, limit);
	reply->reply.limit = limit;
	reply->reply.used = used;
	return -EDQUOT;
}

int quota_check_ring(struct core *core, const struct core_ask *ask, uint64_t bytes)
{
	const struct core_limits *limits = &core->config.limits;
	const struct core_uid *account = ask->connection->uid;
	struct core_action *reply;

	if (list_is_empty(&core->free_rings)) {
		reply = refuse(core, ask, -EDQUOT,
			       "shmqd holds %u rings, as many as it was started for: destroy one, "
			       "or raise the limit",
			       core->n_rings);
		reply->reply.limit = core->registry.header->n_rings;
		reply->reply.used = core->n_rings;
		return -EDQUOT;
	}
	if (account->n_rings >= limits->max_rings_per_uid)
		return refuse_number(core, ask, "rings", account->n_rings,
				     limits->max_rings_per_uid);
	if (bytes > limits->max_bytes_per_uid || account->bytes > limits->max_bytes_per_uid - bytes)
		return refuse_bytes(core, ask, "this user", bytes, account->bytes,
				    limits->max_bytes_per_uid);
	if (bytes > limits->max_bytes || core->bytes > limits->max_bytes - bytes)
		return refuse_bytes(core, ask, "shmqd", bytes, core->bytes, limits->max_bytes);
	return 0;
}

int quota_check_attachment(struct core *core, const struct core_ask *ask, unsigned n)
{
	const struct core_limits *limits = &core->config.limits;
	const struct core_uid *account = ask->connection->uid;
	struct core_action *reply;

	if (account->n_attachments + n > limits->max_attachments_per_uid)
		return refuse_number(core, ask, "attachments", account->n_attachments,
				     limits->max_attachments_per_uid);
	if (core->n_attachments + n > core->registry.header->n_attachments) {
		reply = refuse(core, ask, -EDQUOT,
			       "shmqd has %u attachments, as many as it was started for",
			       core->n_attachments);
		reply->reply.limit = core->registry.header->n_attachments;
		reply->reply.used = core->n_attachments;
		return -EDQUOT;
	}
	return 0;
}

void quota_charge_ring(struct core *core, const struct registry_ring *record)
{
	struct core_uid *account = uid_get(core, record->creator.uid);

	account->n_rings++;
	account->bytes += record->segment_bytes;
	core->bytes += record->segment_bytes;
}

void quota_release_ring(struct core *core, const struct registry_ring *record)
{
	struct core_uid *account = uid_get(core, record->creator.uid);

	assert(account->n_rings > 0 && account->bytes >= record->segment_bytes &&
	       core->bytes >= record->segment_bytes);
	account->n_rings--;
	account->bytes -= record->segment_bytes;
	core->bytes -= record->segment_bytes;
	uid_put(core, account);
}

void quota_charge_attachment(struct core *core, uid_t uid)
{
	uid_get(core, uid)->n_attachments++;
}

void quota_release_attachment(struct core *core, uid_t uid)
{
	struct core_uid *account = uid_get(core, uid);

	assert(account->n_attachments > 0);
	account->n_attachments--;
	uid_put(core, account);
}
