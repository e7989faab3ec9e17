/* SPDX-License-Identifier: MIT */
/*
 * foreign.h - shared-memory objects of other programs: what leaked, and removing it safely
 *
 * An object is an orphan when no process on the host has it open or mapped. Being old says nothing,
 * and a pid in a name says nothing. Objects of shmqd ("shmq.") are never touched here, for their
 * daemon owns them; but those that a daemon itself has set aside ("shmq.<instance>.quarantine+…"),
 * because it could not trust its records, wait for a person to decide: that is the other scope.
 *
 * Removing closes the race with somebody who opens the object meanwhile: it is renamed aside first,
 * which no opener can follow, then its holders are looked for once more, and the kernel is asked whether
 * there is any that isn't seen; if there is one, it gets its name back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "ctl/holders.h"

#define FOREIGN_DIRECTORY "/dev/shm"
#define FOREIGN_ASIDE	  ".shmqctl-reap."

enum foreign_verdict {
	FOREIGN_ORPHAN,	  /* nobody holds it: would go */
	FOREIGN_HELD,	  /* somebody has it open or mapped */
	FOREIGN_OURS,	  /* shmqd's */
	FOREIGN_NO_MATCH, /* matches none of the patterns */
	FOREIGN_NOT_FILE, /* a directory, a link, …: not a shared-memory object */
	FOREIGN_UNSEEN,	  /* some processes can't be seen: it may be held */
};

enum foreign_scope {
	FOREIGN_OTHERS,	    /* what isn't shmqd's */
	FOREIGN_QUARANTINE, /* what a shmqd has set aside */
};

struct foreign_object {
	char name[256];
	struct stat st;
	const char *family; /* whose names look like this, "" unknown */
	enum foreign_verdict verdict;
	struct held_file held;
};

struct foreign_scan {
	struct foreign_object *objects;
	size_t n;
	struct holders_view view;
};

/*
 * foreign_scan() - judge everything in @directory
 * @patterns: shell patterns (glob(7)), NULL-terminated; without any, all match.
 * @container: the caller vouches that nobody outside this pid namespace can reach @directory.
 * Return: 0, or -errno of the directory or of /proc.
 */
int foreign_scan(const char *directory, enum foreign_scope scope, const char *const *patterns,
		 bool container, struct foreign_scan *ret_scan);
void foreign_scan_release(struct foreign_scan *scan);

/* True when every process could be looked at; the only ground to remove anything on. */
bool foreign_sees_all(const struct foreign_scan *scan);

/*
 * foreign_remove() - remove one FOREIGN_ORPHAN
 * The caller ignores SIGIO (held.h).
 * Return: 0; -EBUSY somebody holds it, nothing happened (@ret_pid says who, 0 unseen); -ESTALE the
 * name is another object by now; -EPERM / -EACCES not its owner; -EEXIST held, and its name was
 * taken meanwhile: it stays under @ret_aside.
 */
int foreign_remove(const char *directory, const struct foreign_object *object, pid_t *ret_pid,
		   char ret_aside[300]);

/* A sentence: why it goes or stays. */
void foreign_reason(const struct foreign_object *object, char *buf, size_t cap_bytes);
