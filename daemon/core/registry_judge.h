/* SPDX-License-Identifier: MIT */
/*
 * registry_judge.h - what registry.c and registry_judge.c share
 */
#pragma once

#include "daemon/core/registry.h"

/* No configuration asks for more; a header that does is damaged. */
#define REGISTRY_RINGS_MAX	 (UINT32_C(1) << 20)
#define REGISTRY_ATTACHMENTS_MAX (UINT32_C(1) << 22)

/* Where the arrays of a registry with @n_rings rings lie. */
void registry_point(void *memory, uint32_t n_rings, uint32_t n_attachments,
		    struct registry *ret_registry);
/* Of the header's fields that never change. */
uint64_t registry_digest(const struct registry_header *header);
