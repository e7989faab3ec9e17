/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - everything that is counted or measured, by number: of a ring, and of the daemon
 *
 * One row defines one metric. The tables make the order of the values on the control socket, the
 * columns and JSON keys of shmqctl, the OpenMetrics text, and shmq-metrics(7). A row's place is its
 * number and part of the protocol: rows are only ever added at the end, and none is taken out.
 *
 *	X(SYMBOL, key, family, label, KIND, UNIT, help)
 *
 * key     JSON key; in upper case the column's name
 * family  OpenMetrics name without "shmq_ring_" or "shmqd_" and without "_total"; ends with the unit
 * label   what tells apart the rows of one family, "" for the only one
 * KIND    COUNTER: only grows, from 0 at the ring's making (what the ring's own pages count) or at
 *         the daemon's start; GAUGE: goes up and down
 * UNIT    PLAIN, MESSAGES, BYTES, SECONDS, or NS: nanoseconds here, seconds in OpenMetrics
 */
#ifndef SHMQ_METRICS_H
#define SHMQ_METRICS_H

/* clang-format off */
#define SHMQ_RING_METRICS(X) \
	X(PUSHED, "pushed", "pushed_messages", "", COUNTER, MESSAGES, \
	  "Messages published since the ring was made or emptied") \
	X(POPPED, "popped", "popped_messages", "", COUNTER, MESSAGES, \
	  "Messages consumed since the ring was made or emptied") \
	X(DEPTH, "depth", "depth_messages", "", GAUGE, MESSAGES, \
	  "Messages that are published and not consumed") \
	X(SLOTS, "slots", "capacity_messages", "", GAUGE, MESSAGES, \
	  "Messages that the ring can hold") \
	X(BYTES, "bytes", "segment_bytes", "", GAUGE, BYTES, \
	  "Memory of the ring's segment") \
	X(FULL, "full", "full", "", COUNTER, PLAIN, \
	  "Times the producer found the ring full and had to wait") \
	X(DRY, "dry", "dry", "", COUNTER, PLAIN, \
	  "Times the consumer found the ring empty and had to wait") \
	X(SLEEPS, "sleeps", "sleeps", "", COUNTER, PLAIN, \
	  "Waits of either end that went to sleep in the kernel") \
	X(WAKES, "wakes", "wakes", "", COUNTER, PLAIN, \
	  "System calls made by either end to wake the other one") \
	X(PRODUCERS, "producers", "participants", "role=\"producer\"", GAUGE, PLAIN, \
	  "Attached processes, by role") \
	X(CONSUMERS, "consumers", "participants", "role=\"consumer\"", GAUGE, PLAIN, \
	  "Attached processes, by role") \
	X(OWNERS, "owners", "participants", "role=\"owner\"", GAUGE, PLAIN, \
	  "Attached processes, by role") \
	X(ATTACHED, "attached", "attachments", "", COUNTER, PLAIN, \
	  "Roles granted since the daemon's start") \
	X(DETACHED, "detached", "detachments", "", COUNTER, PLAIN, \
	  "Roles given back in good order since the daemon's start") \
	X(DIED, "died", "deaths", "", COUNTER, PLAIN, \
	  "Roles that ended with their process since the daemon's start") \
	X(REFUSED, "refused", "refused_requests", "", COUNTER, PLAIN, \
	  "Requests about this ring that were refused since the daemon's start") \
	X(LIVE, "live", "live", "", GAUGE, PLAIN, \
	  "1 when the ring can be used; 0 while it is made or removed, or when its memory is lost") \
	X(CREATED_S, "created_s", "made_timestamp_seconds", "", GAUGE, SECONDS, \
	  "When the ring was made, since the epoch")

#define SHMQ_DAEMON_METRICS(X) \
	X(RINGS, "rings", "rings", "", GAUGE, PLAIN, \
	  "Rings there are") \
	X(MAX_RINGS, "max_rings", "max_rings", "", GAUGE, PLAIN, \
	  "Rings there may be") \
	X(ATTACHMENTS, "attachments", "attachments", "", GAUGE, PLAIN, \
	  "Roles that are held") \
	X(MAX_ATTACHMENTS, "max_attachments", "max_attachments", "", GAUGE, PLAIN, \
	  "Roles that may be held") \
	X(CONNECTIONS, "connections", "connections", "", GAUGE, PLAIN, \
	  "Clients connected to the control socket") \
	X(MAX_CONNECTIONS, "max_connections", "max_connections", "", GAUGE, PLAIN, \
	  "Clients that may be connected") \
	X(WATCHERS, "watchers", "watchers", "", GAUGE, PLAIN, \
	  "Connections that watch events") \
	X(BYTES, "bytes", "segment_bytes", "", GAUGE, BYTES, \
	  "Memory of all rings") \
	X(MAX_BYTES, "max_bytes", "quota_bytes", "", GAUGE, BYTES, \
	  "Memory that all rings together may have") \
	X(UPTIME, "uptime_ns", "uptime_seconds", "", GAUGE, NS, \
	  "Time since the daemon's start") \
	X(ADOPTION, "adoption_ns", "adoption_seconds", "", GAUGE, NS, \
	  "Time that it took at the start to take over what an earlier daemon left") \
	X(ADOPTED_RINGS, "adopted_rings", "adopted_rings", "", GAUGE, PLAIN, \
	  "Rings found at the start") \
	X(TURNS, "turns", "turns", "", COUNTER, PLAIN, \
	  "Times the event loop did something") \
	X(BUSY, "busy_ns", "busy_seconds", "", COUNTER, NS, \
	  "Time spent in these turns") \
	X(TURN_MAX, "turn_max_ns", "turn_max_seconds", "", GAUGE, NS, \
	  "The longest turn so far") \
	X(ACCEPTED, "accepted", "accepted_connections", "", COUNTER, PLAIN, \
	  "Clients that have connected") \
	X(TURNED_AWAY, "turned_away", "refused_connections", "", COUNTER, PLAIN, \
	  "Clients that were turned away, because there were too many") \
	X(CREATED, "created", "created_rings", "", COUNTER, PLAIN, \
	  "Rings made") \
	X(DESTROYED, "destroyed", "removed_rings", "why=\"destroyed\"", COUNTER, PLAIN, \
	  "Rings removed, because somebody asked for it or their time was over") \
	X(REAPED, "reaped", "removed_rings", "why=\"reaped\"", COUNTER, PLAIN, \
	  "Rings removed, because somebody asked for it or their time was over") \
	X(DROPPED, "dropped", "dropped_messages", "", COUNTER, MESSAGES, \
	  "Unread messages that were removed with their rings") \
	X(LOST, "lost", "lost_segments", "", COUNTER, PLAIN, \
	  "Segments that somebody else removed from /dev/shm") \
	X(ATTACHED, "attached", "granted_roles", "", COUNTER, PLAIN, \
	  "Roles granted") \
	X(DETACHED, "detached", "ended_roles", "why=\"detached\"", COUNTER, PLAIN, \
	  "Roles that ended, in good order or with their process") \
	X(DIED, "died", "ended_roles", "why=\"died\"", COUNTER, PLAIN, \
	  "Roles that ended, in good order or with their process") \
	X(REFUSED_INVALID, "refused_invalid", "refused_requests", "status=\"invalid\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_ABSENT, "refused_absent", "refused_requests", "status=\"absent\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_EXISTS, "refused_exists", "refused_requests", "status=\"exists\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_BUSY, "refused_busy", "refused_requests", "status=\"busy\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_DENIED, "refused_denied", "refused_requests", "status=\"denied\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_QUOTA, "refused_quota", "refused_requests", "status=\"quota\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_SPACE, "refused_space", "refused_requests", "status=\"space\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_PROTOCOL, "refused_protocol", "refused_requests", "status=\"protocol\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REFUSED_OTHER, "refused_other", "refused_requests", "status=\"other\"", COUNTER, PLAIN, \
	  "Refused requests, by status") \
	X(REQUESTS_HELLO, "requests_hello", "requests", "op=\"hello\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_CREATE, "requests_create", "requests", "op=\"create\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_ATTACH, "requests_attach", "requests", "op=\"attach\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_DETACH, "requests_detach", "requests", "op=\"detach\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_DESTROY, "requests_destroy", "requests", "op=\"destroy\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_PURGE, "requests_purge", "requests", "op=\"purge\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_QUERY, "requests_query", "requests", "op=\"query\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(REQUESTS_OTHER, "requests_other", "requests", "op=\"other\"", COUNTER, PLAIN, \
	  "Requests received, by operation") \
	X(RELOADS, "reloads", "reloads", "result=\"applied\"", COUNTER, PLAIN, \
	  "How often the configuration was read again, by result") \
	X(RELOADS_REFUSED, "reloads_refused", "reloads", "result=\"refused\"", COUNTER, PLAIN, \
	  "How often the configuration was read again, by result")
/* clang-format on */

#define SHMQ_METRIC_RING_(symbol, ...)	 SHMQ_RING_##symbol##_METRIC,
#define SHMQ_METRIC_DAEMON_(symbol, ...) SHMQ_DAEMON_##symbol##_METRIC,

enum shmq_ring_metric { SHMQ_RING_METRICS(SHMQ_METRIC_RING_) SHMQ_N_RING_METRICS };
enum shmq_daemon_metric { SHMQ_DAEMON_METRICS(SHMQ_METRIC_DAEMON_) SHMQ_N_DAEMON_METRICS };

#undef SHMQ_METRIC_RING_
#undef SHMQ_METRIC_DAEMON_

#endif
