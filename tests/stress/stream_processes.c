/* SPDX-License-Identifier: MIT */
/*
 * stream_processes.c [FACTOR] - all streams between two processes, each with mappings of its own
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shm/futex.h"
#include "shm/wait.h"
#include "tests/stress/stream.h"

static pid_t produce_in_child(const struct stream *stream, struct ring_memory *memory, uint64_t n)
{
	pid_t parent = getpid(), child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (memory->producer.registered)
		memory->producer.registered = membarrier_register() == 0;
	_exit(stream_produce(stream, memory, n));
}

static int run(const struct stream *stream, uint64_t n)
{
	struct ring_memory memory;
	int r, status = 0;
	pid_t child;

	futex_pretend(stream->pretend);
	ring_memory_init(&memory, stream->slots, stream->size_bytes, stream->wake, stream->flags);
	child = produce_in_child(stream, &memory, n);
	if (child < 0)
		return perror("fork"), 1;
	r = stream_consume(stream, &memory, n);
	if (r != 0)
		kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "%s: the producer ended with status %#x\n", stream->name, status);
		r = 1;
	}
	ring_memory_deinit(&memory);
	return r;
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
