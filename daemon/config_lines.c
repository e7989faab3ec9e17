/* SPDX-License-Identifier: MIT */
/*
 * config_lines.c - one configuration file: sections, keys, and every mistake; see config_lines.h
 *
 * libinih takes lines apart, one at a time: of a whole file it would name the first bad line only. It
 * cuts off what is too long, so lines and sections pass through our hands first.
 */
#include "daemon/config_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "daemon/core/names.h"
#include "daemon/option_table.h"

#define LINE_BYTES_MAX 1024
#define TEXT_MAX       512
#define FILE_BYTES_MAX (1 << 20)
#define WORDS_MAX      64
#define RING_SECTION   "Ring "

enum section { SECTION_NONE, SECTION_DAEMON, SECTION_RING, SECTION_BAD };

struct reader {
	const char *path;
	unsigned line; /* being looked at, from 1 */
	enum section section;
	struct declared_ring *ring;
	struct options *options;
	options_tell tell;
	unsigned n_mistakes;
};

__attribute__((format(printf, 2, 3))) static void mistake(struct reader *reader,
							  const char *format, ...)
{
	char text[TEXT_MAX], line[TEXT_MAX + 4200], shown[TEXT_MAX + 4200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "%.4096s:%u: %s", reader->path, reader->line, text);
	reader->tell(format_printable(line, shown, sizeof(shown)));
	reader->n_mistakes++;
}

/* ---- sections ---- */

static void begin_ring(struct reader *reader, const char *name)
{
	reader->section = SECTION_BAD;
	if (!name_is_valid(name)) {
		mistake(reader, "[Ring %s]: a ring's name is 1 to 63 letters, digits, '.', '_' and '-', "
			"and begins with a letter or digit", name);
		return;
	}
	reader->ring = declared_rings_get(&reader->options->declared, name);
	if (reader->ring) {
		reader->section = SECTION_RING;
		snprintf(reader->ring->where, sizeof(reader->ring->where), "%.240s:%u", reader->path,
			 reader->line);
	} else {
		mistake(reader, "[Ring %s]: no room for more than %u rings", name, DECLARED_RINGS_MAX);
	}
}

static void begin_section(struct reader *reader, const char *name)
{
	if (!strcmp(name, "Daemon")) {
		reader->section = SECTION_DAEMON;
	} else if (!strncmp(name, RING_SECTION, strlen(RING_SECTION))) {
		begin_ring(reader, name + strlen(RING_SECTION));
	} else {
		mistake(reader, "[%s]: there is no such section: there are [Daemon] and [Ring NAME]",
			name);
		reader->section = SECTION_BAD;
	}
}

/* "[NAME]" and perhaps a comment. @text: behind the first bracket. */
static void take_section(struct reader *reader, char *text)
{
	char *end = strchr(text, ']');
	const char *rest = end ? end + 1 + strspn(end + 1, " ") : NULL;

	if (!rest || (*rest && *rest != '#' && *rest != ';')) {
		mistake(reader, "[%s: this is no [Section] alone on its line", text);
		reader->section = SECTION_BAD;
		return;
	}
	*end = '\0';
	begin_section(reader, text);
}

/* The end of the line goes, blanks become spaces. Return: whether it is text. */
static bool is_text(struct reader *reader, char *line, size_t len_bytes)
{
	char shown[LINE_BYTES_MAX];

	if (strlen(line) != len_bytes) {
		mistake(reader, "a NUL byte: this is no text");
		return false;
	}
	if (len_bytes >= LINE_BYTES_MAX) {
		mistake(reader, "this line is longer than %d bytes", LINE_BYTES_MAX - 1);
		return false;
	}
	line[strcspn(line, "\n")] = '\0';
	for (char *c = line; (c = strpbrk(c, "\t\r"));)
		*c = ' ';
	if (strcmp(format_printable(line, shown, sizeof(shown)), line) == 0)
		return true;
	mistake(reader, "control characters or broken UTF-8: this is no text");
	return false;
}

/* ---- keys ---- */

static void unknown_key(struct reader *reader, const char *key, const char *const *words, size_t n)
{
	const char *near = suggest(key, words, n);

	mistake(reader, "%s: there is no such setting%s%s%s", key, near ? ": did you mean " : "",
		near ? near : "", near ? "?" : "");
}

static void set_daemon(struct reader *reader, const char *key, const char *value)
{
	const char *words[WORDS_MAX];
	char must_be[256];
	size_t n = 0;

	for (size_t i = 0; i < n_option_rows && n < WORDS_MAX; i++) {
		const struct option_row *row = &option_rows[i];
		int r;

		if (!(row->flags & OPTION_FILE))
			continue;
		words[n++] = row->name;
		if (strcmp(key, row->name) != 0)
			continue;
		r = option_set(row, value, reader->options);
		if (r < 0)
			mistake(reader, "%s=%s: %s", key, value,
				option_complaint(row, r, must_be, sizeof(must_be)));
		return;
	}
	unknown_key(reader, key, words, n);
}

static void set_ring(struct reader *reader, const char *key, const char *value)
{
	const char *words[WORDS_MAX];

	for (size_t i = 0; i < n_declared_keys; i++) {
		words[i] = declared_keys[i].name;
		if (strcmp(key, declared_keys[i].name) != 0)
			continue;
		if (declared_keys[i].set(value, &reader->ring->config) < 0)
			mistake(reader, "[Ring %s] %s=%s: must be %s", reader->ring->name, key, value,
				declared_keys[i].must_be);
		return;
	}
	unknown_key(reader, key, words, n_declared_keys);
}

static int on_key(void *arg, const char *section, const char *key, const char *value)
{
	struct reader *reader = arg;

	(void)section; /* cut off after 49 bytes: ours isn't */
	switch (reader->section) {
	case SECTION_DAEMON:
		set_daemon(reader, key, value);
		break;
	case SECTION_RING:
		set_ring(reader, key, value);
		break;
	case SECTION_NONE:
		mistake(reader, "%s: it must stand below [Daemon] or [Ring NAME]", key);
		break;
	case SECTION_BAD:
		break; /* said already */
	}
	return 1;
}

static void take_line(struct reader *reader, char *line, size_t len_bytes)
{
	char *text = line + strspn(line, " \t");

	reader->line++;
	if (!is_text(reader, line, len_bytes))
		return;
	if (*text == '[')
		take_section(reader, text + 1);
	else if (ini_parse_string(text, on_key, reader) != 0)
		mistake(reader, "neither [Section] nor key=value");
}

/* ---- files ---- */

/* A file of at most FILE_BYTES_MAX bytes, or /dev/null; nothing that could keep us waiting or never ends.
 * Return: 0; -errno. */
static int open_file(const char *path, FILE **ret_file)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (!S_ISREG(st.st_mode) && !(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)))
		r = -EINVAL;
	else if (st.st_size > FILE_BYTES_MAX)
		r = -EFBIG;
	if (r == 0 && !(*ret_file = fdopen(fd, "r")))
		r = -errno;
	if (r < 0)
		close(fd);
	return r;
}

static void closef(FILE **file)
{
	if (*file)
		fclose(*file);
}

int config_cant_read(const char *path, int error, options_tell tell)
{
	char text[TEXT_MAX + 4200];

	snprintf(text, sizeof(text), "%.4096s: can't be read: %s", path, strerror(-error));
	tell(text);
	return -EINVAL;
}

int config_lines_read(const char *path, options_tell tell, struct options *options)
{
	_cleanup_(closef) FILE *file = NULL;
	_cleanup_(freep) char *line = NULL;
	struct reader reader = { .path = path, .options = options, .tell = tell };
	size_t allocated = 0;
	int r = open_file(path, &file);
	ssize_t n;

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return config_cant_read(path, r, tell);
	ini_use_stack = false;
	ini_initial_alloc = ini_max_line = LINE_BYTES_MAX;
	while ((n = getline(&line, &allocated, file)) >= 0)
		take_line(&reader, line, (size_t)n);
	if (!feof(file)) /* an error, or no memory */
		return config_cant_read(path, -errno, tell);
	return reader.n_mistakes ? -EINVAL : 1;
}
