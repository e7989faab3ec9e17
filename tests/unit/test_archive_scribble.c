/* SPDX-License-Identifier: MIT */
/*
 * test_archive_scribble.c - a peer that goes on writing to its message while it is read
 *
 * Judging such a message in place proves nothing, for it may change between the look and the use.
 * The promise is access_copy()'s: what it accepts can be read to the last byte, whatever happens to
 * the original. A second process, on a mapping of its own, switches between the honest message and
 * damaged ones as fast as it can; the reader's copy lies at the end of a heap block of its size.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/archive_cases.h"

TestSuite(archive_scribble, .timeout = 120);

#define MESSAGE_MAX (1u << 16)

/* Aligned words are written whole, as a peer's stores would be. */
static void __attribute__((noreturn)) scribble(volatile uint32_t *words, const uint32_t *honest,
					       uint32_t n_words, uint64_t seed)
{
	struct draw d = { seed, 0, 0 };

	for (;;) {
		for (uint32_t i = 0; i < 64; i++)
			words[4 + draw_below(&d, n_words - 4)] = (uint32_t)draw_integer(&d);
		for (uint32_t i = 0; i < 256; i++)
			words[4 + draw_below(&d, n_words - 4)] = draw_below(&d, n_words * 4);
		for (uint32_t i = 0; i < n_words; i++)
			words[i] = honest[i];
		for (uint32_t i = 0; i < 1000; i++) /* and for a while it is what it was */
			words[0] = honest[0];
	}
}

Test(archive_scribble, a_private_copy_can_be_read_whatever_the_peer_writes)
{
	unsigned char *shared = (unsigned char *)mmap(NULL, MESSAGE_MAX, PROT_READ | PROT_WRITE,
						      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct draw d = { 1, 12, 2 };
	uint32_t n_accepted = 0, n_refused = 0;
	struct shmq_builder b;
	struct sink *o;
	const struct sink *got;
	unsigned char *honest, *own;
	uint64_t sum = 0;
	pid_t scribbler;
	int len, r, status;

	cr_assert(ne(ptr, shared, MAP_FAILED));
	cr_assert(eq(int, sink_build(&b, shared, MESSAGE_MAX, &o), 0));
	sink_fill(&d, &b, o, 0);
	cr_assert(eq(int, shmq_builder_error(&b), 0));
	len = sink_finish(&b);
	cr_assert(gt(int, len, 1000));
	honest = (unsigned char *)malloc((size_t)len);
	own = (unsigned char *)malloc((size_t)len);
	memcpy(honest, shared, (size_t)len);

	scribbler = fork();
	if (scribbler == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		scribble((volatile uint32_t *)(void *)shared, (const uint32_t *)(void *)honest,
			 (uint32_t)len / 4, 7);
	}
	cr_assert(gt(int, scribbler, 0));
	/* The suite's timeout is the deadline. */
	while (n_accepted < 500 || n_refused < 500) {
		r = sink_access_copy(shared, (size_t)len, own, (size_t)len, &got);
		if (r == 0)
			sum += sink_touch(got);
		n_accepted += r == 0;
		n_refused += r != 0;
	}
	kill(scribbler, SIGKILL);
	cr_assert(eq(int, waitpid(scribbler, &status, 0), scribbler));
	cr_assert(ne(int, WIFSIGNALED(status), 0)); /* it was at it to the end */
	cr_assert(ne(u64, sum, 0));
	free(honest);
	free(own);
	munmap(shared, MESSAGE_MAX);
}
