/* SPDX-License-Identifier: MIT */
/*
 * archive_each.h - preprocessor machinery of archive.h: "for each field", and reading one field
 *
 * A declaration is expanded once per pass (members, accessors, validator, ...). A pass is a word
 * p_*; SHMQ_A_EACH(pass, T, field...) turns each field into SHMQ_A_<pass>_<kind>(T, name, mark,
 * default, arguments), where kind is a word k_* of archive_types.h and mark is m_base or m_added.
 * What is not a field turns into SHMQ_A_MISTAKE_<pass>(T, text): a static assertion in the first
 * pass, nothing in the others, so that one mistake makes one sentence.
 */
#ifndef SHMQ_ARCHIVE_EACH_H
#define SHMQ_ARCHIVE_EACH_H

#include <stddef.h>

#ifdef __cplusplus
#define SHMQ_A_ASSERT(cond, text) static_assert(cond, text)
#else
#define SHMQ_A_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* One each for places that nest. */
#define SHMQ_A_CAT(a, b)   SHMQ_A_CAT_(a, b)
#define SHMQ_A_CAT_(a, b)  a##b
#define SHMQ_A_CAT2(a, b)  SHMQ_A_CAT2_(a, b)
#define SHMQ_A_CAT2_(a, b) a##b
#define SHMQ_A_CAT3(a, b)  SHMQ_A_CAT3_(a, b)
#define SHMQ_A_CAT3_(a, b) a##b
#define SHMQ_A_CAT4(a, b)  SHMQ_A_CAT4_(a, b)
#define SHMQ_A_CAT4_(a, b) a##b
#define SHMQ_A_CAT5(a, b)  SHMQ_A_CAT5_(a, b)
#define SHMQ_A_CAT5_(a, b) a##b

/* A probe that expands to "~, 1" is answered with 1, anything else with 0. */
#define SHMQ_A_SECOND(...)	  SHMQ_A_SECOND_(__VA_ARGS__)
#define SHMQ_A_SECOND_(a, b, ...) b
#define SHMQ_A_TUPLE_PROBE(...)	  ~, 1
#define SHMQ_A_IS_TUPLE(x)	  SHMQ_A_SECOND(SHMQ_A_TUPLE_PROBE x, 0, ~)
#define SHMQ_A_IS_KIND(kind, ...) SHMQ_A_SECOND(SHMQ_A_KNOWN_##kind, 0, ~)
#define SHMQ_A_IS_MARK(mark)	  SHMQ_A_SECOND(SHMQ_A_KNOWN_##mark, 0, ~)
#define SHMQ_A_STRIP(...)	  __VA_ARGS__

/* ---- one field: (type, name) or (type, name, added) ---- */

#define SHMQ_A_FIELD(P, T, f)	SHMQ_A_CAT2(SHMQ_A_FIELD_, SHMQ_A_IS_TUPLE(f))(P, T, f)
#define SHMQ_A_FIELD_0(P, T, f) SHMQ_A_MISTAKE_##P(T, #f, "a field is (type, name)")
#define SHMQ_A_FIELD_1(P, T, f) SHMQ_A_ARITY(P, T, SHMQ_A_STRIP f)

#define SHMQ_A_ARITY(P, T, ...)									   \
	SHMQ_A_CAT3(SHMQ_A_ARITY_, SHMQ_A_ARITY_OF(__VA_ARGS__, BAD, BAD, 3, 2, BAD, ~))	   \
	(P, T, __VA_ARGS__)
#define SHMQ_A_ARITY_OF(...)			SHMQ_A_ARITY_OF_(__VA_ARGS__)
#define SHMQ_A_ARITY_OF_(a, b, c, d, e, n, ...) n
#define SHMQ_A_ARITY_BAD(P, T, ...)								   \
	SHMQ_A_MISTAKE_##P(T, "(" #__VA_ARGS__ ")",						   \
			   "a field is (type, name) or (type, name, added)")
#define SHMQ_A_ARITY_2(P, T, type, n) SHMQ_A_KIND(P, T, n, m_base, , #type, SHMQ_A_TYPE_##type)
#define SHMQ_A_ARITY_3(P, T, type, n, mark)							   \
	SHMQ_A_MARKED(P, T, type, n, #mark, SHMQ_A_MARK_##mark, ~)

/* "added" or "added(DEFAULT)" */
#define SHMQ_A_MARK_added			m_added,
#define SHMQ_A_KNOWN_m_added			~, 1
#define SHMQ_A_MARKED(P, T, type, n, text, ...) SHMQ_A_MARKED_(P, T, type, n, text, __VA_ARGS__)
#define SHMQ_A_MARKED_(P, T, type, n, text, mark, ...)						   \
	SHMQ_A_CAT4(SHMQ_A_MARKED_, SHMQ_A_IS_MARK(mark))(P, T, type, n, text, __VA_ARGS__, ~)
#define SHMQ_A_MARKED_0(P, T, type, n, text, ...)						   \
	SHMQ_A_MISTAKE_##P(T, #n, "'" text "' is no mark; known is: added, added(DEFAULT)")
#define SHMQ_A_MARKED_1(P, T, type, n, text, def, ...)						   \
	SHMQ_A_KIND(P, T, n, m_added, def, #type, SHMQ_A_TYPE_##type)

#define SHMQ_A_KIND(P, T, n, m, d, text, ...)							   \
	SHMQ_A_CAT5(SHMQ_A_KIND_, SHMQ_A_IS_KIND(__VA_ARGS__, ~))(P, T, n, m, d, text, __VA_ARGS__)
#define SHMQ_A_KIND_0(P, T, n, m, d, text, ...)							   \
	SHMQ_A_MISTAKE_##P(T, #n, "unknown type '" text "'; see SHMQ_MESSAGE in archive.h")
#define SHMQ_A_KIND_1(P, T, n, m, d, text, kind, ...) SHMQ_A_##P##_##kind(T, n, m, d, __VA_ARGS__)

/* ---- for each of up to 64 fields ---- */

#define SHMQ_A_EACH(P, T, ...)									   \
	SHMQ_A_CAT(SHMQ_A_EACH_, SHMQ_A_COUNT(__VA_ARGS__))(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_MANY(P, T, ...) SHMQ_A_MISTAKE_##P(T, "...", "more than 64 fields")

#define SHMQ_A_COUNT(...)									   \
	SHMQ_A_COUNT_(__VA_ARGS__, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY,	   \
		      MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY,	   \
		      MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, 64, 63, 62, 61,  \
		      60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,  \
		      41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23,  \
		      22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2,  \
		      1, ~)
#define SHMQ_A_COUNT_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,  \
		      a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32,   \
		      a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, a47,   \
		      a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, a62,   \
		      a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, a75, a76, a77,   \
		      a78, a79, a80, a81, a82, a83, a84, a85, a86, a87, a88, a89, a90, a91, a92,   \
		      a93, a94, a95, a96, n, ...)						   \
	n

#define SHMQ_A_EACH_1(P, T, f)	     SHMQ_A_FIELD(P, T, f)
#define SHMQ_A_EACH_2(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_1(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_3(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_2(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_4(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_3(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_5(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_4(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_6(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_5(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_7(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_6(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_8(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_7(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_9(P, T, f, ...)  SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_8(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_10(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_9(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_11(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_10(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_12(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_11(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_13(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_12(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_14(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_13(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_15(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_14(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_16(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_15(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_17(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_16(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_18(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_17(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_19(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_18(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_20(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_19(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_21(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_20(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_22(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_21(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_23(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_22(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_24(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_23(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_25(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_24(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_26(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_25(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_27(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_26(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_28(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_27(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_29(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_28(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_30(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_29(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_31(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_30(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_32(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_31(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_33(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_32(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_34(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_33(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_35(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_34(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_36(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_35(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_37(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_36(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_38(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_37(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_39(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_38(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_40(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_39(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_41(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_40(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_42(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_41(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_43(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_42(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_44(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_43(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_45(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_44(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_46(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_45(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_47(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_46(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_48(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_47(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_49(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_48(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_50(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_49(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_51(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_50(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_52(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_51(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_53(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_52(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_54(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_53(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_55(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_54(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_56(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_55(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_57(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_56(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_58(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_57(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_59(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_58(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_60(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_59(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_61(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_60(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_62(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_61(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_63(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_62(P, T, __VA_ARGS__)
#define SHMQ_A_EACH_64(P, T, f, ...) SHMQ_A_FIELD(P, T, f) SHMQ_A_EACH_63(P, T, __VA_ARGS__)

#endif
