/* SPDX-License-Identifier: MIT */
/*
 * bench.h - what the parts of `shmqctl bench` share: one run of two processes, and the machine
 *
 * A run is one size and one kind between two fresh processes, each on a CPU of its own. It is believed
 * if nobody else had one of the CPUs meanwhile and a bare cache line went to and fro as fast after it
 * as before. Runs of all sizes take turns, so that what happens to the machine happens to all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/demo.h"
#include "ctl/histogram.h"
#include "ctl/table.h"

#define BENCH_SIZES_MAX	 16
#define BENCH_ROUNDS_MAX 32

enum bench_kind { BENCH_ROUND_TRIP, BENCH_STREAM, BENCH_KINDS };

struct bench_task {
	const char *rings[2]; /* there and back; they exist */
	uint32_t size_bytes;  /* of each message, at least 8 */
	int cpus[2];
	int64_t duration_ns;
	bool in_place; /* written and read in the slots, else copied in and out */
	bool sleeps;   /* who waits sleeps at once, else it spins */
};

/* Shared with the two processes; each field has one writer. */
struct bench_outcome {
	struct histogram trips_ns; /* round trips */
	uint64_t n_messages;	   /* a stream */
	int64_t began_ns, ended_ns;
	double line_ns[2];	/* the bare line's round trip, before and after */
	double lost_percent[2]; /* of the time, per CPU, that somebody else had it */
	uint64_t arrived[2];	/* where they meet; by __atomic builtins, as is the line */
	_Alignas(128) uint64_t ping;
	_Alignas(128) uint64_t pong;
};

/* ---- bench_pair.c ---- */

/* @world: whose daemon and children; @outcome: from demo_shared_new().
 * Return: 0; -1 when it could not be done, said. */
int bench_run(struct demo *world, const struct bench_task *task, enum bench_kind kind,
	      struct bench_outcome *outcome);
/* Can it be compared with others? */
bool bench_is_quiet(const struct bench_task *task, const struct bench_outcome *outcome);

/* ---- bench_machine.c ---- */

struct bench_machine {
	char cpu[96], kernel[96];
	char governors[2][32]; /* "" if the system doesn't tell */
	int cpus[2];	       /* -1: not chosen */
	bool one_core;	       /* they are hyperthreads of one core */
	bool one_cpu;	       /* there is only one */
};

/* Choose two CPUs, of different cores if there are such; if @machine->cpus are set, these.
 * Return: 0; -EINVAL: one of them may not be used. */
int bench_machine_look(struct bench_machine *machine);

/* ---- bench_report.c ---- */

/* What was measured with messages of one size. */
struct bench_figures {
	uint32_t size_bytes;
	struct histogram trips_ns;		    /* of the runs that count */
	double rates[BENCH_ROUNDS_MAX];		    /* messages a second, one per run that counts */
	unsigned n_runs[BENCH_KINDS], n_quiet[BENCH_KINDS]; /* if none was quiet, all count */
	struct histogram noisy_trips_ns;
	double noisy_rates[BENCH_ROUNDS_MAX];
};

struct bench_report {
	const struct bench_machine *machine;
	const struct bench_task *task; /* how, whatever the size */
	const char *shmqd;	       /* which one */
	double line_ns;		       /* median */
	struct bench_figures *figures;
	size_t n_figures;
};

#define BENCH_COLUMNS 12
extern const struct column bench_columns[BENCH_COLUMNS];

/* All of it as one JSON object, or as text. Return: 0 or -errno. */
int bench_report_print(const struct ctl *ctl, const struct bench_report *report);

/* Of what counts: round trips, and the median of the rates. */
const struct histogram *bench_trips(const struct bench_figures *figures);
double bench_rate(const struct bench_figures *figures);
