/* SPDX-License-Identifier: MIT */
/*
 * archive_read.h - pass p_get: the accessors
 *
 * They read from a message that access() has judged, and can't fail. See archive_declare.h for the
 * parameters of the macros, archive.h for what they make.
 */
#ifndef SHMQ_ARCHIVE_READ_H
#define SHMQ_ARCHIVE_READ_H

#include <shmq/archive_walk.h>

#define SHMQ_A_MISTAKE_p_get(T, what, text)

#ifdef __cplusplus
#define SHMQ_A_ZERO = {}
#else
#define SHMQ_A_ZERO = { 0 }
#endif

/* T_in_n_(o): the member; one that the writer did not know is read from an empty one of our own. */
#define SHMQ_A_IN_m_base(T, n, type)								   \
	SHMQ_A_FN const type *T##_in_##n##_(const struct T *o)					   \
	{											   \
		return &o->n;									   \
	}
#define SHMQ_A_IN_m_added(T, n, type)								   \
	SHMQ_A_FN const type *T##_in_##n##_(const struct T *o)					   \
	{											   \
		static const type none SHMQ_A_ZERO;						   \
												   \
		return SHMQ_A_HAS(T, n, o) ? &o->n##_added_ : &none;				   \
	}
#define SHMQ_A_IN_N_m_base(T, n, type, N)							   \
	SHMQ_A_FN const type *T##_##n(const struct T *o)					   \
	{											   \
		return o->n;									   \
	}
#define SHMQ_A_IN_N_m_added(T, n, type, N)							   \
	SHMQ_A_FN const type *T##_##n(const struct T *o)					   \
	{											   \
		static const type none[N] SHMQ_A_ZERO;						   \
												   \
		return SHMQ_A_HAS(T, n, o) ? o->n##_added_ : none;				   \
	}

#define SHMQ_A_VALUE_m_base(T, n, t, d)	 o->n
#define SHMQ_A_VALUE_m_added(T, n, t, d) SHMQ_A_HAS(T, n, o) ? o->n##_added_ : (SHMQ_A_C_##t)(d + 0)

/* scalar: T_n(o) */
#define SHMQ_A_p_get_k_scalar(T, n, m, d, t)							   \
	SHMQ_A_FN SHMQ_A_V_##t T##_##n(const struct T *o)					   \
	{											   \
		return (SHMQ_A_V_##t)(SHMQ_A_VALUE_##m(T, n, t, d));				   \
	}

/* string, utf8: T_n(o) and T_len_n(o) */
#define SHMQ_A_p_get_k_text(T, n, m, d, t)							   \
	SHMQ_A_IN_##m(T, n, struct shmq_ref)							   \
	SHMQ_A_FN const char *T##_##n(const struct T *o)					   \
	{											   \
		return (const char *)shmq_ref_at(T##_in_##n##_(o));				   \
	}											   \
	SHMQ_A_FN size_t T##_len_##n(const struct T *o)						   \
	{											   \
		return T##_in_##n##_(o)->count;							   \
	}

/* struct: T_n(o) */
#define SHMQ_A_p_get_k_struct(T, n, m, d, x)							   \
	SHMQ_A_IN_##m(T, n, struct x)								   \
	SHMQ_A_FN const struct x *T##_##n(const struct T *o)					   \
	{											   \
		return T##_in_##n##_(o);							   \
	}

/* array: T_n(o) is the first of T_n_n(o) elements */
#define SHMQ_A_GET_ARRAY(T, n, m, type, N)							   \
	SHMQ_A_IN_N_##m(T, n, type, N)								   \
	SHMQ_A_FN size_t T##_n_##n(const struct T *o)						   \
	{											   \
		(void)o;									   \
		return N;									   \
	}
#define SHMQ_A_p_get_k_arrs(T, n, m, d, t, N) SHMQ_A_GET_ARRAY(T, n, m, SHMQ_A_C_##t, N)
#define SHMQ_A_p_get_k_arrr(T, n, m, d, x, N) SHMQ_A_GET_ARRAY(T, n, m, struct x, N)

/* vector: T_n(o) is the first of T_n_n(o) elements */
#define SHMQ_A_GET_VECTOR(T, n, m, type)							   \
	SHMQ_A_IN_##m(T, n, struct shmq_ref)							   \
	SHMQ_A_FN const type *T##_##n(const struct T *o)					   \
	{											   \
		return (const type *)shmq_ref_at(T##_in_##n##_(o));				   \
	}											   \
	SHMQ_A_FN size_t T##_n_##n(const struct T *o)						   \
	{											   \
		return T##_in_##n##_(o)->count;							   \
	}
#define SHMQ_A_p_get_k_vecs(T, n, m, d, t)    SHMQ_A_GET_VECTOR(T, n, m, SHMQ_A_C_##t)
#define SHMQ_A_p_get_k_vecr(T, n, m, d, x)    SHMQ_A_GET_VECTOR(T, n, m, struct x)
#define SHMQ_A_p_get_k_vecself(T, n, m, d, s) SHMQ_A_GET_VECTOR(T, n, m, struct T)

/* vector of strings: T_n(o, i) and T_len_n(o, i) for i below T_n_n(o); "" from there on */
#define SHMQ_A_p_get_k_vect(T, n, m, d, t)							   \
	SHMQ_A_IN_##m(T, n, struct shmq_ref)							   \
	SHMQ_A_FN const struct shmq_ref *T##_nth_##n##_(const struct T *o, size_t i)		   \
	{											   \
		const struct shmq_ref *all = T##_in_##n##_(o);					   \
		static const struct shmq_ref none SHMQ_A_ZERO;					   \
												   \
		return i < all->count ? (const struct shmq_ref *)shmq_ref_at(all) + i : &none;	   \
	}											   \
	SHMQ_A_FN const char *T##_##n(const struct T *o, size_t i)				   \
	{											   \
		return (const char *)shmq_ref_at(T##_nth_##n##_(o, i));				   \
	}											   \
	SHMQ_A_FN size_t T##_len_##n(const struct T *o, size_t i)				   \
	{											   \
		return T##_nth_##n##_(o, i)->count;						   \
	}											   \
	SHMQ_A_FN size_t T##_n_##n(const struct T *o)						   \
	{											   \
		return T##_in_##n##_(o)->count;							   \
	}

/* optional: T_has_n(o); T_n(o) is 0, "" or NULL when there is none */
#define SHMQ_A_p_get_k_opts(T, n, m, d, t)							   \
	SHMQ_A_IN_##m(T, n, struct shmq_optional_##t)						   \
	SHMQ_A_FN bool T##_has_##n(const struct T *o)						   \
	{											   \
		return T##_in_##n##_(o)->present != 0;						   \
	}											   \
	SHMQ_A_FN SHMQ_A_V_##t T##_##n(const struct T *o)					   \
	{											   \
		const struct shmq_optional_##t *value = T##_in_##n##_(o);			   \
												   \
		return (SHMQ_A_V_##t)(value->present ? value->value : 0);			   \
	}
#define SHMQ_A_p_get_k_optt(T, n, m, d, t)							   \
	SHMQ_A_p_get_k_text(T, n, m, d, t)							   \
	SHMQ_A_FN bool T##_has_##n(const struct T *o)						   \
	{											   \
		return T##_in_##n##_(o)->offset != 0;						   \
	}
#define SHMQ_A_p_get_k_optr(T, n, m, d, x)							   \
	SHMQ_A_IN_##m(T, n, struct shmq_ref)							   \
	SHMQ_A_FN bool T##_has_##n(const struct T *o)						   \
	{											   \
		return T##_in_##n##_(o)->offset != 0;						   \
	}											   \
	SHMQ_A_FN const struct x *T##_##n(const struct T *o)					   \
	{											   \
		const struct shmq_ref *ref = T##_in_##n##_(o);					   \
												   \
		return ref->offset ? (const struct x *)shmq_ref_at(ref) : NULL;			   \
	}
#define SHMQ_A_p_get_k_optself(T, n, m, d, s) SHMQ_A_p_get_k_optr(T, n, m, d, T)

#endif
