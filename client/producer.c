/* SPDX-License-Identifier: MIT */
/*
 * producer.c - the exported producer calls, those that are inline in the header as well
 */
#define SHMQ_NO_INLINE
#include <shmq/producer.h>

#include <errno.h>

#include "client/attach.h"
#include "client/error.h"
#include "client/handle.h"
#include "shm/ring.h"
#include "shm/wait.h"

static int producer_attach(struct shmq_client *client, const char *name, bool create,
			   const struct shmq_ring_config *config,
			   struct shmq_producer **ret_producer)
{
	struct client_handle *handle = NULL;
	int r = attach(client, name, SHMQ_ROLE_PRODUCER, create, config, &handle);

	if (r == 0)
		*ret_producer = (struct shmq_producer *)handle;
	return r;
}

int shmq_open_producer(struct shmq_client *client, const char *name,
		       const struct shmq_ring_config *config, struct shmq_producer **ret_producer)
{
	return producer_attach(client, name, true, config, ret_producer);
}

int shmq_attach_producer(struct shmq_client *client, const char *name,
			 struct shmq_producer **ret_producer)
{
	return producer_attach(client, name, false, NULL, ret_producer);
}

struct shmq_producer *shmq_producer_detach(struct shmq_producer *producer)
{
	if (producer)
		handle_detach(&producer->handle);
	return NULL;
}

int shmq_push(struct shmq_producer *producer, const void *msg, size_t len, int64_t timeout_ns)
{
	struct client_handle *handle = &producer->handle;
	int r;

	handle_wait_begin(handle);
	r = ring_push(&handle->hot, handle_spin_ns(handle), msg, len, timeout_ns);
	return (int)handle_wait_end(handle, r);
}

int shmq_producer_wait(struct shmq_producer *producer, size_t n_slots, int64_t timeout_ns)
{
	struct client_handle *handle = &producer->handle;
	int r;

	handle_wait_begin(handle);
	r = ring_wait_room(&handle->hot, n_slots, handle_spin_ns(handle), timeout_ns);
	return (int)handle_wait_end(handle, r);
}

int shmq_producer_fd(struct shmq_producer *producer)
{
	return handle_fd(&producer->handle);
}

uint64_t shmq_producer_position(const struct shmq_producer *producer)
{
	return producer->handle.hot.position;
}

uint64_t shmq_producer_depth(const struct shmq_producer *producer)
{
	return ring_depth(&producer->handle.hot);
}

size_t shmq_producer_size(const struct shmq_producer *producer)
{
	return producer->handle.hot.size_max_bytes;
}

size_t shmq_producer_slots(const struct shmq_producer *producer)
{
	return (size_t)ring_slots(&producer->handle.hot);
}

int shmq_try_push(struct shmq_producer *producer, const void *msg, size_t len)
{
	return shmq_hot_try_push(&producer->handle.hot, msg, len);
}

int shmq_reserve(struct shmq_producer *producer, void **ret_payload)
{
	return shmq_hot_reserve(&producer->handle.hot, ret_payload);
}

int shmq_commit(struct shmq_producer *producer, size_t len)
{
	return shmq_hot_commit(&producer->handle.hot, len);
}

int shmq_abandon(struct shmq_producer *producer)
{
	return ring_abandon(&producer->handle.hot);
}

ssize_t shmq_try_push_n(struct shmq_producer *producer, const struct shmq_message *msgs, size_t n)
{
	return ring_try_push_n(&producer->handle.hot, msgs, n);
}

ssize_t shmq_reserve_n(struct shmq_producer *producer, void **ret_payloads, size_t n)
{
	return ring_reserve_n(&producer->handle.hot, ret_payloads, n);
}

int shmq_commit_n(struct shmq_producer *producer, const size_t *lens, size_t n)
{
	return ring_commit_n(&producer->handle.hot, lens, n);
}
