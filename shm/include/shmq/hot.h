/* SPDX-License-Identifier: MIT */
/*
 * hot.h - the hot path: push, reserve, commit, pop, peek, release without a system call
 *
 * Single producer, single consumer, the flag in the slot (FastForward's idea, J. Giacomoni et al.,
 * PPoPP 2008, with a lap number instead of a cleared slot): the producer fills the payload and
 * stores the slot's header word last; that store is the publication. The consumer polls the header
 * of the slot it expects, so flag, length and first bytes arrive in one cache line.
 *
 * These functions are inlined into programs: struct shmq_hot and what they do with it are frozen
 * for a layout version (attach tells the library which one the program was compiled with). All that
 * is rare (full, empty and the peer gone, a sleeper to wake, corruption, fork) is out of line in the
 * library: shmq_hot_*(). Programs use producer.h and consumer.h, not this file.
 *
 * The builtins stand for C11 atomics, which C++ could not read here.
 *
 *   label  operation                                             pairs with
 *   [P1]   producer: slot header, store release                  [C1]
 *   [P2]   producer: its exact position, store release           [C6] a successor, figures
 *   [P3]   producer: consumer's ticket, load relaxed, after [P1] [S1] sleeper's ticket + fence
 *   [P3f]  both: full fence between the two, without membarrier  [S1] (shm/ring.c)
 *   [P4]   producer: consumer's position, load acquire           [C2] (shm/ring.c)
 *   [C1]   consumer: slot header, load acquire                   [P1]
 *   [C2]   consumer: its position, store release                 [P4]
 *   [C3]   consumer: producer's ticket, load relaxed, after [C2] [S1]
 *   [B1]   both: board words, load relaxed; the slow path looks again with acquire [B2]
 *
 * Generated code to hold (x86-64, -O2, 8 bytes of known length; 'bench/checks' says what it costs):
 *   push  26 instructions, 3 branches that are never taken: limit, length, ticket
 *   pop   32 instructions, 5 branches never taken: limit, header, two for cap, ticket
 * and no call, no locked instruction, no division, no load of a field of the handle twice but for
 * those behind a store. The look at the ticket is 4 of these, one of which loads a line that stays
 * shared while nobody sleeps. In a stream every instruction counts more than its time alone: the
 * fewer there are per message, the more cache lines are under way at once within the processor's
 * window (three more, for a flag "fence", were 10 %). The looks at the board cost none: the limit
 * stands for full, for 1,024 messages since the last look, and for a disabled handle at once.
 */
#ifndef SHMQ_HOT_H
#define SHMQ_HOT_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <shmq/layout.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHMQ_STATE_CHECK_MESSAGES 1024u /* the board is read at least this often, and once per lap */
#define SHMQ_BACKOFF_RUN	  8u	/* a consumer that runs dry after this many waits a little */

/*
 * The head of every producer and consumer handle. One thread at a time uses a handle; all fields
 * are private to it. Pointers come from attach, never from shared memory.
 */
struct shmq_hot {
	uint64_t position;	    /* next message to publish (producer) or to release (consumer) */
	uint64_t limit;		    /* at this position the slow path must look first */
	uint64_t mark;		    /* producer: end of what is reserved; consumer: of what was peeked */
	uint64_t woken;		    /* last ticket of the peer that was served; 0: it had none */
	unsigned char *slots;	    /* header of slot 0; the consumer's mapping is read-only */
	uint64_t stride_bytes;
	uint64_t mask;		    /* slots - 1 */
	uint32_t shift;		    /* log2(slots) */
	uint32_t size_max_bytes;    /* largest message */
	uint32_t fence;		    /* 1: a full fence precedes each look at the peer's true ticket */
	uint32_t backoff_pauses;    /* consumer: pauses after a run that went dry */
	uint64_t dry_position;	    /* consumer: where it last ran dry */
	uint64_t *own_position;	    /* in our page */
	const uint64_t *peer_ticket; /* in the peer's page; a word of the library's: 0 when wake=never,
				      * 2^64 - 1 when a fence must come first */
	const uint64_t *board_state;
	const uint64_t *board_peer; /* the peer's role word */
	uint64_t state_expected;    /* what *board_state says while this ring lives */
	uint64_t peer_seen;	    /* the role word as last judged */
	uint64_t peer_position;	    /* producer: copy of the consumer's position */
	const struct shmq_end_page *peer_page;
	struct shmq_end_page *own_page;
	const uint32_t *board_bump;
	int32_t error;		    /* sticky: -EBADMSG, -ESTALE, -ECHILD; 0 while all is well */
	uint32_t role;		    /* enum shmq_role */
	uint64_t seen_position;	    /* consumer: a message was seen here by the slow path */
	uint32_t wake;		    /* enum shmq_wake */
	uint32_t pad0;
	/* a call is about to say -EAGAIN; NULL: nobody asked to be told */
	void (*on_blocked)(struct shmq_hot *hot);
	uint32_t spin_misses;	    /* how little spinning has paid lately */
	uint32_t spin_skips;	    /* since it was tried last */
	uint64_t reserved[3];
};

/* One message to be copied into a batch. */
struct shmq_message {
	const void *data;
	size_t len; /* bytes */
};

/* One message in place: valid until it is released. */
struct shmq_view {
	const void *data;
	size_t len;	/* bytes */
	uint64_t seq;	/* position in the ring's life; the same again after a redelivery */
};

#pragma GCC visibility push(default)
/* Slow paths, in the library. All take the handle's hot part and keep its invariants. */
int shmq_hot_refill(struct shmq_hot *hot, uint64_t n_slots); /* position reached limit; 0: go on */
int shmq_hot_dry(struct shmq_hot *hot, uint64_t header);     /* no message: -EAGAIN, -EPIPE, … or 0: look again */
int shmq_hot_stopped(struct shmq_hot *hot);		     /* consumer's limit was reached: its sticky error */
void shmq_hot_wake(struct shmq_hot *hot, uint64_t ticket);   /* the peer's ticket changed */
#pragma GCC visibility pop

#define shmq_likely_(x)	  __builtin_expect(!!(x), 1)
#define shmq_unlikely_(x) __builtin_expect(!!(x), 0)

/* One spin-wait hint. Exactly one per poll: none or two cost 40-50 ns of round trip. */
static inline void shmq_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

static inline void shmq_copy_64_(unsigned char *d, const unsigned char *s)
{
	memcpy(d, s, 16);
	memcpy(d + 16, s + 16, 16);
	memcpy(d + 32, s + 32, 16);
	memcpy(d + 48, s + 48, 16);
}

/*
 * Short copies inline: a call to memcpy() costs more than the copy. Writes exactly @len bytes: a head
 * and a tail that may overlap, so that there is one branch per class of lengths and no loop up to 64.
 * Generated: pairs of 16-byte loads and stores, and no call but for more than 256 bytes.
 */
static inline void shmq_copy_(void *to, const void *from, size_t len)
{
	unsigned char *d = (unsigned char *)to;
	const unsigned char *s = (const unsigned char *)from;

	if (__builtin_constant_p(len)) {
		if (len) /* an empty message may have no address */
			memcpy(d, s, len);
		return;
	}
	/* else compilers warn of branches that are too long for a small array */
	__asm__("" : "+r"(d), "+r"(s));
	if (len > 256) {
		memcpy(d, s, len);
	} else if (len > 64) {
		size_t i = 0;

		do {
			shmq_copy_64_(d + i, s + i);
			i += 64;
			__asm__("" : "+r"(i)); /* keeps it a loop: compilers turn it back into a call */
		} while (i + 64 < len);
		shmq_copy_64_(d + len - 64, s + len - 64);
	} else if (len > 32) {
		memcpy(d, s, 16);
		memcpy(d + 16, s + 16, 16);
		memcpy(d + len - 32, s + len - 32, 16);
		memcpy(d + len - 16, s + len - 16, 16);
	} else if (len >= 16) {
		memcpy(d, s, 16);
		memcpy(d + len - 16, s + len - 16, 16);
	} else if (len >= 8) {
		memcpy(d, s, 8);
		memcpy(d + len - 8, s + len - 8, 8);
	} else if (len >= 4) {
		memcpy(d, s, 4);
		memcpy(d + len - 4, s + len - 4, 4);
	} else if (len) {
		d[0] = s[0];
		d[len / 2] = s[len / 2];
		d[len - 1] = s[len - 1];
	}
}

/* A message of @len into a buffer of @cap: most often it fills it, and the compiler may know @cap. */
static inline void shmq_copy_out_(void *to, const void *from, size_t len, size_t cap)
{
	if (__builtin_constant_p(cap) && cap > 0 && cap <= 256 && shmq_likely_(len == cap)) {
		memcpy(to, from, cap);
	} else {
		__asm__("" : "+r"(to)); /* as above: an empty message may have no buffer */
		shmq_copy_(to, from, len);
	}
}

static inline uint64_t *shmq_hot_slot_(const struct shmq_hot *hot, uint64_t position)
{
	return (uint64_t *)(void *)(hot->slots + (position & hot->mask) * hot->stride_bytes);
}

/* Header word of a message of length 0 at @position. */
static inline uint64_t shmq_hot_header_(const struct shmq_hot *hot, uint64_t position)
{
	return (uint64_t)(uint32_t)((position >> hot->shift) + 1) << SHMQ_HEADER_LAP_SHIFT;
}

/*
 * Wake the peer if it sleeps for something that this end has just made true. The ticket is looked
 * at after the publication: the sleeper made a fence happen in this process (membarrier(2)) after it
 * had stored its ticket, so a compiler barrier is enough here. Who needs a fence of its own has a
 * word here that never equals 'woken': the fence and the true ticket are in shmq_hot_wake().
 */
static inline void shmq_hot_signal_(struct shmq_hot *hot)
{
	uint64_t ticket;

	/* [P3m] compiler only: the sleeper's membarrier [S2] is the fence of both */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	/* [P3] [C3] relaxed: the order against the publication comes from the fence above; pairs with [S1] */
	ticket = __atomic_load_n(hot->peer_ticket, __ATOMIC_RELAXED);
	if (shmq_unlikely_(ticket != hot->woken))
		shmq_hot_wake(hot, ticket);
}

/* ---- producer ---- */

static inline void shmq_hot_publish_(const struct shmq_hot *hot, uint64_t *slot, uint64_t position,
				     uint32_t len)
{
	/* [P1] release: payload before header, this is the publication; pairs with [C1] */
	__atomic_store_n(slot, shmq_hot_header_(hot, position) | len, __ATOMIC_RELEASE);
}

static inline void shmq_hot_advance_(struct shmq_hot *hot, uint64_t position)
{
	hot->position = position;
	/* [P2] [C2] release: headers before the producer's position, reads of the payload before the
	 * consumer's (the producer's licence to overwrite); pairs with [C6], [P4] in shm/ring.c */
	__atomic_store_n(hot->own_position, position, __ATOMIC_RELEASE);
}

static inline int shmq_hot_try_push(struct shmq_hot *hot, const void *msg, size_t len)
{
	uint64_t position = hot->position;
	uint64_t *slot;

	if (shmq_unlikely_(position == hot->limit)) {
		int r = shmq_hot_refill(hot, 1);

		if (r < 0)
			return r;
	}
	if (shmq_unlikely_(len > hot->size_max_bytes))
		return -EMSGSIZE;
	/* Once, before the copy: a store may alias what this needs, for all that the compiler knows. */
	slot = shmq_hot_slot_(hot, position);
	shmq_copy_(slot + 1, msg, len);
	shmq_hot_publish_(hot, slot, position, (uint32_t)len);
	shmq_hot_advance_(hot, position + 1);
	shmq_hot_signal_(hot);
	return 0;
}

static inline int shmq_hot_reserve(struct shmq_hot *hot, void **ret_payload)
{
	uint64_t position = hot->position;

	if (shmq_unlikely_(position == hot->limit)) {
		int r = shmq_hot_refill(hot, 1);

		if (r < 0)
			return r;
	}
	hot->mark = position + 1;
	*ret_payload = shmq_hot_slot_(hot, position) + 1;
	return 0;
}

static inline int shmq_hot_commit(struct shmq_hot *hot, size_t len)
{
	uint64_t position = hot->position;

	if (shmq_unlikely_((int64_t)(hot->mark - position) <= 0))
		return hot->error ? hot->error : -EINVAL;
	if (shmq_unlikely_(len > hot->size_max_bytes))
		return -EMSGSIZE;
	shmq_hot_publish_(hot, shmq_hot_slot_(hot, position), position, (uint32_t)len);
	shmq_hot_advance_(hot, position + 1);
	shmq_hot_signal_(hot);
	return 0;
}

/* ---- consumer ---- */

/*
 * Look at the message of @position in @slot. Return: its length, or what shmq_hot_dry() says: -EAGAIN when
 * there is none, -EPIPE / -EOWNERDEAD / -ESTALE / -EBADMSG.
 */
static inline int64_t shmq_hot_look_(struct shmq_hot *hot, uint64_t position, const uint64_t *slot)
{
	for (;;) {
		/* [C1] acquire: header before payload; pairs with [P1] */
		uint64_t header = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
		uint64_t len = header - shmq_hot_header_(hot, position);
		int r;

		/* lap + 1, zero flags and a length that fits, in one comparison */
		if (shmq_likely_(len <= hot->size_max_bytes))
			return (int64_t)len;
		r = shmq_hot_dry(hot, header);
		if (r < 0)
			return r;
	}
}

static inline int64_t shmq_hot_try_pop(struct shmq_hot *hot, void *buf, size_t cap)
{
	uint64_t position = hot->position;
	const uint64_t *slot;
	int64_t len;

	if (shmq_unlikely_(position == hot->limit))
		return shmq_hot_stopped(hot);
	slot = shmq_hot_slot_(hot, position);
	len = shmq_hot_look_(hot, position, slot);
	if (shmq_unlikely_(len < 0))
		return len;
	if (shmq_unlikely_((uint64_t)len > cap))
		return -EMSGSIZE;
	shmq_copy_out_(buf, slot + 1, (size_t)len, cap);
	shmq_hot_advance_(hot, position + 1);
	shmq_hot_signal_(hot);
	return len;
}

static inline int shmq_hot_peek(struct shmq_hot *hot, struct shmq_view *ret_view)
{
	uint64_t position = hot->position;
	const uint64_t *slot;
	int64_t len;

	if (shmq_unlikely_(position == hot->limit))
		return shmq_hot_stopped(hot);
	slot = shmq_hot_slot_(hot, position);
	len = shmq_hot_look_(hot, position, slot);
	if (shmq_unlikely_(len < 0))
		return (int)len;
	if ((int64_t)(hot->mark - position) <= 0)
		hot->mark = position + 1;
	ret_view->data = slot + 1;
	ret_view->len = (size_t)len;
	ret_view->seq = position;
	return 0;
}

static inline int shmq_hot_release(struct shmq_hot *hot, uint64_t n)
{
	uint64_t position = hot->position;

	if (shmq_unlikely_((int64_t)(hot->mark - position) < (int64_t)n))
		return hot->error ? hot->error : -EINVAL;
	shmq_hot_advance_(hot, position + n);
	shmq_hot_signal_(hot);
	return 0;
}

#ifdef __cplusplus
}
#endif

#endif
