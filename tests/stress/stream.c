/* SPDX-License-Identifier: MIT */
/*
 * stream.c - see stream.h
 */
#include "tests/stress/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"

#define TIMEOUT_NS (60 * NS_PER_S)
#define BATCH	   16
#define MEMBAR	   RING_WAKE_MEMBARRIER
#define FENCE	   RING_WAKE_FENCE
#define SPIN	   INT64_C(50000)

/* clang-format off */
const struct stream streams[] = {
	/* name, API, wake, flags, pretended, slots, size, spin, messages, pause, succeed */
	{ "copy, spinning", STREAM_COPY, MEMBAR, 0, 0,
	  64, 64, SPIN, 200000, 0, 0 },
	{ "copy, fence", STREAM_COPY, FENCE, 0, 0,
	  64, 64, SPIN, 200000, 0, 0 },
	{ "zero copy, pauses", STREAM_ZERO_COPY, MEMBAR, 0, 0,
	  64, 300, SPIN, 200000, 500, 0 },
	{ "batches, pauses", STREAM_BATCH, FENCE, 0, 0,
	  256, 64, SPIN, 300000, 500, 0 },
	{ "batches, sleeping", STREAM_BATCH, MEMBAR, 0, 0,
	  128, 16, 0, 100000, 50, 0 },
	{ "batches, fence, sleeping", STREAM_BATCH, FENCE, 0, 0,
	  128, 16, 0, 100000, 50, 0 },
	{ "one slot, sleeping", STREAM_COPY, MEMBAR, 0, 0,
	  1, 16, 0, 10000, 20, 0 },
	{ "one slot, fence", STREAM_ZERO_COPY, FENCE, 0, 0,
	  1, 16, 0, 10000, 20, 0 },
	{ "two slots, sleeping", STREAM_COPY, FENCE, 0, 0,
	  2, 4096, 0, 10000, 20, 0 },
	{ "copy, sleeping", STREAM_COPY, MEMBAR, 0, 0,
	  8, 64, 0, 20000, 10, 0 },
	{ "not registered", STREAM_COPY, MEMBAR, RING_MEMORY_UNREGISTERED, 0,
	  8, 64, 0, 20000, 10, 0 },
	{ "without waitv", STREAM_COPY, MEMBAR, 0, FUTEX_PRETEND_NO_WAITV,
	  8, 64, 0, 20000, 10, 0 },
	{ "without waitv, fence", STREAM_BATCH, FENCE, 0, FUTEX_PRETEND_NO_WAITV,
	  64, 64, 0, 20000, 10, 0 },
	{ "without membarrier", STREAM_COPY, MEMBAR, 0, FUTEX_PRETEND_NO_MEMBARRIER,
	  8, 64, 0, 2000, 100, 0 },
	{ "no wake-ups", STREAM_COPY, RING_WAKE_NEVER, 0, 0,
	  8, 64, SPIN, 20000, 100, 0 },
	{ "one CPU", STREAM_COPY, FENCE, 0, FUTEX_PRETEND_ONE_CPU,
	  16, 64, SPIN, 20000, 0, 0 },
	{ "aligned, large", STREAM_ZERO_COPY, MEMBAR, RING_MEMORY_ALIGN, 0,
	  16, 60000, SPIN, 5000, 100, 0 },
	{ "successors", STREAM_COPY, FENCE, 0, 0,
	  16, 64, 1000, 50000, 100, 37 },
	{ "successors, one slot", STREAM_COPY, FENCE, 0, 0,
	  1, 16, 1000, 10000, 100, 7 },
	{ "successors, batches", STREAM_BATCH, MEMBAR, 0, 0,
	  64, 64, 1000, 50000, 100, 53 },
};
/* clang-format on */
const size_t n_streams = sizeof(streams) / sizeof(streams[0]);

struct end {
	const struct stream *stream;
	const struct ring_memory *memory;
	struct shmq_hot hot;
	unsigned char *buf; /* copies */
	uint64_t random;
	uint64_t done;
	uint64_t next_successor; /* at this many messages */
};

#if defined(__SANITIZE_THREAD__)
#define SLOWNESS 10
#elif defined(__SANITIZE_ADDRESS__)
#define SLOWNESS 3
#else
#define SLOWNESS 1
#endif

uint64_t stream_messages(const struct stream *stream, uint64_t factor)
{
	return stream->n * factor / SLOWNESS;
}

uint64_t stream_factor(int argc, char **argv)
{
	return argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int complain(const struct end *end, const char *what, int64_t value)
{
	fprintf(stderr, "%s: %s: message %llu: %s (%lld)\n", end->stream->name,
		end->hot.role == SHMQ_ROLE_PRODUCER ? "producer" : "consumer",
		(unsigned long long)end->done, what, (long long)value);
	return 1;
}

/* ---- what a message looks like ---- */

static uint64_t mix(uint64_t number)
{
	number = (number ^ number >> 31) * 0x7fb5d329728ea185;
	return (number ^ number >> 27) * 0x81dadef4bc2dd44d;
}

static size_t message_len(const struct stream *stream, uint64_t number)
{
	return 8 + mix(number) % (stream->size_bytes - 7);
}

static void message_fill(unsigned char *payload, uint64_t number, size_t len)
{
	unsigned char byte = (unsigned char)mix(number + 1);

	memcpy(payload, &number, 8);
	for (size_t i = 8; i < len; i++)
		payload[i] = (unsigned char)(byte + i);
}

static int message_check(const struct end *end, const unsigned char *payload, size_t len)
{
	unsigned char byte = (unsigned char)mix(end->done + 1);
	uint64_t number;

	if (len != message_len(end->stream, end->done))
		return complain(end, "wrong length", (int64_t)len);
	memcpy(&number, payload, 8);
	if (number != end->done)
		return complain(end, "wrong number", (int64_t)number);
	for (size_t i = 8; i < len; i++)
		if (payload[i] != (unsigned char)(byte + i))
			return complain(end, "wrong byte at", (int64_t)i);
	return 0;
}

/* ---- both ends ---- */

static void pause_sometimes(struct end *end)
{
	uint64_t random;

	if (!end->stream->pause_every)
		return;
	random = random_next(&end->random);
	if (random % end->stream->pause_every != 0)
		return;
	for (uint64_t i = random >> 32 & 2047; i > 0; i--)
		shmq_pause();
}

static int attach(struct end *end, enum shmq_role role)
{
	int r = role == SHMQ_ROLE_PRODUCER
			? ring_attach_producer(&end->memory->producer, &end->hot)
			: ring_attach_consumer(&end->memory->consumer, &end->hot);

	end->hot.role = role;
	if (r < 0)
		return complain(end, "attach", r);
	if (end->hot.position != end->done)
		return complain(end, "attach at the wrong position", (int64_t)end->hot.position);
	return 0;
}

/* As if the holder had died here: all that he knew is forgotten. */
static int succeed_sometimes(struct end *end)
{
	if (!end->stream->succeed_every || end->done < end->next_successor)
		return 0;
	end->next_successor = end->done + end->stream->succeed_every;
	return attach(end, (enum shmq_role)end->hot.role);
}

static int end_init(struct end *end, const struct stream *stream, const struct ring_memory *memory,
		    enum shmq_role role)
{
	*end = (struct end){ .stream = stream,
			     .memory = memory,
			     .random = 88172645463325252u + role };
	end->buf = malloc(stream->size_bytes);
	if (!end->buf)
		return complain(end, "no memory", 0);
	return attach(end, role);
}

/* ---- producer ---- */

static int push_copy(struct end *end)
{
	size_t len = message_len(end->stream, end->done);
	int r;

	message_fill(end->buf, end->done, len);
	r = ring_push(&end->hot, end->stream->spin_ns, end->buf, len, TIMEOUT_NS);
	return r < 0 ? r : 1;
}

static int push_zero_copy(struct end *end)
{
	size_t len = message_len(end->stream, end->done);
	void *payload;
	int r = ring_wait_room(&end->hot, 1, end->stream->spin_ns, TIMEOUT_NS);

	if (r < 0)
		return r;
	r = shmq_hot_reserve(&end->hot, &payload);
	if (r < 0)
		return r;
	message_fill(payload, end->done, len);
	r = shmq_hot_commit(&end->hot, len);
	return r < 0 ? r : 1;
}

static int push_batch(struct end *end, uint64_t n_left)
{
	void *payloads[BATCH];
	size_t lens[BATCH];
	size_t most = ring_batch_max(&end->hot) < BATCH ? ring_batch_max(&end->hot) : BATCH;
	size_t n = 1 + random_next(&end->random) % most;
	ssize_t n_slots;
	int r = ring_wait_room(&end->hot, 1, end->stream->spin_ns, TIMEOUT_NS);

	if (r < 0)
		return r;
	n_slots = ring_reserve_n(&end->hot, payloads, n < n_left ? n : n_left);
	if (n_slots < 0)
		return (int)n_slots;
	for (ssize_t i = 0; i < n_slots; i++) {
		lens[i] = message_len(end->stream, end->done + (uint64_t)i);
		message_fill(payloads[i], end->done + (uint64_t)i, lens[i]);
	}
	r = ring_commit_n(&end->hot, lens, (size_t)n_slots);
	return r < 0 ? r : (int)n_slots;
}

int stream_produce(const struct stream *stream, const struct ring_memory *memory, uint64_t n)
{
	struct end end;
	int r = end_init(&end, stream, memory, SHMQ_ROLE_PRODUCER);

	while (r == 0 && end.done < n) {
		int n_pushed = stream->api == STREAM_COPY	 ? push_copy(&end)
			       : stream->api == STREAM_ZERO_COPY ? push_zero_copy(&end)
								 : push_batch(&end, n - end.done);

		if (n_pushed < 0)
			r = complain(&end, "push", n_pushed);
		else
			end.done += (uint64_t)n_pushed;
		pause_sometimes(&end);
		if (r == 0)
			r = succeed_sometimes(&end);
	}
	free(end.buf);
	return r;
}

/* ---- consumer ---- */

static int pop_copy(struct end *end)
{
	ssize_t len = ring_pop(&end->hot, end->stream->spin_ns, end->buf, end->stream->size_bytes,
			       TIMEOUT_NS);

	if (len < 0)
		return (int)len;
	if (message_check(end, end->buf, (size_t)len))
		return -EBADMSG;
	end->done++;
	return 0;
}

static int pop_in_place(struct end *end)
{
	struct shmq_view views[BATCH];
	size_t most = ring_slots(&end->hot) < BATCH ? ring_slots(&end->hot) : BATCH;
	ssize_t n;
	int r = ring_wait_message(&end->hot, end->stream->spin_ns, TIMEOUT_NS);

	if (r < 0)
		return r;
	n = ring_peek_n(&end->hot, views, end->stream->api == STREAM_BATCH ? most : 1);
	if (n < 0)
		return (int)n;
	for (ssize_t i = 0; i < n; i++) {
		if (views[i].seq != end->done)
			return complain(end, "wrong sequence", (int64_t)views[i].seq), -EBADMSG;
		if (message_check(end, views[i].data, views[i].len))
			return -EBADMSG;
		end->done++;
	}
	return ring_release_n(&end->hot, (size_t)n);
}

int stream_consume(const struct stream *stream, const struct ring_memory *memory, uint64_t n)
{
	struct end end;
	int r = end_init(&end, stream, memory, SHMQ_ROLE_CONSUMER);

	while (r == 0 && end.done < n) {
		int popped = stream->api == STREAM_COPY ? pop_copy(&end) : pop_in_place(&end);

		if (popped < 0)
			r = complain(&end, "pop", popped);
		pause_sometimes(&end);
		if (r == 0)
			r = succeed_sometimes(&end);
	}
	free(end.buf);
	return r;
}
