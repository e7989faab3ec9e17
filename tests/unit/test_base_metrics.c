/* SPDX-License-Identifier: MIT */
/*
 * test_base_metrics.c - tables of metrics as text, and the tables themselves
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <shmq/metrics.h>

#include "base/metrics.h"

TestSuite(metrics, .timeout = 10);

/* Families "a" and "b", interleaved. */
static const struct metric rows[] = {
	{ "a_x", "a", "k=\"x\"", METRIC_COUNTER, METRIC_PLAIN, "Counts a" },
	{ "b", "b_seconds", "", METRIC_GAUGE, METRIC_NS, "How long" },
	{ "a_y", "a", "k=\"y\"", METRIC_COUNTER, METRIC_PLAIN, "Counts a" },
};
static const struct metric_table table = { "t_", "ring", rows, 3 };
static const struct metric_table alone = { "t_", NULL, rows, 3 };

static const uint64_t values_1[] = { 1, 1500000001, 3 };
static const uint64_t values_2[] = { UINT64_MAX, 0, 0 };
static const struct metric_values objects[] = {
	{ "r1", values_1, 3 },
	{ "q\"\\\n", values_2, 2 }, /* who counted knows of two */
};

static char *text_of(const struct metric_table *of, size_t n_objects, enum metric_format format)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	metric_write_table(out, of, objects, n_objects, format);
	metric_write_end(out, format);
	cr_assert_eq(fclose(out), 0);
	return text;
}

static void assert_text(const struct metric_table *of, size_t n_objects, enum metric_format format,
			const char *expected)
{
	char *text = text_of(of, n_objects, format);

	cr_assert_str_eq(text, expected);
	free(text);
}

Test(metrics, openmetrics_has_families_units_and_an_end)
{
	assert_text(&table, 2, METRIC_OPENMETRICS,
		    "# TYPE t_a counter\n"
		    "# HELP t_a Counts a.\n"
		    "t_a_total{ring=\"r1\",k=\"x\"} 1\n"
		    "t_a_total{ring=\"r1\",k=\"y\"} 3\n"
		    "t_a_total{ring=\"q\\\"\\\\\\n\",k=\"x\"} 18446744073709551615\n"
		    "# TYPE t_b_seconds gauge\n"
		    "# UNIT t_b_seconds seconds\n"
		    "# HELP t_b_seconds How long.\n"
		    "t_b_seconds{ring=\"r1\"} 1.500000001\n"
		    "t_b_seconds{ring=\"q\\\"\\\\\\n\"} 0.000000000\n"
		    "# EOF\n");
}

Test(metrics, the_older_format_calls_counters_total_and_knows_no_units)
{
	assert_text(&table, 1, METRIC_PROMETHEUS,
		    "# TYPE t_a_total counter\n"
		    "# HELP t_a_total Counts a.\n"
		    "t_a_total{ring=\"r1\",k=\"x\"} 1\n"
		    "t_a_total{ring=\"r1\",k=\"y\"} 3\n"
		    "# TYPE t_b_seconds gauge\n"
		    "# HELP t_b_seconds How long.\n"
		    "t_b_seconds{ring=\"r1\"} 1.500000001\n");
}

Test(metrics, what_there_is_once_needs_no_label)
{
	assert_text(&alone, 1, METRIC_PROMETHEUS,
		    "# TYPE t_a_total counter\n"
		    "# HELP t_a_total Counts a.\n"
		    "t_a_total{k=\"x\"} 1\n"
		    "t_a_total{k=\"y\"} 3\n"
		    "# TYPE t_b_seconds gauge\n"
		    "# HELP t_b_seconds How long.\n"
		    "t_b_seconds 1.500000001\n");
}

/* ---- the tables of metrics.h ---- */

#define SYMBOL(symbol_, ...) #symbol_,

static const struct metric ring_rows[] = { SHMQ_RING_METRICS(METRIC_ROW) };
static const struct metric daemon_rows[] = { SHMQ_DAEMON_METRICS(METRIC_ROW) };
static const char *const ring_symbols[] = { SHMQ_RING_METRICS(SYMBOL) };

static bool ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static void assert_rows(const struct metric *of, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *unit = metric_unit_name(of[i].unit);
		const char *key = of[i].key;

		cr_expect(!*unit || ends_with(of[i].family, unit), "%s: no unit in its name", key);
		cr_expect(!ends_with(of[i].family, "_total") && !ends_with(of[i].family, "_created"),
			  "%s: OpenMetrics keeps this ending for itself", key);
		cr_expect_eq(strspn(key, "abcdefghijklmnopqrstuvwxyz_"), strlen(key));
		cr_expect(!strpbrk(of[i].help, "\\\"\n") && !ends_with(of[i].help, "."),
			  "%s: its help would need escapes, or ends with two stops", key);
		for (size_t j = 0; j < i; j++) {
			cr_expect(strcmp(key, of[j].key), "%s is there twice", key);
			if (strcmp(of[i].family, of[j].family))
				continue;
			cr_expect(of[i].kind == of[j].kind && of[i].unit == of[j].unit &&
					  !strcmp(of[i].help, of[j].help),
				  "%s and %s are one family, and differ", key, of[j].key);
			cr_expect(strcmp(of[i].label, of[j].label), "%s needs a label", key);
		}
	}
}

Test(metrics, the_tables_make_sense)
{
	assert_rows(ring_rows, SHMQ_N_RING_METRICS);
	assert_rows(daemon_rows, SHMQ_N_DAEMON_METRICS);
}

/* Columns are called by the symbol, JSON keys by the key. */
Test(metrics, a_key_is_its_symbol_in_lower_case)
{
	for (size_t i = 0; i < SHMQ_N_RING_METRICS; i++) {
		char lower[64] = "";

		for (size_t j = 0; ring_symbols[i][j]; j++)
			lower[j] = (char)tolower(ring_symbols[i][j]);
		cr_assert_str_eq(lower, ring_rows[i].key);
	}
}

/* Numbers are part of the protocol: what was there in the first version stays in its place. */
Test(metrics, places_are_kept)
{
	cr_assert_eq(SHMQ_RING_PUSHED_METRIC, 0);
	cr_assert_eq(SHMQ_RING_DEPTH_METRIC, 2);
	cr_assert_eq(SHMQ_RING_PRODUCERS_METRIC, 9);
	cr_assert_eq(SHMQ_RING_CREATED_S_METRIC, 17);
	cr_assert_eq(SHMQ_DAEMON_RINGS_METRIC, 0);
	cr_assert_eq(SHMQ_DAEMON_UPTIME_METRIC, 9);
	cr_assert_eq(SHMQ_DAEMON_LOST_METRIC, 21);
	cr_assert_eq(SHMQ_DAEMON_REQUESTS_OTHER_METRIC, 41);
}
