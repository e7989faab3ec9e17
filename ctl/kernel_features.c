/* SPDX-License-Identifier: MIT */
/*
 * kernel_features.c - probes that change nothing
 */
#include "ctl/kernel_features.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* No waiters is -EINVAL where the call exists; ENOSYS or a filter's EPERM where it doesn't. */
bool kernel_has_futex_waitv(void)
{
	return syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) < 0 && errno == EINVAL;
}

bool kernel_has_membarrier(void)
{
	long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	return commands > 0 && (commands & MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}

bool kernel_has_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	fd_close(fd);
	return fd >= 0;
}
