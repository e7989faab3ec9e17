/* SPDX-License-Identifier: MIT */
/*
 * fork.c - telling a forked child that nothing of this is his; see fork.h
 *
 * The child has copies of every handle, but not of the segments (MADV_DONTFORK): where they were
 * may meanwhile be somebody else's memory. So its handles are made to answer -ECHILD and forget
 * their mappings before any other code of the child runs. The copied descriptors are closed by
 * shmq_disconnect() or exec; what the child would send over them, the daemon refuses by its pid.
 */
#include "client/fork.h"

#include <errno.h>
#include <pthread.h>

#include "client/client.h"
#include "client/handle.h"

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t list_once = PTHREAD_ONCE_INIT;
static struct shmq_client *clients;

static void fork_prepare(void)
{
	pthread_mutex_lock(&list_mutex);
}

static void fork_parent(void)
{
	pthread_mutex_unlock(&list_mutex);
}

static void fork_child(void)
{
	pthread_mutex_init(&list_mutex, NULL);
	for (struct shmq_client *client = clients; client; client = client->next) {
		/* another thread of the parent may have held it: it does not exist here */
		pthread_mutex_init(&client->mutex, NULL);
		for (struct client_handle *handle = client->handles; handle; handle = handle->next)
			handle_disown(handle);
	}
}

static void register_handlers(void)
{
	pthread_atfork(fork_prepare, fork_parent, fork_child);
}

void fork_add_client(struct shmq_client *client)
{
	pthread_once(&list_once, register_handlers);
	pthread_mutex_lock(&list_mutex);
	client->next = clients;
	if (clients)
		clients->prev = client;
	clients = client;
	pthread_mutex_unlock(&list_mutex);
}

void fork_remove_client(struct shmq_client *client)
{
	pthread_mutex_lock(&list_mutex);
	if (client->next)
		client->next->prev = client->prev;
	if (client->prev)
		client->prev->next = client->next;
	else
		clients = client->next;
	client->next = client->prev = NULL;
	pthread_mutex_unlock(&list_mutex);
}

void fork_add_handle(struct client_handle *handle)
{
	struct shmq_client *client = handle->client;

	pthread_mutex_lock(&list_mutex);
	handle->next = client->handles;
	if (client->handles)
		client->handles->prev = handle;
	client->handles = handle;
	pthread_mutex_unlock(&list_mutex);
}

void fork_remove_handle(struct client_handle *handle)
{
	pthread_mutex_lock(&list_mutex);
	if (handle->next)
		handle->next->prev = handle->prev;
	if (handle->prev)
		handle->prev->next = handle->next;
	else
		handle->client->handles = handle->next;
	handle->next = handle->prev = NULL;
	pthread_mutex_unlock(&list_mutex);
}

static bool is_owned(uint64_t attachment)
{
	for (struct shmq_client *client = clients; client; client = client->next)
		if (client_ids_has(&client->owned, attachment))
			return true;
	return false;
}

void fork_add_owned(struct shmq_client *client, uint64_t attachment)
{
	pthread_mutex_lock(&list_mutex);
	if (!is_owned(attachment))
		client_ids_add(&client->owned, attachment);
	pthread_mutex_unlock(&list_mutex);
}

void fork_forget_owned(struct shmq_client *client)
{
	pthread_mutex_lock(&list_mutex);
	client->owned.n = 0;
	pthread_mutex_unlock(&list_mutex);
}
