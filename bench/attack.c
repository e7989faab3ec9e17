/* SPDX-License-Identifier: MIT */
/*
 * attack.c - what hostile clients cost the daemon and another client
 *
 *	attack [--seconds N] [ATTACK...]	default: 3 seconds each, all of them
 *
 * On a private daemon one well-behaved client pings a thousand times a second: before an attack,
 * during it, and from one second after its end. Printed are its latencies, and the daemon's memory
 * and descriptors: the largest of each phase. The attackers are two processes, of another user when
 * run by root. As CPUs are shared too, there is a row of two processes that only burn time: what
 * an attack adds to that is the daemon's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "base/parse.h"
#include "tests/attack/attack.h"
#include "tests/harness/daemon.h"

#define N_ATTACKERS 2u
#define PINGS_MAX   1000000u
#define PING_GAP_US 1000
#define LOOK_EVERY  64u /* pings between two looks at the daemon */
#define RECOVER_US  1000000

struct phase {
	double p50_us, p99_us, max_us;
	uint64_t memory_kib;
	unsigned n_fds;
};

static struct daemon daemon_;
static struct shmq_client *client;
static uint64_t seconds = 3;
static int64_t pings_ns[PINGS_MAX];

static void burn(struct attacker *attacker)
{
	int64_t until_ns = deadline_after_ns(NS_PER_MS);

	(void)attacker;
	while (deadline_left_ns(until_ns) > 0)
		continue;
}

static const struct attack burning = { "", "", burn };

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void look(struct phase *phase)
{
	uint64_t memory_kib = daemon_memory_bytes(&daemon_) / 1024;
	unsigned n_fds = daemon_descriptors(&daemon_);

	phase->memory_kib = memory_kib > phase->memory_kib ? memory_kib : phase->memory_kib;
	phase->n_fds = n_fds > phase->n_fds ? n_fds : phase->n_fds;
}

static int phase_measure(struct phase *phase)
{
	int64_t end_ns = deadline_after_ns((int64_t)seconds * NS_PER_S);
	size_t n = 0;

	*phase = (struct phase){ 0 };
	while (deadline_left_ns(end_ns) > 0 && n < PINGS_MAX) {
		int64_t start_ns = clock_monotonic_ns();
		int r = shmq_ping(client);

		if (r < 0)
			return r;
		pings_ns[n] = clock_monotonic_ns() - start_ns;
		if (n++ % LOOK_EVERY == 0)
			look(phase);
		usleep(PING_GAP_US);
	}
	qsort(pings_ns, n, sizeof(*pings_ns), by_value);
	phase->p50_us = (double)pings_ns[n / 2] / 1e3;
	phase->p99_us = (double)pings_ns[n * 99 / 100] / 1e3;
	phase->max_us = (double)pings_ns[n - 1] / 1e3;
	return 0;
}

static void print_phase(const char *attack, const char *when, const struct phase *phase,
			uint64_t blows_per_s)
{
	printf("%-12s %-7s %8.0f %8.0f %8.0f %10" PRIu64 " %8u", attack, when, phase->p50_us,
	       phase->p99_us, phase->max_us, phase->memory_kib, phase->n_fds);
	if (blows_per_s)
		printf(" %10" PRIu64, blows_per_s);
	printf("\n");
	fflush(stdout);
}

/* A phase in which @attack goes on. */
static int assault_measure(const struct attack *attack, struct phase *phase, uint64_t *n_blows)
{
	struct assault assault;
	int r;

	r = assault_start(&assault, attack, daemon_.socket, N_ATTACKERS);
	if (r < 0)
		return r;
	r = phase_measure(phase);
	*n_blows = assault_blows(&assault);
	assault_stop(&assault);
	return r;
}

static int attack_measure(const struct attack *attack)
{
	struct phase before, busy, during, after;
	uint64_t n_burnt, n_blows = 0;
	int r;

	r = phase_measure(&before);
	if (r == 0)
		r = assault_measure(&burning, &busy, &n_burnt);
	if (r == 0)
		r = assault_measure(attack, &during, &n_blows);
	if (r < 0)
		return r;
	usleep(RECOVER_US);
	r = phase_measure(&after);
	if (r < 0)
		return r;
	print_phase(attack->name, "before", &before, 0);
	print_phase("", "busy", &busy, 0);
	print_phase("", "during", &during, n_blows / seconds);
	print_phase("", "after", &after, 0);
	return 0;
}

static bool is_wanted(const struct attack *attack, char **names)
{
	if (!*names)
		return true;
	while (*names && strcmp(*names, attack->name))
		names++;
	return *names;
}

static int usage(void)
{
	fprintf(stderr, "usage: attack [--seconds N] [ATTACK...]\n\n");
	for (unsigned i = 0; i < n_attacks; i++)
		fprintf(stderr, "  %-12s %s\n", attacks[i].name, attacks[i].what);
	return 2;
}

int main(int argc, char **argv)
{
	static const char *const args[] = { "--socket-mode=0666", "--linger=0s", NULL };
	char **names = argv + 1;
	int r;

	if (argc > 2 && strcmp(argv[1], "--seconds") == 0) {
		if (parse_u64(argv[2], 1, 600, &seconds) < 0)
			return usage();
		names += 2;
	} else if (argc > 1 && argv[1][0] == '-') {
		return usage();
	}
	r = daemon_start(&daemon_, args);
	if (r < 0)
		return 1;
	if (chmod(daemon_.dir, 0755) < 0 || shmq_connect(&client, daemon_.socket) < 0)
		return fprintf(stderr, "attack: %s\n", shmq_error_detail()), 1;
	printf("%-12s %-7s %8s %8s %8s %10s %8s %10s\n", "attack", "", "p50 us", "p99 us", "max us",
	       "memory KiB", "open fds", "blows/s");
	for (unsigned i = 0; i < n_attacks && r == 0; i++)
		if (is_wanted(&attacks[i], names))
			r = attack_measure(&attacks[i]);
	if (r < 0)
		fprintf(stderr, "attack: %s\n", shmq_error_detail());
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	return r < 0;
}
