/* SPDX-License-Identifier: MIT */
/*
 * memory.c - memory of the indexes, which is there or ends the process; see state.h
 */
#include "daemon/core/parts.h"

void core_oom(void)
{
	abort();
}

void *core_alloc(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory)
		core_oom();
	return memory;
}
