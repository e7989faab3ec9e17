/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_top.c - what top draws of given figures at given sizes, rates and trends as text
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/rate.h"
#include "ctl/top.h"

TestSuite(top, .timeout = 10);
TestSuite(rate, .timeout = 10);

#define N_RINGS 5

static struct top top;
static struct shmq_ring_stats rings[N_RINGS];
static struct snapshot snapshot = { .rings = rings, .n_rings = N_RINGS };

static void set_ring(unsigned i, const char *name, uint64_t pushed, uint64_t popped, uint64_t slots)
{
	uint64_t *values = rings[i].values;

	snprintf(rings[i].name, sizeof(rings[i].name), "%s", name);
	rings[i].n_values = SHMQ_N_RING_METRICS;
	values[SHMQ_RING_PUSHED_METRIC] = pushed;
	values[SHMQ_RING_POPPED_METRIC] = popped;
	values[SHMQ_RING_DEPTH_METRIC] = pushed - popped;
	values[SHMQ_RING_SLOTS_METRIC] = slots;
	values[SHMQ_RING_LIVE_METRIC] = 1;
}

/* One look, a second after the last one. */
static void look(uint64_t n)
{
	set_ring(0, "a.full", 64, 0, 64);
	set_ring(1, "b.fast", 3000 * n, 3000 * n, 1024);
	set_ring(2, "c.slow", 10 * n, 5 * n, 1024);
	set_ring(3, "d.lost", 0, 0, 1024);
	rings[3].values[SHMQ_RING_LIVE_METRIC] = 0;
	set_ring(4, "e-ring-with-a-long-name.of-many-letters", 0, 0, 1024);
	snapshot.taken_ns = (int64_t)(n + 1) * NS_PER_S;
	cr_assert_eq(top_update(&top, &snapshot), 0);
}

static void teardown(void)
{
	top_release(&top);
}

static const char *line_of(const char *text, unsigned n)
{
	static char line[512];

	while (n-- > 0 && strchr(text, '\n'))
		text = strchr(text, '\n') + 1;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	return line;
}

static char *draw(int n_rows, int n_columns, bool help)
{
	const struct top_style style = {
		.n_rows = n_rows, .n_columns = n_columns, .bottom = "the bottom", .help = help,
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	top_draw(out, &top, &style);
	fclose(out);
	return text;
}

/* Columns on the screen: control sequences take none. */
static size_t width_of(const char *line)
{
	size_t width = 0;

	while (*line) {
		if (*line == '\033')
			line += strcspn(line, "m");
		else
			width++;
		line++;
	}
	return width;
}

Test(top, every_size_is_kept, .fini = teardown)
{
	static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 10, 40 }, { 4, 20 },
					{ 3, 10 },  { 1, 1 },	 { 100, 400 } };

	for (uint64_t n = 0; n < 70; n++)
		look(n);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (int help = 0; help < 2; help++) {
			char *text = draw(sizes[i][0], sizes[i][1], help);
			int n_lines = 0;

			for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
				n_lines++;
			if (sizes[i][0] >= 3)
				cr_expect_eq(n_lines, sizes[i][0]);
			for (int line = 0; line < n_lines; line++)
				cr_expect_leq(width_of(line_of(text, (unsigned)line)),
					      (size_t)(sizes[i][1] > 10 ? sizes[i][1] : 10),
					      "at %dx%d: %s", sizes[i][1], sizes[i][0],
					      line_of(text, (unsigned)line));
			free(text);
		}
	}
}

Test(top, what_does_not_fit_is_left_out_by_its_use, .fini = teardown)
{
	char *wide, *narrow;

	look(0);
	look(1);
	wide = draw(24, 80, false);
	narrow = draw(10, 40, false);
	cr_expect(strstr(line_of(wide, 1), "NAME"));
	cr_expect(strstr(line_of(wide, 1), "DIED TREND"), "%s", line_of(wide, 1));
	cr_expect(strstr(line_of(narrow, 1), "PUSH/S  POP/S USE% TREND"), "%s", line_of(narrow, 1));
	free(wide);
	free(narrow);
}

static const char *name_at(size_t i)
{
	return i < top.n_view ? top.view[i]->stats.name : "";
}

Test(top, sorted_by_the_largest_and_names_among_equals, .fini = teardown)
{
	look(0);
	look(1);
	cr_expect_str_eq(name_at(0), "b.fast");
	cr_expect_str_eq(name_at(1), "c.slow");
	cr_expect_str_eq(name_at(2), "a.full");
	cr_expect_str_eq(name_at(3), "d.lost");
	top.reverse = true;
	top_arrange(&top);
	cr_expect_str_eq(name_at(4), "b.fast");
	top.reverse = false;
	top.sort = TOP_BY_USE;
	top_arrange(&top);
	cr_expect_str_eq(name_at(0), "a.full");
	top.sort = TOP_BY_NAME;
	top_arrange(&top);
	cr_expect_str_eq(name_at(1), "b.fast");
}

static size_t n_with(const char *filter)
{
	snprintf(top.filter, sizeof(top.filter), "%s", filter);
	top_arrange(&top);
	return top.n_view;
}

Test(top, a_filter_is_a_part_or_a_pattern, .fini = teardown)
{
	look(0);
	cr_expect_eq(n_with(""), N_RINGS);
	cr_expect_eq(n_with(".f"), 2);
	cr_expect_eq(n_with("?.f*"), 2);
	cr_expect_eq(n_with("*.fast"), 1);
	cr_expect_eq(n_with("nobody"), 0);
	cr_expect_eq(top.first, 0);
}

Test(top, states_are_letters, .fini = teardown)
{
	char *text;

	look(0);
	text = draw(24, 80, false);
	cr_expect(strstr(text, "\nF a.full"));
	cr_expect(strstr(text, "\n! d.lost"));
	cr_expect(strstr(text, "\n- b.fast"), "no rates yet: it seems to rest");
	free(text);
	look(1);
	text = draw(24, 80, false);
	cr_expect(strstr(text, "\nR b.fast"));
	cr_expect(strstr(text, "3.00k  3.00k"), "%s", text);
	free(text);
}

/* Another ring of the same name, or one that was emptied: counted from 0. */
Test(top, a_counter_that_begins_anew_never_runs_backwards, .fini = teardown)
{
	look(5);
	look(6);
	set_ring(1, "b.fast", 70, 0, 1024);
	snapshot.taken_ns += NS_PER_S;
	cr_assert_eq(top_update(&top, &snapshot), 0);
	for (size_t i = 0; i < top.n_rings; i++)
		if (!strcmp(top.rings[i].stats.name, "b.fast"))
			cr_expect_eq(top.rings[i].push, 70.0);
}

/* ---- rates and trends ---- */

static const char *rate(double per_s)
{
	static char text[32];

	return format_rate(per_s, text, sizeof(text));
}

Test(rate, five_characters_at_most)
{
	static const struct {
		double rate;
		const char *text;
	} cases[] = {
		{ 0, "0" },	     { 0.004, "0" },	 { 0.25, "0.25" },	{ 7.5, "7.5" },
		{ 9.96, "10" },	     { 42, "42" },	 { 980.4, "980" },	{ 999.6, "1.00k" },
		{ 12345, "12.3k" },  { 999499, "999k" }, { 999999, "1.00M" },	{ 1.21e6, "1.21M" },
		{ 99.96e6, "100M" }, { 1e300, "inf" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_str_eq(rate(cases[i].rate), cases[i].text);
	for (double value = 0.001; value < 1e21; value *= 1.07)
		cr_expect_leq(strlen(rate(value)), 5u, "%f is %s", value, rate(value));
}

Test(rate, a_trend_is_as_high_as_its_highest)
{
	static const double values[] = { 0, 0.001, 50, 100 };
	char text[64];

	cr_expect_str_eq(sparkline(values, 4, false, text, sizeof(text)), " .=#");
	cr_expect_str_eq(sparkline(values, 4, true, text, sizeof(text)),
			 " \u2581\u2584\u2588");
	cr_expect_str_eq(sparkline(values, 0, true, text, sizeof(text)), "");
	cr_expect_str_eq(sparkline(values, 4, true, text, 6), " \u2581", "not cut inside a character");
	cr_expect_str_eq(sparkline((const double[]){ 0, 0 }, 2, true, text, sizeof(text)), "  ");
}
