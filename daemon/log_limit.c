/* SPDX-License-Identifier: MIT */
/*
 * log_limit.c - a bucket of lines per uid; see log_limit.h
 */
#include "daemon/log_limit.h"

#include "base/clock.h"

static struct log_limit_bucket *bucket_of(struct log_limit *limit, uid_t uid, int64_t now_ns)
{
	struct log_limit_bucket *bucket = &limit->buckets[uid % LOG_LIMIT_SLOTS];

	if (!bucket->is_used || bucket->uid != uid)
		*bucket = (struct log_limit_bucket){
			.is_used = true,
			.uid = uid,
			.lines = LOG_LIMIT_BURST,
			.filled_ns = now_ns,
		};
	return bucket;
}

static void bucket_fill(struct log_limit_bucket *bucket, int64_t now_ns)
{
	int64_t seconds = (now_ns - bucket->filled_ns) / NS_PER_S;

	if (seconds <= 0)
		return;
	bucket->filled_ns += seconds * NS_PER_S;
	if (seconds >= LOG_LIMIT_BURST || bucket->lines + (unsigned)seconds > LOG_LIMIT_BURST)
		bucket->lines = LOG_LIMIT_BURST;
	else
		bucket->lines += (unsigned)seconds;
}

bool log_limit_pass(struct log_limit *limit, uid_t uid, int64_t now_ns, unsigned *ret_swallowed)
{
	struct log_limit_bucket *bucket = bucket_of(limit, uid, now_ns);

	bucket_fill(bucket, now_ns);
	if (bucket->lines == 0) {
		bucket->n_swallowed++;
		return false;
	}
	bucket->lines--;
	*ret_swallowed = bucket->n_swallowed;
	bucket->n_swallowed = 0;
	return true;
}
