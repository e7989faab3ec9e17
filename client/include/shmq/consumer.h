/* SPDX-License-Identifier: MIT */
/*
 * consumer.h - the receiving end of a ring
 *
 * Calls that move messages never talk to the daemon and make no system call, unless they must
 * sleep or wake a sleeper. A popped message is gone when the call returns; who must not lose what he
 * is working on peeks, works, and releases: what was not released when the process dies is there
 * again for the next consumer, with the same sequence number.
 * Errors common to all: -EBADMSG, -ESTALE, -ECHILD (types.h); only more are listed.
 */
#ifndef SHMQ_CONSUMER_H
#define SHMQ_CONSUMER_H

#include <stddef.h>

#include <shmq/hot.h>
#include <shmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As shmq_open_producer(), shmq_attach_producer(), shmq_producer_detach(). */
SHMQ_API int shmq_open_consumer(struct shmq_client *client, const char *name,
				const struct shmq_ring_config *config,
				struct shmq_consumer **ret_consumer);
SHMQ_API int shmq_attach_consumer(struct shmq_client *client, const char *name,
				  struct shmq_consumer **ret_consumer);
SHMQ_API struct shmq_consumer *shmq_consumer_detach(struct shmq_consumer *consumer);

/*
 * shmq_pop() - take the next message, waiting for it
 * @cap: bytes that @buf holds; a longer message is -EMSGSIZE and stays.
 * Return: its length; -EAGAIN / -ETIMEDOUT none; -EPIPE / -EOWNERDEAD none and the producer gone.
 */
SHMQ_API ssize_t shmq_pop(struct shmq_consumer *consumer, void *buf, size_t cap, int64_t timeout_ns);

/* Wait for a message without taking it. Return: 0, or as shmq_pop(). */
SHMQ_API int shmq_consumer_wait(struct shmq_consumer *consumer, int64_t timeout_ns);

/*
 * shmq_wait_any() - wait until one of up to 64 consumers has something to say
 * @ret_index: the first one that has a message, or an error or notice to give at its next call.
 * Return: 0; -EAGAIN / -ETIMEDOUT; -EINVAL none or too many; -EBADMSG etc. only from the call on
 * that consumer itself.
 */
#define SHMQ_WAIT_ANY_MAX 64
SHMQ_API int shmq_wait_any(struct shmq_consumer *const *consumers, size_t n, int64_t timeout_ns,
			   size_t *ret_index);

/*
 * shmq_consumer_fd() - a descriptor for poll(2), epoll, libevent, asyncio: readable when there is news
 * Readable (POLLIN, also for producers) from the start, and until shmq_try_pop(), shmq_peek() or any
 * other call on this handle has said -EAGAIN: so take messages until -EAGAIN, then poll. That works
 * level-triggered and edge-triggered. Messages, notices (-EPIPE, -EOWNERDEAD) and the end of the ring
 * (-ESTALE, for good) make it readable; rarely it is so without anything to take. Costs no system
 * call per message, but some per sleep. Never read, write or close it: it is the handle's, and goes
 * with it. The first one starts a thread of the library that sleeps for all of the client's handles.
 * Return: the descriptor, always the same; -EMFILE, -ENFILE, -ENOMEM.
 */
SHMQ_API int shmq_consumer_fd(struct shmq_consumer *consumer);

/* Messages ever released; the sequence of the next message. */
SHMQ_API uint64_t shmq_consumer_position(const struct shmq_consumer *consumer);
/* Messages published and not released, as seen now: it can only grow behind the consumer's back. */
SHMQ_API uint64_t shmq_consumer_depth(const struct shmq_consumer *consumer);
SHMQ_API size_t shmq_consumer_size(const struct shmq_consumer *consumer);
SHMQ_API size_t shmq_consumer_slots(const struct shmq_consumer *consumer);

#ifndef SHMQ_NO_INLINE

static inline struct shmq_hot *shmq_consumer_hot_(struct shmq_consumer *consumer)
{
	return (struct shmq_hot *)(void *)consumer;
}

/* Return: length of the message; -EMSGSIZE; -EAGAIN none; -EPIPE / -EOWNERDEAD none and the producer gone. */
static inline ssize_t shmq_try_pop(struct shmq_consumer *consumer, void *buf, size_t cap)
{
	return (ssize_t)shmq_hot_try_pop(shmq_consumer_hot_(consumer), buf, cap);
}

/* Zero copy: look at the next message in its slot. It stays the consumer's until it is released.
 * A hostile producer may change the bytes meanwhile: copy what you judge (or use sealed rings).
 * Each output may be NULL. Return: 0; -EAGAIN; -EPIPE / -EOWNERDEAD. */
static inline int shmq_peek(struct shmq_consumer *consumer, const void **ret_msg, size_t *ret_len,
			    uint64_t *ret_seq)
{
	struct shmq_view view = { NULL, 0, 0 };
	int r = shmq_hot_peek(shmq_consumer_hot_(consumer), &view);

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

/* Give the oldest peeked message's slot back. Return: 0; -EINVAL nothing was peeked. */
static inline int shmq_release(struct shmq_consumer *consumer)
{
	return shmq_hot_release(shmq_consumer_hot_(consumer), 1);
}

#else

SHMQ_API ssize_t shmq_try_pop(struct shmq_consumer *consumer, void *buf, size_t cap);
SHMQ_API int shmq_peek(struct shmq_consumer *consumer, const void **ret_msg, size_t *ret_len,
		       uint64_t *ret_seq);
SHMQ_API int shmq_release(struct shmq_consumer *consumer);

#endif

/*
 * Batches. shmq_peek_n() looks at up to @n of the oldest messages (they count from the oldest again
 * at each call); returns how many (1 to n) or why none. shmq_release_n() gives the @n oldest back:
 * 0, or -EINVAL when fewer were peeked. @n up to the ring's slots.
 */
SHMQ_API ssize_t shmq_peek_n(struct shmq_consumer *consumer, struct shmq_view *ret_views, size_t n);
SHMQ_API int shmq_release_n(struct shmq_consumer *consumer, size_t n);

#ifdef __cplusplus
}
#endif

#endif
