/* SPDX-License-Identifier: MIT */
/*
 * demo_say.c - what the demo prints: titles, lines, one progress line, claims
 */
#include "ctl/demo.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/parse.h"

void demo_progress_end(struct demo *demo)
{
	if (demo->progress_shown)
		fputs("\r\033[K", stdout);
	demo->progress_shown = false;
	fflush(stdout);
}

void demo_title(struct demo *demo, const char *format, ...)
{
	va_list args;

	if (demo->ctl->json || demo->ctl->quiet)
		return;
	demo_progress_end(demo);
	fputs(demo->ctl->color ? "\n\033[1m" : "\n", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	puts(demo->ctl->color ? "\033[0m" : "");
	fflush(stdout);
}

void demo_line(struct demo *demo, const char *format, ...)
{
	va_list args;

	if (demo->ctl->json || demo->ctl->quiet)
		return;
	demo_progress_end(demo);
	fputs("   ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* What fits into a line: a longer one would leave lines behind when it is redrawn. */
static int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void demo_progress(struct demo *demo, const char *format, ...)
{
	char text[160];
	int room = terminal_width() - 4;
	va_list args;

	if (!demo->tty || demo->ctl->json || demo->ctl->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("\r\033[K   %.*s", room > 0 ? room : 0, text);
	fflush(stdout);
	demo->progress_shown = true;
}

/* Claims are facts: --quiet prints those that failed. */
bool demo_claim(struct demo *demo, bool kept, const char *format, ...)
{
	const char *mark = kept		? (demo->utf8 ? "\xe2\x9c\x94" : "ok")
			   : demo->utf8 ? "\xe2\x9c\x98"
					: "FAILED";
	FILE *out = demo->ctl->json ? stderr : stdout;
	va_list args;

	demo->n_failed += !kept;
	if (kept && (demo->ctl->json || demo->ctl->quiet))
		return kept;
	demo_progress_end(demo);
	fprintf(out, demo->ctl->color ? " %s%s\033[0m " : " %s%s ",
		demo->ctl->color ? (kept ? "\033[32m" : "\033[31m") : "", mark);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
	fflush(out);
	return kept;
}

/* The last lines that the children wrote, which may say why. */
static void print_log(struct demo *demo)
{
	char tail[1024], line[256];
	off_t size = lseek(demo->log_fd, 0, SEEK_END);
	off_t from = size > (off_t)sizeof(tail) - 1 ? size - (off_t)sizeof(tail) + 1 : 0;
	ssize_t n = pread(demo->log_fd, tail, sizeof(tail) - 1, from);
	char *next = tail, *text;

	tail[n > 0 ? n : 0] = '\0';
	while ((text = strsep(&next, "\n")))
		if (*text)
			fprintf(stderr, "     | %s\n", format_printable(text, line, sizeof(line)));
}

int demo_broken(struct demo *demo, const char *format, ...)
{
	char text[512];
	va_list args;

	if (demo_interrupted())
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	demo_claim(demo, false, "%s", text);
	print_log(demo);
	return -1;
}
