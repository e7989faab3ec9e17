/* SPDX-License-Identifier: MIT */
/*
 * archive_write.h - passes p_list, p_set and p_init: the typed half of the builder
 *
 * Each function puts the type of one field around the engine in archive_build.h. Those that need
 * room take the builder and return 0 or an error; the others only store. See archive_declare.h for
 * the parameters of the macros, archive.h for what they make.
 */
#ifndef SHMQ_ARCHIVE_WRITE_H
#define SHMQ_ARCHIVE_WRITE_H

#include <shmq/archive_walk.h>

/* Copying records that hold references would leave those behind. */
#if defined(__clang__) && __clang_major__ < 14
#define SHMQ_A_ERROR(text)
#else
#define SHMQ_A_ERROR(text) __attribute__((error(text)))
#endif
SHMQ_A_ERROR("put_ can't copy records that hold strings, vectors or optional records: use new_ or "
	     "begin_")
void shmq_archive_put_of_records_with_references_(void);

#define SHMQ_A_MISTAKE_p_list(T, what, text)
#define SHMQ_A_MISTAKE_p_set(T, what, text)
#define SHMQ_A_MISTAKE_p_init(T, what, text)

/* ---- p_list: a type for each vector that can be built element by element ---- */

#define SHMQ_A_LIST(T, n)									   \
	struct T##_##n##_list {									   \
		struct shmq_list list;								   \
	};
#define SHMQ_A_p_list_k_scalar(T, n, m, d, t)
#define SHMQ_A_p_list_k_text(T, n, m, d, t)
#define SHMQ_A_p_list_k_struct(T, n, m, d, x)
#define SHMQ_A_p_list_k_arrs(T, n, m, d, t, N)
#define SHMQ_A_p_list_k_arrr(T, n, m, d, x, N)
#define SHMQ_A_p_list_k_vecs(T, n, m, d, t)    SHMQ_A_LIST(T, n)
#define SHMQ_A_p_list_k_vect(T, n, m, d, t)    SHMQ_A_LIST(T, n)
#define SHMQ_A_p_list_k_vecr(T, n, m, d, x)    SHMQ_A_LIST(T, n)
#define SHMQ_A_p_list_k_vecself(T, n, m, d, s) SHMQ_A_LIST(T, n)
#define SHMQ_A_p_list_k_opts(T, n, m, d, t)
#define SHMQ_A_p_list_k_optt(T, n, m, d, t)
#define SHMQ_A_p_list_k_optr(T, n, m, d, x)
#define SHMQ_A_p_list_k_optself(T, n, m, d, s)

/* ---- p_init: what an added scalar holds until it is set is its default ---- */

#define SHMQ_A_INIT_m_base(n, t, d)
#define SHMQ_A_INIT_m_added(n, t, d)	      o->n##_added_ = (SHMQ_A_C_##t)(d + 0);
#define SHMQ_A_p_init_k_scalar(T, n, m, d, t) SHMQ_A_INIT_##m(n, t, d)
#define SHMQ_A_p_init_k_text(T, n, m, d, t)
#define SHMQ_A_p_init_k_struct(T, n, m, d, x)
#define SHMQ_A_p_init_k_arrs(T, n, m, d, t, N)
#define SHMQ_A_p_init_k_arrr(T, n, m, d, x, N)
#define SHMQ_A_p_init_k_vecs(T, n, m, d, t)
#define SHMQ_A_p_init_k_vect(T, n, m, d, t)
#define SHMQ_A_p_init_k_vecr(T, n, m, d, x)
#define SHMQ_A_p_init_k_vecself(T, n, m, d, s)
#define SHMQ_A_p_init_k_opts(T, n, m, d, t)
#define SHMQ_A_p_init_k_optt(T, n, m, d, t)
#define SHMQ_A_p_init_k_optr(T, n, m, d, x)
#define SHMQ_A_p_init_k_optself(T, n, m, d, s)

/* ---- p_set ---- */

/* scalar: T_set_n(o, value) */
#define SHMQ_A_p_set_k_scalar(T, n, m, d, t)							   \
	SHMQ_A_FN void T##_set_##n(struct T *o, SHMQ_A_V_##t value)				   \
	{											   \
		o->SHMQ_A_M_##m(n) = value;							   \
	}

/* string, utf8: T_set_n(b, o, text), T_put_n(b, o, text, len); -EILSEQ if it isn't one */
#define SHMQ_A_SET_TEXT(T, n, m, t, keep_empty)							   \
	SHMQ_A_FN int T##_put_##n(struct shmq_builder *b, struct T *o, const char *text,	   \
				  size_t len)							   \
	{											   \
		return shmq_builder_text_(b, SHMQ_A_AT(m, n), text, len, SHMQ_A_UTF8_##t,	   \
					  keep_empty);						   \
	}											   \
	SHMQ_A_FN int T##_set_##n(struct shmq_builder *b, struct T *o, const char *text)	   \
	{											   \
		return T##_put_##n(b, o, text, text ? strlen(text) : 0);			   \
	}
#define SHMQ_A_p_set_k_text(T, n, m, d, t) SHMQ_A_SET_TEXT(T, n, m, t, 0)
#define SHMQ_A_p_set_k_optt(T, n, m, d, t) SHMQ_A_SET_TEXT(T, n, m, t, 1)

/* struct, array: T_edit_n(o) is the member, or its first element, to write to */
#define SHMQ_A_SET_EDIT(T, n, type, member)							   \
	SHMQ_A_FN type *T##_edit_##n(struct T *o)						   \
	{											   \
		return member;									   \
	}
#define SHMQ_A_p_set_k_struct(T, n, m, d, x) SHMQ_A_SET_EDIT(T, n, struct x, SHMQ_A_AT(m, n))
#define SHMQ_A_p_set_k_arrs(T, n, m, d, t, N)							   \
	SHMQ_A_SET_EDIT(T, n, SHMQ_A_C_##t, o->SHMQ_A_M_##m(n))
#define SHMQ_A_p_set_k_arrr(T, n, m, d, x, N) SHMQ_A_SET_EDIT(T, n, struct x, o->SHMQ_A_M_##m(n))
#define SHMQ_A_SAME(size)		      size, size /* bytes, alignment */

/* every vector: T_end_n(list), T_cancel_n(list) */
#define SHMQ_A_SET_LIST(T, n, m, layout, in_place, shift)					   \
	SHMQ_A_FN int T##_begin_##n(struct shmq_builder *b, struct T *o,			   \
				    struct T##_##n##_list *list)				   \
	{											   \
		return shmq_list_begin_(&list->list, b, SHMQ_A_AT(m, n), layout, in_place);	   \
	}											   \
	SHMQ_A_FN int T##_end_##n(struct T##_##n##_list *list)					   \
	{											   \
		return shmq_list_end_(&list->list, shift);					   \
	}											   \
	SHMQ_A_FN int T##_cancel_##n(struct T##_##n##_list *list)				   \
	{											   \
		return shmq_list_cancel_(&list->list);						   \
	}

/* T_new_n(b, o, count, &first): zeroed elements to write to */
#define SHMQ_A_SET_NEW(T, n, m, type, layout)							   \
	SHMQ_A_FN int T##_new_##n(struct shmq_builder *b, struct T *o, size_t count, type **ret)   \
	{											   \
		unsigned char *to;								   \
		int r = shmq_builder_vector_(b, SHMQ_A_AT(m, n), NULL, count, layout, &to);	   \
												   \
		if (r == 0)									   \
			*ret = (type *)(void *)to;						   \
		return r;									   \
	}

/* vector of scalars: T_put_n(b, o, from, count), T_new_n(), T_begin_n(), T_add_n(list, value) */
#define SHMQ_A_p_set_k_vecs(T, n, m, d, t)							   \
	SHMQ_A_SET_LIST(T, n, m, SHMQ_A_SAME(SHMQ_A_SIZE_##t), 1, NULL)				   \
	SHMQ_A_SET_NEW(T, n, m, SHMQ_A_C_##t, SHMQ_A_SAME(SHMQ_A_SIZE_##t))			   \
	SHMQ_A_FN int T##_put_##n(struct shmq_builder *b, struct T *o, const SHMQ_A_C_##t *from,   \
				  size_t count)							   \
	{											   \
		unsigned char *to;								   \
												   \
		if (SHMQ_A_BOOL_##t && !shmq_bools_ok(from, count))				   \
			return shmq_builder_fail_(b, -EINVAL);					   \
		return shmq_builder_vector_(b, SHMQ_A_AT(m, n), from, count, SHMQ_A_SIZE_##t,	   \
					    SHMQ_A_SIZE_##t, &to);				   \
	}											   \
	SHMQ_A_FN int T##_add_##n(struct T##_##n##_list *list, SHMQ_A_V_##t value)		   \
	{											   \
		SHMQ_A_C_##t stored = value;							   \
		unsigned char *to;								   \
		int r = shmq_list_grow_(&list->list, &to);					   \
												   \
		if (r == 0)									   \
			memcpy(to, &stored, sizeof(stored));					   \
		return r;									   \
	}

/* vector of strings: T_put_n(b, o, texts, count), T_begin_n(), T_add_n(list, text),
 * T_addn_n(list, text, len) */
#define SHMQ_A_p_set_k_vect(T, n, m, d, t)							   \
	SHMQ_A_SET_LIST(T, n, m, SHMQ_A_SAME(sizeof(struct shmq_ref)), 0, shmq_ref_shift_text_)	   \
	SHMQ_A_FN int T##_put_##n(struct shmq_builder *b, struct T *o, const char *const *texts,   \
				  size_t count)							   \
	{											   \
		return shmq_builder_texts_(b, SHMQ_A_AT(m, n), texts, count, SHMQ_A_UTF8_##t);	   \
	}											   \
	SHMQ_A_FN int T##_addn_##n(struct T##_##n##_list *list, const char *text, size_t len)	   \
	{											   \
		return shmq_list_add_text_(&list->list, text, len, SHMQ_A_UTF8_##t);		   \
	}											   \
	SHMQ_A_FN int T##_add_##n(struct T##_##n##_list *list, const char *text)		   \
	{											   \
		return T##_addn_##n(list, text, text ? strlen(text) : 0);			   \
	}

/* vector of records: T_new_n(), T_begin_n(), T_add_n(list, &record); T_put_n() of plain ones */
#define SHMQ_A_SET_RECORDS(T, n, m, x)								   \
	SHMQ_A_SET_LIST(T, n, m, SHMQ_A_BYTES(x), !((int)x##_flags_ & SHMQ_A_REFS), x##_shift_)	   \
	SHMQ_A_SET_NEW(T, n, m, struct x, SHMQ_A_BYTES(x))					   \
	SHMQ_A_FN int T##_put_##n(struct shmq_builder *b, struct T *o, const struct x *from,	   \
				  size_t count)							   \
	{											   \
		unsigned char *to;								   \
												   \
		if ((int)x##_flags_ & SHMQ_A_REFS)						   \
			shmq_archive_put_of_records_with_references_();				   \
		return shmq_builder_vector_(b, SHMQ_A_AT(m, n), from, count, SHMQ_A_BYTES(x),	   \
					    &to);						   \
	}											   \
	SHMQ_A_FN int T##_add_##n(struct T##_##n##_list *list, struct x **ret)			   \
	{											   \
		unsigned char *to;								   \
		int r = shmq_list_grow_(&list->list, &to);					   \
												   \
		if (r < 0)									   \
			return r;								   \
		memset(to, 0, sizeof(struct x));						   \
		*ret = (struct x *)(void *)to;							   \
		return 0;									   \
	}
#define SHMQ_A_p_set_k_vecr(T, n, m, d, x)    SHMQ_A_SET_RECORDS(T, n, m, x)
#define SHMQ_A_p_set_k_vecself(T, n, m, d, s) SHMQ_A_SET_RECORDS(T, n, m, T)

/* optional scalar: T_set_n(o, value); optional record: T_new_n(b, o, &record) */
#define SHMQ_A_p_set_k_opts(T, n, m, d, t)							   \
	SHMQ_A_FN void T##_set_##n(struct T *o, SHMQ_A_V_##t value)				   \
	{											   \
		o->SHMQ_A_M_##m(n).value = value;						   \
		o->SHMQ_A_M_##m(n).present = 1;							   \
	}
#define SHMQ_A_p_set_k_optr(T, n, m, d, x)							   \
	SHMQ_A_FN int T##_new_##n(struct shmq_builder *b, struct T *o, struct x **ret)		   \
	{											   \
		unsigned char *to;								   \
		int r = shmq_builder_vector_(b, SHMQ_A_AT(m, n), NULL, 1, SHMQ_A_BYTES(x), &to);   \
												   \
		if (r == 0)									   \
			*ret = (struct x *)(void *)to;						   \
		return r;									   \
	}
#define SHMQ_A_p_set_k_optself(T, n, m, d, s) SHMQ_A_p_set_k_optr(T, n, m, d, T)

#endif
