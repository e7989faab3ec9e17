/* SPDX-License-Identifier: MIT */
/*
 * segment_share.c - who else may open a segment by its name
 *
 * The daemon stays the owner: /dev/shm is sticky, so nobody else can remove it. As the owner it may
 * give others access by POSIX ACL without any privilege. The creator's uid always gets it, the
 * group with mode 0660, everybody with 0666. Without ACLs the classic mode says what it can.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_ACL
#include <sys/acl.h>
#endif

#include "base/cleanup.h"
#include "daemon/log.h"
#include "daemon/segment.h"

/* What mode 0600, 0660 and 0666 can say about owner, owning group and others. */
static int share_by_mode(const struct segment_files *files, const struct registry_ring *record, int fd)
{
	mode_t mode = 0600;

	if (record->mode == 0666)
		mode = 0666;
	else if (record->mode == 0660 && record->creator.uid == files->dir->uid &&
		 fchown(fd, (uid_t)-1, record->gid) == 0)
		mode = 0660;
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

/* Does the mode alone express it? */
static bool mode_suffices(const struct segment_files *files, const struct registry_ring *record)
{
	return record->mode == 0666 ||
	       (record->mode == 0600 && record->creator.uid == files->dir->uid);
}

#ifdef HAVE_ACL

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

static void acl_format(const struct segment_files *files, const struct registry_ring *record,
		       char *text, size_t cap_bytes)
{
	int n = snprintf(text, cap_bytes, "u::rw-,g::---,o::---,m::rw-");

	if (record->creator.uid != files->dir->uid)
		n += snprintf(text + n, cap_bytes - (size_t)n, ",u:%u:rw-", record->creator.uid);
	if (record->mode == 0660)
		snprintf(text + n, cap_bytes - (size_t)n, ",g:%u:rw-", record->gid);
}

static int share_by_acl(const struct segment_files *files, const struct registry_ring *record, int fd)
{
	_cleanup_(acl_freep) acl_t acl = NULL;
	char text[128];

	acl_format(files, record, text, sizeof(text));
	acl = acl_from_text(text);
	if (!acl)
		return -errno;
	return acl_set_fd(fd, acl) < 0 ? -errno : 0;
}

#else

static int share_by_acl(const struct segment_files *files, const struct registry_ring *record, int fd)
{
	(void)files;
	(void)record;
	(void)fd;
	return -EOPNOTSUPP;
}

#endif

int segment_file_share(struct segment_files *files, uint32_t ring)
{
	const struct registry_ring *record = &files->registry->rings[ring];
	int fd = segment_files_get(files, ring);
	static bool has_told;
	int r;

	if (fd < 0)
		return fd;
	if (mode_suffices(files, record))
		return share_by_mode(files, record, fd);
	r = share_by_acl(files, record, fd);
	if (r != -EOPNOTSUPP && r != -ENOSYS)
		return r;
	if (!has_told)
		log_line(LOG_WARNING, "no POSIX ACLs in /dev/shm: clients of other users get segments "
			 "as descriptors");
	has_told = true;
	return share_by_mode(files, record, fd);
}
