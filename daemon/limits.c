/* SPDX-License-Identifier: MIT */
/*
 * limits.c - limits that follow from the machine; see limits.h
 *
 * On a system instance one user gets half of everything at most, and with others there only his fair
 * share of what they left (quota.c), so that he can't shut out anybody; who is alone has all of it.
 * A connection costs two descriptors, its socket and its process's pidfd; a sealed ring two.
 */
#include "daemon/limits.h"

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>

#define HANDSHAKES_PER_UID 64u /* connections that have not said Hello, besides root's and ours */
#define CONNECTIONS_MIN 4u
#define CONNECTIONS_MAX 16384u
#define SEALED_MAX	4096u

uint64_t limits_raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1024;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit = raised;
	}
	return limit.rlim_cur;
}

uint64_t limits_shm_bytes(int fd)
{
	struct sysinfo info;
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && fs.f_blocks > 0)
		return (uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize;
	if (sysinfo(&info) < 0)
		return UINT64_C(1) << 30;
	return (uint64_t)info.totalram * info.mem_unit / 2;
}

static uint32_t default_connections(uint64_t open_files)
{
	uint64_t n = open_files > LIMITS_OWN_DESCRIPTORS ? (open_files - LIMITS_OWN_DESCRIPTORS) / 2
							 : open_files / 4;

	if (n < CONNECTIONS_MIN)
		return CONNECTIONS_MIN;
	return n > CONNECTIONS_MAX ? CONNECTIONS_MAX : (uint32_t)n;
}

/* A sealed ring keeps two descriptors open: all of them a quarter of those there are at most. */
static uint32_t sealed_rings(uint64_t open_files)
{
	uint64_t n = open_files / 8;

	return n > SEALED_MAX ? SEALED_MAX : (uint32_t)n;
}

static uint64_t or_else(uint64_t given, uint64_t otherwise)
{
	return given ? given : otherwise;
}

/* One user's part of @all; at least 1. */
static uint64_t part_of(const struct options *options, uint64_t all)
{
	return options->kind == OPTIONS_SYSTEM ? (all + 1) / 2 : all;
}

void limits_resolve(const struct options *options, uint64_t open_files, uint64_t shm_bytes,
		    struct core_limits *ret_limits)
{
	struct core_limits limits = {
		.max_bytes = or_else(options->max_bytes, shm_bytes),
		.max_connections = (uint32_t)or_else(options->max_connections,
						     default_connections(open_files)),
		.max_watches_per_uid = options->max_watches_per_uid,
		.max_sealed = sealed_rings(open_files),
		.max_handshakes_per_uid = HANDSHAKES_PER_UID,
		.fair_shares = options->kind == OPTIONS_SYSTEM,
	};

	limits.max_rings_per_uid = (uint32_t)or_else(options->max_rings_per_uid,
						     part_of(options, options->max_rings));
	limits.max_bytes_per_uid =
		or_else(options->max_bytes_per_uid, part_of(options, limits.max_bytes));
	limits.max_attachments_per_uid = (uint32_t)or_else(
		options->max_attachments_per_uid, UINT64_C(3) * limits.max_rings_per_uid);
	limits.max_connections_per_uid =
		(uint32_t)or_else(options->max_connections_per_uid,
				  part_of(options, limits.max_connections));
	*ret_limits = limits;
}
