/* SPDX-License-Identifier: MIT */
/*
 * cmd_metrics.c - shmqctl metrics: all figures as text for Prometheus, on standard output or in a
 * file that node_exporter's textfile collector reads
 *
 * Such a file is replaced as a whole: the collector never sees a part of it. When the daemon does not
 * answer, it is removed: figures of yesterday would look like those of now.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/metric_tables.h"

static struct {
	const char *format, *textfile;
} options;

static void write_all(FILE *out, const struct snapshot *snapshot, enum metric_format format)
{
	_cleanup_(freep) struct metric_values *rings =
		calloc(snapshot->n_rings + 1, sizeof(*rings));
	const struct metric_values daemon = {
		.values = snapshot->daemon.values,
		.n_values = snapshot->daemon.n_values,
	};

	if (!rings)
		abort();
	for (size_t i = 0; i < snapshot->n_rings; i++)
		rings[i] = (struct metric_values){
			.object = snapshot->rings[i].name,
			.values = snapshot->rings[i].values,
			.n_values = snapshot->rings[i].n_values,
		};
	metric_write_table(out, &ring_metrics, rings, snapshot->n_rings, format);
	metric_write_table(out, &daemon_metrics, &daemon, 1, format);
	metric_write_end(out, format);
}

/* Return: 0 or -errno; @fd is closed. */
static int write_file(int fd, const struct snapshot *snapshot, enum metric_format format)
{
	FILE *file = fdopen(fd, "w");
	int r;

	if (!file) {
		fd_close(fd);
		return -errno;
	}
	write_all(file, snapshot, format);
	r = fchmod(fileno(file), 0644) < 0 || fflush(file) != 0 ? -errno : ferror(file) ? -EIO : 0;
	if (fclose(file) != 0 && r == 0)
		r = -errno;
	return r;
}

/* A new file beside the old one, then its name. */
static int replace_file(const char *path, const struct snapshot *snapshot,
			enum metric_format format)
{
	char temporary[4096];
	int fd, r;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_file(fd, snapshot, format);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

/* Return: CTL_OK and the format; CTL_USAGE after saying what is wrong. */
static int pick_format(const struct ctl *ctl, enum metric_format *ret_format)
{
	/* the collector reads the older format */
	const char *usual = options.textfile ? "prometheus" : "openmetrics";
	const char *name = options.format ? options.format : usual;

	if (!strcmp(name, "openmetrics"))
		*ret_format = METRIC_OPENMETRICS;
	else if (!strcmp(name, "prometheus"))
		*ret_format = METRIC_PROMETHEUS;
	else
		return fail(ctl, CTL_USAGE, "usage", "--format", "openmetrics or prometheus",
			    "it can't be '%s'.", name);
	return CTL_OK;
}

static void print_json(const struct snapshot *snapshot)
{
	struct json_object *root = json_root();
	struct json_object *rings = json_object_new_array();

	for (size_t i = 0; i < snapshot->n_rings; i++) {
		const struct shmq_ring_stats *ring = &snapshot->rings[i];
		struct json_object *json =
			json_of_values(&ring_metrics, ring->values, ring->n_values);

		json_add_text(json, "name", ring->name);
		json_object_array_add(rings, json);
	}
	json_object_object_add(root, "daemon",
			       json_of_values(&daemon_metrics, snapshot->daemon.values,
					      snapshot->daemon.n_values));
	json_object_object_add(root, "rings", rings);
	json_print(root, false);
}

static int take(struct ctl *ctl, struct snapshot *ret_snapshot)
{
	const char *name;
	int exit = ctl_connect(ctl);
	int r;

	if (exit != CTL_OK)
		return exit;
	r = snapshot_take(ctl, NULL, 0, ret_snapshot, &name);
	return r < 0 ? fail_call(ctl, NULL, r) : CTL_OK;
}

static int metrics_run(struct ctl *ctl, int n_args, char **args)
{
	_cleanup_(snapshot_release) struct snapshot snapshot = { 0 };
	enum metric_format format = METRIC_OPENMETRICS;
	int exit = pick_format(ctl, &format);
	int r;

	(void)n_args;
	(void)args;
	if (exit != CTL_OK)
		return exit;
	exit = take(ctl, &snapshot);
	if (exit != CTL_OK && options.textfile && unlink(options.textfile) < 0 && errno != ENOENT)
		fail_file(ctl, options.textfile, -errno);
	if (exit != CTL_OK)
		return exit;
	if (options.textfile) {
		r = replace_file(options.textfile, &snapshot, format);
		return r < 0 ? fail_file(ctl, options.textfile, r) : CTL_OK;
	}
	if (ctl->json)
		print_json(&snapshot);
	else
		write_all(stdout, &snapshot, format);
	return CTL_OK;
}

static const struct option_spec option_specs[] = {
	{ 0, "format", "FORMAT", OPTION_TEXT, &options.format, 0,
	  "openmetrics, or prometheus: its older text format, which\n"
	  "is usual with --textfile" },
	{ 0, "textfile", "PATH", OPTION_TEXT, &options.textfile, 0,
	  "replace this file, as a whole; remove it when shmqd does\n"
	  "not answer" },
	{ 0 },
};

const struct verb verb_metrics = {
	.name = "metrics",
	.args = "",
	.summary = "print all figures as OpenMetrics text",
	.details = "What there is: shmq-metrics(7). `shmqd --metrics` serves the same by HTTP.",
	.examples = "  shmqctl metrics | grep depth\n"
		    "  shmqctl metrics --textfile /var/lib/prometheus/node-exporter/shmq.prom",
	.options = option_specs,
	.run = metrics_run,
};
