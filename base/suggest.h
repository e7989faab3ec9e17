/* SPDX-License-Identifier: MIT */
/*
 * suggest.h - "did you mean …?": the word of a list that is nearest to what was typed
 */
#pragma once

#include <stddef.h>

/* suggest() - the nearest of @n @words, if one is near enough to be a slip. Return: it, or NULL. */
const char *suggest(const char *typed, const char *const *words, size_t n);

/* suggest_distance() - edits (insert, delete, replace, swap of neighbours) between two words; words
 * longer than 63 characters are as far from anything as can be. */
size_t suggest_distance(const char *a, const char *b);
