/* SPDX-License-Identifier: MIT */
/*
 * rate.h - rates as text, and their recent past as a line of blocks
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* At most 5 characters: "0", "0.25", "7.5", "980", "1.21M"; beyond all measure: "inf". Return: @buf. */
const char *format_rate(double per_s, char *buf, size_t cap_bytes);

/*
 * sparkline() - one character for each of @values, as high as the value is against the largest one
 * A value that is not zero is never shown as nothing. @utf8: blocks of eighths, else ASCII.
 * Return: @buf, which is cut between characters if it is too small.
 */
const char *sparkline(const double *values, size_t n, bool utf8, char *buf, size_t cap_bytes);
