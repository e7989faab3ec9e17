/* SPDX-License-Identifier: MIT */
/*
 * attach.h - from the name of a ring to a handle that is ready for messages
 */
#pragma once

#include "client/handle.h"

/*
 * attach() - take a role, open and map the segment
 * @create: make the ring if it is absent, of @config (NULL: whatever exists, else the default).
 * Return: 0; as shmq_open_producer(), sentence set. On failure the role is given back.
 */
int attach(struct shmq_client *client, const char *name, enum shmq_role role, bool create,
	   const struct shmq_ring_config *config, struct client_handle **ret_handle);
