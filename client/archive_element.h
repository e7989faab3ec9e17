/* SPDX-License-Identifier: MIT */
/*
 * archive_element.h - small questions about a field's descriptor, shared by who interprets it
 */
#pragma once

#include <shmq/archive_check.h>
#include <shmq/archive_decode.h>

static inline uint32_t archive_scalar_bytes(unsigned element)
{
	static const uint8_t bytes[] = { 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 1 };

	return bytes[element];
}

static inline int archive_is_text(unsigned element)
{
	return element == SHMQ_ARCHIVE_STRING || element == SHMQ_ARCHIVE_UTF8;
}

static inline int archive_is_scalar(unsigned element)
{
	return element <= SHMQ_ARCHIVE_BOOL;
}

/* The record that the field consists of or leads to; NULL for scalars and texts. */
static inline const struct shmq_archive_type *
archive_field_record(const struct shmq_archive_type *owner, const struct shmq_archive_field *f)
{
	return f->element == SHMQ_ARCHIVE_SELF ? owner : f->record;
}

static inline uint32_t archive_element_bytes(const struct shmq_archive_type *owner,
					     const struct shmq_archive_field *f)
{
	if (archive_is_text(f->element))
		return sizeof(struct shmq_ref);
	if (archive_is_scalar(f->element))
		return archive_scalar_bytes(f->element);
	return archive_field_record(owner, f)->bytes;
}

/* Whether what stands in the record is a reference to elements of a vector or an optional. */
static inline int archive_is_far(const struct shmq_archive_field *f)
{
	return f->shape == SHMQ_ARCHIVE_VECTOR ||
	       (f->shape == SHMQ_ARCHIVE_OPTIONAL && !archive_is_scalar(f->element));
}

/* Whether the writer of message @root knew the field. */
static inline int archive_field_present(const struct shmq_archive_field *f, const void *root)
{
	return ((const struct shmq_archive_head *)root)->root_bytes >= f->end;
}
