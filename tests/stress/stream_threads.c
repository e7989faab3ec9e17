/* SPDX-License-Identifier: MIT */
/*
 * stream_threads.c [FACTOR] - all streams between two threads on one mapping
 *
 * What ThreadSanitizer runs: it follows addresses, and would see nothing on two mappings.
 */
#include <pthread.h>
#include <stdio.h>

#include "shm/futex.h"
#include "tests/stress/stream.h"

struct job {
	const struct stream *stream;
	const struct ring_memory *memory;
	uint64_t n;
	int result;
};

static void *produce(void *arg)
{
	struct job *job = arg;

	job->result = stream_produce(job->stream, job->memory, job->n);
	return NULL;
}

static int run(const struct stream *stream, uint64_t n)
{
	struct ring_memory memory;
	struct job job = { stream, &memory, n, 0 };
	pthread_t thread;
	int r;

	futex_pretend(stream->pretend);
	ring_memory_init(&memory, stream->slots, stream->size_bytes, stream->wake,
			 stream->flags | RING_MEMORY_ONE_MAPPING);
	if (pthread_create(&thread, NULL, produce, &job) != 0)
		return 1;
	r = stream_consume(stream, &memory, n);
	/* a producer whose consumer has failed must not wait for him */
	if (r != 0)
		ring_memory_set_state(&memory, 0);
	pthread_join(thread, NULL);
	ring_memory_deinit(&memory);
	return r || job.result;
}

int main(int argc, char **argv)
{
	uint64_t factor = stream_factor(argc, argv);

	for (size_t i = 0; i < n_streams; i++) {
		uint64_t n = stream_messages(&streams[i], factor);

		if (run(&streams[i], n) != 0)
			return 1;
		printf("%-26s %9llu messages\n", streams[i].name, (unsigned long long)n);
	}
	return 0;
}
