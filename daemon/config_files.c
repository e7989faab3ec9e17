/* SPDX-License-Identifier: MIT */
/*
 * config_files.c - which files make up the configuration, and in which order; see config.h
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "daemon/config.h"
#include "daemon/options.h"

#define MAIN_FILE "shmqd.conf"
#define DROP_INS  "shmqd.conf.d"
#define SUFFIX	  ".conf"

static void add(struct config_files *files, const char *path, struct config_faults *faults)
{
	if (files->n == CONFIG_FILES_MAX) {
		config_fault(faults, "%s: there are more than %d files", path, CONFIG_FILES_MAX);
		return;
	}
	files->paths[files->n] = strdup(path);
	if (!files->paths[files->n])
		config_fault(faults, "%s: %s", path, strerror(ENOMEM));
	else
		files->n++;
}

void config_files_release(struct config_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->paths[i]);
	files->n = 0;
}

/* There is something of this name, be it unreadable: reading says what is wrong with it. */
static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Empty, or /dev/null: it is there only to hide others. */
static bool is_mask(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && ((S_ISREG(st.st_mode) && st.st_size == 0) ||
					(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)));
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool has_name(const struct config_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(name_of(files->paths[i]), name) == 0)
			return true;
	return false;
}

static void find_drop_ins(const char *dir, struct config_faults *faults, struct config_files *files)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *stream;

	snprintf(path, sizeof(path), "%s/" DROP_INS, dir);
	stream = opendir(path);
	if (!stream) {
		if (errno != ENOENT)
			config_fault(faults, "%s: %s", path, strerror(errno));
		return;
	}
	while ((entry = readdir(stream))) {
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || len <= strlen(SUFFIX) ||
		    strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) != 0 ||
		    has_name(files, entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/" DROP_INS "/%s", dir, entry->d_name);
		add(files, path, faults);
	}
	closedir(stream);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(name_of(*(char *const *)a), name_of(*(char *const *)b));
}

void config_files_find(const char *const *dirs, size_t n_dirs, struct config_faults *faults,
		       struct config_files *ret_files)
{
	struct config_files drop_ins = { 0 };
	char path[PATH_MAX];

	ret_files->n = 0;
	for (size_t i = 0; i < n_dirs && ret_files->n == 0; i++) {
		snprintf(path, sizeof(path), "%s/" MAIN_FILE, dirs[i]);
		if (exists(path))
			add(ret_files, path, faults);
	}
	for (size_t i = 0; i < n_dirs; i++)
		find_drop_ins(dirs[i], faults, &drop_ins);
	qsort(drop_ins.paths, drop_ins.n, sizeof(drop_ins.paths[0]), by_name);
	if (ret_files->n && is_mask(ret_files->paths[0]))
		config_files_release(ret_files);
	for (size_t i = 0; i < drop_ins.n; i++)
		if (!is_mask(drop_ins.paths[i]))
			add(ret_files, drop_ins.paths[i], faults);
	config_files_release(&drop_ins);
}

void config_files_set(const char *path, struct config_faults *faults,
		      struct config_files *ret_files)
{
	ret_files->n = 0;
	add(ret_files, path, faults);
}

void config_files_of(const struct options *options, struct config_faults *faults,
		     struct config_files *ret_files)
{
	static const char *const system_dirs[] = { CONFIG_ETC, CONFIG_RUN, CONFIG_LIB };
	const char *home = getenv("XDG_CONFIG_HOME");
	const char *user_dirs[1];
	char dir[PATH_MAX - 256];

	ret_files->n = 0;
	if (options->config) {
		config_files_set(options->config, faults, ret_files);
	} else if (options->kind == OPTIONS_SYSTEM) {
		config_files_find(system_dirs, 3, faults, ret_files);
	} else if (options->kind == OPTIONS_USER) {
		bool is_set = home && home[0] == '/';

		if (!is_set)
			home = getenv("HOME");
		if (!home || home[0] != '/')
			return;
		snprintf(dir, sizeof(dir), "%s%s/shmqd", home, is_set ? "" : "/.config");
		user_dirs[0] = dir;
		config_files_find(user_dirs, 1, faults, ret_files);
	}
}
