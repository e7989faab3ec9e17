/* SPDX-License-Identifier: MIT */
/*
 * archive_types.h - what an archived message consists of, and the words that a declaration may use
 *
 * docs/archive-layout.md describes every byte; the static assertions below and a golden file hold
 * us to it. Structures here are read from memory that somebody else wrote: archive_check.h looks at
 * all of it before anybody relies on it.
 */
#ifndef SHMQ_ARCHIVE_TYPES_H
#define SHMQ_ARCHIVE_TYPES_H

#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif

#include <shmq/archive_each.h>

#if !defined(__GNUC__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "shmq/archive.h needs gcc or clang and a little-endian machine"
#endif

#define SHMQ_ARCHIVE_LAYOUT 1u
#define SHMQ_ARCHIVE_BYTES_MAX									   \
	UINT32_C(0x0ffffff8)	     /* of one message: what a slot's header can say */
#define SHMQ_ARCHIVE_DEPTH_MAX	 32u /* records inside vectors and optionals of each other */
#define SHMQ_ARCHIVE_FIELDS_MAX	 64u /* of one record or message */
#define SHMQ_ARCHIVE_RECORDS_MAX 64u /* different records that one message is made of */

/* The first bytes of every message; they count as part of the root. */
struct shmq_archive_head {
	uint64_t family;     /* hash of the schema without its added fields */
	uint32_t root_bytes; /* from byte 0 to the end of the last field that the writer knew */
	uint32_t bytes;	     /* of the whole message, a multiple of 8 */
} __attribute__((aligned(8)));

/* A string, vector, or optional record, elsewhere in the message. All zero: empty or absent. */
struct shmq_ref {
	int32_t offset; /* bytes from this reference to what it refers to, in either direction */
	uint32_t count; /* elements; bytes of a string without its NUL */
} __attribute__((aligned(8)));

#define SHMQ_A_ALIGNED(n) __attribute__((aligned(n)))
#define SHMQ_A_UNUSED	  __attribute__((unused))
#define SHMQ_A_FN	  SHMQ_A_UNUSED static inline

/* ---- scalars: stored type, type of the accessor, bytes, whether only 0 and 1 are values ---- */

#define SHMQ_A_C_u8	    uint8_t
#define SHMQ_A_C_u16	    uint16_t
#define SHMQ_A_C_u32	    uint32_t
#define SHMQ_A_C_u64	    uint64_t
#define SHMQ_A_C_i8	    int8_t
#define SHMQ_A_C_i16	    int16_t
#define SHMQ_A_C_i32	    int32_t
#define SHMQ_A_C_i64	    int64_t
#define SHMQ_A_C_f32	    float
#define SHMQ_A_C_f64	    double
#define SHMQ_A_C_boolean    uint8_t

#define SHMQ_A_V_u8	    uint8_t
#define SHMQ_A_V_u16	    uint16_t
#define SHMQ_A_V_u32	    uint32_t
#define SHMQ_A_V_u64	    uint64_t
#define SHMQ_A_V_i8	    int8_t
#define SHMQ_A_V_i16	    int16_t
#define SHMQ_A_V_i32	    int32_t
#define SHMQ_A_V_i64	    int64_t
#define SHMQ_A_V_f32	    float
#define SHMQ_A_V_f64	    double
#define SHMQ_A_V_boolean    bool

#define SHMQ_A_SIZE_u8	    1
#define SHMQ_A_SIZE_u16	    2
#define SHMQ_A_SIZE_u32	    4
#define SHMQ_A_SIZE_u64	    8
#define SHMQ_A_SIZE_i8	    1
#define SHMQ_A_SIZE_i16	    2
#define SHMQ_A_SIZE_i32	    4
#define SHMQ_A_SIZE_i64	    8
#define SHMQ_A_SIZE_f32	    4
#define SHMQ_A_SIZE_f64	    8
#define SHMQ_A_SIZE_boolean 1

#define SHMQ_A_BOOL_u8	    0
#define SHMQ_A_BOOL_u16	    0
#define SHMQ_A_BOOL_u32	    0
#define SHMQ_A_BOOL_u64	    0
#define SHMQ_A_BOOL_i8	    0
#define SHMQ_A_BOOL_i16	    0
#define SHMQ_A_BOOL_i32	    0
#define SHMQ_A_BOOL_i64	    0
#define SHMQ_A_BOOL_f32	    0
#define SHMQ_A_BOOL_f64	    0
#define SHMQ_A_BOOL_boolean 1

/* optional(scalar) keeps its value beside a byte that is 1 when there is one. */
#define SHMQ_A_OPTIONAL(t)									   \
	struct shmq_optional_##t {								   \
		SHMQ_A_C_##t value SHMQ_A_ALIGNED(SHMQ_A_SIZE_##t);				   \
		uint8_t present;								   \
	};											   \
	SHMQ_A_ASSERT(sizeof(struct shmq_optional_##t) == 2 * SHMQ_A_SIZE_##t, "archive layout 1")

SHMQ_A_OPTIONAL(u8);
SHMQ_A_OPTIONAL(u16);
SHMQ_A_OPTIONAL(u32);
SHMQ_A_OPTIONAL(u64);
SHMQ_A_OPTIONAL(i8);
SHMQ_A_OPTIONAL(i16);
SHMQ_A_OPTIONAL(i32);
SHMQ_A_OPTIONAL(i64);
SHMQ_A_OPTIONAL(f32);
SHMQ_A_OPTIONAL(f64);
SHMQ_A_OPTIONAL(boolean);

SHMQ_A_ASSERT(sizeof(struct shmq_archive_head) == 16, "archive layout 1");
SHMQ_A_ASSERT(offsetof(struct shmq_archive_head, bytes) == 12, "archive layout 1");
SHMQ_A_ASSERT(sizeof(struct shmq_ref) == 8, "archive layout 1");

/* ---- types: each word of a declaration becomes a kind and its arguments ---- */

#define SHMQ_A_KNOWN_k_scalar	~, 1 /* (scalar) */
#define SHMQ_A_KNOWN_k_text	~, 1 /* (string or utf8) */
#define SHMQ_A_KNOWN_k_struct	~, 1 /* (record) */
#define SHMQ_A_KNOWN_k_arrs	~, 1 /* array(scalar, count) */
#define SHMQ_A_KNOWN_k_arrr	~, 1 /* array(record, count) */
#define SHMQ_A_KNOWN_k_vecs	~, 1 /* vector(scalar) */
#define SHMQ_A_KNOWN_k_vect	~, 1 /* vector(string or utf8) */
#define SHMQ_A_KNOWN_k_vecr	~, 1 /* vector(record) */
#define SHMQ_A_KNOWN_k_vecself	~, 1
#define SHMQ_A_KNOWN_k_opts	~, 1 /* optional(scalar) */
#define SHMQ_A_KNOWN_k_optt	~, 1 /* optional(string or utf8) */
#define SHMQ_A_KNOWN_k_optr	~, 1 /* optional(record) */
#define SHMQ_A_KNOWN_k_optself	~, 1

#define SHMQ_A_TYPE_struct	k_struct, /* the record's name follows */
#define SHMQ_A_TYPE_string	k_text, string
#define SHMQ_A_TYPE_utf8	k_text, utf8
#define SHMQ_A_TYPE_array(T, N) SHMQ_A_ARR_##T, N
#define SHMQ_A_TYPE_vector(T)	SHMQ_A_VEC_##T
#define SHMQ_A_TYPE_optional(T) SHMQ_A_OPT_##T

#define SHMQ_A_ARR_struct	k_arrr,
#define SHMQ_A_VEC_struct	k_vecr,
#define SHMQ_A_VEC_string	k_vect, string
#define SHMQ_A_VEC_utf8		k_vect, utf8
#define SHMQ_A_VEC_self		k_vecself, self
#define SHMQ_A_OPT_struct	k_optr,
#define SHMQ_A_OPT_string	k_optt, string
#define SHMQ_A_OPT_utf8		k_optt, utf8
#define SHMQ_A_OPT_self		k_optself, self

#define SHMQ_A_TYPE_u8		k_scalar, u8
#define SHMQ_A_TYPE_u16		k_scalar, u16
#define SHMQ_A_TYPE_u32		k_scalar, u32
#define SHMQ_A_TYPE_u64		k_scalar, u64
#define SHMQ_A_TYPE_i8		k_scalar, i8
#define SHMQ_A_TYPE_i16		k_scalar, i16
#define SHMQ_A_TYPE_i32		k_scalar, i32
#define SHMQ_A_TYPE_i64		k_scalar, i64
#define SHMQ_A_TYPE_f32		k_scalar, f32
#define SHMQ_A_TYPE_f64		k_scalar, f64
#define SHMQ_A_TYPE_bool	k_scalar, boolean
#define SHMQ_A_TYPE__Bool	k_scalar, boolean

#define SHMQ_A_ARR_u8		k_arrs, u8
#define SHMQ_A_ARR_u16		k_arrs, u16
#define SHMQ_A_ARR_u32		k_arrs, u32
#define SHMQ_A_ARR_u64		k_arrs, u64
#define SHMQ_A_ARR_i8		k_arrs, i8
#define SHMQ_A_ARR_i16		k_arrs, i16
#define SHMQ_A_ARR_i32		k_arrs, i32
#define SHMQ_A_ARR_i64		k_arrs, i64
#define SHMQ_A_ARR_f32		k_arrs, f32
#define SHMQ_A_ARR_f64		k_arrs, f64
#define SHMQ_A_ARR_bool		k_arrs, boolean
#define SHMQ_A_ARR__Bool	k_arrs, boolean

#define SHMQ_A_VEC_u8		k_vecs, u8
#define SHMQ_A_VEC_u16		k_vecs, u16
#define SHMQ_A_VEC_u32		k_vecs, u32
#define SHMQ_A_VEC_u64		k_vecs, u64
#define SHMQ_A_VEC_i8		k_vecs, i8
#define SHMQ_A_VEC_i16		k_vecs, i16
#define SHMQ_A_VEC_i32		k_vecs, i32
#define SHMQ_A_VEC_i64		k_vecs, i64
#define SHMQ_A_VEC_f32		k_vecs, f32
#define SHMQ_A_VEC_f64		k_vecs, f64
#define SHMQ_A_VEC_bool		k_vecs, boolean
#define SHMQ_A_VEC__Bool	k_vecs, boolean

#define SHMQ_A_OPT_u8		k_opts, u8
#define SHMQ_A_OPT_u16		k_opts, u16
#define SHMQ_A_OPT_u32		k_opts, u32
#define SHMQ_A_OPT_u64		k_opts, u64
#define SHMQ_A_OPT_i8		k_opts, i8
#define SHMQ_A_OPT_i16		k_opts, i16
#define SHMQ_A_OPT_i32		k_opts, i32
#define SHMQ_A_OPT_i64		k_opts, i64
#define SHMQ_A_OPT_f32		k_opts, f32
#define SHMQ_A_OPT_f64		k_opts, f64
#define SHMQ_A_OPT_bool		k_opts, boolean
#define SHMQ_A_OPT__Bool	k_opts, boolean

/* utf8 is checked to be UTF-8, string may hold any bytes; neither holds a NUL but at its end. */
#define SHMQ_A_UTF8_string 0
#define SHMQ_A_UTF8_utf8   1

/* Where a member of field n is called: added ones can't be reached by their plain name, because an
 * older message ends before them. */
#define SHMQ_A_M_m_base(n)  n
#define SHMQ_A_M_m_added(n) n##_added_

#endif
