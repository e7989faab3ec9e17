/* SPDX-License-Identifier: MIT */
/*
 * options.c - getopt_long(3) driven by option tables
 *
 * getopt gets an index into the merged list as its value, so that letters and names share one way.
 * It prints nothing itself: errors come back as text for failure.c.
 */
#include "ctl/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/parse.h"
#include "base/suggest.h"

#define MERGED_MAX 48
#define VAL_BASE   256 /* above every letter */

struct merged {
	const struct option_spec *specs[MERGED_MAX];
	char letters[MERGED_MAX];
	size_t n;
	struct option longs[MERGED_MAX + 1];
	char shorts[2 * MERGED_MAX + 3];
};

static bool merged_has(const struct merged *merged, const char *name, char letter)
{
	for (size_t i = 0; i < merged->n; i++)
		if ((name && !strcmp(merged->specs[i]->name, name)) ||
		    (letter && merged->letters[i] == letter))
			return true;
	return false;
}

static void merged_add(struct merged *merged, const struct option_spec *spec, char **shorts)
{
	size_t i = merged->n;

	if (merged_has(merged, spec->name, 0))
		return;
	assert(i < MERGED_MAX);
	merged->specs[i] = spec;
	merged->letters[i] =
		spec->letter && !merged_has(merged, NULL, spec->letter) ? spec->letter : 0;
	merged->longs[i] = (struct option){
		.name = spec->name,
		.has_arg = spec->type == OPTION_FLAG ? no_argument : required_argument,
		.val = VAL_BASE + (int)i,
	};
	if (merged->letters[i]) {
		*(*shorts)++ = merged->letters[i];
		if (spec->type != OPTION_FLAG)
			*(*shorts)++ = ':';
	}
	merged->n++;
}

static void merged_init(struct merged *merged, const struct option_spec *const *tables,
			bool permute)
{
	char *shorts = merged->shorts;

	memset(merged, 0, sizeof(*merged));
	if (!permute)
		*shorts++ = '+';
	*shorts++ = ':';
	for (; *tables; tables++)
		for (const struct option_spec *spec = *tables; spec->name; spec++)
			merged_add(merged, spec, &shorts);
	*shorts = '\0';
}

static const struct option_spec *merged_find(const struct merged *merged, int val)
{
	if (val >= VAL_BASE && (size_t)(val - VAL_BASE) < merged->n)
		return merged->specs[val - VAL_BASE];
	for (size_t i = 0; i < merged->n; i++)
		if (val && merged->letters[i] == val)
			return merged->specs[i];
	return NULL;
}

/* What kind of value an option wants, for the sentence and for the remedy. */
static const char *type_noun(enum option_type type)
{
	return type == OPTION_COUNT ? "a count" : type == OPTION_SIZE ? "a size" : "a span of time";
}

static const char *type_example(enum option_type type)
{
	return type == OPTION_COUNT  ? "1024"
	       : type == OPTION_SIZE ? "64K"
				     : "2s, 250ms or infinity";
}

static int value_set(const struct option_spec *spec, const char *text,
		     struct option_error *ret_error)
{
	char shown[64];
	uint64_t number;
	int r = 0;

	switch (spec->type) {
	case OPTION_FLAG:
		*(bool *)spec->value = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)spec->value = text;
		return 0;
	case OPTION_DURATION:
		r = parse_duration_ns(text, (int64_t *)spec->value);
		break;
	case OPTION_COUNT:
	case OPTION_SIZE:
		r = spec->type == OPTION_COUNT ? parse_u64(text, 0, UINT64_MAX, &number)
					       : parse_size(text, &number);
		if (r >= 0 && spec->max && number > spec->max)
			r = -ERANGE;
		if (r >= 0 && number == 0)
			r = -EDOM; /* in our variables that means: not given */
		if (r >= 0)
			*(uint64_t *)spec->value = number;
		break;
	}
	if (r >= 0)
		return 0;
	snprintf(ret_error->object, sizeof(ret_error->object), "--%s", spec->name);
	snprintf(ret_error->message, sizeof(ret_error->message),
		 r == -ERANGE ? "'%s' is too large for %s."
		 : r == -EDOM ? "'%s' is too small for %s."
			      : "'%s' is not %s.",
		 format_printable(text, shown, sizeof(shown)), type_noun(spec->type));
	snprintf(ret_error->hint, sizeof(ret_error->hint), "Write it like this: --%s %s",
		 spec->name, type_example(spec->type));
	return -EINVAL;
}

/* An option nobody knows: say what it was, and which one may have been meant. */
static void unknown_option(const struct merged *merged, const char *text,
			   struct option_error *ret_error)
{
	const char *names[MERGED_MAX];
	const char *best;
	char typed[64];

	if (optopt && optopt < VAL_BASE) {
		snprintf(ret_error->object, sizeof(ret_error->object), "-%c", optopt);
		snprintf(ret_error->message, sizeof(ret_error->message),
			 "there is no such option.");
		return;
	}
	snprintf(typed, sizeof(typed), "%s", strncmp(text, "--", 2) ? text : text + 2);
	typed[strcspn(typed, "=")] = '\0';
	format_printable(typed, ret_error->object + 2, sizeof(ret_error->object) - 2);
	memcpy(ret_error->object, "--", 2);
	if (optopt) {
		snprintf(ret_error->message, sizeof(ret_error->message), "it takes no value.");
		return;
	}
	for (size_t i = 0; i < merged->n; i++)
		names[i] = merged->specs[i]->name;
	snprintf(ret_error->message, sizeof(ret_error->message),
		 "there is no such option, or several begin like this.");
	best = suggest(typed, names, merged->n);
	if (best)
		snprintf(ret_error->hint, sizeof(ret_error->hint), "Did you mean --%s?", best);
}

int options_parse(const struct option_spec *const *tables, bool permute, int argc, char **argv,
		  struct option_error *ret_error)
{
	struct merged merged;

	memset(ret_error, 0, sizeof(*ret_error));
	merged_init(&merged, tables, permute);
	opterr = 0;
	optind = 0; /* glibc: start anew */
	for (;;) {
		int val = getopt_long(argc, argv, merged.shorts, merged.longs, NULL);
		const struct option_spec *spec;

		if (val == -1)
			return optind;
		if (val == '?') {
			unknown_option(&merged, argv[optind > 0 ? optind - 1 : 0], ret_error);
			return -EINVAL;
		}
		spec = merged_find(&merged, val == ':' ? optopt : val);
		assert(spec);
		if (val == ':') {
			snprintf(ret_error->object, sizeof(ret_error->object), "--%s", spec->name);
			snprintf(ret_error->message, sizeof(ret_error->message),
				 "its value %s is missing.", spec->arg);
			return -EINVAL;
		}
		if (value_set(spec, optarg, ret_error) < 0)
			return -EINVAL;
	}
}

#define HELP_COLUMN 24

void options_print_help(FILE *out, const struct option_spec *table)
{
	for (; table && table->name; table++) {
		const char *line = table->help;
		int used = table->letter ? fprintf(out, "  -%c, --%s", table->letter, table->name)
					 : fprintf(out, "      --%s", table->name);

		if (table->arg)
			used += fprintf(out, " %s", table->arg);
		if (used + 2 > HELP_COLUMN) {
			fputc('\n', out);
			used = 0;
		}
		for (;;) {
			size_t len = strcspn(line, "\n");

			fprintf(out, "%*s%.*s\n", HELP_COLUMN - used, "", (int)len, line);
			if (!line[len])
				break;
			line += len + 1;
			used = 0;
		}
	}
}
