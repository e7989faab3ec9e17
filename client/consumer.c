/* SPDX-License-Identifier: MIT */
/*
 * consumer.c - the exported consumer calls, those that are inline in the header as well
 */
#define SHMQ_NO_INLINE
#include <shmq/consumer.h>

#include <errno.h>

#include "client/attach.h"
#include "client/error.h"
#include "client/handle.h"
#include "shm/ring.h"
#include "shm/wait.h"

_Static_assert(SHMQ_WAIT_ANY_MAX == RING_WAIT_ANY_MAX, "one limit, two headers");

static int consumer_attach(struct shmq_client *client, const char *name, bool create,
			   const struct shmq_ring_config *config,
			   struct shmq_consumer **ret_consumer)
{
	struct client_handle *handle = NULL;
	int r = attach(client, name, SHMQ_ROLE_CONSUMER, create, config, &handle);

	if (r == 0)
		*ret_consumer = (struct shmq_consumer *)handle;
	return r;
}

int shmq_open_consumer(struct shmq_client *client, const char *name,
		       const struct shmq_ring_config *config, struct shmq_consumer **ret_consumer)
{
	return consumer_attach(client, name, true, config, ret_consumer);
}

int shmq_attach_consumer(struct shmq_client *client, const char *name,
			 struct shmq_consumer **ret_consumer)
{
	return consumer_attach(client, name, false, NULL, ret_consumer);
}

struct shmq_consumer *shmq_consumer_detach(struct shmq_consumer *consumer)
{
	if (consumer)
		handle_detach(&consumer->handle);
	return NULL;
}

ssize_t shmq_pop(struct shmq_consumer *consumer, void *buf, size_t cap, int64_t timeout_ns)
{
	struct client_handle *handle = &consumer->handle;
	ssize_t r;

	handle_wait_begin(handle);
	r = ring_pop(&handle->hot, handle_spin_ns(handle), buf, cap, timeout_ns);
	return handle_wait_end(handle, r);
}

int shmq_consumer_wait(struct shmq_consumer *consumer, int64_t timeout_ns)
{
	struct client_handle *handle = &consumer->handle;
	int r;

	handle_wait_begin(handle);
	r = ring_wait_message(&handle->hot, handle_spin_ns(handle), timeout_ns);
	return (int)handle_wait_end(handle, r);
}

int shmq_consumer_fd(struct shmq_consumer *consumer)
{
	return handle_fd(&consumer->handle);
}

int shmq_wait_any(struct shmq_consumer *const *consumers, size_t n, int64_t timeout_ns,
		  size_t *ret_index)
{
	struct shmq_hot *hots[SHMQ_WAIT_ANY_MAX];
	int r;

	error_clear();
	if (n < 1 || n > SHMQ_WAIT_ANY_MAX)
		return error_set(-EINVAL, "shmq_wait_any() waits for 1 to %d rings, not for %zu",
				 SHMQ_WAIT_ANY_MAX, n);
	for (size_t i = 0; i < n; i++) {
		handle_wait_begin(&consumers[i]->handle);
		hots[i] = &consumers[i]->handle.hot;
	}
	r = ring_wait_any(hots, n, handle_spin_ns(&consumers[0]->handle), timeout_ns, ret_index);
	for (size_t i = 0; i < n; i++)
		handle_wait_end(&consumers[i]->handle, r);
	return r;
}

uint64_t shmq_consumer_position(const struct shmq_consumer *consumer)
{
	return consumer->handle.hot.position;
}

uint64_t shmq_consumer_depth(const struct shmq_consumer *consumer)
{
	return ring_depth(&consumer->handle.hot);
}

size_t shmq_consumer_size(const struct shmq_consumer *consumer)
{
	return consumer->handle.hot.size_max_bytes;
}

size_t shmq_consumer_slots(const struct shmq_consumer *consumer)
{
	return (size_t)ring_slots(&consumer->handle.hot);
}

ssize_t shmq_try_pop(struct shmq_consumer *consumer, void *buf, size_t cap)
{
	return (ssize_t)shmq_hot_try_pop(&consumer->handle.hot, buf, cap);
}

int shmq_peek(struct shmq_consumer *consumer, const void **ret_msg, size_t *ret_len,
	      uint64_t *ret_seq)
{
	struct shmq_view view = { 0 };
	int r = shmq_hot_peek(&consumer->handle.hot, &view);

	if (r < 0)
		return r;
	if (ret_msg)
		*ret_msg = view.data;
	if (ret_len)
		*ret_len = view.len;
	if (ret_seq)
		*ret_seq = view.seq;
	return 0;
}

int shmq_release(struct shmq_consumer *consumer)
{
	return shmq_hot_release(&consumer->handle.hot, 1);
}

ssize_t shmq_peek_n(struct shmq_consumer *consumer, struct shmq_view *ret_views, size_t n)
{
	return ring_peek_n(&consumer->handle.hot, ret_views, n);
}

int shmq_release_n(struct shmq_consumer *consumer, size_t n)
{
	return ring_release_n(&consumer->handle.hot, n);
}
