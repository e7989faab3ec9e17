/* SPDX-License-Identifier: MIT */
/*
 * archive_check.h - the validator's engine: is this reference, this text, this head what it must be
 *
 * Linear: every object that is looked at is paid for with its bytes, out of a purse that holds the
 * bytes of the message. Objects of an honest message don't overlap, so it always suffices; a
 * hostile one in which many references lead to the same place, or in circles, runs dry and is
 * refused. Nothing is read before it is known to lie inside. The depth is limited for the stack's
 * sake.
 */
#ifndef SHMQ_ARCHIVE_CHECK_H
#define SHMQ_ARCHIVE_CHECK_H

#include <errno.h>
#include <string.h>

#include <shmq/archive_types.h>

struct shmq_check {
	const unsigned char *base;
	uint32_t bytes; /* of the message */
	uint32_t purse; /* bytes that may still be looked at */
	uint32_t depth; /* levels that may still be entered */
};

/* What a reference leads to. The empty one leads to itself: four zero bytes, so it is "" as well.
 */
SHMQ_A_FN const void *shmq_ref_at(const struct shmq_ref *ref)
{
	return (const unsigned char *)ref + ref->offset;
}

/* Length of the UTF-8 sequence at @s, of which @n >= 1 bytes are there; 0: it is none. */
SHMQ_A_FN size_t shmq_utf8_sequence_(const unsigned char *s, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0; /* else it was too long */
	else if (s[0] == 0xed)
		high = 0x9f; /* else a surrogate */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f; /* up to U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Of the eight bytes at @s those that need a closer look: NUL and, with @utf8, what isn't ASCII. The
 * lowest bit set belongs to the first of them. */
SHMQ_A_FN uint64_t shmq_text_odd_(const unsigned char *s, int utf8)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t word, odd;

	memcpy(&word, s, 8);
	odd = (word - ones) & ~word & tops; /* what follows a NUL may seem to be one, too */
	if (utf8)
		odd |= word & tops;
	return odd;
}

/* Whether @n bytes hold no NUL and, with @utf8, are UTF-8. Eight at a time from one odd byte to the
 * next; the last ones together with some that were looked at before. */
SHMQ_A_FN int shmq_text_ok(const void *text, size_t n, int utf8)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n_done = 0, len;
	uint64_t odd;

	while (n_done < n) {
		if (n - n_done >= 8) {
			odd = shmq_text_odd_(s + n_done, utf8);
			n_done += odd ? (size_t)__builtin_ctzll(odd) / 8 : 8;
			if (!odd)
				continue;
		} else if (n >= 8 && !shmq_text_odd_(s + n - 8, utf8)) {
			return 1;
		}
		len = utf8 ? shmq_utf8_sequence_(s + n_done, n - n_done) : 1;
		if (!len || !s[n_done])
			return 0;
		n_done += len;
	}
	return 1;
}

SHMQ_A_FN int shmq_bools_ok(const void *bools, size_t n)
{
	const unsigned char *b = (const unsigned char *)bools;
	unsigned all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		all |= b[i];
	return all <= 1;
}

/* @count elements of @size bytes and @extra bytes more, all inside and paid for. */
SHMQ_A_FN int shmq_check_span_(struct shmq_check *c, const struct shmq_ref *ref, uint32_t size,
			       uint32_t align, uint32_t extra)
{
	uint64_t need = (uint64_t)ref->count * size + extra;
	int64_t at = ((const unsigned char *)ref - c->base) + (int64_t)ref->offset;

	if (ref->offset == 0)
		return ref->count ? -EBADMSG : 0;
	if (at < 0 || at > (int64_t)c->bytes || (at & (align - 1)) != 0)
		return -EBADMSG;
	if (need > c->bytes - (uint64_t)at || need > c->purse)
		return -EBADMSG;
	c->purse -= (uint32_t)need;
	return 0;
}

SHMQ_A_FN int shmq_check_text_(struct shmq_check *c, const struct shmq_ref *ref, int utf8)
{
	const char *text;

	if (shmq_check_span_(c, ref, 1, 1, 1) < 0)
		return -EBADMSG;
	if (ref->offset == 0)
		return 0;
	text = (const char *)shmq_ref_at(ref);
	return text[ref->count] == 0 && shmq_text_ok(text, ref->count, utf8) ? 0 : -EBADMSG;
}

SHMQ_A_FN int shmq_check_texts_(struct shmq_check *c, const struct shmq_ref *ref, int utf8)
{
	const struct shmq_ref *texts;
	uint32_t i;

	if (shmq_check_span_(c, ref, sizeof(*texts), sizeof(*texts), 0) < 0)
		return -EBADMSG;
	texts = (const struct shmq_ref *)shmq_ref_at(ref);
	for (i = 0; i < ref->count; i++)
		if (shmq_check_text_(c, texts + i, utf8) < 0)
			return -EBADMSG;
	return 0;
}

/* The records in a vector or optional. Return: 0 there are none; 1 look at each, then leave. */
SHMQ_A_FN int shmq_check_enter_(struct shmq_check *c, const struct shmq_ref *ref, uint32_t size,
				uint32_t align)
{
	if (shmq_check_span_(c, ref, size, align, 0) < 0)
		return -EBADMSG;
	if (!ref->count)
		return 0;
	if (c->depth == 0)
		return -EBADMSG;
	c->depth--;
	return 1;
}

SHMQ_A_FN void shmq_check_leave_(struct shmq_check *c)
{
	c->depth++;
}

/*
 * The head: it is a message of the @family, its base is there, and it says how long it is.
 * Return: 0; -EBADMSG; -EPROTO another family's; -EINVAL @buf is not aligned to 8.
 */
SHMQ_A_FN int shmq_check_head_(struct shmq_check *c, const void *buf, size_t len, uint64_t family,
			       uint32_t base_bytes)
{
	const struct shmq_archive_head *head = (const struct shmq_archive_head *)buf;

	if (((uintptr_t)buf & 7) != 0)
		return -EINVAL;
	if (len < sizeof(*head))
		return -EBADMSG;
	if (head->family != family)
		return -EPROTO;
	if (head->bytes > len || head->bytes > SHMQ_ARCHIVE_BYTES_MAX || (head->bytes & 7) != 0 ||
	    head->root_bytes < base_bytes || head->root_bytes > head->bytes)
		return -EBADMSG;
	c->base = (const unsigned char *)buf;
	c->bytes = head->bytes;
	c->purse = head->bytes - head->root_bytes;
	c->depth = SHMQ_ARCHIVE_DEPTH_MAX;
	return 0;
}

#endif
