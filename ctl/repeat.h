/* SPDX-License-Identifier: MIT */
/*
 * repeat.h - --watch: a verb again and again, on a terminal always in the same place
 */
#pragma once

#include "ctl/ctl.h"

#define REPEAT_MIN_NS INT64_C(100000000)
#define REPEAT_MAX_NS INT64_C(3600000000000)

/* Until it fails, q or a signal comes, or nobody reads what it prints. Return: an enum ctl_exit. */
int repeat_run(struct ctl *ctl, int n_args, char **args, int64_t interval_ns);
