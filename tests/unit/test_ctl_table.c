/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_table.c - --output chooses columns, and says which there are when it can't
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

#include "ctl/table.h"

TestSuite(table, .timeout = 10);

static const struct verb verb = { .name = "list", .args = "" };

static void put_number(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	snprintf(buf, cap_bytes, "%d", *(const int *)row);
}

static void put_square(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	(void)ctl;
	snprintf(buf, cap_bytes, "%d", *(const int *)row * *(const int *)row);
}

static const struct column columns[] = {
	{ "NUMBER", true, true, put_number, NULL },
	{ "SQUARE", false, true, put_square, NULL },
	{ "AGAIN", true, false, put_number, NULL },
};

static struct table table;

static int init(const char *output)
{
	struct ctl ctl = { .verb = &verb, .columns = output };

	return table_init(&table, &ctl, columns, 3);
}

static void expect_selected(const char *output, size_t n, const unsigned *expected)
{
	cr_assert_eq(init(output), CTL_OK, "%s", output);
	cr_assert_eq(table.n_selected, n);
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(table.selected[i], expected[i], "%s: column %zu", output, i);
}

Test(table, the_usual_columns_are_those_marked)
{
	expect_selected(NULL, 2, (const unsigned[]){ 0, 2 });
}

Test(table, output_chooses_and_orders)
{
	expect_selected("SQUARE,NUMBER", 2, (const unsigned[]){ 1, 0 });
	expect_selected("square", 1, (const unsigned[]){ 1 });
	expect_selected("NUMBER,NUMBER", 2, (const unsigned[]){ 0, 0 });
}

Test(table, plus_adds_to_the_usual_ones)
{
	expect_selected("+SQUARE", 3, (const unsigned[]){ 0, 2, 1 });
}

Test(table, an_unknown_column_is_named_and_all_are_listed, .init = cr_redirect_stderr)
{
	cr_expect_eq(init("NUMBER,CUBE"), CTL_USAGE);
	fflush(stderr);
	cr_expect_stderr_eq_str("shmqctl: --output: there is no column 'CUBE'.\n"
				"  NUMBER,SQUARE,AGAIN\n");
}

static void print(struct ctl *ctl)
{
	const int rows[] = { 3, 12 };

	cr_assert_eq(table_init(&table, ctl, columns, 3), CTL_OK);
	cr_assert_eq(table_print(&table, ctl, rows, sizeof(rows[0]), 2), 0);
	fflush(stdout);
}

Test(table, rows_are_printed_aligned, .init = cr_redirect_stdout)
{
	struct ctl ctl = { .verb = &verb };

	print(&ctl);
	cr_expect_stdout_eq_str("NUMBER AGAIN\n     3 3\n    12 12\n");
}

Test(table, raw_output_for_shells, .init = cr_redirect_stdout)
{
	struct ctl ctl = {
		.verb = &verb, .raw = true, .noheadings = true, .columns = "NUMBER,SQUARE"
	};

	print(&ctl);
	cr_expect_stdout_eq_str("3 9\n12 144\n");
}
