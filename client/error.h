/* SPDX-License-Identifier: MIT */
/*
 * error.h - the sentence for people about the last failed call of this thread
 *
 * Whoever knows what happened to which object says so once, where the error is made; callers pass
 * the number on. The text belongs to the calling thread.
 */
#pragma once

/* Remember the sentence. Return: @error, for 'return error_set(-ENOENT, "…")'. */
int error_set(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The sentence, to be put back after calls that may fail and shall not be heard. */
struct error_saved {
	char text[512];
};
void error_save(struct error_saved *ret_saved);
void error_restore(const struct error_saved *saved);

/* A public call begins: the last one's sentence is over. */
void error_clear(void);
