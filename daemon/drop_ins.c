/* SPDX-License-Identifier: MIT */
/*
 * drop_ins.c - directories of drop-ins are one list, sorted by name; see drop_ins.h
 */
#include "daemon/drop_ins.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void drop_ins_free(struct drop_ins *drop_ins)
{
	for (size_t i = 0; i < drop_ins->n; i++) {
		free(drop_ins->names[i]);
		free(drop_ins->paths[i]);
	}
}

static bool is_conf(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && !strcmp(name + len - 5, ".conf");
}

/* In its place by name, unless a more important directory has it. */
static int drop_ins_add(struct drop_ins *drop_ins, const char *dir, const char *name)
{
	size_t at = 0;
	char *copy, *path;

	while (at < drop_ins->n && strcmp(drop_ins->names[at], name) < 0)
		at++;
	if (at < drop_ins->n && !strcmp(drop_ins->names[at], name))
		return 0;
	if (drop_ins->n == DROP_INS_MAX)
		return -E2BIG;
	copy = strdup(name);
	if (!copy || asprintf(&path, "%s/%s", dir, name) < 0) {
		free(copy);
		return -ENOMEM;
	}
	memmove(drop_ins->names + at + 1, drop_ins->names + at,
		(drop_ins->n - at) * sizeof(drop_ins->names[0]));
	memmove(drop_ins->paths + at + 1, drop_ins->paths + at,
		(drop_ins->n - at) * sizeof(drop_ins->paths[0]));
	drop_ins->names[at] = copy;
	drop_ins->paths[at] = path;
	drop_ins->n++;
	return 0;
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

int drop_ins_find(struct drop_ins *drop_ins, const char *path)
{
	_cleanup_(closedirp) DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		if (is_conf(entry->d_name))
			r = drop_ins_add(drop_ins, path, entry->d_name);
	return r < 0 ? r : -errno;
}
