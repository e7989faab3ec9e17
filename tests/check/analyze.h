/* SPDX-License-Identifier: MIT */
/*
 * analyze.h - what analyzers don't know: included before everything else, by analyze.sh alone
 *
 * After a failed call errno is positive, so -errno is an error. Without that they follow paths on
 * which a function that failed has returned 0.
 */
#pragma once

#include <errno.h>

static inline int *analyze_errno(void)
{
	int *error = __errno_location();

	if (*error <= 0)
		__builtin_unreachable();
	return error;
}

#undef errno
#define errno (*analyze_errno())
