/* SPDX-License-Identifier: MIT */
/*
 * fd_store.c - FDSTORE=1 and what comes back of it; see fd_store.h
 */
#include "daemon/fd_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/fd.h"
#include "proto/control.h"

#define PREFIX "shmq."

/* Of one segment, and what of it came back; a list, emptied at the end of the start. */
struct kept {
	struct kept *next;
	char segment[CONTROL_SEGMENT_MAX];	/* without the slash */
	struct sealed_file file;
};

static struct kept *first;

static const char *const suffixes[SEALED_PARTS] = { ".p", ".c" };

#ifdef HAVE_SYSTEMD

void fd_store_put(const char *segment, const struct sealed_file *file)
{
	char text[CONTROL_SEGMENT_MAX + 32];

	for (unsigned part = 0; part < SEALED_PARTS; part++) {
		snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s%s", segment + 1, suffixes[part]);
		sd_pid_notify_with_fds(0, 0, text, &file->fd[part], 1);
	}
}

void fd_store_drop(const char *segment)
{
	for (unsigned part = 0; part < SEALED_PARTS; part++)
		sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s%s", segment + 1, suffixes[part]);
}

#else

void fd_store_put(const char *segment, const struct sealed_file *file)
{
	(void)segment;
	(void)file;
}

void fd_store_drop(const char *segment)
{
	(void)segment;
}

#endif

static struct kept *kept_get(const char *segment, size_t len)
{
	struct kept *kept;

	for (kept = first; kept; kept = kept->next)
		if (strncmp(kept->segment, segment, len) == 0 && !kept->segment[len])
			return kept;
	kept = calloc(1, sizeof(*kept));
	if (!kept)
		return NULL;
	memcpy(kept->segment, segment, len);
	kept->file = (struct sealed_file){ { -1, -1 } };
	kept->next = first;
	first = kept;
	return kept;
}

bool fd_store_came_back(const char *name, int fd)
{
	size_t len = strlen(name);

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || len < 3 ||
	    len - 2 >= CONTROL_SEGMENT_MAX - 1)
		return false;
	for (unsigned part = 0; part < SEALED_PARTS; part++) {
		struct kept *kept;

		if (strcmp(name + len - 2, suffixes[part]) != 0)
			continue;
		kept = kept_get(name, len - 2);
		if (!kept || kept->file.fd[part] >= 0)
			fd_close(fd);
		else
			kept->file.fd[part] = fd;
		return true;
	}
	return false;
}

int fd_store_claim(const char *segment, struct sealed_file *ret_file)
{
	for (struct kept **at = &first; *at; at = &(*at)->next) {
		struct kept *kept = *at;

		if (strcmp(kept->segment, segment + 1) != 0)
			continue;
		if (kept->file.fd[0] < 0 || kept->file.fd[1] < 0)
			return -ENOENT;
		*ret_file = kept->file;
		*at = kept->next;
		free(kept);
		return 0;
	}
	return -ENOENT;
}

void fd_store_forget_rest(void)
{
	while (first) {
		struct kept *kept = first;
		char segment[CONTROL_SEGMENT_MAX + 1];

		first = kept->next;
		snprintf(segment, sizeof(segment), "/%s", kept->segment);
		fd_store_drop(segment);
		sealed_close(&kept->file);
		free(kept);
	}
}
