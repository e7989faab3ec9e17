/* SPDX-License-Identifier: MIT */
/*
 * log_events.h - the table of all events that have a line in the journal of a kind of their own
 *
 * X(ID, NAME, LIMIT, MESSAGE_ID): NAME is the field SHMQ_EVENT, MESSAGE_ID what finds the paragraph
 * in systemd/shmqd.catalog. Both are stable: people search for them. LIMIT says what a client that
 * makes it happen again and again can write into the journal (log.c).
 */
#pragma once

#include "daemon/core/core.h"

/* Events of the shell around the core; their ids go on where the core's end. */
enum shell_log_id {
	SHELL_LOG_STARTED = CORE_N_LOGS,
	SHELL_LOG_STOPPED,
	SHELL_LOG_SLOWED,
	SHELL_LOG_REGISTRY_BAD,
	SHELL_LOG_QUARANTINED,
	SHELL_LOG_LOGOUT,
	SHELL_LOG_RELOADED,
	SHELL_LOG_CONFIG_REFUSED,
	N_LOG_EVENTS,
};

enum log_event_limit {
	LOG_FREE,	/* nobody makes it happen often */
	LOG_LIFE,	/* the life of a ring */
	LOG_REFUSAL,	/* somebody may not, or there is no room */
};

#define LOG_EVENTS(X) \
	X(CORE_LOG_RING_CREATED, "created", LOG_LIFE, "9bae573805c14d17a29fa07610427b84") \
	X(CORE_LOG_RING_DESTROYED, "destroyed", LOG_LIFE, "5dd5e812a30f476caf8205fe6ff90d09") \
	X(CORE_LOG_RING_REAPED, "reaped", LOG_LIFE, "8cb1496ab53241b1bccc9be66294f9f7") \
	X(CORE_LOG_RING_LOST, "lost", LOG_LIFE, "d2297ba6ae3e4867b3b10432062e05de") \
	X(CORE_LOG_CLIENT_DIED, "died", LOG_LIFE, "64cea65417bf40bc949432a3ce97505e") \
	X(CORE_LOG_REFUSED, "refused", LOG_REFUSAL, "f9e2ec481ce74d9ea48b8339f951c206") \
	X(CORE_LOG_ADOPTED, "adopted", LOG_FREE, "4c6e8713467441fea4e0b70fa94a4d44") \
	X(CORE_LOG_UNVERIFIED, "unverified", LOG_LIFE, "a88d977ccb6a459ca396a617298615c0") \
	X(CORE_LOG_STRAY, "stray", LOG_FREE, "3c7ca7876d38430fada1316103dd0194") \
	X(CORE_LOG_CREATE_FAILED, "create-failed", LOG_REFUSAL, "3fc91ed9cc1e41fea6a1d16b9277293a") \
	X(CORE_LOG_ATTACHED, "attached", LOG_LIFE, "d5f79a493d0d4f128b7a121edb94a9ef") \
	X(CORE_LOG_DETACHED, "detached", LOG_LIFE, "b7813fb4419e495d9e313bdd768b03f8") \
	X(CORE_LOG_PURGED, "purged", LOG_LIFE, "697ea69d498146efb0c7aa38711a9dfa") \
	X(CORE_LOG_QUOTA, "quota", LOG_REFUSAL, "441a5aaf049049ea8913c405a8bd77dc") \
	X(CORE_LOG_HELD, "held", LOG_REFUSAL, "43880ea85b9b4daa8c4c606499ec3cb6") \
	X(SHELL_LOG_STARTED, "started", LOG_FREE, "3ece9ed052e4428cb3a929aeba4f788e") \
	X(SHELL_LOG_STOPPED, "stopped", LOG_FREE, "1268e37f2a8b4ee389294e19991aebab") \
	X(SHELL_LOG_SLOWED, "slowed", LOG_FREE, "b6b139c6141d48f6af3e5c53e6a9795f") \
	X(SHELL_LOG_REGISTRY_BAD, "registry-bad", LOG_FREE, "d6d1722f25164511add6206aa9abe8f4") \
	X(SHELL_LOG_QUARANTINED, "quarantined", LOG_FREE, "bdb10420ff984a8eb11f6a2ef98b19ec") \
	X(SHELL_LOG_LOGOUT, "logout", LOG_FREE, "1be426de42ff4063a39738466bd2d998") \
	X(SHELL_LOG_RELOADED, "reloaded", LOG_FREE, "f3c2b0d6a7e84c5d9c0e1b7a64f8d215") \
	X(SHELL_LOG_CONFIG_REFUSED, "config-refused", LOG_FREE, "0b8d4f5e62a34f17a1d37c9be5260c48")
