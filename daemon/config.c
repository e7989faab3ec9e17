/* SPDX-License-Identifier: MIT */
/*
 * config.c - files of the configuration, read by the tables of setting.h; see config.h
 *
 * libinih takes each line apart; it is given one at a time. Given a whole file it would cut a line
 * that is too long and read its rest as the next one, take an indented line for more of the value
 * before it, cut a section's name to 49 characters, keep quiet about sections without keys, and name
 * the first bad line only. So sections and the form of lines are judged here, before.
 */
#include "daemon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "daemon/core/names.h"
#include "daemon/options.h"
#include "daemon/setting.h"
#include "shm/geometry.h"

#define LINE_MAX_BYTES	198 /* what libinih takes in one piece */
#define BLANKS		" "
#define SECTION_DAEMON	"Daemon"
#define SECTION_RING	"Ring"
#define SHOWN_MAX	128

_Static_assert(LINE_MAX_BYTES < INI_MAX_LINE - 1, "a line and what ends it fit");

/* Where reading is. */
struct config_place {
	const char *path;
	unsigned line;
	char section[SHOWN_MAX];		/* as shown; "" before the first */
	const struct setting_table *table;	/* NULL: no section, or one that was refused */
	void *object;				/* that the table's settings go to */
	bool is_taken;				/* libinih found a key in the line */
	struct options *options;
	struct config_faults *faults;
};

void config_fault(struct config_faults *faults, const char *format, ...)
{
	char text[CONFIG_FAULT_MAX], shown[CONFIG_FAULT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	faults->n++;
	faults->tell(format_printable(text, shown, sizeof(shown)));
}

static void fault(const struct config_place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fault(const struct config_place *place, const char *format, ...)
{
	char text[CONFIG_FAULT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	config_fault(place->faults, "%s:%u: %s", place->path, place->line, text);
}

void declared_rings_release(struct declared_rings *declared)
{
	free(declared->rings);
	*declared = (struct declared_rings){ 0 };
}

/* ---- sections ---- */

static struct declared_ring *ring_get(struct config_place *place, const char *name)
{
	struct declared_rings *declared = &place->options->declared;
	struct declared_ring *rings;

	for (size_t i = 0; i < declared->n; i++)
		if (strcmp(declared->rings[i].name, name) == 0)
			return &declared->rings[i];
	if (declared->n == CONFIG_RINGS_MAX) {
		fault(place, "[%s] is one ring too many: %d can be declared", place->section,
		      CONFIG_RINGS_MAX);
		return NULL;
	}
	rings = realloc(declared->rings, (declared->n + 1) * sizeof(*rings));
	if (!rings) {
		fault(place, "%s", strerror(ENOMEM));
		return NULL;
	}
	declared->rings = rings;
	rings[declared->n] = (struct declared_ring){ 0 };
	strcpy(rings[declared->n].name, name);
	settings_reset(&ring_settings, &rings[declared->n]);
	return &rings[declared->n++];
}

static void begin_ring(struct config_place *place, const char *name)
{
	struct declared_ring *ring;
	char text[CONTROL_TEXT_MAX];

	if (!name_is_valid(name)) {
		name_explain(name, text, sizeof(text));
		fault(place, "[%s]: %s", place->section, text);
		return;
	}
	ring = ring_get(place, name);
	if (!ring)
		return;
	snprintf(ring->where, sizeof(ring->where), "%s:%u", place->path, place->line);
	place->object = ring;
	place->table = &ring_settings;
}

static void refuse_section(const struct config_place *place, const char *name)
{
	static const char *const names[] = { SECTION_DAEMON, SECTION_RING };
	char word[32];
	const char *best;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, BLANKS), name);
	best = suggest(word, names, 2);
	if (best)
		fault(place, "[%s]: there is no such section; did you mean [%s%s]?", name, best,
		      strcmp(best, SECTION_RING) == 0 ? " NAME" : "");
	else
		fault(place, "[%s]: there is no such section; there are [Daemon] and [Ring NAME]",
		      name);
}

/* @text: the line behind its '['. */
static void take_section(struct config_place *place, char *text)
{
	char *end = strchr(text, ']');
	const char *rest = end ? end + 1 + strspn(end + 1, BLANKS) : "";

	place->table = NULL;
	snprintf(place->section, sizeof(place->section), "%.*s", (int)strcspn(text, "]"), text);
	if (!end || (*rest && *rest != '#' && *rest != ';')) {
		fault(place, "[%s: a section's line is [NAME] and nothing else", text);
		return;
	}
	*end = '\0';
	if (strcmp(text, SECTION_DAEMON) == 0) {
		place->table = &daemon_settings;
		place->object = place->options;
	} else if (strncmp(text, SECTION_RING, strlen(SECTION_RING)) == 0 &&
		   text[strlen(SECTION_RING)] == ' ') {
		text += strlen(SECTION_RING);
		begin_ring(place, text + strspn(text, BLANKS));
	} else {
		refuse_section(place, text);
	}
}

/* ---- keys ---- */

static void refuse_key(const struct config_place *place, const char *name)
{
	const struct setting_table *other = place->table == &ring_settings ? &daemon_settings
									  : &ring_settings;
	const char *best = setting_suggest(place->table, name);

	if (best)
		fault(place, "[%s] %s: there is no such setting; did you mean '%s'?", place->section,
		      name, best);
	else if (setting_find(other, name))
		fault(place, "[%s] %s: this setting belongs into a section [%s]", place->section,
		      name, other == &ring_settings ? "Ring NAME" : SECTION_DAEMON);
	else
		fault(place, "[%s] %s: there is no such setting; see shmqd.conf(5)", place->section,
		      name);
}

/* Of libinih, for the line at hand. */
static int on_key(void *user, const char *ini_section, const char *name, const char *value)
{
	struct config_place *place = user;
	const struct setting *setting;
	char must[256];
	int r;

	(void)ini_section;
	place->is_taken = true;
	if (!place->section[0])
		fault(place, "%s: stands before the first section: begin with [Daemon]", name);
	if (!place->table)
		return 1;
	setting = setting_find(place->table, name);
	if (!setting) {
		refuse_key(place, name);
		return 1;
	}
	if (!*value) {
		setting_reset(setting, place->object);
		return 1;
	}
	r = setting_set(setting, value, place->object);
	if (r < 0)
		fault(place, "[%s] %s=%s: %s", place->section, name, value,
		      setting_explain(setting, r, must, sizeof(must)));
	return 1;
}

/* ---- lines ---- */

/* What is wrong with a line as text; NULL: nothing. Blanks become spaces. */
static const char *line_problem(char *line, size_t len)
{
	char shown[LINE_MAX_BYTES + 1];

	if (len > LINE_MAX_BYTES)
		return "the line is too long: it may have 198 characters";
	if (memchr(line, '\0', len))
		return "the line has a NUL character";
	for (char *c = line; (c = strpbrk(c, "\t\r"));)
		*c = ' ';
	if (strcmp(format_printable(line, shown, sizeof(shown)), line) != 0)
		return "the line is not printable UTF-8 text";
	return NULL;
}

static void take_line(struct config_place *place, char *line, size_t len)
{
	const char *problem = line_problem(line, len);
	char *text = line + strspn(line, BLANKS);

	place->is_taken = false;
	if (problem)
		fault(place, "%s", problem);
	else if (*text == '[')
		take_section(place, text + 1);
	else if (ini_parse_string(text, on_key, place) != 0 && !place->is_taken)
		fault(place, "'%s': is neither KEY=VALUE nor [SECTION]", text);
}

/* Return: the file's text with NUL behind it, or NULL: told. */
static char *read_whole(const char *path, struct config_faults *faults, size_t *ret_len)
{
	/* not to wait for a pipe's other end, nor to get a terminal */
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t len = 0;
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		config_fault(faults, "%s: %s", path,
			     fd < 0 ? strerror(errno) : "is not a regular file");
		return NULL;
	}
	text = malloc(CONFIG_BYTES_MAX + 2);
	for (ssize_t n = 1; text && n > 0 && len <= CONFIG_BYTES_MAX; len += n > 0 ? (size_t)n : 0) {
		n = read(fd, text + len, CONFIG_BYTES_MAX + 1 - len);
		if (n < 0) {
			config_fault(faults, "%s: %s", path, strerror(errno));
			free(text);
			return NULL;
		}
	}
	if (!text || len > CONFIG_BYTES_MAX) {
		config_fault(faults, "%s: %s", path, text ? "is larger than 1M" : strerror(ENOMEM));
		free(text);
		return NULL;
	}
	text[len] = '\0';
	*ret_len = len;
	return text;
}

static void read_file(const char *path, struct options *options, struct config_faults *faults)
{
	struct config_place place = { .path = path, .options = options, .faults = faults };
	size_t len, line_len;
	char *text = read_whole(path, faults, &len);

	if (!text)
		return;
	for (size_t at = 0; at < len; at += line_len + 1) {
		const char *end = memchr(text + at, '\n', len - at);

		line_len = end ? (size_t)(end - text) - at : len - at;
		text[at + line_len] = '\0';
		place.line++;
		take_line(&place, text + at, line_len);
	}
	free(text);
}

/* What can only be said of a ring when all is read. */
static void finish_ring(struct declared_ring *ring, struct config_faults *faults)
{
	struct control_ring_config *config = &ring->config;
	const char *problem = geometry_problem(config->slots, config->size_bytes,
					       (uint32_t)sysconf(_SC_PAGESIZE));

	config->lifetime = config->linger_s ? CONTROL_LINGER : CONTROL_PERSISTENT;
	config->gid_set = ring->group > 0;
	config->gid = ring->group - config->gid_set;
	if (!config->mode)
		config->mode = config->gid_set ? 0660 : 0600;
	config->schema_text = "";
	if (problem)
		config_fault(faults, "%s: [Ring %s] with %u slots of %u bytes: %s", ring->where,
			     ring->name, config->slots, config->size_bytes, problem);
}

void config_read(const struct config_files *files, struct options *options,
		 struct config_faults *faults)
{
	for (size_t i = 0; i < files->n; i++)
		read_file(files->paths[i], options, faults);
	for (size_t i = 0; i < options->declared.n; i++)
		finish_ring(&options->declared.rings[i], faults);
}
