/* SPDX-License-Identifier: MIT */
/*
 * archive.h - typed messages without serialization: built in the slot, read in the slot
 *
 * A message type is declared once. The declaration makes the structure as it lies in memory, and
 * functions that build it in place, judge one that came from elsewhere, and read it:
 *
 *	SHMQ_RECORD(level, (f64, price), (u32, quantity));
 *	SHMQ_MESSAGE(order,
 *		(u64, id),
 *		(utf8, symbol),
 *		(vector(struct level), levels),
 *		(optional(f64), stop));
 *
 *	struct shmq_builder b;				const struct order *o;
 *	struct order *o;				const void *msg;
 *	void *slot;					size_t len;
 *
 *	shmq_reserve(producer, &slot);			shmq_peek(consumer, &msg, &len, NULL);
 *	order_build(&b, slot, size, &o);		if (order_access(msg, len, &o) == 0)
 *	o->id = 42;						printf("%s has %zu levels\n",
 *	order_set_symbol(&b, o, "ACME");			       order_symbol(o),
 *	order_put_levels(&b, o, levels, 3);			       order_n_levels(o));
 *	shmq_commit(producer, order_finish(&b));	shmq_release(consumer);
 *
 * Types of a field
 *	u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 bool	scalars
 *	string, utf8					text with a NUL behind it and none inside
 *	struct X					a record, as part of this one
 *	array(T, N)					T: scalar or struct X
 *	vector(T)					T: scalar, string, utf8, struct X, self
 *	optional(T)					T: the same
 * self is the record being declared, so trees can be. A record holds the same types as a message;
 * only messages are sent, and only they can grow:
 *	(u32, venue, added), (u32, venue, added(7))
 * stands at the end, after all versions before it. A reader that knows a field which the writer did
 * not know reads 0, "", nothing, or the default given. Every other change makes another type.
 *
 * Functions, for a message or record T with a field n; docs/archive-layout.md has the bytes
 *	order_build(&b, buf, cap, &o)			start; buf is aligned to 8, as payloads are
 *	order_finish(&b)				length of the message
 *	order_access(buf, len, &o)			judge every byte of it, then it can be read
 *	order_access_copy(buf, len, own, cap, &o)	the same on a private copy: for peers that
 *							may write to it while it is read
 *	order_access_unchecked(buf)			for peers that are trusted like oneself
 *	order_archive_type(), _archive_fingerprint()	the type as data; shmq_archive_describe()
 * reading: T_n(o), T_has_n(o), T_len_n(o) of a text, T_n_n(o) elements
 * writing: T_set_n, T_put_n, T_edit_n, T_new_n, and element by element T_begin_n, T_add_n, T_end_n,
 * T_cancel_n; see shmq_archive(3) for which type has which. Scalars, records and arrays are also
 * plain members, except added ones.
 *
 * Errors
 *	building	-EMSGSIZE it doesn't fit; -EILSEQ not such a text; -EBUSY a list is open;
 *			-EINVAL not in this buffer; -ELOOP (finish) nested deeper than readers take
 *	access		-EBADMSG; -EPROTO another type's message; -EINVAL misaligned;
 *			-EMSGSIZE (copy) longer than the room for it
 * A build call that failed left its field as it was, and the message can be finished without it.
 * Threads: one at a time per builder; any number read.
 */
#ifndef SHMQ_ARCHIVE_H
#define SHMQ_ARCHIVE_H

#include <shmq/archive_read.h>
#include <shmq/archive_write.h>

#define SHMQ_RECORD(T, ...)									   \
	enum { T##_is_a_SHMQ_RECORD = 1, T##_grows_ = 0 };					   \
	struct T {										   \
		SHMQ_A_EACH(p_member, T, __VA_ARGS__)						   \
	};											   \
	enum { T##_flags_ = 0 SHMQ_A_EACH(p_flags, T, __VA_ARGS__) };				   \
	enum { SHMQ_A_EACH(p_end, T, __VA_ARGS__) T##_base_bytes_ = 0 };			   \
	SHMQ_A_EACH(p_grow, T, __VA_ARGS__)							   \
	SHMQ_A_DESCRIBE(T, 0, __VA_ARGS__)							   \
	SHMQ_A_WALK_RECORD(T, __VA_ARGS__)							   \
	SHMQ_A_EACH(p_get, T, __VA_ARGS__)							   \
	SHMQ_A_EACH(p_list, T, __VA_ARGS__)							   \
	SHMQ_A_EACH(p_set, T, __VA_ARGS__)							   \
	struct T

#define SHMQ_MESSAGE(T, ...)									   \
	enum { T##_grows_ = 1 };								   \
	struct T {										   \
		struct shmq_archive_head head_;							   \
		SHMQ_A_EACH(p_member, T, __VA_ARGS__)						   \
	};											   \
	enum { T##_flags_ = 0 SHMQ_A_EACH(p_flags, T, __VA_ARGS__) };				   \
	enum {											   \
		SHMQ_A_EACH(p_end, T, __VA_ARGS__) T##_behind_,					   \
		T##_root_bytes_ = T##_behind_ - 1						   \
	};											   \
	enum {											   \
		T##_base_0_ = sizeof(struct shmq_archive_head),					   \
		SHMQ_A_EACH(p_base, T, __VA_ARGS__) T##_base_behind_,				   \
		T##_base_bytes_ = T##_base_behind_ - 1						   \
	};											   \
	SHMQ_A_EACH(p_grow, T, __VA_ARGS__)							   \
	SHMQ_A_DESCRIBE(T, 1, __VA_ARGS__)							   \
	SHMQ_A_WALK_MESSAGE(T, __VA_ARGS__)							   \
	SHMQ_A_EACH(p_get, T, __VA_ARGS__)							   \
	SHMQ_A_EACH(p_list, T, __VA_ARGS__)							   \
	SHMQ_A_EACH(p_set, T, __VA_ARGS__)							   \
	SHMQ_A_MESSAGE_TYPE(T)									   \
	SHMQ_A_MESSAGE_BUILD(T, __VA_ARGS__)							   \
	SHMQ_A_MESSAGE_ACCESS(T)								   \
	struct T

#define SHMQ_A_DESCRIBE(T, message, ...)							   \
	SHMQ_A_UNUSED static const struct shmq_archive_field T##_fields_[] = { SHMQ_A_EACH(	   \
		p_row, T, __VA_ARGS__) };							   \
	SHMQ_A_UNUSED static const struct shmq_archive_type T##_type_ = {			   \
		#T,										   \
		T##_fields_,									   \
		sizeof(T##_fields_) / sizeof(T##_fields_[0]),					   \
		message,									   \
		sizeof(struct T),								   \
		__alignof__(struct T),								   \
		T##_base_bytes_,								   \
		T##_flags_									   \
	};

#define SHMQ_A_MESSAGE_TYPE(T)									   \
	SHMQ_A_FN const struct shmq_archive_type *T##_archive_type(void)			   \
	{											   \
		return &T##_type_;								   \
	}											   \
	SHMQ_A_FN uint64_t T##_archive_fingerprint(void)					   \
	{											   \
		return shmq_archive_fingerprint(&T##_type_);					   \
	}											   \
	SHMQ_A_FN uint64_t T##_family_(void)							   \
	{											   \
		static uint64_t family;								   \
												   \
		return shmq_archive_family_once_(&T##_type_, &family);				   \
	}

#define SHMQ_A_MESSAGE_BUILD(T, ...)								   \
	SHMQ_A_FN int T##_build(struct shmq_builder *b, void *buf, size_t cap, struct T **ret)	   \
	{											   \
		struct T *o = (struct T *)buf;							   \
		int r = shmq_builder_start_(b, buf, cap, T##_family_(), T##_root_bytes_,	   \
					    sizeof(*o));					   \
												   \
		if (r < 0)									   \
			return r;								   \
		SHMQ_A_EACH(p_init, T, __VA_ARGS__)						   \
		*ret = o;									   \
		return 0;									   \
	}											   \
	SHMQ_A_FN int T##_finish(struct shmq_builder *b)					   \
	{											   \
		struct shmq_check c;								   \
		int r = shmq_builder_finish_(b);						   \
												   \
		if (r < 0 || !((int)T##_flags_ & SHMQ_A_SELF))					   \
			return r;								   \
		if (shmq_check_head_(&c, b->base, (size_t)r, T##_family_(), T##_base_bytes_) <	   \
			    0 ||								   \
		    T##_check_(&c, (const struct T *)(const void *)b->base) < 0)		   \
			return shmq_builder_fail_(b, -ELOOP);					   \
		return r;									   \
	}

#define SHMQ_A_MESSAGE_ACCESS(T)								   \
	SHMQ_A_FN int T##_access(const void *buf, size_t len, const struct T **ret)		   \
	{											   \
		struct shmq_check c;								   \
		int r = shmq_check_head_(&c, buf, len, T##_family_(), T##_base_bytes_);		   \
												   \
		if (r < 0)									   \
			return r;								   \
		if (T##_check_(&c, (const struct T *)buf) < 0)					   \
			return -EBADMSG;							   \
		*ret = (const struct T *)buf;							   \
		return 0;									   \
	}											   \
	SHMQ_A_FN int T##_access_copy(const void *buf, size_t len, void *own, size_t cap,	   \
				      const struct T **ret)					   \
	{											   \
		if (len > cap)									   \
			return -EMSGSIZE;							   \
		memcpy(own, buf, len);								   \
		return T##_access(own, len, ret);						   \
	}											   \
	SHMQ_A_FN const struct T *T##_access_unchecked(const void *buf)				   \
	{											   \
		return (const struct T *)buf;							   \
	}

#endif
