/* SPDX-License-Identifier: MIT */
/*
 * archive_touch.h - for any declared type: read every byte that its accessors lead to
 *
 * One more pass: T_touch() returns a sum, so that nothing can be optimized away. After access() has
 * accepted a message, touching it must stay inside; under AddressSanitizer it is put at the very end
 * of a heap block.
 */
#pragma once

#include <string.h>

#include <shmq/archive.h>

static inline uint64_t touch_bytes(const void *p, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)p;
	uint64_t sum = n;

	while (n--)
		sum = sum * 31 + *bytes++;
	return sum;
}

#define SHMQ_A_MISTAKE_p_touch(T, what, text)
#define SHMQ_A_p_touch_k_scalar(T, n, m, d, t)                                                     \
	{                                                                                          \
		SHMQ_A_V_##t value = T##_##n(o);                                                   \
                                                                                                   \
		sum += touch_bytes(&value, sizeof(value));                                         \
	}
#define SHMQ_A_p_touch_k_text(T, n, m, d, t)                                                       \
	sum += touch_bytes(T##_##n(o), T##_len_##n(o)) + strlen(T##_##n(o));
#define SHMQ_A_p_touch_k_struct(T, n, m, d, x) sum += x##_touch(T##_##n(o));
#define SHMQ_A_p_touch_k_arrs(T, n, m, d, t, N)                                                    \
	sum += touch_bytes(T##_##n(o), T##_n_##n(o) * sizeof(SHMQ_A_C_##t));
#define SHMQ_A_p_touch_k_arrr(T, n, m, d, x, N)                                                    \
	for (size_t i = 0; i < T##_n_##n(o); i++)                                                  \
		sum += x##_touch(T##_##n(o) + i);
#define SHMQ_A_p_touch_k_vecs(T, n, m, d, t)                                                       \
	sum += touch_bytes(T##_##n(o), T##_n_##n(o) * sizeof(SHMQ_A_C_##t));
#define SHMQ_A_p_touch_k_vect(T, n, m, d, t)                                                       \
	for (size_t i = 0; i < T##_n_##n(o); i++)                                                  \
		sum += touch_bytes(T##_##n(o, i), T##_len_##n(o, i)) + strlen(T##_##n(o, i));
#define SHMQ_A_p_touch_k_vecr(T, n, m, d, x)                                                       \
	for (size_t i = 0; i < T##_n_##n(o); i++)                                                  \
		sum += x##_touch(T##_##n(o) + i);
#define SHMQ_A_p_touch_k_vecself(T, n, m, d, s) SHMQ_A_p_touch_k_vecr(T, n, m, d, T)
#define SHMQ_A_p_touch_k_opts(T, n, m, d, t)                                                       \
	sum += T##_has_##n(o);                                                                     \
	SHMQ_A_p_touch_k_scalar(T, n, m, d, t)
#define SHMQ_A_p_touch_k_optt(T, n, m, d, t)                                                       \
	sum += T##_has_##n(o);                                                                     \
	SHMQ_A_p_touch_k_text(T, n, m, d, t)
#define SHMQ_A_p_touch_k_optr(T, n, m, d, x)                                                       \
	if (T##_has_##n(o))                                                                        \
		sum += x##_touch(T##_##n(o));
#define SHMQ_A_p_touch_k_optself(T, n, m, d, s) SHMQ_A_p_touch_k_optr(T, n, m, d, T)

#define TOUCH(T, ...)                                                                              \
	SHMQ_A_FN uint64_t T##_touch(const struct T *o)                                            \
	{                                                                                          \
		uint64_t sum = 0;                                                                  \
                                                                                                   \
		SHMQ_A_EACH(p_touch, T, __VA_ARGS__)                                               \
		return sum;                                                                        \
	}
