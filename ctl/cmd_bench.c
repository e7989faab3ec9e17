/* SPDX-License-Identifier: MIT */
/*
 * cmd_bench.c - shmqctl bench: how fast rings are on this machine
 *
 * On the daemon that is there, or on a private one; the rings are this process's own and go with it,
 * however it ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/bench.h"
#include "ctl/failure.h"

#define SLOTS		1024u
#define RING_BYTES_MAX	(8u << 20) /* fewer slots for larger messages */
#define SIZE_MIN	8u	   /* a message begins with its number */
#define SIZE_MAX_BYTES	(16u << 20)
#define ROUNDS		5
#define RUN_MIN_NS	(2 * NS_PER_MS)

static struct {
	const char *sizes, *cpus, *hdr;
	int64_t time_ns;
	uint64_t rounds;
	bool in_place, sleeps, private;
} options = { .sizes = "8,64,256,1K,4K,64K", .time_ns = 12 * NS_PER_S, .rounds = ROUNDS };

struct bench {
	struct demo world;
	struct bench_machine machine;
	struct bench_task task;
	struct bench_outcome *outcome; /* shared with the two processes */
	struct bench_figures *figures;
	size_t n_figures;
	double lines_ns[2 * BENCH_KINDS * BENCH_SIZES_MAX * BENCH_ROUNDS_MAX];
	size_t n_lines;
	char rings[2][64];
};

/* ---- options ---- */

static int parse_sizes(const struct ctl *ctl, struct bench *bench)
{
	char text[256], *next = text, *word;

	snprintf(text, sizeof(text), "%s", options.sizes);
	while ((word = strsep(&next, ","))) {
		uint64_t size;

		if (bench->n_figures == BENCH_SIZES_MAX)
			return fail(ctl, CTL_USAGE, "usage", "--sizes", NULL,
				    "no more than %d of them.", BENCH_SIZES_MAX);
		if (parse_size(word, &size) < 0 || size < SIZE_MIN || size > SIZE_MAX_BYTES ||
		    size % SIZE_MIN)
			return fail(ctl, CTL_USAGE, "usage", "--sizes",
				    "For example: --sizes 8,64,1K", "'%s' is no multiple of 8 up to 16M.",
				    word);
		bench->figures[bench->n_figures++].size_bytes = (uint32_t)size;
	}
	return CTL_OK;
}

static int parse_cpus(const struct ctl *ctl, struct bench_machine *machine)
{
	char text[32], *comma;
	uint64_t cpus[2];

	machine->cpus[0] = machine->cpus[1] = -1;
	if (options.cpus) {
		snprintf(text, sizeof(text), "%s", options.cpus);
		comma = strchr(text, ',');
		if (comma)
			*comma++ = '\0';
		if (!comma || parse_u64(text, 0, INT16_MAX, &cpus[0]) < 0 ||
		    parse_u64(comma, 0, INT16_MAX, &cpus[1]) < 0)
			return fail(ctl, CTL_USAGE, "usage", "--cpus", "For example: --cpus 2,3",
				    "it must be the numbers of two CPUs.");
		machine->cpus[0] = (int)cpus[0];
		machine->cpus[1] = (int)cpus[1];
	}
	if (bench_machine_look(machine) < 0)
		return fail(ctl, CTL_USAGE, "usage", "--cpus", "taskset -cp $$ says which.",
			    "this process may not use them all.");
	return CTL_OK;
}

/* ---- runs ---- */

static int rings_make(struct bench *bench, uint32_t size_bytes)
{
	struct shmq_ring_config config = {
		.slots = SLOTS, .size_bytes = size_bytes, .lifetime = SHMQ_WITH_CREATOR,
	};

	while (config.slots > 4 && config.slots * (uint64_t)size_bytes > RING_BYTES_MAX)
		config.slots /= 2;
	for (int i = 0; i < 2; i++) {
		int r = shmq_create(bench->world.client, bench->rings[i], &config);

		if (r < 0)
			return fail_call(bench->world.ctl, bench->rings[i], r);
	}
	return CTL_OK;
}

static void rings_remove(struct bench *bench)
{
	for (int i = 0; i < 2; i++)
		shmq_destroy(bench->world.client, bench->rings[i], SHMQ_DESTROY_FORCE);
}

static void figures_add(struct bench *bench, struct bench_figures *figures, enum bench_kind kind)
{
	const struct bench_outcome *outcome = bench->outcome;
	bool quiet = bench_is_quiet(&bench->task, outcome);
	double rate;

	bench->lines_ns[bench->n_lines++] = outcome->line_ns[0];
	bench->lines_ns[bench->n_lines++] = outcome->line_ns[1];
	if (kind == BENCH_ROUND_TRIP) {
		histogram_add(quiet ? &figures->trips_ns : &figures->noisy_trips_ns,
			      &outcome->trips_ns);
	} else {
		rate = (double)outcome->n_messages * (double)NS_PER_S /
		       (double)(outcome->ended_ns - outcome->began_ns);
		figures->noisy_rates[figures->n_runs[kind]] = rate;
		if (quiet)
			figures->rates[figures->n_quiet[kind]] = rate;
	}
	figures->n_runs[kind]++;
	figures->n_quiet[kind] += quiet;
}

static int run_size(struct bench *bench, struct bench_figures *figures, uint64_t round)
{
	char size[16];
	int exit = rings_make(bench, figures->size_bytes);

	if (exit != CTL_OK)
		return exit;
	bench->task.size_bytes = figures->size_bytes;
	for (int kind = 0; kind < BENCH_KINDS && exit == CTL_OK; kind++) {
		demo_progress(&bench->world, "round %" PRIu64 " of %" PRIu64 ": %s, %s", round + 1,
			      options.rounds, format_size(figures->size_bytes, size, sizeof(size)),
			      kind == BENCH_STREAM ? "stream" : "round trips");
		if (bench_run(&bench->world, &bench->task, (enum bench_kind)kind,
			      bench->outcome) < 0)
			exit = CTL_FAILED;
		else
			figures_add(bench, figures, (enum bench_kind)kind);
	}
	rings_remove(bench);
	return exit;
}

static int run_all(struct bench *bench)
{
	int64_t run_ns = options.time_ns / (int64_t)(options.rounds * bench->n_figures * BENCH_KINDS);
	int exit = CTL_OK;

	bench->task.duration_ns = run_ns < RUN_MIN_NS ? RUN_MIN_NS : run_ns;
	for (uint64_t round = 0; round < options.rounds; round++)
		for (size_t i = 0; i < bench->n_figures && exit == CTL_OK; i++)
			exit = demo_interrupted() ? CTL_FAILED
						  : run_size(bench, &bench->figures[i], round);
	demo_progress_end(&bench->world);
	return exit;
}

/* ---- results ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* FILE, or FILE.SIZE where there are several sizes. */
static int write_hdr(const struct bench *bench)
{
	for (size_t i = 0; i < bench->n_figures; i++) {
		const struct bench_figures *figures = &bench->figures[i];
		char path[4096];
		FILE *file;
		int r;

		snprintf(path, sizeof(path), "%s%s%.0" PRIu32, options.hdr,
			 bench->n_figures > 1 ? "." : "",
			 bench->n_figures > 1 ? figures->size_bytes : 0);
		file = fopen(path, "we");
		if (!file)
			return fail_file(bench->world.ctl, path, -errno);
		r = histogram_write(bench_trips(figures), file);
		if (fclose(file) != 0 || r < 0)
			return fail_file(bench->world.ctl, path, -EIO);
	}
	return CTL_OK;
}

static int report(struct bench *bench)
{
	struct shmq_daemon_info info = { 0 };
	struct bench_report report = {
		.machine = &bench->machine,
		.task = &bench->task,
		.figures = bench->figures,
		.n_figures = bench->n_figures,
	};
	char shmqd[160], version[64];
	int r = shmq_daemon_info(bench->world.client, &info);

	if (r < 0)
		return fail_call(bench->world.ctl, NULL, r);
	snprintf(shmqd, sizeof(shmqd), "shmqd %s (pid %d, instance %s)",
		 format_printable(info.version, version, sizeof(version)), (int)info.pid,
		 info.instance);
	report.shmqd = shmqd;
	qsort(bench->lines_ns, bench->n_lines, sizeof(bench->lines_ns[0]), by_value);
	report.line_ns = bench->lines_ns[bench->n_lines / 2];
	r = bench_report_print(bench->world.ctl, &report);
	if (r < 0)
		return fail_file(bench->world.ctl, "standard output", r);
	return options.hdr ? write_hdr(bench) : CTL_OK;
}

/* ---- the world ---- */

/* The daemon that is there; its children have the same standard error as we. */
static int use_daemon(struct demo *world)
{
	const char *socket = ctl_socket(world->ctl);
	int exit = ctl_connect(world->ctl);

	if (exit != CTL_OK)
		return exit;
	if (socket)
		snprintf(world->socket, sizeof(world->socket), "%s", socket);
	world->client = world->ctl->client;
	return CTL_OK;
}

static int use_private(struct demo *world)
{
	int exit = demo_world_init(world);

	if (exit == CTL_OK && demo_daemon_start(world) < 0)
		exit = CTL_FAILED;
	return exit;
}

static int measure(struct bench *bench)
{
	int exit = options.private ? use_private(&bench->world) : use_daemon(&bench->world);

	if (exit == CTL_OK)
		exit = run_all(bench);
	if (exit == CTL_OK && !demo_interrupted())
		exit = report(bench);
	if (options.private) {
		demo_world_deinit(&bench->world);
	} else {
		demo_kill_all(&bench->world);
		if (bench->world.client)
			rings_remove(bench);
	}
	return exit;
}

static int bench_verb_run(struct ctl *ctl, int n_args, char **args)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int exit = CTL_FAILED;
	struct table table;

	(void)n_args;
	(void)args;
	if (bench)
		bench->figures = calloc(BENCH_SIZES_MAX, sizeof(*bench->figures));
	if (!bench || !bench->figures || !(bench->outcome = demo_shared_new(sizeof(*bench->outcome)))) {
		free(bench ? bench->figures : NULL);
		free(bench);
		return fail(ctl, CTL_NO_SPACE, "no_memory", NULL, NULL, "no memory.");
	}
	bench->world = (struct demo){ .ctl = ctl, .log_fd = -1, .tty = isatty(STDOUT_FILENO) };
	for (int i = 0; i < 2; i++) {
		snprintf(bench->rings[i], sizeof(bench->rings[i]), "bench.%d.%s", (int)getpid(),
			 i ? "back" : "there");
		bench->task.rings[i] = bench->rings[i];
	}
	exit = parse_sizes(ctl, bench);
	if (exit == CTL_OK)
		exit = parse_cpus(ctl, &bench->machine);
	if (exit == CTL_OK) /* before anything is measured */
		exit = table_init(&table, ctl, bench_columns, BENCH_COLUMNS);
	if (exit == CTL_OK) {
		memcpy(bench->task.cpus, bench->machine.cpus, sizeof(bench->task.cpus));
		bench->task.in_place = options.in_place;
		bench->task.sleeps = options.sleeps || bench->machine.one_cpu;
		demo_catch_signals();
		exit = measure(bench);
	}
	demo_shared_free(bench->outcome, sizeof(*bench->outcome));
	free(bench->figures);
	free(bench);
	if (demo_interrupted()) {
		signal(demo_interrupted(), SIG_DFL);
		raise(demo_interrupted());
	}
	return exit;
}

static const struct option_spec option_specs[] = {
	{ 's', "sizes", "SIZE,...", OPTION_TEXT, &options.sizes, 0,
	  "of messages [8,64,256,1K,4K,64K]" },
	{ 't', "time", "TIME", OPTION_DURATION, &options.time_ns, 0, "altogether, about [12s]" },
	{ 0, "rounds", "N", OPTION_COUNT, &options.rounds, BENCH_ROUNDS_MAX,
	  "in which all sizes take turns [5]" },
	{ 'c', "cpus", "A,B", OPTION_TEXT, &options.cpus, 0, "one process on each [of two cores]" },
	{ 'z', "zero-copy", NULL, OPTION_FLAG, &options.in_place, 0,
	  "write and read messages in their slots" },
	{ 0, "sleep", NULL, OPTION_FLAG, &options.sleeps, 0, "who waits sleeps, instead of spinning" },
	{ 'p', "private", NULL, OPTION_FLAG, &options.private, 0,
	  "start a shmqd of its own for it, and end it" },
	{ 0, "hdr", "FILE", OPTION_TEXT, &options.hdr, 0,
	  "percentiles of the round trips for HdrHistogram's\n"
	  "plotters, in ns; with several sizes: FILE.BYTES" },
	{ 0 },
};

const struct verb verb_bench = {
	.name = "bench",
	.args = "",
	.summary = "measure round trips and streams on this machine",
	.details =
		"Two processes on two CPUs, all sizes in turns. A run is left out when somebody\n"
		"else had one of the CPUs, or when a bare cache line was not as fast after it as\n"
		"before; if there is no other, it counts and the line has a ~. SPREAD is that of\n"
		"the streams' rate between runs, QUIET how many runs of how many were.",
	.examples = "  shmqctl bench --private\n"
		    "  shmqctl bench --sizes 64 --cpus 2,3 --hdr trips.hgrm",
	.flags = VERB_TABLE,
	.columns = bench_columns,
	.n_columns = BENCH_COLUMNS,
	.options = option_specs,
	.run = bench_verb_run,
};
