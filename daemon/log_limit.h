/* SPDX-License-Identifier: MIT */
/*
 * log_limit.h - how many lines about refusals one user may cause
 *
 * A bucket of 10 lines per uid that fills by one a second. Uids share a small table; one that comes
 * where another was starts with a full bucket, so the table bounds memory, not the lines of a user
 * who has thousands of uids.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOG_LIMIT_BURST	 10u
#define LOG_LIMIT_SLOTS	 64u

struct log_limit {
	struct log_limit_bucket {
		bool is_used;
		uid_t uid;
		unsigned lines;		/* that may still be written */
		unsigned n_swallowed;	/* since the last one written */
		int64_t filled_ns;
	} buckets[LOG_LIMIT_SLOTS];
};

/* May a line about @uid be written? @ret_swallowed: how many were not before it; set on true. */
bool log_limit_pass(struct log_limit *limit, uid_t uid, int64_t now_ns, unsigned *ret_swallowed);
