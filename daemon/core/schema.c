/* SPDX-License-Identifier: MIT */
/*
 * schema.c - what a typed ring carries, and who may understand it
 *
 * A schema is a text of lines (docs/archive-layout.md); its fingerprint is FNV-1a of 64 bits over all
 * of it. Later versions append lines that begin with a plus, so the fingerprint of each predecessor
 * is a state that the hash of the text passes through: one text and the other one's fingerprint are
 * enough to tell whether two programs understand each other.
 *
 * The texts are kept in the registry, once each, so that they outlive the daemon. The table is small,
 * as programs are: a text that finds no place is known until the daemon ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "daemon/core/parts.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)
#define NAME_WORD "message "

uint64_t schema_fingerprint(const char *text)
{
	uint64_t state = FNV_BASIS;

	for (; *text; text++)
		state = (state ^ (unsigned char)*text) * FNV_PRIME;
	return state;
}

bool schema_descends(const char *text, uint64_t fingerprint)
{
	uint64_t state = FNV_BASIS;
	bool found = false;

	for (const char *line = text, *end; *line; line = end) {
		/* here one predecessor ends; nothing but added lines may follow */
		if (*line != '+')
			found = false;
		else if (line > text && state == fingerprint)
			found = true;
		end = strchr(line, '\n');
		if (!end)
			return false; /* not a text of whole lines */
		for (end++; line < end; line++)
			state = (state ^ (unsigned char)*line) * FNV_PRIME;
	}
	return found || state == fingerprint;
}

/* "'parcel' (bfaeb1ccbee437bd)", as far as it is known. */
static void describe(const char *text, uint64_t fingerprint, char *buf, size_t cap_bytes)
{
	char name[64] = "", shown[64];
	size_t len = strlen(NAME_WORD);

	if (strncmp(text, NAME_WORD, len) == 0)
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(text + len, " \n"), text + len);
	format_printable(name, shown, sizeof(shown));
	if (!fingerprint)
		snprintf(buf, cap_bytes, "no type");
	else if (*shown)
		snprintf(buf, cap_bytes, "type '%s' (%016" PRIx64 ")", shown, fingerprint);
	else
		snprintf(buf, cap_bytes, "type %016" PRIx64, fingerprint);
}

static bool understand_each_other(const struct core_ring *ring, const struct registry_ring *record,
				  uint64_t fingerprint, const char *text)
{
	if (record->schema == fingerprint)
		return true;
	if (!record->schema || !fingerprint)
		return false;
	return (ring->schema_text && schema_descends(ring->schema_text, fingerprint)) ||
	       (*text && schema_descends(text, record->schema));
}

int schema_judge(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		 uint64_t fingerprint, const char *text)
{
	const struct registry_ring *record = ring_record(core, ring);
	char theirs[128], ours[128], creator[96];

	if (understand_each_other(ring, record, fingerprint, text))
		return 0;
	describe(ring->schema_text ? ring->schema_text : "", record->schema, ours, sizeof(ours));
	describe(text, fingerprint, theirs, sizeof(theirs));
	describe_process(&record->creator, creator, sizeof(creator));
	refuse(core, ask, -EEXIST,
	       "ring '%s' carries messages of %s, and you expect %s: neither is a later version of the "
	       "other; %s, uid %u, made it",
	       record->name, ours, theirs, creator, record->creator.uid);
	return -EEXIST;
}

/* ---- texts ---- */

static const struct registry_schema *text_find(const struct core *core, uint64_t fingerprint)
{
	for (size_t i = 0; i < REGISTRY_SCHEMAS; i++)
		if (core->registry.schemas[i].fingerprint == fingerprint)
			return &core->registry.schemas[i];
	return NULL;
}

/* A free place, or one whose rings are gone. */
static struct registry_schema *text_place(const struct core *core)
{
	for (size_t i = 0; i < REGISTRY_SCHEMAS; i++)
		if (!core->registry.schemas[i].fingerprint)
			return &core->registry.schemas[i];
	for (size_t i = 0; i < REGISTRY_SCHEMAS; i++)
		if (!account_has_type(core, core->registry.schemas[i].fingerprint))
			return &core->registry.schemas[i];
	return NULL;
}

static void text_save(const struct core *core, uint64_t fingerprint, const char *text)
{
	struct registry_schema *place;

	if (strlen(text) >= REGISTRY_SCHEMA_BYTES || text_find(core, fingerprint))
		return;
	place = text_place(core);
	if (!place)
		return;
	/* whoever adopts believes a text only if it has its fingerprint, however this ends */
	registry_schema_store(place, fingerprint, text);
}

void schema_keep(struct core *core, struct core_ring *ring, const char *text)
{
	uint64_t fingerprint = ring_record(core, ring)->schema;

	if (!fingerprint || ring->schema_text || !text || schema_fingerprint(text) != fingerprint)
		return;
	ring->schema_text = core_alloc(strlen(text) + 1);
	strcpy(ring->schema_text, text);
	text_save(core, fingerprint, text);
}

void schema_adopt(struct core *core, struct core_ring *ring)
{
	uint64_t fingerprint = ring_record(core, ring)->schema;
	const struct registry_schema *found = fingerprint ? text_find(core, fingerprint) : NULL;

	if (found && memchr(found->text, 0, sizeof(found->text)))
		schema_keep(core, ring, found->text);
}
