/* SPDX-License-Identifier: MIT */
/*
 * archive_json.c - a verified message as one JSON object
 *
 * Names come from a schema that was checked to consist of letters, digits and underscores; texts
 * come from anybody and are escaped.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "client/archive_element.h"

static int record_print(const struct shmq_archive_type *type, const unsigned char *record,
			FILE *file);

static void text_print(const struct shmq_ref *ref, FILE *file)
{
	const unsigned char *s = (const unsigned char *)shmq_ref_at(ref);
	size_t n = ref->count, len;

	putc('"', file);
	for (; n; s += len, n -= len) {
		len = shmq_utf8_sequence_(s, n);
		if (!len) {
			fprintf(file, "\\u%04x", *s);
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(file, "\\%c", *s);
		} else if (*s == '\n') {
			fputs("\\n", file);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(file, "\\u%04x", *s);
		} else {
			fwrite(s, 1, len, file);
		}
	}
	putc('"', file);
}

/* The shortest number that reads back the same. The locale may have its own decimal point. */
static void real_print(double value, int single, FILE *file)
{
	int digits = single ? 6 : 15;
	char text[40], *p;

	if (!isfinite(value)) {
		fputs("null", file);
		return;
	}
	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (digits++ < 17 &&
	       (single ? (double)strtof(text, NULL) != value : strtod(text, NULL) != value));
	for (p = text; *p; p++) {
		if ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e')
			putc(*p, file);
		else if (p == text || ((unsigned char)p[-1] >= '0' && (unsigned char)p[-1] <= '9'))
			putc('.', file); /* of more than one byte, the first stands for all */
	}
}

/* The integer at @p; scalar_print() makes what it means of it. */
static uint64_t bits_load(unsigned element, const unsigned char *p)
{
	uint64_t bits = 0;

	memcpy(&bits, p, archive_scalar_bytes(element));
	return bits;
}

static void integer_print(unsigned element, uint64_t bits, FILE *file)
{
	unsigned shift = 64 - 8 * archive_scalar_bytes(element);

	if (element == SHMQ_ARCHIVE_BOOL)
		fputs(bits ? "true" : "false", file);
	else if (element >= SHMQ_ARCHIVE_I8)
		fprintf(file, "%" PRId64, (int64_t)(bits << shift) >> shift);
	else
		fprintf(file, "%" PRIu64, bits);
}

static void scalar_print(unsigned element, const unsigned char *p, FILE *file)
{
	double real;
	float single;

	if (element == SHMQ_ARCHIVE_F32) {
		memcpy(&single, p, sizeof(single));
		real_print((double)single, 1, file);
	} else if (element == SHMQ_ARCHIVE_F64) {
		memcpy(&real, p, sizeof(real));
		real_print(real, 0, file);
	} else {
		integer_print(element, bits_load(element, p), file);
	}
}

static int element_print(const struct shmq_archive_type *owner, const struct shmq_archive_field *f,
			 const unsigned char *p, FILE *file)
{
	const struct shmq_archive_type *record = archive_field_record(owner, f);

	if (record)
		return record_print(record, p, file);
	if (archive_is_text(f->element))
		text_print((const struct shmq_ref *)(const void *)p, file);
	else
		scalar_print(f->element, p, file);
	return 0;
}

static int elements_print(const struct shmq_archive_type *owner, const struct shmq_archive_field *f,
			  const unsigned char *first, uint32_t n, FILE *file)
{
	size_t size = archive_element_bytes(owner, f);
	uint32_t i;
	int r = 0;

	putc('[', file);
	for (i = 0; i < n && r == 0; i++) {
		if (i)
			putc(',', file);
		r = element_print(owner, f, first + i * size, file);
	}
	putc(']', file);
	return r;
}

static int optional_print(const struct shmq_archive_type *owner, const struct shmq_archive_field *f,
			  const unsigned char *member, FILE *file)
{
	const struct shmq_ref *ref = (const struct shmq_ref *)(const void *)member;
	int present = archive_is_scalar(f->element) ? member[archive_scalar_bytes(f->element)] :
						      ref->offset != 0;

	if (!present) {
		fputs("null", file);
		return 0;
	}
	if (archive_field_record(owner, f))
		member = (const unsigned char *)shmq_ref_at(ref);
	return element_print(owner, f, member, file);
}

static int field_print(const struct shmq_archive_type *owner, const struct shmq_archive_field *f,
		       const unsigned char *member, FILE *file)
{
	const struct shmq_ref *ref = (const struct shmq_ref *)(const void *)member;

	switch (f->shape) {
	case SHMQ_ARCHIVE_ARRAY:
		return elements_print(owner, f, member, f->count, file);
	case SHMQ_ARCHIVE_VECTOR:
		return elements_print(owner, f, (const unsigned char *)shmq_ref_at(ref), ref->count,
				      file);
	case SHMQ_ARCHIVE_OPTIONAL:
		return optional_print(owner, f, member, file);
	default:
		return element_print(owner, f, member, file);
	}
}

/* What a field reads as that the writer did not know: its default, or an empty one. */
static int missing_print(const struct shmq_archive_type *owner, const struct shmq_archive_field *f,
			 FILE *file)
{
	_cleanup_(freep) unsigned char *none = NULL;

	if (f->shape == SHMQ_ARCHIVE_ONE && archive_is_scalar(f->element)) {
		if (f->element == SHMQ_ARCHIVE_F32 || f->element == SHMQ_ARCHIVE_F64)
			real_print(f->default_real, f->element == SHMQ_ARCHIVE_F32, file);
		else
			integer_print(f->element, f->default_int, file);
		return 0;
	}
	none = calloc(1, f->end - f->offset);
	return none ? field_print(owner, f, none, file) : -ENOMEM;
}

static int record_print(const struct shmq_archive_type *type, const unsigned char *record,
			FILE *file)
{
	const struct shmq_archive_field *f;
	int r = 0;

	putc('{', file);
	for (f = type->fields; f < type->fields + type->n_fields && r == 0; f++) {
		fprintf(file, "%s\"%s\":", f > type->fields ? "," : "", f->name);
		r = f->added && !archive_field_present(f, record) ?
			    missing_print(type, f, file) :
			    field_print(type, f, record + f->offset, file);
	}
	putc('}', file);
	return r;
}

int shmq_archive_to_json(const struct shmq_archive_type *type, const void *msg, size_t len,
			 FILE *file)
{
	int r = shmq_archive_verify(type, msg, len);

	if (r == 0)
		r = record_print(type, (const unsigned char *)msg, file);
	return r == 0 && ferror(file) ? -EIO : r;
}
