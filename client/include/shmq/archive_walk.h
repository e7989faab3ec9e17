/* SPDX-License-Identifier: MIT */
/*
 * archive_walk.h - passes that visit all that is in a record: the validator, and moving it
 *
 * See archive_declare.h for the parameters. The bodies stand in functions of c and o (p_check) and
 * of o and delta (p_shift).
 */
#ifndef SHMQ_ARCHIVE_WALK_H
#define SHMQ_ARCHIVE_WALK_H

#include <shmq/archive_declare.h>

/* ---- p_check: what the bytes of a field must be ---- */

#define SHMQ_A_MISTAKE_p_check(T, what, text)

/* An added field is looked at if the writer knew it. */
#define SHMQ_A_HAS(T, n, o) ((o)->head_.root_bytes >= (uint32_t)T##_##n##_end_)
#define SHMQ_A_WHEN_m_base(T, n)
#define SHMQ_A_WHEN_m_added(T, n) if (SHMQ_A_HAS(T, n, o))
#define SHMQ_A_WRONG(T, m, n, ...)								   \
	SHMQ_A_WHEN_##m(T, n)									   \
	{											   \
		if (__VA_ARGS__)								   \
			return -EBADMSG;							   \
	}
#define SHMQ_A_AT(m, n)			       (&o->SHMQ_A_M_##m(n))
#define SHMQ_A_BYTES(x) (uint32_t)sizeof(struct x), (uint32_t)__alignof__(struct x)

#define SHMQ_A_p_check_k_scalar(T, n, m, d, t) SHMQ_A_SCALAR_##t(T, m, n)
#define SHMQ_A_SCALAR_u8(T, m, n)
#define SHMQ_A_SCALAR_u16(T, m, n)
#define SHMQ_A_SCALAR_u32(T, m, n)
#define SHMQ_A_SCALAR_u64(T, m, n)
#define SHMQ_A_SCALAR_i8(T, m, n)
#define SHMQ_A_SCALAR_i16(T, m, n)
#define SHMQ_A_SCALAR_i32(T, m, n)
#define SHMQ_A_SCALAR_i64(T, m, n)
#define SHMQ_A_SCALAR_f32(T, m, n)
#define SHMQ_A_SCALAR_f64(T, m, n)
#define SHMQ_A_SCALAR_boolean(T, m, n) SHMQ_A_WRONG(T, m, n, o->SHMQ_A_M_##m(n) > 1)

#define SHMQ_A_p_check_k_text(T, n, m, d, t)							   \
	SHMQ_A_WRONG(T, m, n, shmq_check_text_(c, SHMQ_A_AT(m, n), SHMQ_A_UTF8_##t) < 0)
#define SHMQ_A_p_check_k_struct(T, n, m, d, x)							   \
	SHMQ_A_WRONG(T, m, n, x##_check_(c, SHMQ_A_AT(m, n)) < 0)
#define SHMQ_A_p_check_k_arrs(T, n, m, d, t, N)							   \
	SHMQ_A_WRONG(T, m, n, SHMQ_A_BOOL_##t && !shmq_bools_ok(o->SHMQ_A_M_##m(n), N))
#define SHMQ_A_p_check_k_arrr(T, n, m, d, x, N)							   \
	SHMQ_A_WRONG(T, m, n, x##_check_n_(c, o->SHMQ_A_M_##m(n), N) < 0)
#define SHMQ_A_p_check_k_vecs(T, n, m, d, t)							   \
	SHMQ_A_WRONG(										   \
		T, m, n,									   \
		shmq_check_span_(c, SHMQ_A_AT(m, n), SHMQ_A_SIZE_##t, SHMQ_A_SIZE_##t, 0) < 0 ||   \
			(SHMQ_A_BOOL_##t &&							   \
			 !shmq_bools_ok(shmq_ref_at(SHMQ_A_AT(m, n)), SHMQ_A_AT(m, n)->count)))
#define SHMQ_A_p_check_k_vect(T, n, m, d, t)							   \
	SHMQ_A_WRONG(T, m, n, shmq_check_texts_(c, SHMQ_A_AT(m, n), SHMQ_A_UTF8_##t) < 0)
#define SHMQ_A_p_check_k_vecr(T, n, m, d, x)							   \
	SHMQ_A_WRONG(T, m, n, x##_check_ref_(c, SHMQ_A_AT(m, n)) < 0)
#define SHMQ_A_p_check_k_vecself(T, n, m, d, s) SHMQ_A_p_check_k_vecr(T, n, m, d, T)
#define SHMQ_A_p_check_k_opts(T, n, m, d, t)							   \
	SHMQ_A_WRONG(T, m, n,									   \
		     o->SHMQ_A_M_##m(n).present > 1 ||						   \
			     (SHMQ_A_BOOL_##t && !shmq_bools_ok(&o->SHMQ_A_M_##m(n).value, 1)))
#define SHMQ_A_p_check_k_optt(T, n, m, d, t) SHMQ_A_p_check_k_text(T, n, m, d, t)
#define SHMQ_A_p_check_k_optr(T, n, m, d, x)							   \
	SHMQ_A_WRONG(T, m, n,									   \
		     SHMQ_A_AT(m, n)->count > 1 ||						   \
			     (SHMQ_A_AT(m, n)->count == 0) != (SHMQ_A_AT(m, n)->offset == 0) ||	   \
			     x##_check_ref_(c, SHMQ_A_AT(m, n)) < 0)
#define SHMQ_A_p_check_k_optself(T, n, m, d, s) SHMQ_A_p_check_k_optr(T, n, m, d, T)

/* ---- p_shift: the record has moved by -delta, what it refers to has not ---- */

#define SHMQ_A_MISTAKE_p_shift(T, what, text)
#define SHMQ_A_SHIFT(m, n) shmq_ref_shift_(SHMQ_A_AT(m, n), delta);
#define SHMQ_A_p_shift_k_scalar(T, n, m, d, t)
#define SHMQ_A_p_shift_k_text(T, n, m, d, t)   SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_struct(T, n, m, d, x) x##_shift_(SHMQ_A_AT(m, n), delta);
#define SHMQ_A_p_shift_k_arrs(T, n, m, d, t, N)
#define SHMQ_A_p_shift_k_arrr(T, n, m, d, x, N) x##_shift_n_(o->SHMQ_A_M_##m(n), N, delta);
#define SHMQ_A_p_shift_k_vecs(T, n, m, d, t)	SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_vect(T, n, m, d, t)	SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_vecr(T, n, m, d, x)	SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_vecself(T, n, m, d, s) SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_opts(T, n, m, d, t)
#define SHMQ_A_p_shift_k_optt(T, n, m, d, t)	SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_optr(T, n, m, d, x)	SHMQ_A_SHIFT(m, n)
#define SHMQ_A_p_shift_k_optself(T, n, m, d, s) SHMQ_A_SHIFT(m, n)

/* All functions of a record that visit it. It may hold itself: the ones for many come first. */
#define SHMQ_A_WALK_RECORD(T, ...)								   \
	SHMQ_A_FN int T##_check_(struct shmq_check *c, const struct T *o);			   \
	SHMQ_A_FN int T##_check_n_(struct shmq_check *c, const struct T *o, uint32_t n)		   \
	{											   \
		uint32_t i;									   \
												   \
		if (!((int)T##_flags_ & SHMQ_A_CHECK))						   \
			return 0;								   \
		for (i = 0; i < n; i++)								   \
			if (T##_check_(c, o + i) < 0)						   \
				return -EBADMSG;						   \
		return 0;									   \
	}											   \
	SHMQ_A_FN int T##_check_ref_(struct shmq_check *c, const struct shmq_ref *ref)		   \
	{											   \
		int r = shmq_check_enter_(c, ref, SHMQ_A_BYTES(T));				   \
												   \
		if (r <= 0)									   \
			return r;								   \
		r = T##_check_n_(c, (const struct T *)shmq_ref_at(ref), ref->count);		   \
		shmq_check_leave_(c);								   \
		return r;									   \
	}											   \
	SHMQ_A_WALK_MESSAGE(T, __VA_ARGS__)							   \
	SHMQ_A_FN void T##_shift_(void *record, int32_t delta)					   \
	{											   \
		struct T *o = (struct T *)record;						   \
												   \
		(void)o;									   \
		(void)delta;									   \
		SHMQ_A_EACH(p_shift, T, __VA_ARGS__)						   \
	}											   \
	SHMQ_A_FN void T##_shift_n_(struct T *o, uint32_t n, int32_t delta)			   \
	{											   \
		uint32_t i;									   \
												   \
		for (i = 0; i < n; i++)								   \
			T##_shift_(o + i, delta);						   \
	}

#define SHMQ_A_WALK_MESSAGE(T, ...)								   \
	SHMQ_A_FN int T##_check_(struct shmq_check *c, const struct T *o)			   \
	{											   \
		(void)c;									   \
		(void)o;									   \
		SHMQ_A_EACH(p_check, T, __VA_ARGS__)						   \
		return 0;									   \
	}

#endif
