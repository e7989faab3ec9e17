/* SPDX-License-Identifier: MIT */
/*
 * hash.c - the hash of all tables of the core; see state.h
 */
#include <string.h>

#include "base/siphash.h"
#include "daemon/core/parts.h"

static uint8_t seed[SIPHASH_KEY_BYTES];

void core_seed(const uint8_t key[SIPHASH_KEY_BYTES])
{
	memcpy(seed, key, sizeof(seed));
}

unsigned core_hash(const void *key, size_t bytes)
{
	return (unsigned)siphash(seed, key, bytes);
}
