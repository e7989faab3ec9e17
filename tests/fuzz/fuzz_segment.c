/* SPDX-License-Identifier: MIT */
/*
 * fuzz_segment.c - hostile memory of a ring, against both ends of it
 *
 * Input: a size, then records of a kind and its arguments: calls of both ends, in between words written
 * anywhere in the segment and on the board, and ends that are taken over. Each call must end, with
 * something that fits; what is outside the mappings can't be touched.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shm/wait.h"
#include "tests/stress/ring_memory.h"

#define SIZE_BYTES   16u
#define SHIFTS	     6u
#define BATCH_MAX    8u
#define RECORDS_MAX  512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond);                         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct input {
	const uint8_t *data;
	size_t left;
};

struct ends {
	struct ring_memory *memory;
	struct shmq_hot producer, consumer;
	bool has_producer, has_consumer;
};

static uint8_t take(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static uint64_t take_word(struct input *input)
{
	uint64_t word = 0;

	for (unsigned i = 0; i < sizeof(word); i++)
		word = word << 8 | take(input);
	return word;
}

static bool is_error(int64_t r)
{
	return r == -EAGAIN || r == -EBADMSG || r == -EPIPE || r == -EOWNERDEAD || r == -ESTALE ||
	       r == -ETIMEDOUT || r == -EINVAL;
}

/* ---- memory ---- */

/* One per size, made once: making it costs more than an input does. */
static struct ring_memory *memory_take(unsigned shift)
{
	static struct ring_memory memories[SHIFTS];
	static bool made[SHIFTS];
	struct ring_memory *memory = &memories[shift];

	if (!made[shift])
		ring_memory_init(memory, 1u << shift, SIZE_BYTES, RING_WAKE_FENCE, 0);
	made[shift] = true;
	memset(memory->segment, 0, memory->geometry.segment_bytes);
	memset(memory->board, 0, sizeof(*memory->board));
	memory->board->state = RING_MEMORY_STATE;
	memory->board->role[SHMQ_ROLE_PRODUCER] = SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD);
	memory->board->role[SHMQ_ROLE_CONSUMER] = SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD);
	return memory;
}

static void write_anywhere(struct ends *ends, struct input *input)
{
	struct ring_memory *memory = ends->memory;
	uint8_t where = take(input), how = take(input);
	uint64_t *place, position = ends->producer.position + where / 4 % 8;

	switch (where % 4) {
	case 0:
		place = ring_memory_header(memory, position);
		break;
	case 1:
		place = (uint64_t *)(void *)memory->producer_page + where / 4 % 32;
		break;
	case 2:
		place = (uint64_t *)(void *)memory->consumer_page + where / 4 % 32;
		break;
	default:
		place = (uint64_t *)(void *)memory->segment +
			take_word(input) % (memory->geometry.segment_bytes / sizeof(uint64_t));
	}
	if (how % 4 == 0)
		*place = take_word(input);
	else if (how % 4 == 1)
		*place += (uint64_t)(int64_t)(int8_t)how;
	else if (how % 4 == 2)
		*place = ring_memory_full(memory, position, how / 4 % (SIZE_BYTES + 2));
	else
		*place = ring_memory_empty(memory, position) | how / 4;
}

static void write_board(struct ends *ends, struct input *input)
{
	uint8_t which = take(input);

	if (which % 4 == 3)
		ends->memory->board->state = take(input) % 2 ? RING_MEMORY_STATE : take_word(input);
	else
		ends->memory->board->role[which % 2] =
			which & 4 ? take_word(input)
				  : SHMQ_BOARD_WORD(take(input) % 4, take(input) % 8);
}

/* ---- calls ---- */

static void produce(struct ends *ends, unsigned kind)
{
	struct shmq_message messages[BATCH_MAX] = { { "a", 1 }, { "bc", 2 } };
	struct shmq_hot *hot = &ends->producer;
	void *payloads[BATCH_MAX];
	size_t lens[BATCH_MAX] = { SIZE_BYTES, 1 };
	uint64_t n_max = ring_batch_max(hot) < BATCH_MAX ? ring_batch_max(hot) : BATCH_MAX;
	int64_t r;

	switch (kind % 4) {
	case 0:
		r = shmq_hot_try_push(hot, "message", 7);
		MUST(r == 0 || is_error(r));
		break;
	case 1:
		r = ring_try_push_n(hot, messages, n_max);
		MUST((r >= 1 && r <= (int64_t)n_max) || is_error(r));
		break;
	case 2:
		r = ring_reserve_n(hot, payloads, n_max);
		MUST((r >= 1 && r <= (int64_t)n_max) || is_error(r));
		for (int64_t i = 0; i < r; i++)
			memset(payloads[i], 0x5a, SIZE_BYTES);
		if (r > 0) {
			r = ring_commit_n(hot, lens, (size_t)r);
			MUST(r >= 0 || is_error(r));
		}
		break;
	default:
		r = ring_push(hot, 0, "m", 1, 0);
		MUST(r == 0 || is_error(r));
	}
	MUST(ring_depth(hot) <= ring_slots(hot));
}

static void look_at(const struct shmq_view *view)
{
	MUST(view->len <= SIZE_BYTES);
	for (size_t i = 0; i < view->len; i++) /* reading is what could fault */
		(void)((const volatile unsigned char *)view->data)[i];
}

static void consume(struct ends *ends, unsigned kind)
{
	struct shmq_hot *hot = &ends->consumer;
	struct shmq_view views[BATCH_MAX];
	char buf[SIZE_BYTES];
	int64_t r;

	switch (kind % 4) {
	case 0:
		r = shmq_hot_try_pop(hot, buf, sizeof(buf));
		MUST((r >= 0 && r <= (int64_t)sizeof(buf)) || is_error(r));
		break;
	case 1:
		r = shmq_hot_peek(hot, &views[0]);
		MUST(r == 0 || is_error(r));
		if (r == 0)
			look_at(&views[0]);
		r = shmq_hot_release(hot, 1);
		MUST(r == 0 || is_error(r));
		break;
	case 2:
		r = ring_peek_n(hot, views, BATCH_MAX);
		MUST((r >= 1 && r <= (int64_t)BATCH_MAX) || is_error(r));
		for (int64_t i = 0; i < r; i++)
			look_at(&views[i]);
		if (r > 0) {
			r = ring_release_n(hot, (size_t)r);
			MUST(r >= 0 || is_error(r));
		}
		break;
	default:
		r = ring_pop(hot, 0, buf, sizeof(buf), 0);
		MUST((r >= 0 && r <= (int64_t)sizeof(buf)) || is_error(r));
	}
	MUST(ring_depth(hot) <= ring_slots(hot));
}

static void take_over(struct ends *ends, enum shmq_role role)
{
	struct shmq_hot hot;
	int r = role == SHMQ_ROLE_PRODUCER ? ring_attach_producer(&ends->memory->producer, &hot)
					   : ring_attach_consumer(&ends->memory->consumer, &hot);

	MUST(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	if (role == SHMQ_ROLE_PRODUCER)
		ends->producer = hot;
	else
		ends->consumer = hot;
	*(role == SHMQ_ROLE_PRODUCER ? &ends->has_producer : &ends->has_consumer) = true;
}

static void figures_read(const struct ends *ends)
{
	const struct ring_memory *memory = ends->memory;
	struct ring_figures figures;

	ring_figures(memory->producer_page, memory->consumer_page, memory->geometry.slots,
		     &figures);
	MUST(figures.depth <= memory->geometry.slots);
	MUST(ring_slot_offset(&memory->geometry, figures.pushed) + sizeof(uint64_t) <=
	     memory->geometry.segment_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct ends ends = { .memory = memory_take(take(&input) % SHIFTS) };

	for (unsigned i = 0; input.left && i < RECORDS_MAX; i++) {
		uint8_t kind = take(&input);

		switch (kind % 8) {
		case 0:
		case 1:
			if (ends.has_producer)
				produce(&ends, kind / 8);
			break;
		case 2:
		case 3:
			if (ends.has_consumer)
				consume(&ends, kind / 8);
			break;
		case 4:
			write_anywhere(&ends, &input);
			break;
		case 5:
			write_board(&ends, &input);
			break;
		case 6:
			take_over(&ends, kind & 8 ? SHMQ_ROLE_PRODUCER : SHMQ_ROLE_CONSUMER);
			break;
		default:
			figures_read(&ends);
		}
	}
	return 0;
}
