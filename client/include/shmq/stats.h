/* SPDX-License-Identifier: MIT */
/*
 * stats.h - figures of rings and of the daemon, by the numbers of metrics.h
 *
 *	static int print_depth(const struct shmq_ring_stats *ring, void *arg)
 *	{
 *		printf("%s %" PRIu64 "\n", ring->name, ring->values[SHMQ_RING_DEPTH_METRIC]);
 *		return 0;
 *	}
 *	...
 *	shmq_stats(client, NULL, print_depth, NULL, NULL);
 */
#ifndef SHMQ_STATS_H
#define SHMQ_STATS_H

#include <shmq/metrics.h>
#include <shmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Later versions have more metrics, never more than this. */
#define SHMQ_STATS_VALUES_MAX 96

/* values[i] is known if i < n_values, else 0: an older daemon doesn't count it. */
struct shmq_ring_stats {
	char name[64];
	uint32_t n_values;
	uint64_t values[SHMQ_STATS_VALUES_MAX]; /* by enum shmq_ring_metric */
};

struct shmq_daemon_stats {
	uint32_t n_values;
	uint64_t values[SHMQ_STATS_VALUES_MAX]; /* by enum shmq_daemon_metric */
};

typedef int (*shmq_ring_stats_fn)(const struct shmq_ring_stats *stats, void *arg);

/*
 * shmq_stats() - read figures
 * @name: of one ring; NULL: all rings.
 * @fn: called once per ring, in no particular order, until it returns non-zero, which is then the
 *      result. NULL: no ring is of interest.
 * @ret_daemon: may be NULL.
 * Return: 0; -ENOENT; -EINVAL; -EPROTO also for a daemon that is too old; and what client.h says of
 * every call.
 */
SHMQ_API int shmq_stats(struct shmq_client *client, const char *name, shmq_ring_stats_fn fn, void *arg,
			struct shmq_daemon_stats *ret_daemon);

#ifdef __cplusplus
}
#endif

#endif
