/* SPDX-License-Identifier: MIT */
/*
 * archive_parse.c - from a schema text to a type, with the offsets a C compiler would give its fields
 *
 * The text comes from whoever made the ring. One allocation holds everything: the types, a pool of
 * fields, and the text, cut into names. In the end the text is written again from the type and has
 * to come out the same, so order, spacing and spelling need no checks of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/archive_element.h"
#include "base/cleanup.h"

#define RECORD_BYTES_MAX (UINT32_C(16) << 20)
#define NAME_MAX_	 63

struct parser {
	struct shmq_archive_type *message; /* first of all, so that it frees the rest */
	struct shmq_archive_type *records;
	struct shmq_archive_type *record;  /* being read: it can be used when it is complete */
	struct shmq_archive_field *fields; /* next free one, for records */
	char *at;			   /* what is left of the text */
	uint32_t n_records;
};

/* Cut the next line off. Return: it, or NULL at the end. */
static char *line_next(struct parser *p)
{
	char *line = p->at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = 0;
	p->at = end + 1;
	return line;
}

static int name_ok(const char *name)
{
	const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n >= 1 && n <= NAME_MAX_ && !name[n] && strchr(letters, *name);
}

static const struct shmq_archive_type *record_find(const struct parser *p, const char *name)
{
	uint32_t i;

	for (i = 0; i < p->n_records; i++)
		if (strcmp(p->records[i].name, name) == 0)
			return p->records + i;
	return NULL;
}

/* A decimal number, to its end. */
static int number_parse(const char *text, uint64_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return -EBADMSG;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > (UINT64_MAX - 9) / 10)
			return -EBADMSG;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*ret = value;
	return 0;
}

static int default_fits(const struct shmq_archive_field *f)
{
	unsigned bits = 8 * archive_scalar_bytes(f->element);
	int64_t value = (int64_t)f->default_int;

	if (f->element == SHMQ_ARCHIVE_BOOL)
		return f->default_int <= 1;
	if (bits == 64)
		return 1;
	if (f->element < SHMQ_ARCHIVE_I8)
		return f->default_int >> bits == 0;
	return value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1);
}

/* "= 7", "= -7", "= 0x3ff8000000000000" */
static int default_parse(struct shmq_archive_field *f, const char *text)
{
	uint64_t bits;
	char *end;
	int negative;

	if (f->shape != SHMQ_ARCHIVE_ONE || !archive_is_scalar(f->element))
		return -EBADMSG;
	if (f->element == SHMQ_ARCHIVE_F32 || f->element == SHMQ_ARCHIVE_F64) {
		bits = strtoull(text, &end, 16);
		if (*end)
			return -EBADMSG;
		memcpy(&f->default_real, &bits, sizeof(bits));
		return 0;
	}
	negative = *text == '-';
	/* The greatest 64-bit numbers are beyond number_parse(). */
	bits = strtoull(text + negative, &end, 10);
	if (*end)
		return -EBADMSG;
	f->default_int = negative ? 0 - bits : bits;
	return default_fits(f) ? 0 : -EBADMSG;
}

/* "u8", "struct level", ... */
static int element_parse(const struct parser *p, struct shmq_archive_field *f, char *text)
{
	unsigned element;

	if (strncmp(text, "struct ", 7) == 0) {
		f->element = SHMQ_ARCHIVE_RECORD;
		f->record = record_find(p, text + 7);
		return f->record ? 0 : -EBADMSG;
	}
	for (element = 0; element <= SHMQ_ARCHIVE_SELF; element++) {
		if (strcmp(text, shmq_archive_element_name(element)) == 0) {
			f->element = (uint8_t)element;
			return 0;
		}
	}
	return -EBADMSG;
}

/* "u8", "array(u8, 6)", "vector(struct level)", "optional(self)" */
static int type_parse(const struct parser *p, struct shmq_archive_field *f, char *text)
{
	static const char *const shapes[] = { "", "array", "vector", "optional" };
	char *open = strchr(text, '('), *comma;
	uint64_t count = 1;
	int r;

	if (open) {
		*open = 0;
		for (f->shape = SHMQ_ARCHIVE_OPTIONAL; f->shape; f->shape--)
			if (strcmp(text, shapes[f->shape]) == 0)
				break;
		if (!f->shape || open[strlen(open + 1)] != ')')
			return -EBADMSG;
		text = open + 1;
		text[strlen(text) - 1] = 0;
	}
	if (f->shape == SHMQ_ARCHIVE_ARRAY) {
		comma = strstr(text, ", ");
		if (!comma || number_parse(comma + 2, &count) < 0 || count < 1 || count > 65535)
			return -EBADMSG;
		*comma = 0;
	}
	f->count = (uint32_t)count;
	r = element_parse(p, f, text);
	if (r < 0)
		return r;
	if (f->element == SHMQ_ARCHIVE_SELF && f->shape < SHMQ_ARCHIVE_VECTOR)
		return -EBADMSG;
	return f->shape == SHMQ_ARCHIVE_ARRAY && archive_is_text(f->element) ? -EBADMSG : 0;
}

/* Offset, size and flags: alignment is natural, references are of 8 bytes. */
static int field_place(struct shmq_archive_type *owner, struct shmq_archive_field *f)
{
	uint32_t size = 8, align = 8;
	uint64_t all;

	if (archive_is_far(f) || archive_is_text(f->element)) {
		owner->flags |= SHMQ_A_REFS | SHMQ_A_CHECK;
		if (f->element == SHMQ_ARCHIVE_SELF)
			owner->flags |= SHMQ_A_SELF;
		if (f->record)
			owner->flags |= f->record->flags & SHMQ_A_SELF;
	} else if (f->record) {
		size = f->record->bytes;
		align = f->record->align;
		owner->flags |= f->record->flags;
	} else {
		align = archive_scalar_bytes(f->element);
		size = align << (f->shape == SHMQ_ARCHIVE_OPTIONAL);
		if (f->shape == SHMQ_ARCHIVE_OPTIONAL || f->element == SHMQ_ARCHIVE_BOOL)
			owner->flags |= SHMQ_A_CHECK;
	}
	f->offset = (owner->bytes + align - 1) & ~(align - 1);
	all = f->offset + (uint64_t)size * f->count;
	if (all > RECORD_BYTES_MAX)
		return -EBADMSG;
	f->end = (uint32_t)all;
	owner->bytes = f->end;
	if (align > owner->align)
		owner->align = align;
	return 0;
}

/* "TYPE NAME", for an added one "TYPE NAME = DEFAULT" */
static int field_parse(const struct parser *p, struct shmq_archive_type *owner, char *line, int added)
{
	struct shmq_archive_field *f = (struct shmq_archive_field *)owner->fields + owner->n_fields;
	char *name, *value = added ? strstr(line, " = ") : NULL;
	uint32_t i;
	int r;

	if (owner->n_fields == SHMQ_ARCHIVE_FIELDS_MAX)
		return -EBADMSG;
	if (owner->n_fields && f[-1].added > added)
		return -EBADMSG;
	if (value)
		*value = 0;
	name = strrchr(line, ' ');
	if (!name || !name_ok(name + 1))
		return -EBADMSG;
	*name = 0;
	f->name = name + 1;
	f->added = (uint8_t)added;
	for (i = 0; i < owner->n_fields; i++)
		if (strcmp(owner->fields[i].name, f->name) == 0)
			return -EBADMSG;
	r = type_parse(p, f, line);
	if (r == 0 && value)
		r = default_parse(f, value + 3);
	if (r == 0 && owner->message && f->element == SHMQ_ARCHIVE_SELF)
		r = -EBADMSG;
	if (r == 0)
		r = field_place(owner, f);
	if (r < 0)
		return r;
	if (owner->message && !added)
		owner->base_bytes = f->end;
	owner->n_fields++;
	return 0;
}

static int record_begin(struct parser *p, char *name)
{
	struct shmq_archive_type *record = p->records + p->n_records;

	if (p->n_records == SHMQ_ARCHIVE_RECORDS_MAX || !name_ok(name) || record_find(p, name))
		return -EBADMSG;
	record->name = name;
	record->align = 1;
	record->fields = p->fields;
	p->record = record;
	return 0;
}

static int type_close(struct shmq_archive_type *type)
{
	type->bytes = (type->bytes + type->align - 1) & ~(type->align - 1);
	return type->n_fields ? 0 : -EBADMSG;
}

/* The record that was being read, if any, is complete. */
static int record_end(struct parser *p)
{
	struct shmq_archive_type *record = p->record;

	if (!record)
		return 0;
	p->record = NULL;
	p->n_records++;
	p->fields += record->n_fields;
	return type_close(record);
}

/* A line and, behind it, what it says: a record begins, has a field, or the message has one. */
static int line_parse(struct parser *p, char *line, int in_fields)
{
	const char *indent = in_fields ? "\t\t" : "\t";
	int added = *line == '+';
	int r;

	line += added;
	if (added > in_fields)
		return -EBADMSG;
	if (p->record && (added || !in_fields) && strncmp(line, indent, strlen(indent)) == 0)
		return field_parse(p, p->record, line + strlen(indent), 0);
	r = record_end(p);
	if (r < 0)
		return r;
	if (strncmp(line, "record ", 7) == 0 && added == in_fields)
		return record_begin(p, line + 7);
	if (!in_fields || *line != '\t')
		return -EBADMSG;
	return field_parse(p, p->message, line + 1, added);
}

static int message_parse(struct parser *p)
{
	struct shmq_archive_type *message = p->message;
	char *line = line_next(p), *end;
	int r = 0, in_fields = 0;

	if (!line || strncmp(line, "message ", 8) != 0)
		return -EBADMSG;
	message->name = line + 8;
	end = strchr(message->name, ' ');
	if (!end || strcmp(end, " layout 1") != 0)
		return -EBADMSG;
	*end = 0;
	if (!name_ok(message->name))
		return -EBADMSG;
	message->message = 1;
	message->align = 8;
	message->bytes = message->base_bytes = sizeof(struct shmq_archive_head);
	while (r == 0 && (line = line_next(p))) {
		if (!in_fields && strcmp(line, "fields") == 0) {
			in_fields = 1;
			r = record_end(p);
		} else {
			r = line_parse(p, line, in_fields);
		}
	}
	if (r == 0 && (*p->at || p->record)) /* no whole line, or a record that nothing uses */
		r = -EBADMSG;
	return r < 0 ? r : type_close(message);
}

struct shmq_archive_type *shmq_archive_type_free(struct shmq_archive_type *type)
{
	free(type);
	return NULL;
}

static inline void type_freep(struct shmq_archive_type **type)
{
	*type = shmq_archive_type_free(*type);
}

/* Whether @text is what the type would be described by. */
static int text_confirm(const struct shmq_archive_type *type, const char *text, size_t len)
{
	_cleanup_(freep) char *again = malloc(len + 1);
	int r;

	if (!again)
		return -ENOMEM;
	r = shmq_archive_schema(type, again, len + 1);
	return r >= 0 && (size_t)r == len && memcmp(again, text, len) == 0 ? 0 : -EBADMSG;
}

int shmq_archive_parse(const char *text, struct shmq_archive_type **ret_type)
{
	_cleanup_(type_freep) struct shmq_archive_type *all = NULL;
	const size_t n_types = 1 + SHMQ_ARCHIVE_RECORDS_MAX;
	size_t len = strlen(text), n_lines = 1, n_fields, i;
	struct parser p;
	int r;

	if (len >= SHMQ_ARCHIVE_TEXT_MAX)
		return -E2BIG;
	for (i = 0; i < len; i++)
		n_lines += text[i] == '\n';
	n_fields = n_lines + SHMQ_ARCHIVE_FIELDS_MAX;
	all = calloc(1, n_types * sizeof(*all) + n_fields * sizeof(*p.fields) + len + 1);
	if (!all)
		return -ENOMEM;
	p.message = all;
	p.records = all + 1;
	p.record = NULL;
	p.n_records = 0;
	all->fields = (struct shmq_archive_field *)(void *)(all + n_types);
	p.fields = (struct shmq_archive_field *)all->fields + SHMQ_ARCHIVE_FIELDS_MAX;
	p.at = memcpy(p.fields + n_lines, text, len + 1);
	r = message_parse(&p);
	if (r == 0)
		r = text_confirm(all, text, len);
	if (r < 0)
		return r;
	*ret_type = TAKE_PTR(all);
	return 0;
}
