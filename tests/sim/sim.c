/* SPDX-License-Identifier: MIT */
/*
 * sim.c - the simulator's main: seeds, worlds of several sizes, and what failed
 *
 * Without arguments it runs what the tests want. A failure prints the seed and the step; the same
 * seed does the same again, and --trace tells the daemon's journal on the way.
 */
#include "tests/sim/sim.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sanitizers take their time. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STEPS_PER_SEED 20000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STEPS_PER_SEED 20000
#endif
#endif
#ifndef STEPS_PER_SEED
#define STEPS_PER_SEED 100000
#endif
#define N_SEEDS 10

static const struct size {
	uint32_t n_rings, n_attachments, n_clients, n_names;
	unsigned check_every, calm;
} sizes[] = {
	{ 6, 12, 16, 8, 1, 1 },	    { 24, 64, 60, 30, 1, 1 },	      { 3, 5, 12, 5, 1, 1 },
	{ 64, 160, 300, 80, 4, 4 }, { 256, 2048, 3000, 300, 50, 10 },
};

static void *alloc(size_t n, size_t bytes)
{
	void *memory = calloc(n, bytes);

	if (!memory)
		abort();
	return memory;
}

static struct sim *sim_new(uint64_t seed, const struct size *size)
{
	struct sim *sim = alloc(1, sizeof(*sim));
	struct core_config config;

	fake_config(&config);
	config.default_linger_s = SIM_LINGER_S;
	config.linger_unread_s = SIM_UNREAD_S;
	config.grace_ns = SIM_GRACE_S * NS_PER_S;
	config.allocate_chunk_bytes = 16384;
	config.limits.max_rings_per_uid = size->n_rings * 3 / 4 + 1;
	config.limits.max_attachments_per_uid = size->n_attachments * 3 / 4 + 1;
	config.limits.max_bytes = size->n_rings * UINT64_C(60000);
	config.limits.max_connections = size->n_clients * 9 / 10;
	sim->seed = seed;
	sim->n_clients = size->n_clients;
	sim->n_names = size->n_names;
	sim->check_every = size->check_every;
	sim->calm = size->calm;
	sim->clients = alloc(size->n_clients, sizeof(*sim->clients));
	sim->used_ns = alloc(size->n_rings, sizeof(*sim->used_ns));
	sim->use_counts = alloc(size->n_rings, sizeof(*sim->use_counts));
	sim->inodes = alloc(size->n_rings, sizeof(*sim->inodes));
	sim->incarnations = alloc(size->n_rings, sizeof(*sim->incarnations));
	sim->picture = alloc(1, sizeof(*sim->picture));
	sim->fake = fake_new(size->n_rings, size->n_attachments, &config, seed);
	sim->fake->has_store = seed % 2;
	sim->fake->user = sim;
	sim->fake->defers = true;
	sim->fake->on_reply = sim_on_reply;
	sim->fake->on_event = sim_on_event;
	sim->fake->on_log = sim_on_log;
	sim->is_up = true;
	sim->started_ns = sim->fake->now_ns;
	return sim;
}

static struct sim *sim_free(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->n_clients; i++)
		free(sim->clients[i].mirror);
	fake_free(sim->fake);
	free(sim->clients);
	free(sim->used_ns);
	free(sim->use_counts);
	free(sim->inodes);
	free(sim->incarnations);
	free(sim->picture);
	free(sim);
	return NULL;
}

static void daemon_dies(struct sim *sim)
{
	sim->n_deaths++;
	sim->stores_left = sim->actions_left = 0;
	sim->is_up = false;
	for (uint32_t i = 0; i < sim->n_clients; i++)
		if (sim->clients[i].process)
			client_lost_daemon(&sim->clients[i]);
	fake_crash(sim->fake);
}

/* Return: true: nothing was found. */
static bool sim_run(struct sim *sim)
{
	world_sim = sim;
	registry_store_hook = world_store_hook;
	for (sim->step = 0; sim->step < sim->n_steps && !sim->fake->complaint[0]; sim->step++) {
		if (setjmp(sim->death) == 0)
			world_step(sim);
		else
			daemon_dies(sim);
		judge_step(sim);
	}
	registry_store_hook = NULL;
	if (!sim->fake->complaint[0])
		return true;
	printf("seed %" PRIu64 ", step %" PRIu64 ": %s\n", sim->seed, sim->step - 1,
	       sim->fake->complaint);
	return false;
}

static bool run_seed(uint64_t seed, uint64_t n_steps, bool is_trace)
{
	struct sim *sim = sim_new(seed, &sizes[seed % (sizeof(sizes) / sizeof(sizes[0]))]);
	bool is_good;

	sim->n_steps = n_steps;
	sim->is_trace = is_trace;
	is_good = sim_run(sim);
	printf("seed %" PRIu64 ": %" PRIu64 " steps, %u requests, %u grants, %u clients killed, "
	       "%u reaped, daemon died %u times (%u between stores), quiet %u times\n",
	       seed, sim->step, sim->n_requests, sim->n_granted, sim->n_kills, sim->n_reaped,
	       sim->n_deaths, sim->n_store_deaths, sim->n_quiet);
	sim_free(sim);
	return is_good;
}

static int usage(FILE *to, const char *name)
{
	fprintf(to, "usage: %s [--seed N] [--seeds N] [--steps N] [--trace]\n"
		    "  --seed N    this seed alone, or the first of --seeds [1]\n"
		    "  --seeds N   so many seeds [%d; 1 with --seed]\n"
		    "  --steps N   of each seed [%d]\n"
		    "  --trace     print the daemon's journal\n",
		name, N_SEEDS, STEPS_PER_SEED);
	return to == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },  { "seeds", required_argument, NULL, 'n' },
		{ "steps", required_argument, NULL, 'c' }, { "trace", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },	   { 0 },
	};
	uint64_t first = 1, n_seeds = 0, n_steps = STEPS_PER_SEED;
	bool is_trace = false, is_one = false, is_good = true;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			first = strtoull(optarg, NULL, 0);
			is_one = true;
			break;
		case 'n':
			n_seeds = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			n_steps = strtoull(optarg, NULL, 0);
			break;
		case 't':
			is_trace = true;
			break;
		default:
			return usage(option == 'h' ? stdout : stderr, argv[0]);
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!n_seeds)
		n_seeds = is_one ? 1 : N_SEEDS;
	for (uint64_t seed = first; seed < first + n_seeds && is_good; seed++)
		is_good = run_seed(seed, n_steps, is_trace);
	if (!is_good)
		printf("again: %s --seed N --trace, with the seed above\n", argv[0]);
	return is_good ? 0 : 1;
}
