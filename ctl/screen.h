/* SPDX-License-Identifier: MIT */
/*
 * screen.h - the whole terminal, taken over and given back as it was
 *
 * Plain control sequences that every terminal of the last decades knows: alternate screen, no cursor,
 * keys without Enter. Signals that end or stop the process are taken note of and acted upon here, so
 * that the terminal is given back first; they are blocked but for screen_wait(). One at a time.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

enum {
	SCREEN_ESCAPE = 27,
	SCREEN_TIMEOUT = 256, /* beyond all characters */
	SCREEN_RESIZED,	      /* or the terminal is ours again */
	SCREEN_ENDED,	      /* a signal wants us to end: screen_die() */
	SCREEN_UP,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_HOME,
	SCREEN_END,
	SCREEN_OTHER, /* a key that we don't know */
};

struct screen {
	int n_rows, n_columns;
	bool has_keys; /* standard input is a terminal, too */
	struct termios cooked;
	sigset_t outside; /* blocked before we came */
	char input[64];	  /* read and not yet understood */
	unsigned n_input;
};

/* Whether standard output is a terminal that we can draw on. */
bool screen_is_there(void);

/* Return: 0 or -errno. */
int screen_open(struct screen *screen);
void screen_close(struct screen *screen);
/* Close, and end by the signal that came. */
_Noreturn void screen_die(struct screen *screen);

/* The next key, as a character or one of the above. */
int screen_wait(struct screen *screen, int64_t deadline_ns);

/* Show @text: lines that end with '\n', none longer than the screen is wide. */
void screen_show(const struct screen *screen, const char *text);
