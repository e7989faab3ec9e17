/* SPDX-License-Identifier: MIT */
/*
 * cleanup.h - scope-bound ownership: _cleanup_(), TAKE_PTR(), TAKE_FD(), DEFINE_CLEANUP()
 *
 * A local that owns something is declared with _cleanup_(); ownership leaves the function
 * visibly, by TAKE_PTR() or TAKE_FD() at the place where it moves.
 */
#pragma once

#include <stdlib.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))

/* DEFINE_CLEANUP(struct x *, x_free) makes x_freep() for _cleanup_(x_freep). */
#define DEFINE_CLEANUP(type, fn)                                                                   \
	static inline void fn##p(type *owner)                                                      \
	{                                                                                          \
		if (*owner)                                                                        \
			fn(*owner);                                                                \
	}                                                                                          \
	struct fn##p_needs_a_semicolon

#define TAKE_PTR(ptr)                                                                              \
	({                                                                                         \
		__typeof__(ptr) take_ptr_ = (ptr);                                                 \
		(ptr) = NULL;                                                                      \
		take_ptr_;                                                                         \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int take_fd_ = (fd);                                                               \
		(fd) = -1;                                                                         \
		take_fd_;                                                                          \
	})

static inline void freep(void *owner)
{
	free(*(void **)owner);
}
