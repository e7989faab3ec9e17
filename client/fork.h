/* SPDX-License-Identifier: MIT */
/*
 * fork.h - all clients and handles of this process, so that a forked child can be told
 *
 * One mutex guards the list of clients, and each client's list of handles and owner roles. It is
 * held for a few stores only, never during a call: fork() waits for it.
 */
#pragma once

#include <stdint.h>

struct shmq_client;
struct client_handle;

void fork_add_client(struct shmq_client *client);
void fork_remove_client(struct shmq_client *client);
void fork_add_handle(struct client_handle *handle);
void fork_remove_handle(struct client_handle *handle);

/* The owner role @attachment of a with-creator ring ends with @client, unless another client of
 * this process has it already. */
void fork_add_owned(struct shmq_client *client, uint64_t attachment);
void fork_forget_owned(struct shmq_client *client);
