/* SPDX-License-Identifier: MIT */
/*
 * wire_arena.c - bump allocation in chunks, with a budget; see wire_arena.h
 */
#include "proto/wire_arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 4096u

struct wire_arena_chunk {
	struct wire_arena_chunk *next;
	size_t used_bytes;
	size_t cap_bytes;
	alignas(max_align_t) unsigned char data[];
};

static struct wire_arena_chunk *chunk_new(size_t cap_bytes)
{
	struct wire_arena_chunk *chunk = malloc(sizeof(*chunk) + cap_bytes);

	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->used_bytes = 0;
	chunk->cap_bytes = cap_bytes;
	return chunk;
}

static void *arena_take(struct wire_arena *arena, size_t bytes)
{
	struct wire_arena_chunk *chunk = arena->chunks;
	void *taken;

	if (bytes > arena->left_bytes)
		return NULL;
	bytes = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!chunk || chunk->cap_bytes - chunk->used_bytes < bytes) {
		chunk = chunk_new(bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES);
		if (!chunk) {
			arena->out_of_memory = true;
			return NULL;
		}
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	taken = chunk->data + chunk->used_bytes;
	chunk->used_bytes += bytes;
	arena->left_bytes -= bytes < arena->left_bytes ? bytes : arena->left_bytes;
	return taken;
}

static void *allocator_alloc(void *data, size_t bytes)
{
	return arena_take(data, bytes);
}

/* protobuf-c gives pieces back while it parses; they go with the arena. */
static void allocator_free(void *data, void *piece)
{
	(void)data;
	(void)piece;
}

struct wire_arena *wire_arena_new(size_t budget_bytes)
{
	struct wire_arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->left_bytes = budget_bytes;
	arena->allocator.alloc = allocator_alloc;
	arena->allocator.free = allocator_free;
	arena->allocator.allocator_data = arena;
	return arena;
}

struct wire_arena *wire_arena_free(struct wire_arena *arena)
{
	if (!arena)
		return NULL;
	while (arena->chunks) {
		struct wire_arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	free(arena);
	return NULL;
}

void *wire_arena_alloc(struct wire_arena *arena, size_t n, size_t size_bytes)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(n, size_bytes, &bytes))
		return NULL;
	memory = arena_take(arena, bytes ? bytes : 1);
	if (memory)
		memset(memory, 0, bytes);
	return memory;
}

int wire_arena_error(const struct wire_arena *arena)
{
	return arena->out_of_memory ? -ENOMEM : -EBADMSG;
}
