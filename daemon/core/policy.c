/* SPDX-License-Identifier: MIT */
/*
 * policy.c - who may: pure decisions from the kernel's credentials and a ring's record
 *
 * Rights are access.c's; here they become refusals. Roles are given to processes, so whoever asks for one must be the process that
 * connected: a forked child or an heir of the socket is another one.
 */
#include <errno.h>

#include "daemon/core/parts.h"

int policy_is_peer(struct core *core, const struct core_ask *ask)
{
	const struct core_connection *connection = ask->connection;
	const char *why = NULL;

	if (connection->identity.pid == 0)
		why = "your process is in a pid namespace that shmqd can't see into, so it could "
		      "not be told when you die: run both in one (for a container: share the "
		      "host's pid namespace)";
	else if (!ask->is_peer || connection->process->has_ended)
		why = "this connection was made by another process: a forked child must connect by "
		      "itself";
	else if (ask->request.echo != connection->echo)
		why = "the request does not carry the echo of this connection's Hello";
	if (!why)
		return 0;
	refuse(core, ask, -EPERM, "%s", why);
	if (core->n_refusals < 5) {
		core->n_refusals++;
		core_log_write(core, CORE_LOG_REFUSED, CORE_WARNING, NULL, &connection->identity,
			       "refused a request of pid %d (%s, uid %u): %s",
			       connection->identity.pid, connection->identity.comm,
			       connection->identity.uid, why);
	}
	return -EPERM;
}

int policy_has_uid(struct core *core, const struct core_ask *ask)
{
	if (ask->connection->identity.uid != CORE_OVERFLOW_UID)
		return 0;
	refuse(core, ask, -EACCES,
	       "your uid is not mapped in shmqd's user namespace (it reads %u), so rights can't be "
	       "decided: run as a mapped user",
	       CORE_OVERFLOW_UID);
	return -EACCES;
}

static bool needs_role(const struct core_ask *ask, enum shmq_role role)
{
	return ask->request.op == CONTROL_ATTACH && ask->request.role == role;
}

int policy_may_attach(struct core *core, const struct core_ask *ask, const struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	unsigned rights = access_rights(core, ask->connection, record);
	unsigned needed = CONTROL_SEE;

	if (!rights) {
		/* the name is all that can be told: it can't be made again */
		refuse(core, ask, -EACCES,
		       "'%s' is a name that uid %u may not use here: choose another",
		       record->name, ask->connection->identity.uid);
		return -EACCES;
	}
	if (needs_role(ask, SHMQ_ROLE_PRODUCER))
		needed = CONTROL_PRODUCE;
	else if (needs_role(ask, SHMQ_ROLE_CONSUMER))
		needed = CONTROL_CONSUME;
	if (rights & needed)
		return 0;
	refuse(core, ask, -EACCES,
	       "you are uid %u, and may %s ring '%s', but not %s it: uid %u, who made it, decides",
	       ask->connection->identity.uid,
	       rights & CONTROL_PRODUCE ? "produce into" :
	       rights & CONTROL_CONSUME ? "consume from" : "see",
	       record->name, needed == CONTROL_PRODUCE ? "produce into" : "consume from",
	       record->creator.uid);
	return -EACCES;
}

int policy_may_make(struct core *core, const struct core_ask *ask)
{
	if (access_may_make(core, ask->connection, ask->request.name))
		return 0;
	refuse(core, ask, -EACCES,
	       "'%s' is a name that uid %u may not use here: choose another",
	       ask->request.name, ask->connection->identity.uid);
	return -EACCES;
}

int policy_may_control(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		       const char *verb)
{
	const struct registry_ring *record = ring_record(core, ring);

	if (access_is_owner(core, ask->connection, record))
		return 0;
	refuse(core, ask, -EACCES, "only uid %u, who made ring '%s', and root may %s it; you are uid %u",
	       record->creator.uid, record->name, verb, ask->connection->identity.uid);
	return -EACCES;
}
