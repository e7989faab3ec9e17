/* SPDX-License-Identifier: MIT */
/*
 * granted.c - attachments by what they were asked for with
 *
 * Who asks again because the first reply was lost is found at once, however much his process holds, and
 * whatever became of the ring since.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/parts.h"

/* Zeroed as a whole: it is compared as bytes. */
static struct core_granted_key key_of(const struct core_process *process, unsigned role,
				      uint64_t nonce, const char *name)
{
	struct core_granted_key key;

	memset(&key, 0, sizeof(key));
	key.nonce = nonce;
	key.process_id = process->id;
	key.role = role;
	memcpy(key.name, name, strnlen(name, sizeof(key.name)));
	return key;
}

void granted_add(struct core *core, struct core_attachment *attachment)
{
	const struct registry_attachment *record = attachment_record(core, attachment);
	struct core_granted *granted;

	if (!record->nonce)
		return;
	granted = core_alloc(sizeof(*granted));
	granted->key = key_of(attachment->process, record->role, record->nonce,
			      core->registry.rings[record->ring].name);
	granted->attachment = attachment;
	attachment->granted = granted;
	HASH_ADD(hh, core->granted, key, sizeof(granted->key), granted);
}

void granted_remove(struct core *core, struct core_attachment *attachment)
{
	if (!attachment->granted)
		return;
	HASH_DELETE(hh, core->granted, attachment->granted);
	free(attachment->granted);
	attachment->granted = NULL;
}

struct core_attachment *granted_find(const struct core *core, const struct core_process *process,
				     unsigned role, uint64_t nonce, const char *name)
{
	struct core_granted_key key = key_of(process, role, nonce, name);
	struct core_granted *granted = NULL;

	if (nonce)
		HASH_FIND(hh, core->granted, &key, sizeof(key), granted);
	return granted ? granted->attachment : NULL;
}
