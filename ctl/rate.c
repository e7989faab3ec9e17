/* SPDX-License-Identifier: MIT */
/*
 * rate.c - rates as text; see rate.h
 */
#include "ctl/rate.h"

#include <stdio.h>
#include <string.h>

const char *format_rate(double per_s, char *buf, size_t cap_bytes)
{
	static const char units[][2] = { "", "k", "M", "G", "T", "P", "E" };
	unsigned unit = 0;

	/* 0.005 and 999.5 are what the next form would round up to */
	while (per_s >= 999.5 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		per_s /= 1000;
		unit++;
	}
	if (per_s >= 999.5)
		snprintf(buf, cap_bytes, "inf");
	else if (per_s < 0.005)
		snprintf(buf, cap_bytes, "0");
	else if (per_s < 9.995 && (unit || per_s < 0.995))
		snprintf(buf, cap_bytes, "%.2f%s", per_s, units[unit]);
	else if (per_s < 99.95 && (unit || per_s < 9.95))
		snprintf(buf, cap_bytes, "%.1f%s", per_s, units[unit]);
	else
		snprintf(buf, cap_bytes, "%.0f%s", per_s, units[unit]);
	return buf;
}

const char *sparkline(const double *values, size_t n, bool utf8, char *buf, size_t cap_bytes)
{
	/* U+2581 to U+2588; one column each */
	static const char *const blocks[] = {
		" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588",
	};
	static const char *const signs[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
	double max = 0;
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (values[i] > max)
			max = values[i];
	for (size_t i = 0; i < n; i++) {
		unsigned level = values[i] > 0 ? 1 + (unsigned)(values[i] / max * 7) : 0;
		const char *text = (utf8 ? blocks : signs)[level < 8 ? level : 8];
		size_t len = strlen(text);

		if (used + len + 1 > cap_bytes)
			break;
		memcpy(buf + used, text, len);
		used += len;
	}
	buf[used] = '\0';
	return buf;
}
