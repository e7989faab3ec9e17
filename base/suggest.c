/* SPDX-License-Identifier: MIT */
/*
 * suggest.c - edit distance (optimal string alignment) and the choice of a near word
 *
 * Pure. A third of the letters may be wrong, at least one: "lst" is list, "md.tick" is md.ticks,
 * but two unrelated three-letter names aren't offered for each other.
 */
#include "base/suggest.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 63

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1] = { { 0 } }; /* before the last, last, this */
	size_t n_a = strlen(a), n_b = strlen(b);

	if (n_a > WORD_MAX || n_b > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= n_b; j++)
		rows[0][j] = rows[1][j] = j;
	for (size_t i = 1; i <= n_a; i++) {
		rows[2][0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			size_t best = rows[1][j - 1] + (a[i - 1] != b[j - 1]);

			best = min_size(best, min_size(rows[1][j], rows[2][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = min_size(best, rows[0][j - 2] + 1);
			rows[2][j] = best;
		}
		memcpy(rows[0], rows[1], sizeof(rows[0]));
		memcpy(rows[1], rows[2], sizeof(rows[1]));
	}
	return rows[1][n_b];
}

const char *suggest(const char *typed, const char *const *words, size_t n)
{
	size_t len = strlen(typed);
	size_t nearest = (len / 3 > 1 ? len / 3 : 1) + 1; /* what must be undercut */
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t distance = suggest_distance(typed, words[i]);

		if (distance < nearest && distance < len) {
			nearest = distance;
			best = words[i];
		}
	}
	return best;
}
