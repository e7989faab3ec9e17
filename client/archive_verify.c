/* SPDX-License-Identifier: MIT */
/*
 * archive_verify.c - the validator that reads a type's descriptor instead of being compiled for it
 *
 * It accepts and refuses exactly what the generated T_access() does: the fuzzer and the property
 * tests compare the two.
 */
#include "client/archive_element.h"

static int record_check(struct shmq_check *c, const struct shmq_archive_type *type,
			const unsigned char *record);

static int records_check(struct shmq_check *c, const struct shmq_archive_type *type,
			 const unsigned char *first, uint32_t n)
{
	uint32_t i;
	int r = 0;

	if (!(type->flags & SHMQ_A_CHECK))
		return 0;
	for (i = 0; i < n && r == 0; i++)
		r = record_check(c, type, first + (size_t)i * type->bytes);
	return r;
}

static int far_check(struct shmq_check *c, const struct shmq_archive_type *owner,
		     const struct shmq_archive_field *f, const struct shmq_ref *ref)
{
	const struct shmq_archive_type *record = archive_field_record(owner, f);
	uint32_t size = archive_element_bytes(owner, f);
	int r;

	if (f->shape == SHMQ_ARCHIVE_OPTIONAL && archive_is_text(f->element))
		return shmq_check_text_(c, ref, f->element == SHMQ_ARCHIVE_UTF8);
	if (archive_is_text(f->element))
		return shmq_check_texts_(c, ref, f->element == SHMQ_ARCHIVE_UTF8);
	if (!record) {
		if (shmq_check_span_(c, ref, size, size, 0) < 0)
			return -EBADMSG;
		if (f->element == SHMQ_ARCHIVE_BOOL && !shmq_bools_ok(shmq_ref_at(ref), ref->count))
			return -EBADMSG;
		return 0;
	}
	if (f->shape == SHMQ_ARCHIVE_OPTIONAL &&
	    (ref->count > 1 || (ref->count == 0) != (ref->offset == 0)))
		return -EBADMSG;
	r = shmq_check_enter_(c, ref, size, record->align);
	if (r <= 0)
		return r;
	r = records_check(c, record, (const unsigned char *)shmq_ref_at(ref), ref->count);
	shmq_check_leave_(c);
	return r;
}

static int near_check(struct shmq_check *c, const struct shmq_archive_field *f,
		      const unsigned char *member)
{
	if (f->element == SHMQ_ARCHIVE_RECORD)
		return records_check(c, f->record, member, f->count);
	if (archive_is_text(f->element))
		return shmq_check_text_(c, (const struct shmq_ref *)(const void *)member,
					f->element == SHMQ_ARCHIVE_UTF8);
	if (f->element == SHMQ_ARCHIVE_BOOL && !shmq_bools_ok(member, f->count))
		return -EBADMSG;
	return 0;
}

static int record_check(struct shmq_check *c, const struct shmq_archive_type *type,
			const unsigned char *record)
{
	const struct shmq_archive_field *f;
	const unsigned char *member;
	int r = 0;

	for (f = type->fields; f < type->fields + type->n_fields && r == 0; f++) {
		member = record + f->offset;
		if (f->added && !archive_field_present(f, record))
			continue;
		if (archive_is_far(f)) {
			r = far_check(c, type, f, (const struct shmq_ref *)(const void *)member);
		} else if (f->shape == SHMQ_ARCHIVE_OPTIONAL) {
			if (member[archive_scalar_bytes(f->element)] > 1 ||
			    (f->element == SHMQ_ARCHIVE_BOOL && !shmq_bools_ok(member, 1)))
				r = -EBADMSG;
		} else {
			r = near_check(c, f, member);
		}
	}
	return r;
}

int shmq_archive_verify(const struct shmq_archive_type *type, const void *msg, size_t len)
{
	struct shmq_check c;
	int r;

	if (!type->message)
		return -EINVAL;
	r = shmq_check_head_(&c, msg, len, shmq_archive_family(type), type->base_bytes);
	if (r < 0)
		return r;
	return record_check(&c, type, (const unsigned char *)msg);
}
