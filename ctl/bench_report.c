/* SPDX-License-Identifier: MIT */
/*
 * bench_report.c - what `shmqctl bench` found: the machine, a table, histograms, doubts; or JSON
 */
#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "ctl/bench.h"
#include "ctl/facts.h"
#include "ctl/table.h"

#define BARS	  12 /* rows of a histogram */
#define BAR_WIDTH 46
#define PER_MILLION 1000000u

/* ---- what counts ---- */

const struct histogram *bench_trips(const struct bench_figures *figures)
{
	return figures->n_quiet[BENCH_ROUND_TRIP] ? &figures->trips_ns : &figures->noisy_trips_ns;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The rates that count, in order. Return: how many. */
static unsigned rates_sorted(const struct bench_figures *figures, double rates[BENCH_ROUNDS_MAX])
{
	bool quiet = figures->n_quiet[BENCH_STREAM] > 0;
	unsigned n = quiet ? figures->n_quiet[BENCH_STREAM] : figures->n_runs[BENCH_STREAM];

	memcpy(rates, quiet ? figures->rates : figures->noisy_rates, n * sizeof(rates[0]));
	qsort(rates, n, sizeof(rates[0]), by_size);
	return n;
}

double bench_rate(const struct bench_figures *figures)
{
	double rates[BENCH_ROUNDS_MAX];
	unsigned n = rates_sorted(figures, rates);

	return n ? rates[n / 2] : 0;
}

/* Half the distance between the slowest and the fastest run, as a part of the median. */
static double rate_spread_percent(const struct bench_figures *figures)
{
	double rates[BENCH_ROUNDS_MAX];
	unsigned n = rates_sorted(figures, rates);

	return n && rates[n / 2] > 0 ? 50 * (rates[n - 1] - rates[0]) / rates[n / 2] : 0;
}

static bool is_noisy(const struct bench_figures *figures)
{
	for (int kind = 0; kind < BENCH_KINDS; kind++)
		if (figures->n_quiet[kind] * 2 < figures->n_runs[kind])
			return true;
	return false;
}

/* ---- doubts ---- */

static void doubt(const struct ctl *ctl, struct json_object *warnings, const char *code,
		  const char *text)
{
	struct json_object *warning;

	if (!ctl->json) {
		printf("! %s\n", text);
		return;
	}
	warning = json_object_new_object();
	json_add_text(warning, "code", code);
	json_add_text(warning, "message", text);
	json_object_array_add(warnings, warning);
}

static void doubts(const struct ctl *ctl, const struct bench_report *report,
		   struct json_object *warnings)
{
	const struct bench_machine *machine = report->machine;
	bool noisy = false;

	if (machine->one_cpu)
		doubt(ctl, warnings, "one_cpu",
		      "There is one CPU: the two processes take turns, which is what this measures.");
	if (machine->one_core)
		doubt(ctl, warnings, "one_core",
		      "Both CPUs are hyperthreads of one core: they share caches and execution units.\n"
		      "  Other pairs: lscpu -e; choose with --cpus.");
	for (int i = 0; i < 2; i++)
		if (machine->governors[i][0] && strcmp(machine->governors[i], "performance")) {
			doubt(ctl, warnings, "governor",
			      "The CPUs' governor isn't \"performance\": clock rates change meanwhile.\n"
			      "  cpupower frequency-set -g performance");
			break;
		}
	for (size_t i = 0; i < report->n_figures; i++)
		noisy |= is_noisy(&report->figures[i]);
	if (noisy && !machine->one_cpu)
		doubt(ctl, warnings, "noisy",
		      "Others had these CPUs meanwhile, in most runs of the lines with ~: not to be\n"
		      "  compared with anything. Stop what else runs, or choose other --cpus.");
}

/* ---- text ---- */

#define FIGURES_COLUMN(name_, body_)                                                               \
	static void column_##name_(const struct ctl *ctl, const void *row, char *buf,              \
				   size_t cap_bytes)                                               \
	{                                                                                          \
		const struct bench_figures *figures = row;                                         \
		(void)ctl;                                                                         \
		body_;                                                                             \
	}                                                                                          \
	struct column_##name_##_needs_a_semicolon

/* Below 10 us every nanosecond tells something. */
static const char *format_ns(uint64_t ns, char *buf, size_t cap_bytes)
{
	if (ns >= 10000)
		return format_duration_ns((int64_t)ns, buf, cap_bytes);
	snprintf(buf, cap_bytes, "%" PRIu64 "ns", ns);
	return buf;
}

static void put_ns(const struct ctl *ctl, uint64_t ns, char *buf, size_t cap_bytes)
{
	if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRIu64, ns);
	else
		format_ns(ns, buf, cap_bytes);
}

static void put_rank(const struct ctl *ctl, const struct bench_figures *figures,
		     uint64_t per_million, char *buf, size_t cap_bytes)
{
	put_ns(ctl, histogram_rank(bench_trips(figures), per_million), buf, cap_bytes);
}

static void put_rate(const struct ctl *ctl, const struct bench_figures *figures, bool bytes,
		     char *buf, size_t cap_bytes)
{
	double rate = bench_rate(figures) * (bytes ? figures->size_bytes : 1);

	if (ctl->raw)
		snprintf(buf, cap_bytes, "%.0f", rate);
	else if (bytes)
		format_size((uint64_t)rate, buf, cap_bytes);
	else if (rate >= 1e6)
		snprintf(buf, cap_bytes, "%.*fM", rate >= 1e7 ? 1 : 2, rate / 1e6);
	else
		snprintf(buf, cap_bytes, "%.0fk", rate / 1e3);
}

FIGURES_COLUMN(size, ctl->raw ? (void)snprintf(buf, cap_bytes, "%" PRIu32, figures->size_bytes)
			      : (void)format_size(figures->size_bytes, buf, cap_bytes));
FIGURES_COLUMN(min, put_ns(ctl, bench_trips(figures)->min, buf, cap_bytes));
FIGURES_COLUMN(p50, put_rank(ctl, figures, PER_MILLION / 2, buf, cap_bytes));
FIGURES_COLUMN(p90, put_rank(ctl, figures, PER_MILLION / 10 * 9, buf, cap_bytes));
FIGURES_COLUMN(p99, put_rank(ctl, figures, PER_MILLION / 100 * 99, buf, cap_bytes));
FIGURES_COLUMN(p999, put_rank(ctl, figures, PER_MILLION / 1000 * 999, buf, cap_bytes));
FIGURES_COLUMN(max, put_rank(ctl, figures, PER_MILLION, buf, cap_bytes));
FIGURES_COLUMN(trips, snprintf(buf, cap_bytes, "%" PRIu64, bench_trips(figures)->n));
FIGURES_COLUMN(rate, put_rate(ctl, figures, false, buf, cap_bytes));
FIGURES_COLUMN(bytes, put_rate(ctl, figures, true, buf, cap_bytes));
FIGURES_COLUMN(spread, snprintf(buf, cap_bytes, "%.0f%%", rate_spread_percent(figures)));
FIGURES_COLUMN(quiet, snprintf(buf, cap_bytes, "%u/%u%s",
			       figures->n_quiet[0] + figures->n_quiet[1],
			       figures->n_runs[0] + figures->n_runs[1],
			       is_noisy(figures) ? "~" : ""));

const struct column bench_columns[BENCH_COLUMNS] = {
	{ "SIZE", true, true, column_size, NULL },
	{ "TRIPS", false, true, column_trips, NULL },
	{ "MIN", true, true, column_min, NULL },
	{ "P50", true, true, column_p50, NULL },
	{ "P90", true, true, column_p90, NULL },
	{ "P99", true, true, column_p99, NULL },
	{ "P99.9", true, true, column_p999, NULL },
	{ "MAX", true, true, column_max, NULL },
	{ "MSG/S", true, true, column_rate, NULL },
	{ "BYTES/S", true, true, column_bytes, NULL },
	{ "SPREAD", true, true, column_spread, NULL },
	{ "QUIET", true, true, column_quiet, NULL },
};

/* Rows from the fastest trip to P99.9 in equal ratios, and one for what lies beyond. */
static void print_bars(const struct bench_figures *figures)
{
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	const struct histogram *trips = bench_trips(figures);
	uint64_t edges[BARS + 1], counts[BARS], most = 1;
	uint64_t last = histogram_rank(trips, PER_MILLION / 1000 * 999);
	char size[16], from[32];

	for (unsigned i = 0; i < BARS; i++)
		edges[i] = (uint64_t)((double)trips->min *
				      pow((double)(last + 1) / (double)(trips->min + 1),
					  (double)i / (BARS - 1)));
	edges[BARS] = UINT64_MAX;
	for (unsigned i = 0; i < BARS; i++) {
		counts[i] = histogram_between(trips, edges[i], edges[i + 1]);
		most = counts[i] > most ? counts[i] : most;
	}
	printf("\nRound trips, %s, from this time on:\n",
	       format_size(figures->size_bytes, size, sizeof(size)));
	for (unsigned i = 0; i < BARS; i++) {
		if (i > 0 && i < BARS - 1 && edges[i] == edges[i + 1])
			continue; /* nothing fits in between */
		printf("%10s %9.4f%% ", format_ns(edges[i], from, sizeof(from)),
		       100 * (double)counts[i] / (double)(trips->n ? trips->n : 1));
		for (uint64_t k = 0; k < (counts[i] * BAR_WIDTH + most - 1) / most; k++)
			fputs(utf8 ? "\xe2\x96\x88" : "#", stdout);
		putchar('\n');
	}
}

static const char *relation(const struct bench_machine *machine)
{
	return machine->one_cpu	   ? "one CPU"
	       : machine->one_core ? "hyperthreads of one core"
				   : "of different cores";
}

static int print_text(const struct ctl *ctl, const struct bench_report *report)
{
	const struct bench_machine *machine = report->machine;
	struct table table;
	int r;

	if (!ctl->quiet && !ctl->noheadings)
		printf("%s, CPUs %d and %d (%s); governor %s\n"
		       "%s; library %s; %s\n"
		       "messages %s; who waits %s; a bare cache line's round trip takes %.0f ns\n\n",
		       machine->cpu, machine->cpus[0], machine->cpus[1], relation(machine),
		       machine->governors[0][0] ? machine->governors[0] : "not told",
		       machine->kernel, shmq_version(), report->shmqd,
		       report->task->in_place ? "written and read in place" : "copied in and out",
		       report->task->sleeps ? "sleeps" : "spins", report->line_ns);
	if (table_init(&table, ctl, bench_columns, BENCH_COLUMNS) != CTL_OK)
		return -EINVAL;
	r = table_print(&table, ctl, report->figures, sizeof(report->figures[0]),
			report->n_figures);
	if (r < 0 || ctl->quiet || ctl->raw)
		return r;
	for (size_t i = 0; i < report->n_figures; i++)
		if (i == 0 || i == report->n_figures - 1)
			print_bars(&report->figures[i]);
	putchar('\n');
	doubts(ctl, report, NULL);
	return 0;
}

/* ---- JSON ---- */

static struct json_object *json_of_trips(const struct bench_figures *figures)
{
	static const struct {
		const char *key;
		uint64_t per_million;
	} ranks[] = {
		{ "p50_ns", 500000 },  { "p90_ns", 900000 },   { "p99_ns", 990000 },
		{ "p999_ns", 999000 }, { "p9999_ns", 999900 }, { "max_ns", PER_MILLION },
	};
	const struct histogram *trips = bench_trips(figures);
	struct json_object *json = json_object_new_object();

	json_add_count(json, "count", trips->n);
	json_add_count(json, "min_ns", trips->min);
	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
		json_add_count(json, ranks[i].key, histogram_rank(trips, ranks[i].per_million));
	json_add_count(json, "runs", figures->n_runs[BENCH_ROUND_TRIP]);
	json_add_count(json, "runs_quiet", figures->n_quiet[BENCH_ROUND_TRIP]);
	return json;
}

static struct json_object *json_of_figures(const struct bench_figures *figures)
{
	struct json_object *json = json_object_new_object(), *stream = json_object_new_object();
	double rate = bench_rate(figures);

	json_add_count(json, "size_bytes", figures->size_bytes);
	json_object_object_add(json, "round_trip", json_of_trips(figures));
	json_add_count(stream, "messages_per_s", (uint64_t)rate);
	json_add_count(stream, "bytes_per_s", (uint64_t)(rate * figures->size_bytes));
	json_add_count(stream, "spread_percent", (uint64_t)rate_spread_percent(figures));
	json_add_count(stream, "runs", figures->n_runs[BENCH_STREAM]);
	json_add_count(stream, "runs_quiet", figures->n_quiet[BENCH_STREAM]);
	json_object_object_add(json, "stream", stream);
	json_add_bool(json, "noisy", is_noisy(figures));
	return json;
}

static int print_json(const struct ctl *ctl, const struct bench_report *report)
{
	struct json_object *root = json_root(), *machine = json_object_new_object();
	struct json_object *results = json_object_new_array();
	struct json_object *warnings = json_object_new_array();

	json_add_text(machine, "cpu", report->machine->cpu);
	json_add_text(machine, "kernel", report->machine->kernel);
	json_add_count(machine, "cpu_a", (uint64_t)report->machine->cpus[0]);
	json_add_count(machine, "cpu_b", (uint64_t)report->machine->cpus[1]);
	json_add_text(machine, "relation", relation(report->machine));
	json_add_text(machine, "governor", report->machine->governors[0]);
	json_object_object_add(root, "machine", machine);
	json_add_text(root, "library", shmq_version());
	json_add_text(root, "shmqd", report->shmqd);
	json_add_bool(root, "in_place", report->task->in_place);
	json_add_bool(root, "sleeps", report->task->sleeps);
	json_add_count(root, "line_ns", (uint64_t)report->line_ns);
	for (size_t i = 0; i < report->n_figures; i++)
		json_object_array_add(results, json_of_figures(&report->figures[i]));
	json_object_object_add(root, "results", results);
	doubts(ctl, report, warnings);
	json_object_object_add(root, "warnings", warnings);
	json_print(root, false);
	return 0;
}

int bench_report_print(const struct ctl *ctl, const struct bench_report *report)
{
	return ctl->json ? print_json(ctl, report) : print_text(ctl, report);
}
