/* SPDX-License-Identifier: MIT */
/*
 * info.c - read-only views of the state, for replies and for the shell
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/names.h"
#include "daemon/core/parts.h"

static const char *state_name(uint32_t state)
{
	switch (state) {
	case REGISTRY_RING_CREATING:
		return "creating";
	case REGISTRY_RING_LIVE:
		return "live";
	case REGISTRY_RING_LOST:
		return "lost";
	case REGISTRY_RING_PURGING:
		return "purging";
	case REGISTRY_RING_DESTROYING:
	case REGISTRY_RING_TOMBSTONE:
		return "destroyed";
	default:
		return "none";
	}
}

void core_segment_name(const struct core *core, uint32_t ring, char name[CONTROL_SEGMENT_MAX])
{
	segment_name_format(core->instance, &core->registry.rings[ring], name);
}

int core_ring_by_segment(const struct core *core, const char *name, uint32_t *ret_ring)
{
	char ring_name[CONTROL_NAME_MAX + 1], segment[CONTROL_SEGMENT_MAX];
	struct core_ring *ring;

	if (segment_name_parse(core->instance, name, ring_name) < 0)
		return -ENOENT;
	ring = ring_find(core, ring_name);
	if (!ring)
		return -ENOENT;
	core_segment_name(core, ring_index(core, ring), segment);
	if (strcmp(segment, name) != 0)
		return -ENOENT;
	*ret_ring = ring_index(core, ring);
	return 0;
}

static void info_config(const struct registry_ring *record, struct control_ring_config *ret_config)
{
	*ret_config = (struct control_ring_config){
		.slots = record->slots,
		.size_bytes = record->size_bytes,
		.align_payload = record->align_payload,
		.wake = (enum control_wake)record->wake,
		.lifetime = (enum control_lifetime)record->lifetime,
		.linger_s = record->linger_s,
		.mode = record->mode,
		.gid_set = record->mode == 0660,
		.gid = record->gid,
		.schema = record->schema,
		.schema_text = "",
		.sealed = record->sealed,
		.n_rules = record->n_rules,
	};
	memcpy(ret_config->rules, record->rules, sizeof(ret_config->rules));
}

const char *core_ring_schema(const struct core *core, uint32_t ring)
{
	return core->rings[ring].schema_text ? core->rings[ring].schema_text : "";
}

void core_ring_info(const struct core *core, uint32_t index, int64_t now_ns,
		    struct control_ring_info *ret_info)
{
	const struct registry_ring *record = &core->registry.rings[index];
	const struct core_ring *ring = &core->rings[index];

	memset(ret_info, 0, sizeof(*ret_info));
	strcpy(ret_info->name, record->name);
	memcpy(ret_info->generation, record->generation, sizeof(ret_info->generation));
	core_segment_name(core, index, ret_info->segment);
	strcpy(ret_info->state, state_name(record->state));
	geometry_of(record, &ret_info->geometry);
	info_config(record, &ret_info->config);
	ret_info->uid = record->creator.uid;
	ret_info->gid = record->gid;
	ret_info->creator_pid = record->creator.pid;
	strcpy(ret_info->creator_comm, record->creator.comm);
	ret_info->created_s = record->created_s;
	ret_info->linger_left_ns = lifetime_left_ns(core, ring, now_ns);
	for (unsigned role = 0; role < CORE_ROLES; role++)
		if (ring->holders[role])
			describe_attachment(core, ring->holders[role],
					  &ret_info->holders[ret_info->n_holders++]);
}

void core_daemon_info(const struct core *core, int64_t now_ns, struct control_info *ret_info)
{
	*ret_info = (struct control_info){
		.version = core->version,
		.instance = core->instance,
		.pid = core->config.daemon_pid,
		.n_rings = core->n_rings,
		.max_rings = core->registry.header->n_rings,
		.n_attachments = core->n_attachments,
		.max_attachments = core->registry.header->n_attachments,
		.n_connections = core->n_connections,
		.bytes = core->bytes,
		.max_bytes = core->config.limits.max_bytes,
		.uptime_ns = (uint64_t)(now_ns - core->started_ns),
	};
}
