/* SPDX-License-Identifier: MIT */
/*
 * test_base_suggest.c - a slip is recognised, an unrelated word is not offered
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/suggest.h"

TestSuite(suggest, .timeout = 10);

#define N_WORDS(words) (sizeof(words) / sizeof((words)[0]))

static const char *const verbs[] = {
	"list", "show", "clients", "create", "destroy", "send", "recv"
};

Test(suggest, distance_counts_edits)
{
	cr_expect_eq(suggest_distance("", ""), 0);
	cr_expect_eq(suggest_distance("list", "list"), 0);
	cr_expect_eq(suggest_distance("", "abc"), 3);
	cr_expect_eq(suggest_distance("abc", ""), 3);
	cr_expect_eq(suggest_distance("lst", "list"), 1);
	cr_expect_eq(suggest_distance("lisst", "list"), 1);
	cr_expect_eq(suggest_distance("lust", "list"), 1);
	cr_expect_eq(suggest_distance("lsit", "list"), 1, "neighbours swapped are one slip");
	cr_expect_eq(suggest_distance("kitten", "sitting"), 3);
}

Test(suggest, distance_is_symmetric)
{
	for (size_t i = 0; i < N_WORDS(verbs); i++)
		for (size_t j = 0; j < N_WORDS(verbs); j++)
			cr_expect_eq(suggest_distance(verbs[i], verbs[j]),
				     suggest_distance(verbs[j], verbs[i]));
}

Test(suggest, words_that_are_too_long_are_infinitely_far)
{
	char longest[64], longer[65];

	memset(longest, 'a', sizeof(longest));
	memset(longer, 'a', sizeof(longer));
	longest[63] = longer[64] = '\0';
	cr_expect_eq(suggest_distance(longest, longest), 0);
	cr_expect_eq(suggest_distance(longer, longest), SIZE_MAX);
	cr_expect_eq(suggest_distance(longest, longer), SIZE_MAX);
}

Test(suggest, slips_are_recognised)
{
	cr_expect_str_eq(suggest("lst", verbs, N_WORDS(verbs)), "list");
	cr_expect_str_eq(suggest("craete", verbs, N_WORDS(verbs)), "create");
	cr_expect_str_eq(suggest("client", verbs, N_WORDS(verbs)), "clients");
	cr_expect_str_eq(suggest("distroi", verbs, N_WORDS(verbs)), "destroy");
}

Test(suggest, the_nearest_of_several_wins)
{
	static const char *const rings[] = { "md.tock", "md.ticks", "md.tick2" };

	cr_expect_str_eq(suggest("md.tick", rings, N_WORDS(rings)), "md.tock",
			 "equally near: the first");
	cr_expect_str_eq(suggest("md.tikcs", rings, N_WORDS(rings)), "md.ticks");
}

Test(suggest, unrelated_words_are_not_offered)
{
	cr_expect_null(suggest("frobnicate", verbs, N_WORDS(verbs)));
	cr_expect_null(suggest("x", verbs, N_WORDS(verbs)));
	cr_expect_null(suggest("", verbs, N_WORDS(verbs)));
	cr_expect_null(suggest("list", verbs, 0));
}
