/* SPDX-License-Identifier: MIT */
/*
 * access.c - rights: who may produce, consume and see a ring, and who may make one of a name
 *
 * Whoever made a ring, root and the daemon's own uid have all rights. The mode gives all of them to
 * a group (0660) or to everybody (0666); each rule gives what it says to one user, group or unit of
 * the system. A right to produce or to consume includes the right to see.
 *
 * To whom a ring may not show, it is as if it were not there: the same lookup, the same sentence.
 */
#include <string.h>

#include "daemon/core/parts.h"

bool uid_is_trusted(const struct core *core, uid_t uid)
{
	return uid == 0 || uid == core->config.daemon_uid;
}

bool access_is_trusted(const struct core *core, const struct core_connection *connection)
{
	return uid_is_trusted(core, connection->identity.uid);
}

static bool is_in_group(const struct core_connection *connection, gid_t gid)
{
	if (connection->identity.gid == gid)
		return true;
	for (size_t i = 0; i < connection->n_groups; i++)
		if (connection->groups[i] == gid)
			return true;
	return false;
}

static bool is_meant(const struct core_connection *connection, const struct control_rule *rule)
{
	switch (rule->who) {
	case CONTROL_USER:
		return connection->identity.uid == rule->id;
	case CONTROL_GROUP:
		return is_in_group(connection, rule->id);
	default:
		return connection->unit[0] && strcmp(connection->unit, rule->unit) == 0;
	}
}

bool access_is_owner(const struct core *core, const struct core_connection *connection,
		     const struct registry_ring *record)
{
	return connection->identity.uid == record->creator.uid ||
	       access_is_trusted(core, connection);
}

static unsigned with_sight(unsigned rights)
{
	return rights ? rights | CONTROL_SEE : 0;
}

unsigned access_rights(const struct core *core, const struct core_connection *connection,
		       const struct registry_ring *record)
{
	unsigned rights = 0;

	/* a uid that means somebody else to everybody else has none */
	if (connection->identity.uid == CORE_OVERFLOW_UID)
		return 0;
	if (access_is_owner(core, connection, record) || record->mode == 0666 ||
	    (record->mode == 0660 && is_in_group(connection, record->gid)))
		return CONTROL_ALL_RIGHTS;
	for (uint32_t i = 0; i < record->n_rules; i++)
		if (is_meant(connection, &record->rules[i]))
			rights |= record->rules[i].rights;
	return with_sight(rights);
}

bool access_sees(const struct core *core, const struct core_connection *connection,
		 const struct registry_ring *record)
{
	return access_rights(core, connection, record) & CONTROL_SEE;
}

struct core_ring *access_find(const struct core *core, const struct core_ask *ask)
{
	struct core_ring *ring = ring_find(core, ask->request.name);

	return ring && access_sees(core, ask->connection, ring_record(core, ring)) ? ring : NULL;
}

uint64_t access_remembered(struct core *core, const struct core_connection *connection,
			   const char *name)
{
	const struct registry_ring *record = ring_remembered(core, name);

	return record && access_sees(core, connection, record) ? record->destroyed_unread : 0;
}

/* ---- making ---- */

static size_t prefix_fits(const struct core_create_rule *rule, const char *name)
{
	size_t len = strlen(rule->prefix);

	return strncmp(rule->prefix, name, len) == 0 ? len + 1 : 0;
}

/* The longest prefix that fits decides, by all rules that have it. */
bool access_may_make(const struct core *core, const struct core_connection *connection,
		     const char *name)
{
	const struct core_config *config = &core->config;
	size_t longest = 0;
	bool is_allowed = true;

	if (access_is_trusted(core, connection))
		return true;
	for (size_t i = 0; i < config->n_create_rules; i++) {
		size_t fits = prefix_fits(&config->create_rules[i], name);

		if (!fits || fits < longest)
			continue;
		if (fits > longest)
			is_allowed = false;
		longest = fits;
		is_allowed |= is_meant(connection, &config->create_rules[i].who);
	}
	return is_allowed;
}
