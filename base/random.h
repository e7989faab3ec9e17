/* SPDX-License-Identifier: MIT */
/*
 * random.h - unpredictable bytes from the kernel, and their text form
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Fill @buf from getrandom(2); blocks until the kernel's pool is ready. Return: 0 or -errno. */
int random_bytes(void *buf, size_t len_bytes);
/* A random value that is never 0 (0 marks "none" everywhere here). */
int random_u64(uint64_t *ret_value);
/* Lower-case hex of @len_bytes into @hex (2 * len_bytes + 1). */
void hex_encode(const void *buf, size_t len_bytes, char *hex);
/* Exactly 2 * len_bytes lower-case digits; -EINVAL otherwise. */
int hex_decode(const char *hex, void *buf, size_t len_bytes);
