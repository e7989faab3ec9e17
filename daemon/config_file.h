/* SPDX-License-Identifier: MIT */
/*
 * config_file.h - shmqd.conf and its drop-ins: which files there are, and what stands in them
 *
 * As systemd's own files go (systemd-system.conf(5)): of shmqd.conf the first of /etc, /run and /usr/lib
 * is read; then all shmqd.conf.d/ files of the three in the order of their names, where one in /etc hides
 * one of the same name in /run, and that one in /usr/lib. What is read later counts.
 */
#pragma once

#include "daemon/options.h"

#define CONFIG_DIRS_MAX 3

/* Where to look, most important first; NULL ends it. */
struct config_place {
	const char *file;		       /* only this and FILE.d/; NULL: look in dirs */
	const char *dirs[CONFIG_DIRS_MAX + 1]; /* with shmqd.conf and shmqd.conf.d/ */
};

/*
 * config_read() - set what the files say in @options
 * Every mistake is told: file, line, what it is and what would be right. Return: how many files were
 * read; -EINVAL: there was a mistake, @options is half set.
 */
int config_read(const struct config_place *place, options_tell tell, struct options *options);
