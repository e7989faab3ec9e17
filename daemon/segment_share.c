/* SPDX-License-Identifier: MIT */
/*
 * segment_share.c - who else may open a segment by its name
 *
 * The daemon stays the owner: /dev/shm is sticky, so nobody else can remove it. As the owner it may
 * give others access by POSIX ACL without any privilege. The creator's uid always gets it, the
 * group with mode 0660, everybody with 0666, and each user and group with a rule that lets it produce
 * or consume: which of the two a file can't say. Without ACLs the classic mode says what it can.
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
	       (record->mode == 0600 && record->creator.uid == files->dir->uid &&
		record->n_rules == 0);
}

#ifdef HAVE_ACL

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

/* One entry per user and group: a second one would make the list invalid. */
struct acl_text {
	char text[512];
	size_t len;
};

static void acl_add(struct acl_text *acl, char kind, uint32_t id)
{
	char entry[32];

	snprintf(entry, sizeof(entry), ",%c:%u:rw-", kind, id);
	if (strstr(acl->text, entry) || acl->len + strlen(entry) >= sizeof(acl->text))
		return;
	strcpy(acl->text + acl->len, entry);
	acl->len += strlen(entry);
}

/* Who may only see needs no memory; units are nothing the file system knows: they get descriptors. */
static void acl_format(const struct segment_files *files, const struct registry_ring *record,
		       struct acl_text *acl)
{
	strcpy(acl->text, "u::rw-,g::---,o::---,m::rw-");
	acl->len = strlen(acl->text);
	if (record->creator.uid != files->dir->uid)
		acl_add(acl, 'u', record->creator.uid);
	if (record->mode == 0660)
		acl_add(acl, 'g', record->gid);
	for (uint32_t i = 0; i < record->n_rules; i++) {
		const struct control_rule *rule = &record->rules[i];

		if (!(rule->rights & (CONTROL_PRODUCE | CONTROL_CONSUME)))
			continue;
		if (rule->who == CONTROL_USER && rule->id != files->dir->uid)
			acl_add(acl, 'u', rule->id);
		else if (rule->who == CONTROL_GROUP)
			acl_add(acl, 'g', rule->id);
	}
}

static int share_by_acl(const struct segment_files *files, const struct registry_ring *record, int fd)
{
	_cleanup_(acl_freep) acl_t acl = NULL;
	struct acl_text text;

	acl_format(files, record, &text);
	acl = acl_from_text(text.text);
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
	static bool has_told;
	int fd, r;

	if (record->sealed) /* there is no name to open: descriptors are handed out */
		return 0;
	fd = segment_files_get(files, ring);
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
