/* SPDX-License-Identifier: MIT */
/*
 * common.c - clock, figures, the machine, options; see common.h
 */
#include "bench/common.h"

#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"

const size_t bench_sizes[] = { 8, 64, 256, 1024, 4096, 65536 };
const size_t bench_n_sizes = sizeof(bench_sizes) / sizeof(bench_sizes[0]);

size_t bench_slots(size_t size_bytes)
{
	return size_bytes <= 4096 ? 1024 : 64;
}

/* ---- figures ---- */

double bench_tick_ns(void)
{
	static double tick_ns;
	int64_t start_ns;
	uint64_t start;

	if (tick_ns > 0)
		return tick_ns;
	start_ns = clock_monotonic_ns();
	start = bench_ticks();
	while (clock_monotonic_ns() - start_ns < 20 * NS_PER_MS)
		;
	tick_ns = (double)(clock_monotonic_ns() - start_ns) / (double)(bench_ticks() - start);
	return tick_ns;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t n)
{
	return bench_quantile(values, n, 0.5);
}

static int compare_u64s(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t n, double part)
{
	double at = n ? part * (double)(n - 1) : 0;
	size_t below = (size_t)at;

	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), compare_doubles);
	if (below + 1 >= n)
		return values[n - 1];
	return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

uint64_t bench_percentile(uint64_t *values, size_t n, double percent)
{
	size_t at = (size_t)(percent / 100 * (double)n);

	qsort(values, n, sizeof(*values), compare_u64s);
	return values[at < n ? at : n - 1];
}

/* ---- machine and options ---- */

static void print_cpu_model(void)
{
	char line[256];
	FILE *file = fopen("/proc/cpuinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "model name", 10) == 0) {
			printf("# cpu      %s", strchr(line, ':') ? strchr(line, ':') + 2 : line);
			break;
		}
	}
	if (file)
		fclose(file);
}

/* Clock ticks that all CPUs have had: idle, and stolen by the hypervisor; since the start of both. */
static void cpu_ticks(unsigned long long *ret_all, unsigned long long *ret_steal)
{
	unsigned long long ticks[8] = { 0 };
	FILE *file = fopen("/proc/stat", "re");

	if (file && fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
			   &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) == 8) {
		*ret_all = 0;
		for (int i = 0; i < 8; i++)
			*ret_all += ticks[i];
		*ret_steal = ticks[7];
	}
	if (file)
		fclose(file);
}

static unsigned long long all_before, steal_before;

static void print_load(void)
{
	double load[3] = { 0 };

	if (getloadavg(load, 3) == 3)
		printf("# load     %.2f %.2f %.2f (1, 5, 15 minutes)\n", load[0], load[1], load[2]);
}

static void print_governor(void)
{
	char line[64];
	FILE *file = fopen("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "re");

	if (file && fgets(line, sizeof(line), file))
		printf("# governor %s", line);
	if (file)
		fclose(file);
}

int bench_cpu(int index)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && index-- == 0)
			return cpu;
	return -1;
}

void bench_print_machine(void)
{
	struct utsname name;

	print_cpu_model();
	print_governor();
	if (uname(&name) == 0)
		printf("# kernel   %s %s\n", name.sysname, name.release);
	printf("# compiler %s\n", __VERSION__);
	printf("# CPUs     %d and %d of %ld, %.3f ns per tick\n", bench_cpu(BENCH_CPU_A),
	       bench_cpu(BENCH_CPU_B), sysconf(_SC_NPROCESSORS_ONLN), bench_tick_ns());
	print_load();
	cpu_ticks(&all_before, &steal_before);
}

void bench_print_noise(void)
{
	unsigned long long all = 0, steal = 0;

	print_load();
	cpu_ticks(&all, &steal);
	if (all > all_before)
		printf("# stolen   %.1f %% of the CPUs' time, by the hypervisor\n",
		       100.0 * (double)(steal - steal_before) / (double)(all - all_before));
}

static void usage(FILE *to, const char *program, const char *what)
{
	fprintf(to,
		"usage: %s [-q] [-r ROUNDS] [-t MS] [-T S] [-s BYTES] [-v NAME] [-p DIRECTORY]\n\n"
		"%s\n\n"
		"  -q            quick: 3 rounds of 10 ms\n"
		"  -r ROUNDS     runs of each variant and size [11]\n"
		"  -t MS         about how long a run takes [25]\n"
		"  -T S          about how long all of it may take: fewer rounds if need be\n"
		"  -s BYTES      only this message size\n"
		"  -v NAME,…     only variants with one of these in their name, and the baseline\n"
		"  -p DIRECTORY  also the plugins (*.so) in it\n",
		program, what);
}

struct bench_options bench_options_parse(int argc, char **argv, const char *what)
{
	struct bench_options options = { .rounds = 11, .run_ms = 25 };
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "qr:t:T:s:v:p:h", longs, NULL)) != -1) {
		switch (option) {
		case 'q':
			options.quick = true;
			options.rounds = 3;
			options.run_ms = 10;
			break;
		case 'r':
			options.rounds = strtoul(optarg, NULL, 10);
			break;
		case 't':
			options.run_ms = strtod(optarg, NULL);
			break;
		case 'T':
			options.limit_s = strtod(optarg, NULL);
			break;
		case 's':
			options.only_size = strtoul(optarg, NULL, 10);
			break;
		case 'v':
			options.only = optarg;
			break;
		case 'p':
			options.plugins = optarg;
			break;
		case 'h':
			usage(stdout, argv[0], what);
			exit(0);
		default:
			usage(stderr, argv[0], what);
			exit(2);
		}
	}
	if (optind < argc || options.rounds == 0 || options.rounds > BENCH_ROUNDS_MAX ||
	    !(options.run_ms > 0)) {
		usage(stderr, argv[0], what);
		exit(2);
	}
	if (bench_cpu(BENCH_CPU_B) < 0) {
		fprintf(stderr, "this needs two CPUs\n");
		exit(77);
	}
	/* ahead of what else runs here, where that is allowed */
	(void)setpriority(PRIO_PROCESS, 0, -15);
	return options;
}
