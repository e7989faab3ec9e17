/* SPDX-License-Identifier: MIT */
/*
 * config_file.c - which configuration files there are; see config_file.h
 */
#include "daemon/config_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "daemon/config_lines.h"
#include "daemon/drop_ins.h"

#define TEXT_MAX 512

/* Return: how many files were read; -EINVAL. Goes on after a mistake: all are to be told. */
static int read_drop_ins(const struct drop_ins *drop_ins, options_tell tell,
			 struct options *options)
{
	int n = 0, result = 0;

	for (size_t i = 0; i < drop_ins->n; i++) {
		int r = config_lines_read(drop_ins->paths[i], tell, options);

		if (r < 0)
			result = r;
		else
			n += r;
	}
	return result < 0 ? result : n;
}

/* The main file and the directory of its drop-ins, in each place. */
static int read_dirs(const struct config_place *place, options_tell tell, struct options *options)
{
	_cleanup_(drop_ins_free) struct drop_ins drop_ins = { .n = 0 };
	int n_main = 0, result = 0, r;
	char path[4200];

	for (size_t i = 0; place->dirs[i]; i++) {
		if (n_main == 0 && result == 0) {
			snprintf(path, sizeof(path), "%.4096s/shmqd.conf", place->dirs[i]);
			r = config_lines_read(path, tell, options);
			n_main = r > 0;
			result = r < 0 ? r : 0;
		}
		snprintf(path, sizeof(path), "%.4096s/shmqd.conf.d", place->dirs[i]);
		r = drop_ins_find(&drop_ins, path);
		if (r < 0)
			result = config_cant_read(path, r, tell);
	}
	r = read_drop_ins(&drop_ins, tell, options);
	return result < 0 ? result : r < 0 ? r : n_main + r;
}

static int read_one(const char *file, options_tell tell, struct options *options)
{
	_cleanup_(drop_ins_free) struct drop_ins drop_ins = { .n = 0 };
	char path[4200];
	int r = config_lines_read(file, tell, options), n;

	if (r == 0)
		return config_cant_read(file, -ENOENT, tell);
	snprintf(path, sizeof(path), "%.4096s.d", file);
	n = drop_ins_find(&drop_ins, path);
	if (n < 0)
		return config_cant_read(path, n, tell);
	n = read_drop_ins(&drop_ins, tell, options);
	return r < 0 || n < 0 ? -EINVAL : 1 + n;
}

/* What can only be said when all is read. Return: 0; -EINVAL. */
static int judge_rings(const struct declared_rings *rings, options_tell tell)
{
	char text[TEXT_MAX];
	int r = 0;

	for (size_t i = 0; i < rings->n; i++) {
		const struct declared_ring *ring = &rings->rings[i];
		const char *problem = declared_ring_problem(ring);

		if (!problem)
			continue;
		snprintf(text, sizeof(text), "%s: [Ring %s]: %s", ring->where, ring->name, problem);
		tell(text);
		r = -EINVAL;
	}
	return r;
}

int config_read(const struct config_place *place, options_tell tell, struct options *options)
{
	int n = place->file ? read_one(place->file, tell, options) : read_dirs(place, tell, options);
	int r = judge_rings(&options->declared, tell);

	return r < 0 ? r : n;
}
