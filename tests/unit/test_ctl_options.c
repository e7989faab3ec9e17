/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_options.c - option tables: every type, every way to write it, every way to get it wrong
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/options.h"

TestSuite(options, .timeout = 10);

static struct {
	bool force, json;
	uint64_t slots, size;
	int64_t timeout_ns;
	const char *name;
} values;

static const struct option_spec own[] = {
	{ 'f', "force", NULL, OPTION_FLAG, &values.force, 0, "by force" },
	{ 's', "slots", "N", OPTION_COUNT, &values.slots, 4096, "how many\nin two lines" },
	{ 'z', "size", "SIZE", OPTION_SIZE, &values.size, 1 << 20, "how large" },
	{ 0, "timeout", "TIME", OPTION_DURATION, &values.timeout_ns, 0, "how long" },
	{ 'n', "name", "TEXT", OPTION_TEXT, &values.name, 0, "what" },
	{ 0 },
};

static bool common_name;
static const struct option_spec common[] = {
	{ 'J', "json", NULL, OPTION_FLAG, &values.json, 0, "machine" },
	{ 'n', "noheadings", NULL, OPTION_FLAG, &common_name, 0, "its letter is taken" },
	{ 0 },
};

static const struct option_spec *const tables[] = { own, common, NULL };

static struct option_error error;

/* Words up to NULL as argv. Return: as options_parse(). */
static int parse(bool permute, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return options_parse(tables, permute, argc, argv, &error);
}

#define PARSE(...) parse(true, (char *[]){ "verb", __VA_ARGS__, NULL })

Test(options, every_type_in_long_form)
{
	cr_assert_eq(PARSE("--force", "--slots", "64", "--size=64K", "--timeout", "250ms", "--name",
			   "x"),
		     8 + 1);
	cr_expect(values.force);
	cr_expect_eq(values.slots, 64);
	cr_expect_eq(values.size, 65536);
	cr_expect_eq(values.timeout_ns, 250000000);
	cr_expect_str_eq(values.name, "x");
}

Test(options, letters_may_be_joined)
{
	cr_assert_eq(PARSE("-fs64", "-n", "y", "-J"), 5);
	cr_expect(values.force);
	cr_expect(values.json);
	cr_expect_eq(values.slots, 64);
	cr_expect_str_eq(values.name, "y");
}

Test(options, the_first_table_has_the_letter)
{
	cr_assert_geq(PARSE("-n", "z", "--noheadings"), 0);
	cr_expect_str_eq(values.name, "z");
	cr_expect(common_name);
}

Test(options, operands_are_collected_behind_options)
{
	char *argv[] = { "verb", "ring", "--force", "other", "--slots", "8", NULL };
	int first = parse(true, argv);

	cr_assert_eq(first, 4);
	cr_expect_str_eq(argv[4], "ring");
	cr_expect_str_eq(argv[5], "other");
	cr_expect_eq(values.slots, 8);
}

Test(options, without_permutation_the_first_operand_ends_them)
{
	char *argv[] = { "shmqctl", "--force", "list", "--slots", "8", NULL };

	cr_assert_eq(parse(false, argv), 2);
	cr_expect_eq(values.slots, 0);
}

Test(options, two_dashes_end_them)
{
	cr_assert_eq(PARSE("--force", "--", "--slots"), 3);
	cr_expect_eq(values.slots, 0);
}

Test(options, infinity_is_a_time)
{
	cr_assert_geq(PARSE("--timeout", "infinity"), 0);
	cr_expect_eq(values.timeout_ns, -1);
}

static void expect_refused(char *option, char *text, const char *message)
{
	values.slots = values.size = 7;
	values.timeout_ns = 7;
	cr_expect_eq(PARSE(option, text), -EINVAL, "%s %s", option, text);
	cr_expect_str_eq(error.object, option);
	cr_expect(strstr(error.message, message), "%s %s says: %s", option, text, error.message);
	cr_expect(error.hint[0], "no remedy for %s %s", option, text);
	cr_expect(values.slots == 7 && values.size == 7 && values.timeout_ns == 7, "%s was written",
		  option);
}

Test(options, values_that_make_no_sense_are_named)
{
	expect_refused("--slots", "many", "'many' is not a count");
	expect_refused("--slots", "-1", "'-1' is not a count");
	expect_refused("--slots", "", "'' is not a count");
	expect_refused("--slots", "4097", "'4097' is too large");
	expect_refused("--slots", "99999999999999999999", "too large");
	expect_refused("--slots", "0", "'0' is too small for a count");
	expect_refused("--size", "0K", "'0K' is too small for a size");
	expect_refused("--size", "64Q", "'64Q' is not a size");
	expect_refused("--size", "2M", "'2M' is too large");
	expect_refused("--timeout", "soon", "'soon' is not a span of time");
	expect_refused("--slots", "\033[31m", "'?[31m' is not a count");
}

Test(options, a_missing_value_is_said)
{
	cr_assert_eq(PARSE("--slots"), -EINVAL);
	cr_expect_str_eq(error.object, "--slots");
	cr_expect_str_eq(error.message, "its value N is missing.");
	cr_assert_eq(PARSE("-s"), -EINVAL);
	cr_expect_str_eq(error.object, "--slots");
}

Test(options, an_unknown_one_is_named_and_the_nearest_offered)
{
	cr_assert_eq(PARSE("--jsno"), -EINVAL);
	cr_expect_str_eq(error.object, "--jsno");
	cr_expect_str_eq(error.hint, "Did you mean --json?");
	cr_assert_eq(PARSE("--frobnicate=9"), -EINVAL);
	cr_expect_str_eq(error.object, "--frobnicate");
	cr_expect_str_eq(error.hint, "");
	cr_assert_eq(PARSE("-y"), -EINVAL);
	cr_expect_str_eq(error.object, "-y");
	cr_assert_eq(PARSE("-fy"), -EINVAL);
	cr_expect_str_eq(error.object, "-y");
}

Test(options, a_flag_takes_no_value)
{
	cr_assert_eq(PARSE("--force=yes"), -EINVAL);
	cr_expect_str_eq(error.object, "--force");
	cr_expect_str_eq(error.message, "it takes no value.");
	cr_expect_not(values.force);
}

Test(options, help_is_aligned)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	options_print_help(out, own);
	fclose(out);
	cr_expect_str_eq(text, "  -f, --force           by force\n"
			       "  -s, --slots N         how many\n"
			       "                        in two lines\n"
			       "  -z, --size SIZE       how large\n"
			       "      --timeout TIME    how long\n"
			       "  -n, --name TEXT       what\n");
	free(text);
}
