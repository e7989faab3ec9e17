/* SPDX-License-Identifier: MIT */
/*
 * batch.c - several messages at once: headers in order, one position, one look at the peer's ticket
 *
 * Not atomic: each message is published by its own header, and a consumer may take the first ones
 * and fall asleep on a later one of the same batch. So the wake-up comes after the last header, at
 * the slot that the ticket names.
 */
#include <errno.h>

#include "shm/ring_internal.h"

/* At most @n slots that may be filled now. Return: how many, or why none. */
static ssize_t slots_take(struct shmq_hot *hot, size_t n)
{
	uint64_t n_free;
	int r;

	if (hot->error)
		return hot->error;
	if (n == 0 || n > ring_batch_max(hot))
		return -EINVAL;
	if (hot->limit - hot->position >= n)
		return (ssize_t)n;
	/* the board, and whether there is any room at all; then whether there is enough */
	r = shmq_hot_refill(hot, 1);
	if (r < 0)
		return r;
	n_free = ring_room(hot, n);
	if (n_free == 0)
		return hot->error;
	return (ssize_t)(n_free < n ? n_free : n);
}

/* A batch may reach beyond the distance at which the board is looked at; what follows must not. */
static void limit_trim(struct shmq_hot *hot)
{
	if (hot->mark == hot->position && hot->limit - hot->position > SHMQ_STATE_CHECK_MESSAGES)
		hot->limit = hot->position + SHMQ_STATE_CHECK_MESSAGES;
}

ssize_t ring_try_push_n(struct shmq_hot *hot, const struct shmq_message *msgs, size_t n)
{
	uint64_t position = hot->position;
	ssize_t n_slots;

	n_slots = slots_take(hot, n);
	if (n_slots < 0)
		return n_slots;
	for (size_t i = 0; i < n; i++)
		if (msgs[i].len > hot->size_max_bytes)
			return -EMSGSIZE;
	for (ssize_t i = 0; i < n_slots; i++) {
		uint64_t *slot = shmq_hot_slot_(hot, position);

		shmq_copy_(slot + 1, msgs[i].data, msgs[i].len);
		shmq_hot_publish_(hot, slot, position, (uint32_t)msgs[i].len);
		position++;
	}
	shmq_hot_advance_(hot, position);
	hot->mark = position;
	limit_trim(hot);
	shmq_hot_signal_(hot);
	return n_slots;
}

ssize_t ring_reserve_n(struct shmq_hot *hot, void **ret_payloads, size_t n)
{
	ssize_t n_slots = slots_take(hot, n);

	if (n_slots < 0)
		return n_slots;
	for (ssize_t i = 0; i < n_slots; i++)
		ret_payloads[i] = shmq_hot_slot_(hot, hot->position + (uint64_t)i) + 1;
	hot->mark = hot->position + (uint64_t)n_slots;
	return n_slots;
}

int ring_commit_n(struct shmq_hot *hot, const size_t *lens, size_t n)
{
	uint64_t position = hot->position;

	if (hot->error)
		return hot->error;
	if (n == 0 || n > ring_batch_max(hot) || (int64_t)(hot->mark - position) < (int64_t)n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (lens[i] > hot->size_max_bytes)
			return -EMSGSIZE;
	for (size_t i = 0; i < n; i++, position++)
		shmq_hot_publish_(hot, shmq_hot_slot_(hot, position), position, (uint32_t)lens[i]);
	shmq_hot_advance_(hot, position);
	limit_trim(hot);
	shmq_hot_signal_(hot);
	return 0;
}

int ring_abandon(struct shmq_hot *hot)
{
	hot->mark = hot->position;
	if (!hot->error)
		limit_trim(hot);
	return 0;
}

ssize_t ring_peek_n(struct shmq_hot *hot, struct shmq_view *ret_views, size_t n)
{
	size_t n_seen;
	int r;

	if (n == 0 || n > ring_slots(hot))
		return hot->error ? hot->error : -EINVAL;
	/* the first as ever: it says why there is none */
	r = shmq_hot_peek(hot, &ret_views[0]);
	if (r < 0)
		return r;
	for (n_seen = 1; n_seen < n; n_seen++) {
		uint64_t position = hot->position + n_seen;
		uint64_t header = ring_header_load(hot, position);

		/* nothing, or rubbish: that is judged when it comes first */
		if (!ring_header_is_message(hot, header, position))
			break;
		ret_views[n_seen] = (struct shmq_view){
			.data = shmq_hot_slot_(hot, position) + 1,
			.len = (size_t)(header - shmq_hot_header_(hot, position)),
			.seq = position,
		};
	}
	if ((int64_t)(hot->mark - hot->position) < (int64_t)n_seen)
		hot->mark = hot->position + n_seen;
	return (ssize_t)n_seen;
}

int ring_release_n(struct shmq_hot *hot, size_t n)
{
	if (n == 0 || n > ring_slots(hot))
		return hot->error ? hot->error : -EINVAL;
	return shmq_hot_release(hot, n);
}
