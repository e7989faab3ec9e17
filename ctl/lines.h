/* SPDX-License-Identifier: MIT */
/*
 * lines.h - lines of a file descriptor, as soon as they are there, none longer than a given size
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
	int fd;
	bool split; /* a longer line comes in pieces */
	bool eof;
	size_t max_bytes; /* of a line without its newline */
	uint64_t n_lines; /* number of the line that was last begun */
	bool inside;	  /* the last piece was not the end of its line */
	char *buf;
	size_t cap, start, end;
};

/* Return: 0, -ENOMEM. */
int lines_init(struct lines *lines, int fd, size_t max_bytes, bool split);
void lines_deinit(struct lines *lines);

/*
 * lines_next() - wait for the next line, or the next piece of it
 * @ret_line: valid until the next call, without the newline, not NUL-terminated.
 * Return: 1; 0 end of file; -EMSGSIZE line lines->n_lines is too long; -errno of read(2).
 */
int lines_next(struct lines *lines, const char **ret_line, size_t *ret_len);
