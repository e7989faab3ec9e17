/* SPDX-License-Identifier: MIT */
/*
 * ask.c - requests that wait for a ring
 *
 * A request that must wait (its ring is being made, emptied or counted) is kept as a copy and run
 * again from its beginning when the ring is ready: it then finds the world as it is, and there is no
 * second way through a handler. It is found from its ring and from its connection, and dropped with
 * either.
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/parts.h"

static char *text_copy(const char *text)
{
	size_t bytes = text ? strlen(text) + 1 : 1;
	char *copy = core_alloc(bytes);

	if (text)
		memcpy(copy, text, bytes);
	return copy;
}

int ask_check_wait(struct core *core, const struct core_ask *ask)
{
	/* one that waits already only changes its place */
	if (ask->name || ask->connection->n_asks < CORE_ASKS_MAX)
		return 0;
	refuse(core, ask, -EAGAIN, "%u requests of this connection are waiting already",
	       ask->connection->n_asks);
	return -EAGAIN;
}

void ask_wait(struct core *core, struct core_ask *ask, struct core_ring *ring)
{
	struct core_ask *copy;

	if (ask_check_wait(core, ask) < 0)
		return;
	copy = core_alloc(sizeof(*copy));
	*copy = *ask;
	copy->has_count = false;
	copy->name = text_copy(ask->request.name);
	copy->request.name = copy->name;
	copy->schema_text = text_copy(ask->request.config.schema_text);
	copy->request.config.schema_text = copy->schema_text;
	copy->request.library = "";
	list_append(&ring->asks, &copy->of_ring);
	list_append(&ask->connection->asks, &copy->of_connection);
	ask->connection->n_asks++;
}

void ask_free(struct core_ask *ask)
{
	list_remove(&ask->of_ring);
	list_remove(&ask->of_connection);
	ask->connection->n_asks--;
	free(ask->name);
	free(ask->schema_text);
	free(ask);
}

/* All that wait now; what begins to wait meanwhile waits for the next time. */
static void asks_due(struct core *core, struct core_ring *ring)
{
	struct list *node;

	while ((node = list_take(&ring->asks)))
		list_append(&core->due, node);
}

void ring_asks_run(struct core *core, struct core_ring *ring, bool has_count)
{
	asks_due(core, ring);
	while (!list_is_empty(&core->due)) {
		struct core_ask *ask = list_entry(core->due.next, struct core_ask, of_ring);

		ask->has_count = has_count;
		ask->run(core, ask);
		ask_free(ask);
	}
}

void ring_asks_refuse(struct core *core, struct core_ring *ring, int status, const char *text)
{
	asks_due(core, ring);
	while (!list_is_empty(&core->due)) {
		struct core_ask *ask = list_entry(core->due.next, struct core_ask, of_ring);

		refuse(core, ask, status, "%s", text);
		ask_free(ask);
	}
}

bool ask_waits_for_ring(struct core *core, struct core_ask *ask, struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	char text[CONTROL_TEXT_MAX];
	int status;

	if (record->state != REGISTRY_RING_CREATING && record->state != REGISTRY_RING_PURGING)
		return false;
	if (record->state == REGISTRY_RING_PURGING && ring->failure) {
		if (ask->request.op == CONTROL_DESTROY) {
			if (ring->step == RING_IDLE)
				return false;
			ask_wait(core, ask, ring);
			return true;
		}
		status = segment_explain(core, ring, text, sizeof(text));
		refuse(core, ask, status, "%s", text);
		return true;
	}
	ask_wait(core, ask, ring);
	return true;
}

/* The unread messages are counted first: what is dropped has to be said. */
bool ask_waits_for_count(struct core *core, struct core_ask *ask, struct core_ring *ring)
{
	if (ask->has_count || ring_record(core, ring)->state != REGISTRY_RING_LIVE)
		return false;
	if (ask_check_wait(core, ask) < 0)
		return true;
	ask_wait(core, ask, ring);
	ring_probe(core, ring, PROBE_ASKS);
	return true;
}
