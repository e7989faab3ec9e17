/* SPDX-License-Identifier: MIT */
/*
 * layout.h - THE ABI CONTRACT: what lies in shared memory, byte for byte (layout version 1)
 *
 * Two libraries of different versions meet in one ring, and a daemon of a third version wrote
 * the board they both watch: nothing here changes without a new SHMQ_LAYOUT_VERSION and a new
 * golden file. docs/memory-layout.md draws it.
 *
 * Segment  /shmq.<instance>.<ring>.<16 hex>     fresh zero memory is a valid empty ring
 *
 *   0                      producer page   written by the producer alone
 *   region                 consumer page   written by the consumer alone
 *   2 * region             slots           written by the producer alone
 *   2 * region + lead + i * stride         slot i: header word (8 bytes), then the payload
 *
 * region is the page size of the host (a power of two >= 4096). lead is 0, or 56 when payloads
 * are aligned to 64 bytes. Each region may become a memory object of its own, so nobody derives
 * one region's address from another's.
 *
 * Header word   (lap + 1) << 32 | flags (4 bits, zero) | length (28 bits)
 *   lap is position >> log2(slots), cut to 32 bits. A slot that shows lap + 1 holds the message of
 *   this position, one that shows lap is empty, anything else is corruption.
 *
 * Board  one header page, then one record of 64 bytes per ring, written by the daemon alone and
 *   read-only for everybody else. Every field is one naturally aligned atomic word: there is no
 *   lock and no sequence to retry on, for the daemon may die between any two stores.
 *
 * Everything is little-endian; positions count messages since the ring was made and wrap at 2^64.
 */
#ifndef SHMQ_LAYOUT_H
#define SHMQ_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define SHMQ_LAYOUT_VERSION 1u

#ifdef __cplusplus
#define SHMQ_STATIC_ASSERT_(cond, text) static_assert(cond, text)
#else
#define SHMQ_STATIC_ASSERT_(cond, text) _Static_assert(cond, text)
#endif

#define SHMQ_NAME_MAX	  63u			 /* characters of a ring's name */
#define SHMQ_SLOTS_MAX	  (UINT32_C(1) << 20)
#define SHMQ_SIZE_MAX	  (UINT32_C(16) << 20)	 /* bytes of one message */
#define SHMQ_STRIDE_TRAP  4096u			 /* a stride that is a multiple of this streams 2-10x slower */
#define SHMQ_REGION_MIN	  4096u
#define SHMQ_PAYLOAD_LINE 64u

#define SHMQ_HEADER_BYTES	8u
#define SHMQ_HEADER_LAP_SHIFT	32
#define SHMQ_HEADER_LENGTH_MASK UINT32_C(0x0fffffff)

/* One end's page. Each word sits on a pair of cache lines of its own: adjacent-line prefetch
 * would else drag the neighbour along. */
struct shmq_end_page {
	uint64_t position;	 /* producer: messages published; consumer: messages released */
	uint8_t pad0[120];
	uint64_t ticket;	 /* position this end waits for + 1; 0: it is not asleep */
	uint8_t pad1[120];
	uint64_t n_dry;		 /* full (producer) or empty (consumer) episodes that had to wait */
	uint64_t n_sleeps;	 /* of those, went to sleep in the kernel */
	uint64_t n_wakes;	 /* wake-up system calls made for the other end */
	uint64_t n_incarnations; /* attachments this end has had */
	uint64_t last_ns;	 /* CLOCK_MONOTONIC of the last slow-path visit */
	uint8_t pad2[88];
};

SHMQ_STATIC_ASSERT_(offsetof(struct shmq_end_page, position) == 0, "layout 1");
SHMQ_STATIC_ASSERT_(offsetof(struct shmq_end_page, ticket) == 128, "layout 1");
SHMQ_STATIC_ASSERT_(offsetof(struct shmq_end_page, n_dry) == 256, "layout 1");
SHMQ_STATIC_ASSERT_(sizeof(struct shmq_end_page) == 384, "layout 1");

/* ---- the board ---- */

#define SHMQ_BOARD_MAGIC UINT64_C(0x314452414f425153) /* "SQBOARD1" in memory */

enum {
	SHMQ_BOARD_LIVE = 1,
	SHMQ_BOARD_RETIRED = 2,	/* its daemon gave it up: every record says RETIRED as well */
};

enum shmq_ring_state {
	SHMQ_RING_NONE = 0,
	SHMQ_RING_LIVE = 1,
	SHMQ_RING_DESTROYED = 2, /* drain, then -ESTALE */
	SHMQ_RING_LOST = 3,	 /* somebody unlinked the segment: the attached go on, nobody may join */
	SHMQ_RING_RETIRED = 4,	 /* the registry behind this board is gone: drain, then -ESTALE */
};

enum shmq_role_state {
	SHMQ_ROLE_NONE = 0,	 /* nobody has held the role yet */
	SHMQ_ROLE_HELD = 1,
	SHMQ_ROLE_DETACHED = 2,	 /* the last holder left in good order */
	SHMQ_ROLE_DIED = 3,	 /* the last holder's process ended */
};

enum shmq_role {
	SHMQ_ROLE_PRODUCER = 0,
	SHMQ_ROLE_CONSUMER = 1,
	SHMQ_ROLE_OWNER = 2,	 /* keeps a with-creator ring; has no word on the board */
};

#define SHMQ_BOARD_WORD(count, state)  ((uint64_t)(count) << 8 | (state))
#define SHMQ_BOARD_STATE(word)	       ((unsigned)((word) & 0xff))
#define SHMQ_BOARD_COUNT(word)	       ((word) >> 8)

struct shmq_board_ring {
	uint64_t state;		 /* uses of this record << 8 | enum shmq_ring_state */
	uint64_t role[2];	 /* incarnation << 8 | enum shmq_role_state; producer, consumer */
	uint32_t bump;		 /* futex word: changed and woken after every change of the above */
	uint32_t pad0;
	uint8_t pad1[32];
};

struct shmq_board_header {
	uint64_t magic;
	uint32_t layout;	 /* SHMQ_LAYOUT_VERSION */
	uint32_t state;		 /* SHMQ_BOARD_LIVE, SHMQ_BOARD_RETIRED */
	uint8_t epoch[16];	 /* random; a new board is never mistaken for an old one */
	uint32_t n_rings;	 /* records that follow the header page */
	uint32_t bump;		 /* futex word of the header itself */
	uint8_t pad[4056];
};

SHMQ_STATIC_ASSERT_(sizeof(struct shmq_board_ring) == 64, "layout 1");
SHMQ_STATIC_ASSERT_(offsetof(struct shmq_board_ring, bump) == 24, "layout 1");
SHMQ_STATIC_ASSERT_(sizeof(struct shmq_board_header) == 4096, "layout 1");

#endif
