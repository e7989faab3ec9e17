/* SPDX-License-Identifier: MIT */
/*
 * producer.h - the sending end of a ring
 *
 * Calls that move messages never talk to the daemon and make no system call, unless they must
 * sleep or wake a sleeper. Those marked inline are compiled into the program; the library exports
 * all of them under the same names for other languages (or define SHMQ_NO_INLINE).
 * Errors common to all: -EBADMSG, -ESTALE, -ECHILD (types.h); only more are listed.
 */
#ifndef SHMQ_PRODUCER_H
#define SHMQ_PRODUCER_H

#include <stddef.h>

#include <shmq/hot.h>
#include <shmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * shmq_open_producer() - make the ring if it is absent, and hold its producer role
 * @config: as for shmq_create(); NULL: attach to whatever exists, make the default if none does.
 * Return: 0; -EBUSY held, the detail names by whom; all of shmq_create().
 */
SHMQ_API int shmq_open_producer(struct shmq_client *client, const char *name,
				const struct shmq_ring_config *config,
				struct shmq_producer **ret_producer);

/* The same for a ring that must exist. Return: 0; -ENOENT; -EBUSY; -EACCES; -ESTALE lost. */
SHMQ_API int shmq_attach_producer(struct shmq_client *client, const char *name,
				  struct shmq_producer **ret_producer);

/* Give the role back: the consumer gets what was pushed, then -EPIPE once. NULL is fine.
 * Works without the daemon too (it is told at the next connection). Return: NULL. */
SHMQ_API struct shmq_producer *shmq_producer_detach(struct shmq_producer *producer);

/*
 * shmq_push() - append a copy of one message, waiting for room
 * @len: bytes, 0 to the ring's size. @timeout_ns: 0 or SHMQ_FOREVER as well.
 * Return: 0; -EMSGSIZE; -EAGAIN / -ETIMEDOUT full; -EPIPE / -EOWNERDEAD full and the consumer gone.
 */
SHMQ_API int shmq_push(struct shmq_producer *producer, const void *msg, size_t len,
		       int64_t timeout_ns);

/* Wait until @n_slots (1 to max(1, slots / 8)) are free. Return: as shmq_push(). */
SHMQ_API int shmq_producer_wait(struct shmq_producer *producer, size_t n_slots, int64_t timeout_ns);

/* As shmq_consumer_fd(): readable when there may be room, until a call has said -EAGAIN. */
SHMQ_API int shmq_producer_fd(struct shmq_producer *producer);

/* Messages ever published in this ring; this one's position is the next message's sequence. */
SHMQ_API uint64_t shmq_producer_position(const struct shmq_producer *producer);
/* Messages not yet released, as seen now: it can only shrink behind the producer's back. */
SHMQ_API uint64_t shmq_producer_depth(const struct shmq_producer *producer);
/* Largest message in bytes; slots of the ring. */
SHMQ_API size_t shmq_producer_size(const struct shmq_producer *producer);
SHMQ_API size_t shmq_producer_slots(const struct shmq_producer *producer);

#ifndef SHMQ_NO_INLINE

static inline struct shmq_hot *shmq_producer_hot_(struct shmq_producer *producer)
{
	return (struct shmq_hot *)(void *)producer;
}

/* Append a copy of one message. Return: 0; -EMSGSIZE; -EAGAIN full; -EPIPE / -EOWNERDEAD. */
static inline int shmq_try_push(struct shmq_producer *producer, const void *msg, size_t len)
{
	return shmq_hot_try_push(shmq_producer_hot_(producer), msg, len);
}

/* Zero copy: borrow the next slot. Nothing is published and nothing is held: reserving again gives
 * the same slot, pushing overwrites it. Return: 0; -EAGAIN full; -EPIPE / -EOWNERDEAD. */
static inline int shmq_reserve(struct shmq_producer *producer, void **ret_payload)
{
	return shmq_hot_reserve(shmq_producer_hot_(producer), ret_payload);
}

/* Publish the reserved slot with @len bytes. Return: 0; -EINVAL nothing reserved; -EMSGSIZE. */
static inline int shmq_commit(struct shmq_producer *producer, size_t len)
{
	return shmq_hot_commit(shmq_producer_hot_(producer), len);
}

/* Forget the reservation. Return: 0. */
static inline int shmq_abandon(struct shmq_producer *producer)
{
	struct shmq_hot *hot = shmq_producer_hot_(producer);

	hot->mark = hot->position;
	return 0;
}

#else

SHMQ_API int shmq_try_push(struct shmq_producer *producer, const void *msg, size_t len);
SHMQ_API int shmq_reserve(struct shmq_producer *producer, void **ret_payload);
SHMQ_API int shmq_commit(struct shmq_producer *producer, size_t len);
SHMQ_API int shmq_abandon(struct shmq_producer *producer);

#endif

/*
 * Batches: not atomic, and cheaper than as many single calls. At most max(1, slots / 8) at once.
 * shmq_try_push_n() copies messages of @msgs; returns how many were appended (1 to n), or an error
 * if none could be.
 * shmq_reserve_n() borrows up to @n consecutive slots into @ret_payloads; returns how many.
 * shmq_commit_n() publishes the first @n of them with @lens bytes each.
 */
SHMQ_API ssize_t shmq_try_push_n(struct shmq_producer *producer, const struct shmq_message *msgs,
				 size_t n);
SHMQ_API ssize_t shmq_reserve_n(struct shmq_producer *producer, void **ret_payloads, size_t n);
SHMQ_API int shmq_commit_n(struct shmq_producer *producer, const size_t *lens, size_t n);

#ifdef __cplusplus
}
#endif

#endif
