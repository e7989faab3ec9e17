/* SPDX-License-Identifier: MIT */
/*
 * create.h - names and configs as a program gives them, checked
 */
#pragma once

#include "client/client.h"

/* What can be said without the daemon, which judges the rest. Return: 0; -EINVAL, sentence set. */
int create_check_name(const char *name);

/* The strings of the result are those of @from. Return: 0; -EINVAL, sentence set. */
int create_config(const struct shmq_ring_config *from, struct control_ring_config *ret_config);

/* Remember the owner role of a with-creator ring, if it is ours: it ends with the connection. */
void create_own(struct shmq_client *client, const struct control_ring_info *ring);
