/* SPDX-License-Identifier: MIT */
/*
 * log_limit.h - how many lines one user, or one process, may cause
 *
 * A bucket of lines per key (a uid, a pid) that fills as time passes. Where there is no place for another
 * key, it goes on with the fullest bucket as it is: who has thousands of keys gains nothing by them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_SLOTS	 64u

struct log_limit {
	unsigned burst;			/* lines in a full bucket */
	unsigned per_s;			/* lines that come back */
	struct log_limit_bucket {
		bool is_used;
		uint64_t key;
		unsigned lines;		/* that may still be written */
		unsigned n_swallowed;	/* since the last one written */
		int64_t filled_ns;
	} buckets[LOG_LIMIT_SLOTS];
};

/* May a line about @key be written? @ret_swallowed: how many were not before it; set on true. */
bool log_limit_pass(struct log_limit *limit, uint64_t key, int64_t now_ns,
		    unsigned *ret_swallowed);
/* One about @key is not written for another reason: count it. */
void log_limit_swallow(struct log_limit *limit, uint64_t key, int64_t now_ns);
