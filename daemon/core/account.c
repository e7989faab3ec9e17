/* SPDX-License-Identifier: MIT */
/*
 * account.c - what each uid makes the daemon hold, and how many rings are of each type
 *
 * Sums are charged where the thing begins to exist and released where it ends; they are never
 * computed anew, and core_check() proves that they would come out the same.
 */
#include <assert.h>

#include "daemon/core/parts.h"

struct core_uid *account_get(struct core *core, uid_t uid)
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

void account_put(struct core *core, struct core_uid *account)
{
	if (account->bytes || account->n_rings || account->n_attachments ||
	    account->n_connections || account->n_watches)
		return;
	HASH_DELETE(hh, core->uids, account);
	free(account);
}

/* ---- types ---- */

static struct core_type *type_find(const struct core *core, uint64_t fingerprint)
{
	struct core_type *type;

	HASH_FIND(hh, core->types, &fingerprint, sizeof(fingerprint), type);
	return type;
}

static void type_charge(struct core *core, uint64_t fingerprint)
{
	struct core_type *type = type_find(core, fingerprint);

	if (!fingerprint)
		return;
	if (!type) {
		type = core_alloc(sizeof(*type));
		type->fingerprint = fingerprint;
		HASH_ADD(hh, core->types, fingerprint, sizeof(type->fingerprint), type);
	}
	type->n_rings++;
}

static void type_release(struct core *core, uint64_t fingerprint)
{
	struct core_type *type = type_find(core, fingerprint);

	if (!fingerprint)
		return;
	assert(type && type->n_rings > 0);
	if (--type->n_rings > 0)
		return;
	HASH_DELETE(hh, core->types, type);
	free(type);
}

bool account_has_type(const struct core *core, uint64_t fingerprint)
{
	return type_find(core, fingerprint) != NULL;
}

/* ---- rings ---- */

void account_charge_ring(struct core *core, const struct registry_ring *record)
{
	struct core_uid *account = account_get(core, record->creator.uid);

	account->n_rings++;
	account->n_sealed += record->sealed;
	core->n_sealed += record->sealed;
	account->bytes += record->segment_bytes;
	core->bytes += record->segment_bytes;
	type_charge(core, record->schema);
}

void account_release_ring(struct core *core, const struct registry_ring *record)
{
	struct core_uid *account = account_get(core, record->creator.uid);

	assert(account->n_rings > 0 && account->bytes >= record->segment_bytes &&
	       core->bytes >= record->segment_bytes);
	account->n_rings--;
	account->n_sealed -= record->sealed;
	core->n_sealed -= record->sealed;
	account->bytes -= record->segment_bytes;
	core->bytes -= record->segment_bytes;
	account_put(core, account);
	type_release(core, record->schema);
}

/* ---- attachments ---- */

void account_charge_attachment(struct core *core, uid_t uid)
{
	account_get(core, uid)->n_attachments++;
}

void account_release_attachment(struct core *core, uid_t uid)
{
	struct core_uid *account = account_get(core, uid);

	assert(account->n_attachments > 0);
	account->n_attachments--;
	account_put(core, account);
}
