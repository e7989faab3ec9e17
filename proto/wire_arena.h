/* SPDX-License-Identifier: MIT */
/*
 * wire_arena.h - the memory of one packet: many small pieces, one limit, freed at once
 *
 * protobuf-c allocates whatever a packet asks for (a two-byte field can cost hundreds of bytes), so
 * it is given this arena instead of malloc(): a packet that wants more than the budget fails, and
 * nothing can leak from a packet that was refused half-way. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "base/cleanup.h"

struct wire_arena_chunk;

struct wire_arena {
	struct wire_arena_chunk *chunks; /* newest first */
	size_t left_bytes;		 /* of the budget */
	bool out_of_memory;		 /* malloc() failed: not the packet's fault */
	ProtobufCAllocator allocator;	 /* this arena, for protobuf-c */
};

/* Return: NULL when memory is out. */
struct wire_arena *wire_arena_new(size_t budget_bytes);
struct wire_arena *wire_arena_free(struct wire_arena *arena);
DEFINE_CLEANUP(struct wire_arena *, wire_arena_free);

/* Zeroed memory that lives as long as the arena. Return: NULL, wire_arena_error() says why. */
void *wire_arena_alloc(struct wire_arena *arena, size_t n, size_t size_bytes);

/* Why nothing came of a packet: -ENOMEM if the host is to blame, else -EBADMSG. */
int wire_arena_error(const struct wire_arena *arena);
