/* SPDX-License-Identifier: MIT */
/*
 * random.c - getrandom(2) in full, and hex digits
 */
#include "base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

int random_bytes(void *buf, size_t len_bytes)
{
	unsigned char *next = buf;

	while (len_bytes > 0) {
		ssize_t n = getrandom(next, len_bytes, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		next += n;
		len_bytes -= (size_t)n;
	}
	return 0;
}

int random_u64(uint64_t *ret_value)
{
	uint64_t value;
	int r;

	do {
		r = random_bytes(&value, sizeof(value));
		if (r < 0)
			return r;
	} while (value == 0);
	*ret_value = value;
	return 0;
}

void hex_encode(const void *buf, size_t len_bytes, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = buf;

	for (size_t i = 0; i < len_bytes; i++) {
		*hex++ = digits[byte[i] >> 4];
		*hex++ = digits[byte[i] & 15];
	}
	*hex = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int hex_decode(const char *hex, void *buf, size_t len_bytes)
{
	unsigned char *byte = buf;

	if (strlen(hex) != 2 * len_bytes)
		return -EINVAL;
	for (size_t i = 0; i < 2 * len_bytes; i++)
		if (hex_digit(hex[i]) < 0)
			return -EINVAL;
	for (size_t i = 0; i < len_bytes; i++)
		byte[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return 0;
}
