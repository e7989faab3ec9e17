/* SPDX-License-Identifier: MIT */
/*
 * actions.c - the queue of what the shell is to do, and the beginning of a step that fills it
 */
#include "daemon/core/parts.h"

struct core_actions {
	struct core_action *first, **end;
};

struct core_actions *core_actions_new(void)
{
	struct core_actions *actions = calloc(1, sizeof(*actions));

	if (actions)
		actions->end = &actions->first;
	return actions;
}

struct core_actions *core_actions_free(struct core_actions *actions)
{
	struct core_action *action;

	if (!actions)
		return NULL;
	while ((action = core_actions_take(actions)))
		free(action);
	free(actions);
	return NULL;
}

struct core_action *core_actions_take(struct core_actions *actions)
{
	struct core_action *action = actions->first;

	if (!action)
		return NULL;
	actions->first = action->next;
	if (!actions->first)
		actions->end = &actions->first;
	action->next = NULL;
	return action;
}

bool core_actions_is_empty(const struct core_actions *actions)
{
	return !actions->first;
}

/* How far an action of this type is read. */
static size_t action_bytes(enum core_action_type type)
{
	switch (type) {
	case CORE_REPLY_LIST:
	case CORE_REPLY_STATS:
	case CORE_REPLY:
	case CORE_REPLY_RING:
		return offsetof(struct core_action, ring_list);
	case CORE_LOG:
		return offsetof(struct core_action, reply);
	case CORE_EVENT:
		return offsetof(struct core_action, log);
	case CORE_UNLINK_STRAY:
		return offsetof(struct core_action, event);
	case CORE_PROCESS_VERIFY:
		return offsetof(struct core_action, segment);
	default:
		return offsetof(struct core_action, process);
	}
}

static struct core_action *action_append(struct core *core, enum core_action_type type, size_t bytes)
{
	struct core_action *action = core_alloc(bytes);

	action->type = type;
	*core->out->end = action;
	core->out->end = &action->next;
	return action;
}

struct core_action *action_new(struct core *core, enum core_action_type type)
{
	return action_append(core, type, action_bytes(type));
}

struct core_action *action_new_page(struct core *core, enum core_action_type type)
{
	return action_append(core, type, sizeof(struct core_action));
}

struct core_action *action_new_tail(struct core *core, size_t bytes, void **ret_tail)
{
	size_t head_bytes = action_bytes(CORE_REPLY);
	struct core_action *action = action_append(core, CORE_REPLY, head_bytes + bytes);

	*ret_tail = (char *)action + head_bytes;
	return action;
}

struct core_action *action_ring(struct core *core, enum core_action_type type,
				const struct core_ring *ring)
{
	struct core_action *action = action_new(core, type);

	action->ring = ring_index(core, ring);
	return action;
}

void core_step_begin(struct core *core, int64_t now_ns, struct core_actions *actions)
{
	core->out = actions;
	core->now_ns = now_ns;
	core->n_generations = core->n_events = core->n_missed = core->n_logs = 0;
	if (now_ns - core->refusals_since_ns >= NS_PER_S) {
		core->refusals_since_ns = now_ns;
		core->n_refusals = 0;
	}
}
