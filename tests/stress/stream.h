/* SPDX-License-Identifier: MIT */
/*
 * stream.h - one stream of checked messages through a ring, in every way of moving and waiting
 *
 * Each message says its number; its length and its bytes follow from the number. Both ends pause
 * now and then, so that the ring is empty, full, slept on from either side, and everything between.
 * Successors take an end over in the middle, as if the holder had died.
 */
#pragma once

#include "tests/stress/ring_memory.h"

enum stream_api { STREAM_COPY, STREAM_ZERO_COPY, STREAM_BATCH };

struct stream {
	const char *name;
	enum stream_api api;
	enum ring_wake wake;
	unsigned flags;	  /* of ring_memory_init() */
	unsigned pretend; /* of futex_pretend() */
	uint32_t slots;
	uint32_t size_bytes; /* >= 8 */
	int64_t spin_ns;
	uint64_t n;		/* messages, times what the program was told */
	uint64_t pause_every;	/* about: 0 never */
	uint64_t succeed_every; /* 0 never */
};

extern const struct stream streams[];
extern const size_t n_streams;

/* One end of a stream, to its last message. Return: 0; 1 after saying on stderr what was wrong. */
int stream_produce(const struct stream *stream, const struct ring_memory *memory, uint64_t n);
int stream_consume(const struct stream *stream, const struct ring_memory *memory, uint64_t n);

/* Messages of one stream: what the build can do in a second or so, times @factor. */
uint64_t stream_messages(const struct stream *stream, uint64_t factor);

/* argv[1], a factor; 1 without. */
uint64_t stream_factor(int argc, char **argv);
