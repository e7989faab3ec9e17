/* SPDX-License-Identifier: MIT */
/*
 * counts.c - figures of the core: what has happened is counted, what there is is looked up
 *
 * The numbers and meanings are those of <shmq/metrics.h>. Counters are plain: there is one thread.
 * They are memory only and begin anew with each daemon, as whoever scrapes them expects.
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/parts.h"

void core_count(struct core *core, enum shmq_daemon_metric metric, uint64_t n)
{
	core->counts[metric] += n;
}

void count_request(struct core *core, enum control_op op)
{
	static const uint8_t metrics[] = {
		[CONTROL_UNKNOWN] = SHMQ_DAEMON_REQUESTS_OTHER_METRIC,
		[CONTROL_HELLO] = SHMQ_DAEMON_REQUESTS_HELLO_METRIC,
		[CONTROL_CREATE] = SHMQ_DAEMON_REQUESTS_CREATE_METRIC,
		[CONTROL_ATTACH] = SHMQ_DAEMON_REQUESTS_ATTACH_METRIC,
		[CONTROL_DETACH] = SHMQ_DAEMON_REQUESTS_DETACH_METRIC,
		[CONTROL_DESTROY] = SHMQ_DAEMON_REQUESTS_DESTROY_METRIC,
		[CONTROL_PURGE] = SHMQ_DAEMON_REQUESTS_PURGE_METRIC,
		[CONTROL_LIST] = SHMQ_DAEMON_REQUESTS_QUERY_METRIC,
		[CONTROL_SHOW] = SHMQ_DAEMON_REQUESTS_QUERY_METRIC,
		[CONTROL_CLIENTS] = SHMQ_DAEMON_REQUESTS_QUERY_METRIC,
		[CONTROL_INFO] = SHMQ_DAEMON_REQUESTS_QUERY_METRIC,
		[CONTROL_STATS] = SHMQ_DAEMON_REQUESTS_QUERY_METRIC,
	};
	unsigned metric = (size_t)op < sizeof(metrics) ? metrics[op] : 0;

	core->counts[metric ? metric : SHMQ_DAEMON_REQUESTS_OTHER_METRIC]++;
}

static enum shmq_daemon_metric refusal_metric(int status)
{
	switch (status) {
	case -EINVAL:
	case -EFBIG:
		return SHMQ_DAEMON_REFUSED_INVALID_METRIC;
	case -ENOENT:
	case -ESTALE:
		return SHMQ_DAEMON_REFUSED_ABSENT_METRIC;
	case -EEXIST:
		return SHMQ_DAEMON_REFUSED_EXISTS_METRIC;
	case -EBUSY:
		return SHMQ_DAEMON_REFUSED_BUSY_METRIC;
	case -EPERM:
	case -EACCES:
		return SHMQ_DAEMON_REFUSED_DENIED_METRIC;
	case -EDQUOT:
		return SHMQ_DAEMON_REFUSED_QUOTA_METRIC;
	case -ENOSPC:
	case -ENOMEM:
	case -EMFILE:
		return SHMQ_DAEMON_REFUSED_SPACE_METRIC;
	case -EPROTO:
	case -EBADMSG:
	case -EMSGSIZE:
	case -ENOTSUP:
		return SHMQ_DAEMON_REFUSED_PROTOCOL_METRIC;
	default:
		return SHMQ_DAEMON_REFUSED_OTHER_METRIC;
	}
}

void core_count_refusal(struct core *core, int status)
{
	core->counts[refusal_metric(status)]++;
}

void count_refusal(struct core *core, const struct core_ask *ask, int status)
{
	const char *name = ask->request.name;
	struct core_ring *ring = name && *name ? ring_find(core, name) : NULL;

	core_count_refusal(core, status);
	if (ring)
		ring->n_refused++;
}

void count_event(struct core *core, enum control_event_kind kind, struct core_ring *ring,
		 uint64_t n_messages)
{
	switch (kind) {
	case CONTROL_EVENT_CREATED:
		core->counts[SHMQ_DAEMON_CREATED_METRIC]++;
		break;
	case CONTROL_EVENT_DESTROYED:
		core->counts[SHMQ_DAEMON_DESTROYED_METRIC]++;
		core->counts[SHMQ_DAEMON_DROPPED_METRIC] += n_messages;
		break;
	case CONTROL_EVENT_REAPED:
		core->counts[SHMQ_DAEMON_REAPED_METRIC]++;
		core->counts[SHMQ_DAEMON_DROPPED_METRIC] += n_messages;
		break;
	case CONTROL_EVENT_LOST:
		core->counts[SHMQ_DAEMON_LOST_METRIC]++;
		break;
	case CONTROL_EVENT_ATTACHED:
		core->counts[SHMQ_DAEMON_ATTACHED_METRIC]++;
		ring->n_attached++;
		break;
	case CONTROL_EVENT_DETACHED:
		core->counts[SHMQ_DAEMON_DETACHED_METRIC]++;
		ring->n_detached++;
		break;
	case CONTROL_EVENT_DIED:
		core->counts[SHMQ_DAEMON_DIED_METRIC]++;
		ring->n_died++;
		break;
	default:
		break;
	}
}

void core_daemon_stats(const struct core *core, int64_t now_ns,
		       uint64_t ret_values[SHMQ_N_DAEMON_METRICS])
{
	const struct registry_header *header = core->registry.header;

	memcpy(ret_values, core->counts, sizeof(core->counts));
	ret_values[SHMQ_DAEMON_RINGS_METRIC] = core->n_rings;
	ret_values[SHMQ_DAEMON_MAX_RINGS_METRIC] = header->n_rings;
	ret_values[SHMQ_DAEMON_ATTACHMENTS_METRIC] = core->n_attachments;
	ret_values[SHMQ_DAEMON_MAX_ATTACHMENTS_METRIC] = header->n_attachments;
	ret_values[SHMQ_DAEMON_CONNECTIONS_METRIC] = core->n_connections;
	ret_values[SHMQ_DAEMON_MAX_CONNECTIONS_METRIC] = core->config.limits.max_connections;
	ret_values[SHMQ_DAEMON_WATCHERS_METRIC] = core->n_watchers;
	ret_values[SHMQ_DAEMON_BYTES_METRIC] = core->bytes;
	ret_values[SHMQ_DAEMON_MAX_BYTES_METRIC] = core->config.limits.max_bytes;
	ret_values[SHMQ_DAEMON_UPTIME_METRIC] = (uint64_t)(now_ns - core->started_ns);
}

void core_ring_stats(const struct core *core, uint32_t index, struct control_ring_stats *ret_stats)
{
	const struct registry_ring *record = &core->registry.rings[index];
	const struct core_ring *ring = &core->rings[index];
	uint64_t *values = ret_stats->values;

	memset(ret_stats, 0, sizeof(*ret_stats));
	strcpy(ret_stats->name, record->name);
	ret_stats->n_values = SHMQ_N_RING_METRICS;
	values[SHMQ_RING_SLOTS_METRIC] = record->slots;
	values[SHMQ_RING_BYTES_METRIC] = record->segment_bytes;
	values[SHMQ_RING_PRODUCERS_METRIC] = ring->holders[SHMQ_ROLE_PRODUCER] != NULL;
	values[SHMQ_RING_CONSUMERS_METRIC] = ring->holders[SHMQ_ROLE_CONSUMER] != NULL;
	values[SHMQ_RING_OWNERS_METRIC] = ring->holders[SHMQ_ROLE_OWNER] != NULL;
	values[SHMQ_RING_ATTACHED_METRIC] = ring->n_attached;
	values[SHMQ_RING_DETACHED_METRIC] = ring->n_detached;
	values[SHMQ_RING_DIED_METRIC] = ring->n_died;
	values[SHMQ_RING_REFUSED_METRIC] = ring->n_refused;
	values[SHMQ_RING_LIVE_METRIC] = record->state == REGISTRY_RING_LIVE;
	values[SHMQ_RING_CREATED_S_METRIC] = record->created_s;
}

uint32_t core_next_ring(const struct core *core, uint32_t from, uint32_t end)
{
	uint32_t n_rings = core->registry.header->n_rings;

	/* a ring without a name is being taken apart: another one may be called so already */
	while (from < end && from < n_rings && !core->rings[from].is_named)
		from++;
	return from;
}

uint32_t core_n_rings(const struct core *core)
{
	return core->registry.header->n_rings;
}
