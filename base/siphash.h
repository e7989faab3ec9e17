/* SPDX-License-Identifier: MIT */
/*
 * siphash.h - a hash that nobody can aim at who doesn't know its key
 *
 * For tables whose keys others choose: who knows the hash of everything can choose keys that all fall
 * into one place. SipHash-2-4, J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF",
 * INDOCRYPT 2012.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_BYTES 16

/* Any thread. */
uint64_t siphash(const uint8_t key[SIPHASH_KEY_BYTES], const void *data, size_t len_bytes);
