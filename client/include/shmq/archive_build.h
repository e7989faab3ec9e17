/* SPDX-License-Identifier: MIT */
/*
 * archive_build.h - the builder's engine: a message grows inside the buffer it will be sent from
 *
 *	0          low                     high        cap
 *	| written  | free                  | elements  |
 *
 * Everything is written at low. A vector of unknown length ("list") is open between begin and end;
 * lists nest. The elements of a list of scalars or plain records stand at low where they will stay,
 * so nothing else can be written while it is open. Elements that refer to something (strings,
 * records with references) are collected at the other end, growing downward, so that what they
 * refer to can be written meanwhile; end moves them to low, in order, and corrects their references.
 * They don't move before that: a pointer to an element stays good until its list ends.
 *
 * No memory but the buffer is used. What did not fit is an error of the call that needed it, leaves
 * the field as it was, and the message can be finished without it. Unwritten gaps are zeroed, so no
 * old byte of a slot travels along.
 */
#ifndef SHMQ_ARCHIVE_BUILD_H
#define SHMQ_ARCHIVE_BUILD_H

#include <errno.h>
#include <string.h>

#include <shmq/archive_check.h>

struct shmq_list;

struct shmq_builder {
	unsigned char *base;
	uint32_t cap;
	uint32_t low;
	uint32_t high;
	int error;		/* the first one that any call met, 0: none */
	struct shmq_list *open; /* innermost */
};

/* A vector that is being built; it lives where its user put it until it ends. */
struct shmq_list {
	struct shmq_builder *builder;
	struct shmq_list *outer;
	struct shmq_ref *ref;
	uint32_t count;
	uint32_t size;	/* of an element */
	uint32_t start; /* in place: of the first element; else: high as it was */
	uint32_t in_place;
};

SHMQ_A_FN int shmq_builder_fail_(struct shmq_builder *b, int error)
{
	if (!b->error)
		b->error = error;
	return error;
}

/* The first error that any call on this builder returned, or 0: for who looks only once. */
SHMQ_A_FN int shmq_builder_error(const struct shmq_builder *b)
{
	return b->error;
}

/* Bytes that can still be written. */
SHMQ_A_FN size_t shmq_builder_room(const struct shmq_builder *b)
{
	return b->high - b->low;
}

SHMQ_A_FN int shmq_builder_start_(struct shmq_builder *b, void *buf, size_t cap, uint64_t family,
				  uint32_t root_bytes, uint32_t root_size)
{
	struct shmq_archive_head *head = (struct shmq_archive_head *)buf;

	if (((uintptr_t)buf & 7) != 0)
		return -EINVAL;
	if (cap > SHMQ_ARCHIVE_BYTES_MAX)
		cap = SHMQ_ARCHIVE_BYTES_MAX;
	cap &= ~(size_t)7;
	if (cap < root_size)
		return -EMSGSIZE;
	memset(buf, 0, root_size);
	head->family = family;
	head->root_bytes = root_bytes;
	b->base = (unsigned char *)buf;
	b->cap = b->high = (uint32_t)cap;
	b->low = root_size;
	b->error = 0;
	b->open = NULL;
	return 0;
}

/* References are relative: they can be made only inside the buffer. */
SHMQ_A_FN int shmq_builder_owns_(const struct shmq_builder *b, const void *p)
{
	return (uintptr_t)p - (uintptr_t)b->base < b->cap;
}

SHMQ_A_FN uint32_t shmq_builder_gap_(const struct shmq_builder *b, uint32_t align)
{
	return (0 - b->low) & (align - 1);
}

/* Take @bytes at low, not zeroed. */
SHMQ_A_FN int shmq_builder_take_(struct shmq_builder *b, uint64_t bytes, uint32_t align,
				 unsigned char **ret)
{
	uint32_t gap = shmq_builder_gap_(b, align);

	if (b->open && b->open->in_place)
		return shmq_builder_fail_(b, -EBUSY);
	if (gap + bytes > b->high - b->low)
		return shmq_builder_fail_(b, -EMSGSIZE);
	if (gap)
		memset(b->base + b->low, 0, gap);
	*ret = b->base + b->low + gap;
	b->low += gap + (uint32_t)bytes;
	return 0;
}

SHMQ_A_FN void shmq_ref_set_(struct shmq_ref *ref, const unsigned char *target, uint32_t count)
{
	ref->offset = (int32_t)(target - (const unsigned char *)ref);
	ref->count = count;
}

/* @n elements in one go: copied from @from, or zeroed if that is NULL. */
SHMQ_A_FN int shmq_builder_vector_(struct shmq_builder *b, struct shmq_ref *ref, const void *from,
				   size_t n, uint32_t size, uint32_t align, unsigned char **ret)
{
	unsigned char *to;
	int r;

	if (!shmq_builder_owns_(b, ref))
		return shmq_builder_fail_(b, -EINVAL);
	if (n > SHMQ_ARCHIVE_BYTES_MAX)
		return shmq_builder_fail_(b, -EMSGSIZE);
	r = shmq_builder_take_(b, (uint64_t)n * size, align, &to);
	if (r < 0)
		return r;
	if (from && n)
		memcpy(to, from, n * size);
	else if (n)
		memset(to, 0, n * size);
	shmq_ref_set_(ref, to, (uint32_t)n);
	*ret = to;
	return 0;
}

/* @keep_empty: an empty text is to be told from none. @text NULL: none. */
SHMQ_A_FN int shmq_builder_text_(struct shmq_builder *b, struct shmq_ref *ref, const char *text,
				 size_t len, int utf8, int keep_empty)
{
	unsigned char *to;
	int r;

	if (!shmq_builder_owns_(b, ref))
		return shmq_builder_fail_(b, -EINVAL);
	if (!text || (!len && !keep_empty)) {
		ref->offset = 0;
		ref->count = 0;
		return 0;
	}
	if (len > SHMQ_ARCHIVE_BYTES_MAX)
		return shmq_builder_fail_(b, -EMSGSIZE);
	if (!shmq_text_ok(text, len, utf8))
		return shmq_builder_fail_(b, -EILSEQ);
	r = shmq_builder_take_(b, (uint64_t)len + 1, 1, &to);
	if (r < 0)
		return r;
	memcpy(to, text, len);
	to[len] = 0;
	shmq_ref_set_(ref, to, (uint32_t)len);
	return 0;
}

/* All of @n texts or none. */
SHMQ_A_FN int shmq_builder_texts_(struct shmq_builder *b, struct shmq_ref *ref,
				  const char *const *texts, size_t n, int utf8)
{
	uint32_t low = b->low;
	struct shmq_ref old = *ref, *refs;
	unsigned char *to;
	size_t i;
	int r = shmq_builder_vector_(b, ref, NULL, n, sizeof(*refs), sizeof(*refs), &to);

	if (r < 0)
		return r;
	refs = (struct shmq_ref *)(void *)to;
	for (i = 0; i < n && r == 0; i++)
		r = texts[i] ? shmq_builder_text_(b, refs + i, texts[i], strlen(texts[i]), utf8, 0)
			     : shmq_builder_fail_(b, -EINVAL);
	if (r < 0) {
		*ref = old;
		b->low = low;
	}
	return r;
}

/* ---- lists ---- */

SHMQ_A_FN int shmq_list_begin_(struct shmq_list *list, struct shmq_builder *b, struct shmq_ref *ref,
			       uint32_t size, uint32_t align, int in_place)
{
	unsigned char *start;
	int r;

	list->builder = b; /* so that a list that did not begin refuses elements */
	if (!shmq_builder_owns_(b, ref))
		return shmq_builder_fail_(b, -EINVAL);
	r = shmq_builder_take_(b, 0, in_place ? align : 1, &start);
	if (r < 0)
		return r;
	list->outer = b->open;
	list->ref = ref;
	list->count = 0;
	list->size = size;
	list->start = in_place ? b->low : b->high;
	list->in_place = (uint32_t)in_place;
	b->open = list;
	return 0;
}

/* Room for one more element, not zeroed. Elements at high are of 8 bytes or a multiple. */
SHMQ_A_FN int shmq_list_grow_(struct shmq_list *list, unsigned char **ret)
{
	struct shmq_builder *b = list->builder;

	if (b->open != list)
		return shmq_builder_fail_(b, -EBUSY);
	if (list->size > b->high - b->low)
		return shmq_builder_fail_(b, -EMSGSIZE);
	if (list->in_place) {
		*ret = b->base + b->low;
		b->low += list->size;
	} else {
		b->high -= list->size;
		*ret = b->base + b->high;
	}
	list->count++;
	return 0;
}

SHMQ_A_FN int shmq_list_add_text_(struct shmq_list *list, const char *text, size_t len, int utf8)
{
	unsigned char *to;
	int r;

	if (!text)
		return shmq_builder_fail_(list->builder, -EINVAL);
	r = shmq_list_grow_(list, &to);
	if (r < 0)
		return r;
	memset(to, 0, sizeof(struct shmq_ref));
	r = shmq_builder_text_(list->builder, (struct shmq_ref *)(void *)to, text, len, utf8, 0);
	if (r < 0) {
		list->builder->high += list->size;
		list->count--;
	}
	return r;
}

SHMQ_A_FN void shmq_ref_shift_(struct shmq_ref *ref, int32_t delta)
{
	if (ref->offset)
		ref->offset += delta;
}

SHMQ_A_FN void shmq_ref_shift_text_(void *element, int32_t delta)
{
	shmq_ref_shift_((struct shmq_ref *)element, delta);
}

/* Put elements that were stacked downward in the right order, without room beside them. */
SHMQ_A_FN void shmq_list_reverse_(unsigned char *first, uint32_t count, uint32_t size)
{
	unsigned char *last = first + (size_t)(count - 1) * size;
	uint64_t a, b;
	uint32_t i;

	for (; first < last; first += size, last -= size) {
		for (i = 0; i < size; i += 8) {
			memcpy(&a, first + i, 8);
			memcpy(&b, last + i, 8);
			memcpy(first + i, &b, 8);
			memcpy(last + i, &a, 8);
		}
	}
}

/* From high to low. It fits: low is rounded up to what high is a multiple of. */
SHMQ_A_FN unsigned char *shmq_list_settle_(struct shmq_list *list, void (*shift)(void *, int32_t))
{
	struct shmq_builder *b = list->builder;
	uint32_t gap = shmq_builder_gap_(b, 8), all = list->count * list->size, i;
	unsigned char *to = b->base + b->low + gap, *from = b->base + b->high;

	memset(b->base + b->low, 0, gap);
	if (to + all > from) {
		shmq_list_reverse_(from, list->count, list->size);
		memmove(to, from, all);
	} else {
		for (i = 0; i < list->count; i++)
			memcpy(to + (size_t)i * list->size,
			       from + (size_t)(list->count - 1 - i) * list->size, list->size);
	}
	for (i = 0; i < list->count; i++) /* each came from another distance */
		shift(to + (size_t)i * list->size,
		      (int32_t)((from - to) +
				((int64_t)list->count - 1 - 2 * (int64_t)i) * list->size));
	b->low += gap + all;
	return to;
}

/* Close the list and make it the field's value. @shift is for elements at high. */
SHMQ_A_FN int shmq_list_end_(struct shmq_list *list, void (*shift)(void *, int32_t))
{
	struct shmq_builder *b = list->builder;
	unsigned char *first = b->base + list->start;

	if (b->open != list)
		return shmq_builder_fail_(b, -EBUSY);
	if (!list->in_place) {
		if (list->count)
			first = shmq_list_settle_(list, shift);
		b->high = list->start;
	}
	b->open = list->outer;
	if (list->count) {
		shmq_ref_set_(list->ref, first, list->count);
	} else {
		list->ref->offset = 0;
		list->ref->count = 0;
	}
	return 0;
}

/* Close the list and forget its elements; the field stays as it was. */
SHMQ_A_FN int shmq_list_cancel_(struct shmq_list *list)
{
	struct shmq_builder *b = list->builder;

	if (b->open != list)
		return shmq_builder_fail_(b, -EBUSY);
	if (list->in_place)
		b->low = list->start;
	else
		b->high = list->start;
	b->open = list->outer;
	return 0;
}

/* Close the message. Return: its length; -EBUSY a list is open. */
SHMQ_A_FN int shmq_builder_finish_(struct shmq_builder *b)
{
	struct shmq_archive_head *head = (struct shmq_archive_head *)(void *)b->base;
	uint32_t gap = shmq_builder_gap_(b, 8);

	if (b->open)
		return shmq_builder_fail_(b, -EBUSY);
	memset(b->base + b->low, 0, gap);
	b->low += gap;
	head->bytes = b->low;
	return (int)b->low;
}

#endif
