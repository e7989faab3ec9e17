/* SPDX-License-Identifier: MIT */
/*
 * archive_schema.h - a message type as data: descriptor, schema text, fingerprint, compatibility
 *
 * The declaration makes a constant descriptor. The schema text is derived from it, the fingerprint
 * is a hash of the text: FNV-1a, 64 bits. Fields marked "added" are the last lines and begin with a
 * plus, so an older version's text is the beginning of a newer one's, and its fingerprint is a
 * state that the newer one's hash passes through. Two versions fit each other if and only if the
 * longer text is the shorter one followed by nothing but lines with a plus. The family is the hash
 * before the first of them: it never changes, and stands in every message.
 */
#ifndef SHMQ_ARCHIVE_SCHEMA_H
#define SHMQ_ARCHIVE_SCHEMA_H

#include <errno.h>
#include <string.h>

#include <shmq/archive_types.h>
#include <shmq/types.h>

enum shmq_archive_element {
	SHMQ_ARCHIVE_U8,
	SHMQ_ARCHIVE_U16,
	SHMQ_ARCHIVE_U32,
	SHMQ_ARCHIVE_U64,
	SHMQ_ARCHIVE_I8,
	SHMQ_ARCHIVE_I16,
	SHMQ_ARCHIVE_I32,
	SHMQ_ARCHIVE_I64,
	SHMQ_ARCHIVE_F32,
	SHMQ_ARCHIVE_F64,
	SHMQ_ARCHIVE_BOOL,
	SHMQ_ARCHIVE_STRING,
	SHMQ_ARCHIVE_UTF8,
	SHMQ_ARCHIVE_RECORD,
	SHMQ_ARCHIVE_SELF, /* the record that the field belongs to */
};

enum shmq_archive_shape {
	SHMQ_ARCHIVE_ONE,
	SHMQ_ARCHIVE_ARRAY,
	SHMQ_ARCHIVE_VECTOR,
	SHMQ_ARCHIVE_OPTIONAL,
};

struct shmq_archive_type;

struct shmq_archive_field {
	const char *name;
	const struct shmq_archive_type *record; /* SHMQ_ARCHIVE_RECORD only */
	uint32_t offset;			/* in the record, or from byte 0 of the message */
	uint32_t end;				/* offset of the byte behind it */
	uint32_t count;				/* elements of an array, else 1 */
	uint8_t shape;				/* enum shmq_archive_shape */
	uint8_t element;			/* enum shmq_archive_element */
	uint8_t added;				/* 1: may be missing in a message of the family */
	uint64_t default_int;			/* what then stands for it: integers, bool */
	double default_real;			/* f32, f64 */
};

/* What is true of one field, or of a record that one consists of, is true of the type. */
#define SHMQ_A_REFS  1 /* it holds references: moving it means correcting them */
#define SHMQ_A_CHECK 2 /* some bytes are no value of it */
#define SHMQ_A_SELF  4 /* it or what it refers to may hold itself, to any depth */

struct shmq_archive_type {
	const char *name;
	const struct shmq_archive_field *fields;
	uint32_t n_fields;
	uint32_t message; /* 1: a message, 0: a record */
	uint32_t bytes;	  /* sizeof */
	uint32_t align;
	uint32_t base_bytes; /* message: end of the last field that is not added */
	uint32_t flags;	     /* SHMQ_A_* above */
};

#define SHMQ_ARCHIVE_HASH_BASIS UINT64_C(0xcbf29ce484222325)
#define SHMQ_ARCHIVE_HASH_PRIME UINT64_C(0x100000001b3)

/* Where text goes: what doesn't fit is only counted and hashed. */
struct shmq_archive_text {
	char *buf;
	size_t cap;
	size_t len;
	uint64_t hash;
	uint64_t family; /* the hash before the first added field */
	const struct shmq_archive_type *seen[SHMQ_ARCHIVE_RECORDS_MAX];
	uint32_t n_seen;
	uint32_t overflow;
};

SHMQ_A_FN void shmq_archive_text_put_(struct shmq_archive_text *t, const char *s)
{
	for (; *s; s++) {
		if (t->len < t->cap)
			t->buf[t->len] = *s;
		t->len++;
		t->hash = (t->hash ^ (unsigned char)*s) * SHMQ_ARCHIVE_HASH_PRIME;
	}
}

SHMQ_A_FN void shmq_archive_text_put_u64_(struct shmq_archive_text *t, uint64_t value)
{
	char digits[21];
	char *p = digits + sizeof(digits) - 1;

	*p = 0;
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	shmq_archive_text_put_(t, p);
}

/* Integers in decimal, floats as the hexadecimal number that their bits are. */
SHMQ_A_FN void shmq_archive_text_put_default_(struct shmq_archive_text *t,
					      const struct shmq_archive_field *f)
{
	uint64_t bits = f->default_int;
	char hex[19] = "0x";
	int i;

	if (f->element == SHMQ_ARCHIVE_F32 || f->element == SHMQ_ARCHIVE_F64)
		memcpy(&bits, &f->default_real, sizeof(bits));
	if (!bits)
		return;
	shmq_archive_text_put_(t, " = ");
	if (f->element == SHMQ_ARCHIVE_F32 || f->element == SHMQ_ARCHIVE_F64) {
		for (i = 0; i < 16; i++)
			hex[2 + i] = "0123456789abcdef"[bits >> (60 - 4 * i) & 15];
		hex[18] = 0;
		shmq_archive_text_put_(t, hex);
	} else if (f->element >= SHMQ_ARCHIVE_I8 && f->element <= SHMQ_ARCHIVE_I64 && bits >> 63) {
		shmq_archive_text_put_(t, "-");
		shmq_archive_text_put_u64_(t, 0 - bits);
	} else {
		shmq_archive_text_put_u64_(t, bits);
	}
}

SHMQ_A_FN const char *shmq_archive_element_name(unsigned element)
{
	static const char *const names[] = { "u8",   "u16",    "u32",  "u64",	  "i8",
					     "i16",  "i32",    "i64",  "f32",	  "f64",
					     "bool", "string", "utf8", "struct ", "self" };

	return element < sizeof(names) / sizeof(names[0]) ? names[element] : "?";
}

SHMQ_A_FN void shmq_archive_text_put_field_(struct shmq_archive_text *t,
					    const struct shmq_archive_field *f, const char *indent)
{
	static const char *const opening[] = { "", "array(", "vector(", "optional(" };

	shmq_archive_text_put_(t, indent);
	shmq_archive_text_put_(t, opening[f->shape & 3]);
	shmq_archive_text_put_(t, shmq_archive_element_name(f->element));
	if (f->element == SHMQ_ARCHIVE_RECORD)
		shmq_archive_text_put_(t, f->record->name);
	if (f->shape == SHMQ_ARCHIVE_ARRAY) {
		shmq_archive_text_put_(t, ", ");
		shmq_archive_text_put_u64_(t, f->count);
	}
	shmq_archive_text_put_(t, f->shape ? ") " : " ");
	shmq_archive_text_put_(t, f->name);
	if (f->added)
		shmq_archive_text_put_default_(t, f);
	shmq_archive_text_put_(t, "\n");
}

/* What @f is made of, unless it was described before, and first what that is made of. Declarations
 * nest no deeper than there are records. */
SHMQ_A_FN void shmq_archive_text_put_record_(struct shmq_archive_text *t,
					     const struct shmq_archive_field *f, int added)
{
	const struct shmq_archive_type *record = f->record;
	uint32_t i;

	if (f->element != SHMQ_ARCHIVE_RECORD)
		return;
	for (i = 0; i < t->n_seen; i++)
		if (strcmp(t->seen[i]->name, record->name) == 0)
			return;
	for (i = 0; i < record->n_fields; i++)
		shmq_archive_text_put_record_(t, record->fields + i, added);
	if (t->n_seen == SHMQ_ARCHIVE_RECORDS_MAX) {
		t->overflow = 1;
		return;
	}
	t->seen[t->n_seen++] = record;
	shmq_archive_text_put_(t, added ? "+record " : "record ");
	shmq_archive_text_put_(t, record->name);
	shmq_archive_text_put_(t, "\n");
	for (i = 0; i < record->n_fields; i++)
		shmq_archive_text_put_field_(t, record->fields + i, added ? "+\t\t" : "\t");
}

SHMQ_A_FN void shmq_archive_text_put_type_(struct shmq_archive_text *t,
					   const struct shmq_archive_type *type)
{
	const struct shmq_archive_field *f, *end = type->fields + type->n_fields;

	shmq_archive_text_put_(t, "message ");
	shmq_archive_text_put_(t, type->name);
	shmq_archive_text_put_(t, " layout 1\n");
	for (f = type->fields; f < end && !f->added; f++)
		shmq_archive_text_put_record_(t, f, 0);
	shmq_archive_text_put_(t, "fields\n");
	for (f = type->fields; f < end && !f->added; f++)
		shmq_archive_text_put_field_(t, f, "\t");
	t->family = t->hash;
	for (; f < end; f++) {
		shmq_archive_text_put_record_(t, f, 1);
		shmq_archive_text_put_field_(t, f, "+\t");
	}
}

/*
 * shmq_archive_schema() - write the schema text of a message type, with a NUL at the end
 * Return: its length without the NUL; -EMSGSIZE it is longer than @cap allows; -E2BIG more than
 * SHMQ_ARCHIVE_RECORDS_MAX records; -EINVAL @type is a record.
 */
SHMQ_A_FN int shmq_archive_schema(const struct shmq_archive_type *type, char *buf, size_t cap)
{
	struct shmq_archive_text t = { buf, cap, 0, SHMQ_ARCHIVE_HASH_BASIS, 0, { NULL }, 0, 0 };

	if (!type->message)
		return -EINVAL;
	shmq_archive_text_put_type_(&t, type);
	if (t.overflow)
		return -E2BIG;
	if (t.len >= cap)
		return -EMSGSIZE;
	buf[t.len] = 0;
	return (int)t.len;
}

SHMQ_A_FN uint64_t shmq_archive_fingerprint(const struct shmq_archive_type *type)
{
	struct shmq_archive_text t = { NULL, 0, 0, SHMQ_ARCHIVE_HASH_BASIS, 0, { NULL }, 0, 0 };

	shmq_archive_text_put_type_(&t, type);
	return t.hash;
}

SHMQ_A_FN uint64_t shmq_archive_family(const struct shmq_archive_type *type)
{
	struct shmq_archive_text t = { NULL, 0, 0, SHMQ_ARCHIVE_HASH_BASIS, 0, { NULL }, 0, 0 };

	shmq_archive_text_put_type_(&t, type);
	return t.family;
}

/* The family stands in every message, so it is worked out once. */
SHMQ_A_FN uint64_t shmq_archive_family_fill_(const struct shmq_archive_type *type, uint64_t *cache)
{
	uint64_t family = shmq_archive_family(type);

	/* [AF2] relaxed: one word, and all who race store the same value; pairs with [AF1] */
	__atomic_store_n(cache, family, __ATOMIC_RELAXED);
	return family;
}

SHMQ_A_FN uint64_t shmq_archive_family_once_(const struct shmq_archive_type *type, uint64_t *cache)
{
	/* [AF1] relaxed: nothing else is read because of it; pairs with [AF2] */
	uint64_t family = __atomic_load_n(cache, __ATOMIC_RELAXED);

	return __builtin_expect(family != 0, 1) ? family : shmq_archive_family_fill_(type, cache);
}

/*
 * shmq_archive_compatible() - whether programs with these two schema texts understand each other
 * Return: 1 they do, 0 they don't.
 */
SHMQ_A_FN int shmq_archive_compatible(const char *one, const char *other)
{
	size_t n = strlen(one), n_other = strlen(other), common = n < n_other ? n : n_other;
	const char *line = n < n_other ? other + common : one + common;

	if (memcmp(one, other, common) != 0)
		return 0;
	if (!*line)
		return 1;
	/* Up to here both are the same whole lines, and the rest are added ones. */
	if (common == 0 || one[common - 1] != '\n')
		return 0;
	for (; *line; line = strchr(line, '\n') + 1)
		if (*line != '+' || !strchr(line, '\n'))
			return 0;
	return 1;
}

/*
 * shmq_archive_describe() - say in a ring's configuration what its messages are
 * @text, @cap: room for the schema text (4 KiB is plenty); it must live until the ring is made.
 * Return: 0, or as shmq_archive_schema().
 */
SHMQ_A_FN int shmq_archive_describe(const struct shmq_archive_type *type,
				    struct shmq_ring_config *config, char *text, size_t cap)
{
	int r = shmq_archive_schema(type, text, cap);

	if (r < 0)
		return r;
	config->schema = shmq_archive_fingerprint(type);
	config->schema_text = text;
	return 0;
}

#endif
