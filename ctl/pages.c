/* SPDX-License-Identifier: MIT */
/*
 * pages.c - /proc/PID/smaps of a ring's holders; see pages.h
 *
 * Only root and a process's own user may read it. The path of a mapping is the segment's name; a
 * sealed ring has none.
 */
#include "ctl/pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"

bool pages_of(const struct shmq_ring_info *info, pid_t pid, struct pages *ret_pages)
{
	struct pages pages = { 0 };
	uint64_t from = 0, to = 0, from_next, to_next, kib;
	bool inside = false;
	char path[64], line[512];
	FILE *file;

	if (!info->segment[0] || info->sealed)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &from_next, &to_next) == 2) {
			from = from_next;
			to = to_next;
			inside = strstr(line, info->segment) != NULL;
			pages.mapped_bytes += inside ? to - from : 0;
		} else if (inside && sscanf(line, "ShmemPmdMapped: %" SCNu64, &kib) == 1) {
			pages.huge_bytes += kib << 10;
		} else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			/* "Locked:" is shared out among all who map it */
			pages.locked_bytes += strstr(line, " lo") ? to - from : 0;
		}
	}
	if (file)
		fclose(file);
	if (!pages.mapped_bytes)
		return false;
	*ret_pages = pages;
	return true;
}

const char *pages_format(const struct pages *pages, char *buf, size_t cap_bytes)
{
	char huge[16], mapped[16];
	int n = 0;

	buf[0] = '\0';
	if (pages->huge_bytes)
		n = snprintf(buf, cap_bytes, "; %s of %s in huge pages",
			     format_size(pages->huge_bytes, huge, sizeof(huge)),
			     format_size(pages->mapped_bytes, mapped, sizeof(mapped)));
	if (pages->locked_bytes && n >= 0 && (size_t)n < cap_bytes)
		snprintf(buf + n, cap_bytes - (size_t)n, "%s",
			 pages->locked_bytes < pages->mapped_bytes ? ", partly locked" : ", locked");
	return buf;
}

struct json_object *json_of_pages(const struct shmq_ring_info *info)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < info->n_holders && i < 3; i++) {
		const struct shmq_holder *holder = &info->holders[i];
		struct json_object *object;
		struct pages pages;

		if (!pages_of(info, holder->pid, &pages))
			continue;
		object = json_object_new_object();
		json_object_object_add(object, "role",
				       json_object_new_string(role_name(holder->role)));
		json_object_object_add(object, "pid", json_object_new_int(holder->pid));
		json_object_object_add(object, "mapped_bytes",
				       json_object_new_uint64(pages.mapped_bytes));
		json_object_object_add(object, "huge_bytes",
				       json_object_new_uint64(pages.huge_bytes));
		json_object_object_add(object, "locked_bytes",
				       json_object_new_uint64(pages.locked_bytes));
		json_object_array_add(array, object);
	}
	return array;
}
