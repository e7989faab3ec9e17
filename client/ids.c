/* SPDX-License-Identifier: MIT */
/*
 * ids.c - lists of attachments' ids; see client.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"

int client_ids_add(struct client_ids *ids, uint64_t id)
{
	if (ids->n == ids->cap) {
		size_t cap = ids->cap ? 2 * ids->cap : 8;
		uint64_t *grown = reallocarray(ids->ids, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		ids->ids = grown;
		ids->cap = cap;
	}
	ids->ids[ids->n++] = id;
	return 0;
}

bool client_ids_has(const struct client_ids *ids, uint64_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->ids[i] == id)
			return true;
	return false;
}

void client_ids_remove(struct client_ids *ids, uint64_t id)
{
	for (size_t i = 0; i < ids->n; i++) {
		if (ids->ids[i] != id)
			continue;
		memmove(&ids->ids[i], &ids->ids[i + 1], (ids->n - i - 1) * sizeof(ids->ids[0]));
		ids->n--;
		return;
	}
}
