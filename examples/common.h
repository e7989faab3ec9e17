/* SPDX-License-Identifier: MIT */
/* common.h - what the longer examples share: say what failed, and end */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include <shmq/shmq.h>

/* The library's sentence says which ring, who holds it, and what helps. */
static inline void must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "%s: %s\n%s\n", what, shmq_strerror(result), shmq_error_detail());
	exit(1);
}
