/* SPDX-License-Identifier: MIT */
/*
 * parse.h - text to checked values and back: sizes ("64K"), durations ("30s"), counts
 *
 * Parsers take the whole string or refuse it: -EINVAL for text that is no value, -ERANGE for
 * one that does not fit. Nothing is written on failure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);
/* Bytes: a number with an optional K, M, G or T (powers of 1024; "64K", "64KiB", "1M"). */
int parse_size(const char *text, uint64_t *ret_bytes);
/* A span of time: "250ms", "2s", "1.5s", "5min", "1h", "2d", "infinity" (-1); bare numbers are seconds. */
int parse_duration_ns(const char *text, int64_t *ret_ns);
/* Is it the name of a systemd unit that has processes, "x.service"? Return: 0; -EINVAL. */
int parse_unit_name(const char *unit);
/* "64K", "1.1M", "512B": at most 3 significant digits, powers of 1024. Return: @buf. */
const char *format_size(uint64_t bytes, char *buf, size_t cap_bytes);
/* "2d 4h", "6h 12m", "3.2s", "410us": the two largest units. Return: @buf. */
const char *format_duration_ns(int64_t ns, char *buf, size_t cap_bytes);
/* 1234567 -> "1,234,567". Return: @buf. */
const char *format_count(uint64_t count, char *buf, size_t cap_bytes);
/* Copy @text so that it is safe on a terminal or in a log: control bytes and broken UTF-8 become '?'. */
const char *format_printable(const char *text, char *buf, size_t cap_bytes);
