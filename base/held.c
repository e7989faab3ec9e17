/* SPDX-License-Identifier: MIT */
/*
 * held.c - asking by a lease; see held.h
 *
 * Who opens the file in between breaks the lease, which is told by SIGIO.
 */
#include "base/held.h"

#include <errno.h>
#include <fcntl.h>

bool held_elsewhere(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_WRLCK) < 0)
		return errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}
