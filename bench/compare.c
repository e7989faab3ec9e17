/* SPDX-License-Identifier: MIT */
/*
 * compare.c - our ring, the baseline and every peer that is here: streams and round trips
 *
 * All variants of one message size are interleaved, and each run is tagged with the placement of its
 * two CPUs; see common.h. bench/run makes the table and the plot of what this prints: lines of '#'
 * for people, then a line per figure with fields that are separated by tabs:
 *
 *	kind size way wait name package placement runs disturbed median q1 q3 p99 p99.9 canary
 *
 * median, q1, q3: messages per second (stream), or ns of a run's p50 (round trip), over the runs; the
 * percentiles are medians over the runs, the canary is a bare cache line's round trip in ns. Runs in
 * which somebody else had one of the CPUs are left out if there are enough others; "disturbed" says
 * how many are among those that were counted.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/common.h"

#define VARIANTS_MAX   100
#define UNDISTURBED_MIN 3 /* runs that make a figure by themselves */

static const char *const kind_names[BENCH_KINDS] = { "stream", "trip" };
static const char *const way_names[BENCH_WAYS] = { "copy", "in-place", "batch" };
static const char *const wait_names[BENCH_WAITS] = { "spin", "sleep" };

struct sample {
	double value, p99, p999, canary_ns;
	enum bench_placement placement;
	bool valid;
};

/* Of one variant and message size. */
struct series {
	struct sample samples[BENCH_ROUNDS_MAX];
	size_t n_samples;
	uint64_t n; /* messages or trips per run; 0: it doesn't take part */
};

static const struct bench_variant *variants[VARIANTS_MAX];
static size_t n_variants;
static struct series series[VARIANTS_MAX];

/* ---- who takes part ---- */

static void variants_add(const struct bench_variant *list)
{
	for (; list->name && n_variants < VARIANTS_MAX; list++)
		variants[n_variants++] = list;
}

static void plugin_load(const char *path)
{
	void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct bench_variant *list = plugin ? dlsym(plugin, "bench_variants") : NULL;

	if (list)
		variants_add(list);
	else
		printf("# absent: %s\n", dlerror());
}

static int is_plugin(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".so") == 0;
}

static void plugins_load(const char *directory)
{
	struct dirent **entries = NULL;
	int n = scandir(directory, &entries, is_plugin, alphasort);

	if (n < 0)
		perror(directory);
	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		plugin_load(path);
		free(entries[i]);
	}
	free(entries);
}

/* @only: parts of names, separated by commas. */
static bool is_wanted(const char *name, const char *only)
{
	char parts[256], *at = parts, *part;

	snprintf(parts, sizeof(parts), "%s", only);
	while ((part = strsep(&at, ",")))
		if (strstr(name, part))
			return true;
	return strcmp(name, "baseline") == 0;
}

static bool takes_part(const struct bench_variant *variant, enum bench_kind kind, size_t size_bytes,
		       const char *only)
{
	return variant->kind == kind &&
	       (!variant->size_max_bytes || size_bytes <= variant->size_max_bytes) &&
	       (!only || is_wanted(variant->name, only));
}

/* ---- runs ---- */

static struct sample sample_of(const struct bench_run *run, const struct bench_result *result)
{
	struct sample sample = {
		.value = (double)run->n * 1e9 / result->elapsed_ns,
		.canary_ns = result->canary_ns,
		.placement = result->placement,
		.valid = result->valid,
	};

	if (run->samples) {
		double tick_ns = bench_tick_ns();

		sample.value = (double)bench_percentile(run->samples, run->n, 50) * tick_ns;
		sample.p99 = (double)bench_percentile(run->samples, run->n, 99) * tick_ns;
		sample.p999 = (double)bench_percentile(run->samples, run->n, 99.9) * tick_ns;
	}
	return sample;
}

/* One run of @v; a variant that fails is out for this size. */
static void run_once(size_t v, size_t size_bytes)
{
	struct series *s = &series[v];
	struct bench_run run = {
		.slots = bench_slots(size_bytes), .size_bytes = size_bytes, .n = s->n
	};
	struct bench_result result;

	if (variants[v]->kind == BENCH_ROUND_TRIP) {
		run.samples = bench_samples_new(run.n);
		if (!run.samples) {
			perror("mmap");
			exit(1);
		}
	}
	if (bench_run_pair(variants[v], &run, &result) != 0)
		s->n = 0;
	else if (!result.moved)
		s->samples[s->n_samples++] = sample_of(&run, &result);
	bench_samples_free(run.samples, run.n);
}

/* @deadline_ns: a busy machine gets no further than some of the rounds by then. */
static void measure(enum bench_kind kind, size_t size_bytes, const struct bench_options *options,
		    int64_t deadline_ns)
{
	static uint64_t last_n[VARIANTS_MAX]; /* of the size before */

	memset(series, 0, sizeof(series));
	for (size_t v = 0; v < n_variants; v++) {
		if (!takes_part(variants[v], kind, size_bytes, options->only))
			continue;
		if (bench_calibrate_from(variants[v], size_bytes, options->run_ms, last_n[v] / 4,
					 &series[v].n) != 0)
			series[v].n = 0;
		last_n[v] = series[v].n;
	}
	for (size_t round = 0;
	     round < options->rounds && (round == 0 || clock_monotonic_ns() < deadline_ns); round++)
		for (size_t i = 0; i < n_variants; i++) {
			size_t v = (i + round) % n_variants;

			if (series[v].n)
				run_once(v, size_bytes);
		}
}

/* ---- figures ---- */

/* The samples of @placement that count: undisturbed ones if there are enough. */
static size_t samples_pick(const struct series *s, enum bench_placement placement,
			   const struct sample **ret_picked, size_t *ret_n_disturbed)
{
	size_t n = 0, n_valid = 0;

	for (size_t i = 0; i < s->n_samples; i++)
		n_valid += s->samples[i].placement == placement && s->samples[i].valid;
	*ret_n_disturbed = 0;
	for (size_t i = 0; i < s->n_samples; i++) {
		const struct sample *sample = &s->samples[i];

		if (sample->placement != placement ||
		    (n_valid >= UNDISTURBED_MIN && !sample->valid))
			continue;
		*ret_n_disturbed += !sample->valid;
		ret_picked[n++] = sample;
	}
	return n;
}

static void print_figures(size_t v, size_t size_bytes, enum bench_placement placement)
{
	const struct bench_variant *variant = variants[v];
	const struct sample *picked[BENCH_ROUNDS_MAX];
	double value[BENCH_ROUNDS_MAX], p99[BENCH_ROUNDS_MAX], p999[BENCH_ROUNDS_MAX],
		canary[BENCH_ROUNDS_MAX];
	size_t n_disturbed, n = samples_pick(&series[v], placement, picked, &n_disturbed);

	for (size_t i = 0; i < n; i++) {
		value[i] = picked[i]->value;
		p99[i] = picked[i]->p99;
		p999[i] = picked[i]->p999;
		canary[i] = picked[i]->canary_ns;
	}
	if (n)
		printf("%s\t%zu\t%s\t%s\t%s\t%s\t%s\t%zu\t%zu\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n",
		       kind_names[variant->kind], size_bytes, way_names[variant->way],
		       wait_names[variant->wait], variant->name,
		       variant->package ? variant->package : "-",
		       bench_placement_names[placement], n, n_disturbed, bench_median(value, n),
		       bench_quantile(value, n, 0.25), bench_quantile(value, n, 0.75),
		       bench_median(p99, n), bench_median(p999, n), bench_median(canary, n));
}

static void progress(const char *text, size_t size_bytes)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-10s %6zu bytes ", text, size_bytes);
}

/* Of the time that is left, what falls to the next of @n_left measurements. */
static int64_t deadline_of_next(int64_t end_ns, size_t n_left)
{
	int64_t now_ns = clock_monotonic_ns();

	if (end_ns == DEADLINE_NEVER)
		return DEADLINE_NEVER;
	return now_ns + (end_ns - now_ns) / (int64_t)n_left;
}

static void measure_all(const struct bench_options *options)
{
	int64_t end_ns = options->limit_s > 0
				 ? deadline_after_ns((int64_t)(options->limit_s * 1e9))
				 : DEADLINE_NEVER;
	size_t n_left = BENCH_KINDS * bench_n_sizes;

	for (int kind = 0; kind < BENCH_KINDS; kind++)
		for (size_t i = 0; i < bench_n_sizes; i++, n_left--) {
			if (options->only_size && bench_sizes[i] != options->only_size)
				continue;
			progress(kind_names[kind], bench_sizes[i]);
			measure((enum bench_kind)kind, bench_sizes[i], options,
				deadline_of_next(end_ns, n_left));
			for (size_t v = 0; v < n_variants; v++)
				for (int p = 0; p < BENCH_PLACEMENTS; p++)
					print_figures(v, bench_sizes[i], (enum bench_placement)p);
			fflush(stdout);
		}
}

int main(int argc, char **argv)
{
	struct bench_options options = bench_options_parse(
		argc, argv, "Streams and round trips between two processes, ours and peers'.");
	int64_t start_ns = clock_monotonic_ns();

	printf("# command ");
	for (int i = 0; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n");
	bench_print_machine();
	variants_add(seed_variants);
	variants_add(our_variants);
	variants_add(our_sleeping_variants);
	variants_add(pipe_variants);
	variants_add(socket_variants);
	variants_add(posix_mq_variants);
	if (options.plugins)
		plugins_load(options.plugins);
	measure_all(&options);
	bench_print_noise();
	printf("# took     %.0f s\n", (double)(clock_monotonic_ns() - start_ns) / 1e9);
	return 0;
}
