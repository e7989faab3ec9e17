/* SPDX-License-Identifier: MIT */
/*
 * lines.c - a reader that hands out lines in place and never waits for more than it needs
 *
 * stdio's getline(3) would take a line of any length into memory before anybody could refuse it.
 */
#include "ctl/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/pipe.h"

#define READ_BYTES 65536u

int lines_init(struct lines *lines, int fd, size_t max_bytes, bool split)
{
	size_t cap = max_bytes + READ_BYTES;
	char *buf = malloc(cap);

	if (!buf)
		return -ENOMEM;
	*lines = (struct lines){
		.fd = fd, .split = split, .max_bytes = max_bytes, .buf = buf, .cap = cap
	};
	return 0;
}

void lines_deinit(struct lines *lines)
{
	free(lines->buf);
	lines->buf = NULL;
}

/* Return: 0, or -errno; sets eof. */
static int refill(struct lines *lines)
{
	ssize_t n;

	memmove(lines->buf, lines->buf + lines->start, lines->end - lines->start);
	lines->end -= lines->start;
	lines->start = 0;
	for (;;) {
		n = read(lines->fd, lines->buf + lines->end, lines->cap - lines->end);
		if (n >= 0)
			break;
		if (errno == EAGAIN && pipe_wait_readable(lines->fd) >= 0)
			continue;
		if (errno != EINTR)
			return -errno;
	}
	lines->end += (size_t)n;
	lines->eof = n == 0;
	return 0;
}

/* Hand out @len bytes; @skip: 1 for the newline behind them. */
static int hand_out(struct lines *lines, size_t len, size_t skip, const char **ret_line,
		    size_t *ret_len)
{
	*ret_line = lines->buf + lines->start;
	*ret_len = len;
	lines->start += len + skip;
	return 1;
}

int lines_next(struct lines *lines, const char **ret_line, size_t *ret_len)
{
	size_t searched = 0; /* bytes from start that hold no newline */

	if (!lines->inside)
		lines->n_lines++;
	for (;;) {
		size_t have = lines->end - lines->start;
		char *line = lines->buf + lines->start;
		char *newline = memchr(line + searched, '\n', have - searched);
		size_t len = newline ? (size_t)(newline - line) : have;
		int r;

		if (len > lines->max_bytes) {
			lines->inside = lines->split;
			return lines->split
				       ? hand_out(lines, lines->max_bytes, 0, ret_line, ret_len)
				       : -EMSGSIZE;
		}
		if (newline || (lines->eof && have > 0)) {
			lines->inside = false;
			return hand_out(lines, len, newline != NULL, ret_line, ret_len);
		}
		if (lines->eof)
			return 0;
		searched = have;
		r = refill(lines);
		if (r < 0)
			return r;
	}
}
