/* SPDX-License-Identifier: MIT */
/*
 * stat.h - what top does where there is no terminal
 */
#pragma once

#include "ctl/ctl.h"

/* Print a table of rates every @interval_ns, @count times, 0: for ever. Return: an enum ctl_exit. */
int stat_repeat(struct ctl *ctl, char *const *names, int n_names, int64_t interval_ns,
		uint64_t count);
