/* SPDX-License-Identifier: MIT */
/*
 * config_lines.h - what stands in one configuration file
 */
#pragma once

#include "daemon/options.h"

/*
 * config_lines_read() - set what the file at @path says in @options
 * Every mistake is told: file, line, what it is and what would be right. Return: 1; 0 there is no such
 * file; -EINVAL: there was a mistake, @options is half set.
 */
int config_lines_read(const char *path, options_tell tell, struct options *options);

/* Tell that @path can't be read. Return: -EINVAL. */
int config_cant_read(const char *path, int error, options_tell tell);
