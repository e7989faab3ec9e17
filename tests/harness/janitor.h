/* SPDX-License-Identifier: MIT */
/*
 * janitor.h - a process that tidies up after a test, however the test ended
 *
 * A failed assertion ends a test on the spot, a timeout kills it. The janitor waits for the end of
 * the test and of all its children (they hold a pipe open without knowing it), then removes what
 * they left.
 */
#pragma once

#include <sys/types.h>

struct janitor {
	pid_t pid;
	int lease_fd; /* open as long as somebody works */
};

/* Remove directory @dir with its files, and everything in /dev/shm that begins with @prefix (""
 * for none), at the end. Both are copied. Return: 0 or -errno. */
int janitor_start(struct janitor *janitor, const char *dir, const char *prefix);
/* The end has come in good order: it is done when this returns. */
void janitor_finish(struct janitor *janitor);
