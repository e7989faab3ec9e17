/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_lines.c - lines come as they arrive, none longer than allowed, none lost at the end
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl/lines.h"

TestSuite(lines, .timeout = 10);

static int file_of(const void *data, size_t len)
{
	int fd = memfd_create("lines", MFD_CLOEXEC);

	cr_assert_eq(write(fd, data, len), (ssize_t)len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void expect_line(struct lines *lines, const char *expected)
{
	const char *line = NULL;
	size_t len = 0;

	cr_assert_eq(lines_next(lines, &line, &len), 1, "instead of \"%s\"", expected);
	cr_expect_eq(len, strlen(expected));
	cr_expect(!strncmp(line, expected, len), "%.*s", (int)len, line);
}

static int next_result(struct lines *lines)
{
	const char *line;
	size_t len;

	return lines_next(lines, &line, &len);
}

static void expect_lines(const char *text, size_t max, bool split, const char *const *expected,
			 int end)
{
	struct lines lines;
	int fd = file_of(text, strlen(text));

	cr_assert_eq(lines_init(&lines, fd, max, split), 0);
	for (; *expected; expected++)
		expect_line(&lines, *expected);
	cr_expect_eq(next_result(&lines), end);
	lines_deinit(&lines);
	close(fd);
}

#define EXPECT_LINES(text, max, split, end, ...)                                                   \
	expect_lines(text, max, split, (const char *const[]){ __VA_ARGS__, NULL }, end)

Test(lines, are_split_at_newlines)
{
	EXPECT_LINES("a\nbc\n\nd\n", 8, false, 0, "a", "bc", "", "d");
}

Test(lines, the_last_needs_no_newline)
{
	EXPECT_LINES("a\nb", 8, false, 0, "a", "b");
}

Test(lines, an_empty_file_has_none)
{
	struct lines lines;
	int fd = file_of("", 0);

	cr_assert_eq(lines_init(&lines, fd, 8, false), 0);
	cr_expect_eq(next_result(&lines), 0);
	cr_expect_eq(next_result(&lines), 0, "again");
	lines_deinit(&lines);
	close(fd);
}

Test(lines, exactly_the_maximum_fits)
{
	EXPECT_LINES("12345678\n1234567\n12345678", 8, false, 0, "12345678", "1234567", "12345678");
}

Test(lines, one_byte_more_is_refused)
{
	EXPECT_LINES("ok\n123456789\nnever\n", 8, false, -EMSGSIZE, "ok");
	EXPECT_LINES("123456789", 8, false, -EMSGSIZE, NULL);
}

Test(lines, the_refused_one_has_its_number)
{
	struct lines lines;
	int fd = file_of("a\nb\n123456789\n", 14);

	cr_assert_eq(lines_init(&lines, fd, 8, false), 0);
	expect_line(&lines, "a");
	expect_line(&lines, "b");
	cr_expect_eq(next_result(&lines), -EMSGSIZE);
	cr_expect_eq(lines.n_lines, 3);
	lines_deinit(&lines);
	close(fd);
}

Test(lines, longer_ones_can_come_in_pieces)
{
	EXPECT_LINES("123456789ab\nx\n", 8, true, 0, "12345678", "9ab", "x");
	EXPECT_LINES("1234567812345678\nx", 8, true, 0, "12345678", "12345678", "x");
	EXPECT_LINES("123456781234567812", 8, true, 0, "12345678", "12345678", "12");
}

Test(lines, zero_bytes_are_data)
{
	struct lines lines;
	const char *line;
	size_t len;
	int fd = file_of("a\0b\n", 4);

	cr_assert_eq(lines_init(&lines, fd, 8, false), 0);
	cr_assert_eq(lines_next(&lines, &line, &len), 1);
	cr_expect_eq(len, 3);
	cr_expect(!memcmp(line, "a\0b", 3));
	lines_deinit(&lines);
	close(fd);
}

/* More than one read(2), lines across its borders. */
Test(lines, a_large_file_comes_whole)
{
	enum { N = 50000 };
	struct lines lines;
	char *text = malloc(N * 12), expected[32], *end = text;
	int fd;

	for (int i = 0; i < N; i++)
		end += sprintf(end, "line %d\n", i);
	fd = file_of(text, (size_t)(end - text));
	cr_assert_eq(lines_init(&lines, fd, 16, false), 0);
	for (int i = 0; i < N; i++) {
		sprintf(expected, "line %d", i);
		expect_line(&lines, expected);
	}
	cr_expect_eq(next_result(&lines), 0);
	cr_expect_eq(lines.n_lines, N + 1);
	lines_deinit(&lines);
	close(fd);
	free(text);
}

/* What has arrived is handed out: the reader doesn't wait until its buffer is full. */
Test(lines, a_line_of_a_pipe_comes_before_the_next_is_written)
{
	struct lines lines;
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	cr_assert_eq(lines_init(&lines, fds[0], 64, false), 0);
	cr_assert_eq(write(fds[1], "one\ntw", 6), 6);
	expect_line(&lines, "one");
	cr_assert_eq(write(fds[1], "o\n", 2), 2);
	expect_line(&lines, "two");
	close(fds[1]);
	cr_expect_eq(next_result(&lines), 0);
	lines_deinit(&lines);
	close(fds[0]);
}

Test(lines, a_read_error_is_the_result)
{
	struct lines lines;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert_eq(lines_init(&lines, fd, 8, false), 0);
	cr_expect_eq(next_result(&lines), -EISDIR);
	lines_deinit(&lines);
	close(fd);
}
