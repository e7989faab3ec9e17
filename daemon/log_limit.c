/* SPDX-License-Identifier: MIT */
/*
 * log_limit.c - buckets of lines; see log_limit.h
 */
#include "daemon/log_limit.h"

#include "base/clock.h"

static void bucket_fill(const struct log_limit *limit, struct log_limit_bucket *bucket,
			int64_t now_ns)
{
	int64_t seconds = (now_ns - bucket->filled_ns) / NS_PER_S;

	if (seconds <= 0)
		return;
	bucket->filled_ns += seconds * NS_PER_S;
	if (seconds >= limit->burst)
		bucket->lines = limit->burst;
	else
		bucket->lines += (unsigned)seconds * limit->per_s;
	if (bucket->lines > limit->burst)
		bucket->lines = limit->burst;
}

/* Places are taken from the first on, so behind one that never was there is none. */
static struct log_limit_bucket *bucket_of(struct log_limit *limit, uint64_t key, int64_t now_ns)
{
	struct log_limit_bucket *bucket = limit->buckets, *fullest = bucket;

	for (; bucket < limit->buckets + LOG_LIMIT_SLOTS && bucket->is_used; bucket++) {
		bucket_fill(limit, bucket, now_ns);
		if (bucket->key == key)
			return bucket;
		if (bucket->lines > fullest->lines)
			fullest = bucket;
	}
	if (bucket < limit->buckets + LOG_LIMIT_SLOTS) {
		*bucket = (struct log_limit_bucket){
			.is_used = true, .key = key, .lines = limit->burst, .filled_ns = now_ns,
		};
		return bucket;
	}
	fullest->key = key;
	fullest->n_swallowed = 0;
	return fullest;
}

bool log_limit_pass(struct log_limit *limit, uint64_t key, int64_t now_ns,
		    unsigned *ret_swallowed)
{
	struct log_limit_bucket *bucket = bucket_of(limit, key, now_ns);

	if (bucket->lines == 0) {
		bucket->n_swallowed++;
		return false;
	}
	bucket->lines--;
	*ret_swallowed = bucket->n_swallowed;
	bucket->n_swallowed = 0;
	return true;
}

void log_limit_swallow(struct log_limit *limit, uint64_t key, int64_t now_ns)
{
	bucket_of(limit, key, now_ns)->n_swallowed++;
}
