/* SPDX-License-Identifier: MIT */
/*
 * verify.c - evidence that a process is the one of a record; see verify.h
 *
 * The registry is of this boot (adoption checks that), so within one pid namespace a pid, its start
 * time and its pidfs inode mean today what they meant when they were recorded.
 */
#include "daemon/verify.h"

#include <errno.h>

#include "base/fd.h"
#include "base/process.h"
#include "daemon/pidfd.h"

/* Is the living process behind @pidfd the one of @identity? */
static enum core_verdict compare(const struct process_identity *identity, int pidfd)
{
	uint64_t inode, ticks;

	/* no two processes of a boot have one pidfs inode */
	if (identity->pidfs_inode && process_pidfd_inode(pidfd, &inode) == 0)
		return inode == identity->pidfs_inode ? CORE_PROCESS_ALIVE : CORE_PROCESS_DEAD;
	/* no two processes with one pid start within a tick */
	if (!identity->start_ticks || process_start_time(identity->pid, &ticks) < 0)
		return CORE_PROCESS_UNKNOWN;
	return ticks == identity->start_ticks ? CORE_PROCESS_ALIVE : CORE_PROCESS_DEAD;
}

static bool is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

int verify_process(const struct process_identity *identity, uint32_t own_pidns,
		   enum core_verdict *ret_verdict, int *ret_pidfd)
{
	_cleanup_fd_ int fd = -1;

	*ret_verdict = CORE_PROCESS_UNKNOWN;
	*ret_pidfd = -1;
	if (identity->pid <= 0 || !own_pidns || identity->seen_from != own_pidns)
		return 0; /* the number means something else here */
	fd = process_pidfd_open(identity->pid);
	if (is_shortage(fd))
		return fd;
	/* EINVAL, ENOENT: the number is a thread's, or a dead process's that still leads a group */
	if (fd == -ESRCH || fd == -EINVAL || fd == -ENOENT)
		*ret_verdict = CORE_PROCESS_DEAD;
	if (fd < 0)
		return 0;
	*ret_verdict = compare(identity, fd);
	/* if it ended while it was looked at, it was either this process or its successor: dead */
	if (pidfd_has_fired(fd))
		*ret_verdict = CORE_PROCESS_DEAD;
	if (*ret_verdict == CORE_PROCESS_ALIVE)
		*ret_pidfd = TAKE_FD(fd);
	return 0;
}
