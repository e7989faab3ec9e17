/* SPDX-License-Identifier: MIT */
/*
 * format.c - values to text for people (declared in parse.h)
 *
 * Independent of the locale: a program that calls setlocale(3) still prints "1.5M", not "1,5M".
 * What doesn't fit the buffer is cut; the buffer is always terminated.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"

const char *format_size(uint64_t bytes, char *buf, size_t cap_bytes)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	uint64_t hundredths;
	unsigned unit = 0;

	while (value >= 999.5) {
		value /= 1024;
		unit++;
	}
	if (value >= 99.95)
		hundredths = (uint64_t)(value + 0.5) * 100;
	else if (value >= 9.995)
		hundredths = (uint64_t)(value * 10 + 0.5) * 10;
	else
		hundredths = (uint64_t)(value * 100 + 0.5);
	if (hundredths % 100 == 0)
		snprintf(buf, cap_bytes, "%" PRIu64 "%c", hundredths / 100, units[unit]);
	else if (hundredths % 10 == 0)
		snprintf(buf, cap_bytes, "%" PRIu64 ".%u%c", hundredths / 100,
			 (unsigned)(hundredths / 10 % 10), units[unit]);
	else
		snprintf(buf, cap_bytes, "%" PRIu64 ".%02u%c", hundredths / 100,
			 (unsigned)(hundredths % 100), units[unit]);
	return buf;
}

/* Below a minute: one unit, with a decimal when it is less than ten of them. */
static void format_short(int64_t ns, char *buf, size_t cap_bytes)
{
	static const struct {
		int64_t ns;
		const char *name;
	} units[] = { { NS_PER_S, "s" }, { NS_PER_MS, "ms" }, { NS_PER_US, "us" }, { 1, "ns" } };
	unsigned i = 0;
	int64_t tenths;

	while (units[i].ns > 1 && ns < units[i].ns)
		i++;
	tenths = units[i].ns > 1 ? ns % units[i].ns / (units[i].ns / 10) : 0;
	if (ns < 10 * units[i].ns && tenths > 0)
		snprintf(buf, cap_bytes, "%" PRId64 ".%" PRId64 "%s", ns / units[i].ns, tenths,
			 units[i].name);
	else
		snprintf(buf, cap_bytes, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
}

const char *format_duration_ns(int64_t ns, char *buf, size_t cap_bytes)
{
	static const struct {
		int64_t seconds;
		char name;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	int64_t seconds = ns / NS_PER_S;
	int64_t minor;
	unsigned i = 0;

	if (ns < 0) {
		snprintf(buf, cap_bytes, "infinity");
		return buf;
	}
	if (seconds < 60) {
		format_short(ns, buf, cap_bytes);
		return buf;
	}
	while (seconds < units[i].seconds)
		i++;
	minor = seconds % units[i].seconds / units[i + 1].seconds;
	if (minor > 0)
		snprintf(buf, cap_bytes, "%" PRId64 "%c %" PRId64 "%c", seconds / units[i].seconds,
			 units[i].name, minor, units[i + 1].name);
	else
		snprintf(buf, cap_bytes, "%" PRId64 "%c", seconds / units[i].seconds,
			 units[i].name);
	return buf;
}

const char *format_count(uint64_t count, char *buf, size_t cap_bytes)
{
	char plain[24], grouped[32];
	int n_digits = snprintf(plain, sizeof(plain), "%" PRIu64, count);
	size_t n = 0;

	for (int i = 0; i < n_digits; i++) {
		if (i > 0 && (n_digits - i) % 3 == 0)
			grouped[n++] = ',';
		grouped[n++] = plain[i];
	}
	grouped[n] = '\0';
	snprintf(buf, cap_bytes, "%s", grouped);
	return buf;
}

/* Bytes of a UTF-8 character, by its first byte; 0 if none begins so. */
static size_t utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf8 ? 4 : 0;
}

/* Bytes of the well-formed UTF-8 character at @text, 0 if it is none (or the string's end). */
static size_t utf8_decode(const unsigned char *text, uint32_t *ret_code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = utf8_length(text[0]);
	uint32_t code = n == 1 ? text[0] : text[0] & (0xffu >> (n + 1));

	if (n == 0 || text[0] == '\0')
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80) /* the terminating NUL stops here too */
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

/* Controls (C0, DEL, C1), line separators, and marks that reorder the text around them. */
static bool code_is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

const char *format_printable(const char *text, char *buf, size_t cap_bytes)
{
	const unsigned char *next = (const unsigned char *)text;
	size_t used = 0;

	assert(cap_bytes > 0);
	while (*next) {
		uint32_t code = 0;
		size_t n = utf8_decode(next, &code);
		bool keep = n > 0 && !code_is_unsafe(code);
		size_t n_out = keep ? n : 1;

		if (used + n_out >= cap_bytes)
			break;
		if (keep)
			memcpy(buf + used, next, n);
		else
			buf[used] = '?';
		used += n_out;
		next += n > 0 ? n : 1;
	}
	buf[used] = '\0';
	return buf;
}
