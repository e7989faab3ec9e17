/* SPDX-License-Identifier: MIT */
/*
 * pages.h - what memory the ends of a ring have got: huge pages, locked pages, as the kernel tells
 */
#pragma once

#include <shmq/shmq.h>

#include "ctl/facts.h"

/* Of one process's mappings of a ring. */
struct pages {
	uint64_t mapped_bytes;
	uint64_t huge_bytes; /* of it, in huge pages */
	uint64_t locked_bytes;
};

/* Return: false: nothing to be seen: another user's process, another container, a sealed ring. */
bool pages_of(const struct shmq_ring_info *info, pid_t pid, struct pages *ret_pages);

/* "; 14 of 16 MiB in huge pages, locked"; "" if there is nothing to say. Return: @buf. */
const char *pages_format(const struct pages *pages, char *buf, size_t cap_bytes);

/* For --json: [{ "role", "pid", "mapped_bytes", "huge_bytes", "locked_bytes" }]. */
struct json_object *json_of_pages(const struct shmq_ring_info *info);
