/* SPDX-License-Identifier: MIT */
/*
 * policy.c - who may: pure decisions from the kernel's credentials and a ring's record
 *
 * The creator's uid, root and the daemon's own uid may everything. Mode 0660 lets a group attach,
 * 0666 everybody. Roles are given to processes, so whoever asks for one must be the process that
 * connected: a forked child or an heir of the socket is another one.
 */
#include <errno.h>

#include "daemon/core/parts.h"

#define OVERFLOW_UID 65534u /* what the kernel shows of a uid that our user namespace does not map */

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
	if (ask->connection->identity.uid != OVERFLOW_UID)
		return 0;
	refuse(core, ask, -EACCES,
	       "your uid is not mapped in shmqd's user namespace (it reads %u), so rights can't be "
	       "decided: run as a mapped user",
	       OVERFLOW_UID);
	return -EACCES;
}

static bool may_control(const struct core *core, const struct core_connection *connection,
			const struct registry_ring *record)
{
	uid_t uid = connection->identity.uid;

	return uid == record->creator.uid || uid == 0 || uid == core->config.daemon_uid;
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

int policy_may_attach(struct core *core, const struct core_ask *ask, const struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);

	if (may_control(core, ask->connection, record) || record->mode == 0666 ||
	    (record->mode == 0660 && is_in_group(ask->connection, record->gid)))
		return 0;
	if (record->mode == 0660)
		refuse(core, ask, -EACCES,
		       "ring '%s' is for uid %u and group %u (mode 0660), and you are uid %u",
		       record->name, record->creator.uid, record->gid,
		       ask->connection->identity.uid);
	else
		refuse(core, ask, -EACCES,
		       "ring '%s' is for uid %u alone (mode 0600), and you are uid %u: its owner "
		       "could make it with mode 0660 or 0666",
		       record->name, record->creator.uid, ask->connection->identity.uid);
	return -EACCES;
}

int policy_may_control(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		       const char *verb)
{
	const struct registry_ring *record = ring_record(core, ring);

	if (may_control(core, ask->connection, record))
		return 0;
	refuse(core, ask, -EACCES, "only uid %u, who made ring '%s', and root may %s it; you are uid %u",
	       record->creator.uid, record->name, verb, ask->connection->identity.uid);
	return -EACCES;
}
