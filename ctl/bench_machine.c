/* SPDX-License-Identifier: MIT */
/*
 * bench_machine.c - which CPUs, and what is to be known of them: from sysfs and /proc, as
 * Documentation/admin-guide/cputopology.rst and pm/cpufreq.rst of the kernel describe them
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/parse.h"
#include "ctl/bench.h"

#define CPU_DIR "/sys/devices/system/cpu/cpu"

/* First line of a file, without its end; "" if it can't be read. */
static void read_line(const char *path, char *buf, size_t cap_bytes)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(buf, (int)cap_bytes, file))
		buf[0] = '\0';
	if (file)
		fclose(file);
	buf[strcspn(buf, "\n")] = '\0';
}

/* Whether @cpu is in a list like "0-2,5". */
static bool list_has(const char *list, int cpu)
{
	while (*list) {
		char *end;
		long from = strtol(list, &end, 10), to = from;

		if (end == list)
			return false;
		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		if (from <= cpu && cpu <= to)
			return true;
		list = *end == ',' ? end + 1 : "";
	}
	return false;
}

static bool are_one_core(int a, int b)
{
	char path[96], list[256];

	snprintf(path, sizeof(path), CPU_DIR "%d/topology/thread_siblings_list", a);
	read_line(path, list, sizeof(list));
	return a != b && list_has(list, b);
}

static bool is_allowed(const cpu_set_t *set, int cpu)
{
	return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET(cpu, set);
}

static int choose(struct bench_machine *machine)
{
	int first = -1, second = -1;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	if (machine->cpus[0] >= 0)
		return is_allowed(&set, machine->cpus[0]) && is_allowed(&set, machine->cpus[1])
			       ? 0
			       : -EINVAL;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (first < 0)
			first = cpu;
		else if (second < 0 || (are_one_core(first, second) && !are_one_core(first, cpu)))
			second = cpu;
	}
	machine->cpus[0] = first;
	machine->cpus[1] = second < 0 ? first : second;
	return 0;
}

static void look_at_model(struct bench_machine *machine)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(machine->cpu, sizeof(machine->cpu), "unknown CPU");
	while (file && fgets(line, sizeof(line), file)) {
		const char *value = strchr(line, ':');

		if (strncmp(line, "model name", 10) || !value)
			continue;
		line[strcspn(line, "\n")] = '\0';
		format_printable(value + 1 + (value[1] == ' '), machine->cpu, sizeof(machine->cpu));
		break;
	}
	if (file)
		fclose(file);
}

int bench_machine_look(struct bench_machine *machine)
{
	struct utsname name;
	int r = choose(machine);

	if (r < 0)
		return r;
	look_at_model(machine);
	uname(&name);
	snprintf(machine->kernel, sizeof(machine->kernel), "%.20s %.60s", name.sysname,
		 name.release);
	for (int i = 0; i < 2; i++) {
		char path[96];

		snprintf(path, sizeof(path), CPU_DIR "%d/cpufreq/scaling_governor",
			 machine->cpus[i]);
		read_line(path, machine->governors[i], sizeof(machine->governors[i]));
	}
	machine->one_cpu = machine->cpus[0] == machine->cpus[1];
	machine->one_core = are_one_core(machine->cpus[0], machine->cpus[1]);
	return 0;
}
