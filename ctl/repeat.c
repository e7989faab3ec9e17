/* SPDX-License-Identifier: MIT */
/*
 * repeat.c - see repeat.h
 *
 * On a terminal the verb prints into memory: its standard streams are replaced while it runs, which
 * the C library here allows, and its file descriptors stay, so that it still sees a terminal. What is
 * wider than the screen is cut off by the terminal, which is told so while we draw. In a pipe, and
 * with --json, its outputs follow one another.
 */
#include "ctl/repeat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/screen.h"

#define WRAP_OFF "\033[?7l"
#define WRAP_ON	 "\033[?7h"

/* What one run of the verb has printed. */
struct output {
	char *out, *err;
	size_t n_out, n_err;
};

static void output_free(struct output *output)
{
	free(output->out);
	free(output->err);
	*output = (struct output){ 0 };
}

/* Return: its exit status; -ENOMEM. */
static int run_captured(struct ctl *ctl, int n_args, char **args, struct output *ret_output)
{
	FILE *real_out = stdout, *real_err = stderr;
	FILE *out = open_memstream(&ret_output->out, &ret_output->n_out);
	FILE *err = open_memstream(&ret_output->err, &ret_output->n_err);
	int exit = -ENOMEM;

	if (out && err) {
		stdout = out;
		stderr = err;
		exit = ctl->verb->run(ctl, n_args, args);
		stdout = real_out;
		stderr = real_err;
	}
	if (out && fclose(out) != 0)
		exit = -ENOMEM;
	if (err && fclose(err) != 0)
		exit = -ENOMEM;
	return exit;
}

/* ---- on a terminal ---- */

/* The first lines of @text, as many as fit, and how many more there are. */
static void add_lines(FILE *to, const char *text, int n_rows)
{
	int n_lines = 0;
	const char *line = text;

	for (const char *at = text; *at; at++)
		n_lines += *at == '\n';
	for (int row = 0; row < n_rows && *line; row++) {
		size_t len = strcspn(line, "\n");

		if (row == n_rows - 1 && n_lines > n_rows) {
			fprintf(to, "(%d more lines)", n_lines - row);
			break;
		}
		fprintf(to, "%s%.*s", row ? "\n" : "", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static void draw(const struct ctl *ctl, const struct screen *screen, const struct output *output,
		 int64_t interval_ns)
{
	char *text = NULL, every[32], now[16] = "";
	time_t seconds = time(NULL);
	struct tm broken_down;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (!to)
		return;
	if (localtime_r(&seconds, &broken_down))
		strftime(now, sizeof(now), "%H:%M:%S", &broken_down);
	fprintf(to, WRAP_OFF "shmqctl %s  %s, every %s  (q quits)\n", ctl->verb->name, now,
		format_duration_ns(interval_ns, every, sizeof(every)));
	add_lines(to, output->out, screen->n_rows - 1);
	fputs(WRAP_ON "\n", to);
	if (fclose(to) == 0)
		screen_show(screen, text);
	free(text);
}

/* Until the next look is due. Return: false: q was pressed. */
static bool wait_on_screen(const struct ctl *ctl, struct screen *screen, const struct output *output,
			   int64_t interval_ns)
{
	int64_t next_ns = deadline_after_ns(interval_ns);

	for (;;) {
		int key = screen_wait(screen, next_ns);

		if (key == SCREEN_ENDED)
			screen_die(screen);
		if (key == 'q' || key == 'Q')
			return false;
		if (key == SCREEN_TIMEOUT || key == ' ')
			return true;
		draw(ctl, screen, output, interval_ns);
	}
}

static int repeat_on_screen(struct ctl *ctl, int n_args, char **args, int64_t interval_ns)
{
	struct output output = { 0 };
	struct screen screen;
	bool again = true;
	int exit = CTL_OK;
	int r = screen_open(&screen);

	if (r < 0)
		return fail_file(ctl, "the terminal", r);
	while (again) {
		output_free(&output);
		exit = run_captured(ctl, n_args, args, &output);
		if (exit != CTL_OK)
			break;
		draw(ctl, &screen, &output, interval_ns);
		again = wait_on_screen(ctl, &screen, &output, interval_ns);
	}
	screen_close(&screen);
	if (exit > 0)
		fputs(output.err, stderr); /* why it has ended */
	else if (exit < 0)
		exit = fail_file(ctl, "memory", exit);
	output_free(&output);
	return exit;
}

/* ---- elsewhere ---- */

static int repeat_in_pipe(struct ctl *ctl, int n_args, char **args, int64_t interval_ns)
{
	struct timespec nap = timespec_from_ns(interval_ns);

	for (bool first = true;; first = false) {
		int exit;

		if (!first && !ctl->json)
			putchar('\n');
		exit = ctl->verb->run(ctl, n_args, args);
		if (exit != CTL_OK || fflush(stdout) != 0 || ferror(stdout))
			return exit; /* finish_output() judges standard output */
		nanosleep(&nap, NULL);
	}
}

int repeat_run(struct ctl *ctl, int n_args, char **args, int64_t interval_ns)
{
	if (interval_ns < REPEAT_MIN_NS || interval_ns > REPEAT_MAX_NS)
		return fail(ctl, CTL_USAGE, "usage", "--watch", NULL, "it must be from 100ms to 1h.");
	return !ctl->json && screen_is_there() ? repeat_on_screen(ctl, n_args, args, interval_ns)
					       : repeat_in_pipe(ctl, n_args, args, interval_ns);
}
