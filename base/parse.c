/* SPDX-License-Identifier: MIT */
/*
 * parse.c - text from people to checked values: counts, sizes, spans of time
 *
 * Digits are read by hand: strtoull(3) takes signs, blanks, other bases and locales, none of which
 * we want. What stands behind the digits must be one known unit, to the end of the string.
 */
#include "base/parse.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

/* Read digits at *@text, leave it behind them. Return: 0; -EINVAL no digit; -ERANGE. */
static int digits_read(const char **text, uint64_t *ret_value)
{
	const char *c = *text;
	uint64_t value = 0;

	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			return -ERANGE;
	}
	*text = c;
	*ret_value = value;
	return 0;
}

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	int r = digits_read(&text, &value);

	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char *const units[] = { "K", "M", "G", "T" };
	uint64_t value, bytes;
	unsigned shift = 0;
	int r = digits_read(&text, &value);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]) && !shift; i++)
		if (!strncasecmp(text, units[i], 1))
			shift = 10 * (i + 1);
	if (shift) {
		text++;
		if (!strcasecmp(text, "iB"))
			text += 2;
	} else if (!strcasecmp(text, "B")) {
		text++;
	}
	if (*text)
		return -EINVAL;
	if (__builtin_mul_overflow(value, UINT64_C(1) << shift, &bytes))
		return -ERANGE;
	*ret_bytes = bytes;
	return 0;
}

/* Nanoseconds of a unit of time, 0 if there is none of this name. */
static int64_t unit_ns(const char *name)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "", NS_PER_S },	   { "ns", 1 },
		{ "us", NS_PER_US },	   { "ms", NS_PER_MS },
		{ "s", NS_PER_S },	   { "m", 60 * NS_PER_S },
		{ "min", 60 * NS_PER_S },  { "h", 3600 * NS_PER_S },
		{ "d", 86400 * NS_PER_S },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcasecmp(name, units[i].name))
			return units[i].ns;
	return 0;
}

int parse_duration_ns(const char *text, int64_t *ret_ns)
{
	const char *fraction = NULL;
	int64_t ns, scale, part_ns = 0;
	uint64_t value;
	int r;

	if (!strcasecmp(text, "infinity")) {
		*ret_ns = -1;
		return 0;
	}
	r = digits_read(&text, &value);
	if (r < 0)
		return r;
	if (*text == '.') {
		fraction = ++text;
		while (*text >= '0' && *text <= '9')
			text++;
		if (text == fraction)
			return -EINVAL;
	}
	scale = unit_ns(text);
	if (!scale)
		return -EINVAL;
	if (value > INT64_MAX || __builtin_mul_overflow((int64_t)value, scale, &ns))
		return -ERANGE;
	for (; fraction && fraction < text; fraction++) {
		scale /= 10; /* below a nanosecond this is 0 */
		part_ns += (*fraction - '0') * scale;
	}
	if (__builtin_add_overflow(ns, part_ns, &ns))
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}

int parse_unit_name(const char *unit)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				      ":-_.\\@";
	static const char *const suffixes[] = { ".service", ".scope", ".socket", ".mount", ".swap" };
	const char *dot = strrchr(unit, '.');

	if (!dot || dot == unit || strspn(unit, allowed) != strlen(unit))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(dot, suffixes[i]) == 0)
			return 0;
	return -EINVAL;
}
