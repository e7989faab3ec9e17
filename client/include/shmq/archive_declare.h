/* SPDX-License-Identifier: MIT */
/*
 * archive_declare.h - passes that make structures and constants: members, flags, ends, descriptor
 *
 * One macro per pass and kind of type; archive_each.h says how they are called, archive_types.h
 * what the kinds are. T is the record or message, n the field, m its mark, d its default; then come
 * t (a scalar, string or utf8), x (a record), N (a count).
 */
#ifndef SHMQ_ARCHIVE_DECLARE_H
#define SHMQ_ARCHIVE_DECLARE_H

#include <shmq/archive_build.h>
#include <shmq/archive_schema.h>

/* ---- p_member: the archived structure. Alignments are spelled out: i386 would pack closer. ----
 */

#define SHMQ_A_MISTAKE_p_member(T, what, text) SHMQ_A_ASSERT(0, #T "." what ": " text);

/* An undeclared identifier "X_is_a_SHMQ_RECORD" says it all: SHMQ_RECORD(X, ...) must come first.
 */
#define SHMQ_A_NEEDS(x) SHMQ_A_ASSERT(x##_is_a_SHMQ_RECORD, #x " must be declared by SHMQ_RECORD");
#define SHMQ_A_COUNTED(T, n, N)									   \
	SHMQ_A_ASSERT((N) >= 1 && (N) <= 65535, #T "." #n ": an array has 1 to 65535 elements");
#define SHMQ_A_REF(m, n) struct shmq_ref SHMQ_A_M_##m(n);

#define SHMQ_A_p_member_k_scalar(T, n, m, d, t)							   \
	SHMQ_A_C_##t SHMQ_A_M_##m(n) SHMQ_A_ALIGNED(SHMQ_A_SIZE_##t);
#define SHMQ_A_p_member_k_text(T, n, m, d, t)	SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_struct(T, n, m, d, x) SHMQ_A_NEEDS(x) struct x SHMQ_A_M_##m(n);
#define SHMQ_A_p_member_k_arrs(T, n, m, d, t, N)						   \
	SHMQ_A_COUNTED(T, n, N) SHMQ_A_C_##t SHMQ_A_M_##m(n)[N] SHMQ_A_ALIGNED(SHMQ_A_SIZE_##t);
#define SHMQ_A_p_member_k_arrr(T, n, m, d, x, N)						   \
	SHMQ_A_NEEDS(x) SHMQ_A_COUNTED(T, n, N) struct x SHMQ_A_M_##m(n)[N];
#define SHMQ_A_p_member_k_vecs(T, n, m, d, t)	 SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_vect(T, n, m, d, t)	 SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_vecr(T, n, m, d, x)	 SHMQ_A_NEEDS(x) SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_vecself(T, n, m, d, s) SHMQ_A_NEEDS(T) SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_opts(T, n, m, d, t)	 struct shmq_optional_##t SHMQ_A_M_##m(n);
#define SHMQ_A_p_member_k_optt(T, n, m, d, t)	 SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_optr(T, n, m, d, x)	 SHMQ_A_NEEDS(x) SHMQ_A_REF(m, n)
#define SHMQ_A_p_member_k_optself(T, n, m, d, s) SHMQ_A_NEEDS(T) SHMQ_A_REF(m, n)

/* ---- p_flags: T_flags_, what is true of a field is true of the record ---- */

#define SHMQ_A_MISTAKE_p_flags(T, what, text)
#define SHMQ_A_FLAG_BOOL(t)			| (SHMQ_A_BOOL_##t ? SHMQ_A_CHECK : 0)
#define SHMQ_A_FLAG_REF				| SHMQ_A_REFS | SHMQ_A_CHECK
#define SHMQ_A_FLAG_DEEP(x) | SHMQ_A_REFS | SHMQ_A_CHECK | ((int)x##_flags_ & SHMQ_A_SELF)
#define SHMQ_A_p_flags_k_scalar(T, n, m, d, t)	SHMQ_A_FLAG_BOOL(t)
#define SHMQ_A_p_flags_k_text(T, n, m, d, t)	SHMQ_A_FLAG_REF
#define SHMQ_A_p_flags_k_struct(T, n, m, d, x)	| (int)x##_flags_
#define SHMQ_A_p_flags_k_arrs(T, n, m, d, t, N) SHMQ_A_FLAG_BOOL(t)
#define SHMQ_A_p_flags_k_arrr(T, n, m, d, x, N) | (int)x##_flags_
#define SHMQ_A_p_flags_k_vecs(T, n, m, d, t)	SHMQ_A_FLAG_REF
#define SHMQ_A_p_flags_k_vect(T, n, m, d, t)	SHMQ_A_FLAG_REF
#define SHMQ_A_p_flags_k_vecr(T, n, m, d, x)	SHMQ_A_FLAG_DEEP(x)
#define SHMQ_A_p_flags_k_vecself(T, n, m, d, s) SHMQ_A_FLAG_REF | SHMQ_A_SELF
#define SHMQ_A_p_flags_k_opts(T, n, m, d, t)	| SHMQ_A_CHECK
#define SHMQ_A_p_flags_k_optt(T, n, m, d, t)	SHMQ_A_FLAG_REF
#define SHMQ_A_p_flags_k_optr(T, n, m, d, x)	SHMQ_A_FLAG_DEEP(x)
#define SHMQ_A_p_flags_k_optself(T, n, m, d, s) SHMQ_A_FLAG_REF | SHMQ_A_SELF

/* ---- p_end, p_base: where a field ends; of the base, the last field's is the greatest ---- */

#define SHMQ_A_MISTAKE_p_end(T, what, text)
#define SHMQ_A_MISTAKE_p_base(T, what, text)
#define SHMQ_A_OFFSET(T, m, n)	  offsetof(struct T, SHMQ_A_M_##m(n))
#define SHMQ_A_END(T, m, n)									   \
	(int)(SHMQ_A_OFFSET(T, m, n) + sizeof(((struct T *)0)->SHMQ_A_M_##m(n)))
#define SHMQ_A_ENDS(T, m, n)	  T##_##n##_end_ = SHMQ_A_END(T, m, n),
#define SHMQ_A_BASES(T, m, n)	  SHMQ_A_BASES_##m(T, n)
#define SHMQ_A_BASES_m_base(T, n) T##_##n##_base_ = SHMQ_A_END(T, m_base, n),
#define SHMQ_A_BASES_m_added(T, n)
#define SHMQ_A_p_end_k_scalar(T, n, m, d, t)   SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_text(T, n, m, d, t)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_struct(T, n, m, d, x)   SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_arrs(T, n, m, d, t, N)  SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_arrr(T, n, m, d, x, N)  SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_vecs(T, n, m, d, t)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_vect(T, n, m, d, t)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_vecr(T, n, m, d, x)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_vecself(T, n, m, d, s)  SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_opts(T, n, m, d, t)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_optt(T, n, m, d, t)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_optr(T, n, m, d, x)     SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_end_k_optself(T, n, m, d, s)  SHMQ_A_ENDS(T, m, n)
#define SHMQ_A_p_base_k_scalar(T, n, m, d, t)  SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_text(T, n, m, d, t)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_struct(T, n, m, d, x)  SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_arrs(T, n, m, d, t, N) SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_arrr(T, n, m, d, x, N) SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_vecs(T, n, m, d, t)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_vect(T, n, m, d, t)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_vecr(T, n, m, d, x)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_vecself(T, n, m, d, s) SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_opts(T, n, m, d, t)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_optt(T, n, m, d, t)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_optr(T, n, m, d, x)    SHMQ_A_BASES(T, m, n)
#define SHMQ_A_p_base_k_optself(T, n, m, d, s) SHMQ_A_BASES(T, m, n)

/* ---- p_grow: only messages grow, and only at the end ---- */

#define SHMQ_A_MISTAKE_p_grow(T, what, text)
#define SHMQ_A_GROWS_m_base(T, n)
#define SHMQ_A_GROWS_m_added(T, n)								   \
	SHMQ_A_ASSERT(T##_grows_, #T "." #n ": only fields of a SHMQ_MESSAGE can be added");	   \
	SHMQ_A_ASSERT((int)T##_##n##_end_ > (int)T##_base_bytes_,				   \
		      #T "." #n ": added fields come after all others");
#define SHMQ_A_p_grow_k_scalar(T, n, m, d, t)  SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_text(T, n, m, d, t)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_struct(T, n, m, d, x)  SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_arrs(T, n, m, d, t, N) SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_arrr(T, n, m, d, x, N) SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_vecs(T, n, m, d, t)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_vect(T, n, m, d, t)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_vecr(T, n, m, d, x)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_vecself(T, n, m, d, s) SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_opts(T, n, m, d, t)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_optt(T, n, m, d, t)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_optr(T, n, m, d, x)    SHMQ_A_GROWS_##m(T, n)
#define SHMQ_A_p_grow_k_optself(T, n, m, d, s) SHMQ_A_GROWS_##m(T, n)

/* ---- p_row: a field's row in the descriptor ---- */

#define SHMQ_A_MISTAKE_p_row(T, what, text)
#define SHMQ_A_ADDED_m_base  0
#define SHMQ_A_ADDED_m_added 1

#define SHMQ_A_E_u8	     SHMQ_ARCHIVE_U8
#define SHMQ_A_E_u16	     SHMQ_ARCHIVE_U16
#define SHMQ_A_E_u32	     SHMQ_ARCHIVE_U32
#define SHMQ_A_E_u64	     SHMQ_ARCHIVE_U64
#define SHMQ_A_E_i8	     SHMQ_ARCHIVE_I8
#define SHMQ_A_E_i16	     SHMQ_ARCHIVE_I16
#define SHMQ_A_E_i32	     SHMQ_ARCHIVE_I32
#define SHMQ_A_E_i64	     SHMQ_ARCHIVE_I64
#define SHMQ_A_E_f32	     SHMQ_ARCHIVE_F32
#define SHMQ_A_E_f64	     SHMQ_ARCHIVE_F64
#define SHMQ_A_E_boolean     SHMQ_ARCHIVE_BOOL
#define SHMQ_A_E_string	     SHMQ_ARCHIVE_STRING
#define SHMQ_A_E_utf8	     SHMQ_ARCHIVE_UTF8

/* The default of a scalar, +0 for the case that none is written. */
#define SHMQ_A_INT(t, d)	  (uint64_t)(SHMQ_A_V_##t)(d + 0), 0
#define SHMQ_A_REAL(t, d)	  0, (double)(SHMQ_A_V_##t)(d + 0)
#define SHMQ_A_DEFAULT_u8(d)	  SHMQ_A_INT(u8, d)
#define SHMQ_A_DEFAULT_u16(d)	  SHMQ_A_INT(u16, d)
#define SHMQ_A_DEFAULT_u32(d)	  SHMQ_A_INT(u32, d)
#define SHMQ_A_DEFAULT_u64(d)	  SHMQ_A_INT(u64, d)
#define SHMQ_A_DEFAULT_i8(d)	  SHMQ_A_INT(i8, d)
#define SHMQ_A_DEFAULT_i16(d)	  SHMQ_A_INT(i16, d)
#define SHMQ_A_DEFAULT_i32(d)	  SHMQ_A_INT(i32, d)
#define SHMQ_A_DEFAULT_i64(d)	  SHMQ_A_INT(i64, d)
#define SHMQ_A_DEFAULT_boolean(d) SHMQ_A_INT(boolean, d)
#define SHMQ_A_DEFAULT_f32(d)	  SHMQ_A_REAL(f32, d)
#define SHMQ_A_DEFAULT_f64(d)	  SHMQ_A_REAL(f64, d)

#define SHMQ_A_ROW(T, n, m, record, count, shape, element, ...)					   \
	{ #n,											   \
	  record,										   \
	  (uint32_t)SHMQ_A_OFFSET(T, m, n),							   \
	  (uint32_t)SHMQ_A_END(T, m, n),							   \
	  count,										   \
	  SHMQ_ARCHIVE_##shape,									   \
	  element,										   \
	  SHMQ_A_ADDED_##m,									   \
	  __VA_ARGS__ },
#define SHMQ_A_ROW_REC(T, n, m, x, count, shape)						   \
	SHMQ_A_ROW(T, n, m, &x##_type_, count, shape, SHMQ_ARCHIVE_RECORD, 0, 0)

#define SHMQ_A_p_row_k_scalar(T, n, m, d, t)							   \
	SHMQ_A_ROW(T, n, m, NULL, 1, ONE, SHMQ_A_E_##t, SHMQ_A_DEFAULT_##t(d))
#define SHMQ_A_p_row_k_text(T, n, m, d, t)   SHMQ_A_ROW(T, n, m, NULL, 1, ONE, SHMQ_A_E_##t, 0, 0)
#define SHMQ_A_p_row_k_struct(T, n, m, d, x) SHMQ_A_ROW_REC(T, n, m, x, 1, ONE)
#define SHMQ_A_p_row_k_arrs(T, n, m, d, t, N)							   \
	SHMQ_A_ROW(T, n, m, NULL, N, ARRAY, SHMQ_A_E_##t, 0, 0)
#define SHMQ_A_p_row_k_arrr(T, n, m, d, x, N) SHMQ_A_ROW_REC(T, n, m, x, N, ARRAY)
#define SHMQ_A_p_row_k_vecs(T, n, m, d, t) SHMQ_A_ROW(T, n, m, NULL, 1, VECTOR, SHMQ_A_E_##t, 0, 0)
#define SHMQ_A_p_row_k_vect(T, n, m, d, t) SHMQ_A_ROW(T, n, m, NULL, 1, VECTOR, SHMQ_A_E_##t, 0, 0)
#define SHMQ_A_p_row_k_vecr(T, n, m, d, x)    SHMQ_A_ROW_REC(T, n, m, x, 1, VECTOR)
#define SHMQ_A_p_row_k_vecself(T, n, m, d, s)							   \
	SHMQ_A_ROW(T, n, m, NULL, 1, VECTOR, SHMQ_ARCHIVE_SELF, 0, 0)
#define SHMQ_A_p_row_k_opts(T, n, m, d, t)							   \
	SHMQ_A_ROW(T, n, m, NULL, 1, OPTIONAL, SHMQ_A_E_##t, 0, 0)
#define SHMQ_A_p_row_k_optt(T, n, m, d, t)							   \
	SHMQ_A_ROW(T, n, m, NULL, 1, OPTIONAL, SHMQ_A_E_##t, 0, 0)
#define SHMQ_A_p_row_k_optr(T, n, m, d, x) SHMQ_A_ROW_REC(T, n, m, x, 1, OPTIONAL)
#define SHMQ_A_p_row_k_optself(T, n, m, d, s)							   \
	SHMQ_A_ROW(T, n, m, NULL, 1, OPTIONAL, SHMQ_ARCHIVE_SELF, 0, 0)

#endif
