/* SPDX-License-Identifier: MIT */
/*
 * janitor.c - removing what tests leave; see janitor.h
 */
#include "tests/harness/janitor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

#define SHM_DIR "/dev/shm"

static void remove_matching(const char *dir, const char *prefix)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
}

static _Noreturn void janitor_run(int lease_fd, const char *dir, const char *prefix)
{
	char byte;

	/* a terminal's ^C is for the tests; and nobody's output must wait for this process */
	setsid();
	for (int fd = 0; fd < 1024; fd++)
		if (fd != lease_fd)
			fd_close(fd);
	while (read(lease_fd, &byte, 1) < 0 && errno == EINTR)
		continue;
	if (prefix[0])
		remove_matching(SHM_DIR, prefix);
	remove_matching(dir, "");
	rmdir(dir);
	_exit(0);
}

int janitor_start(struct janitor *janitor, const char *dir, const char *prefix)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	janitor->pid = fork();
	if (janitor->pid == 0) {
		fd_close(fds[1]);
		janitor_run(fds[0], dir, prefix);
	}
	fd_close(fds[0]);
	janitor->lease_fd = fds[1];
	return janitor->pid < 0 ? -errno : 0;
}

void janitor_finish(struct janitor *janitor)
{
	janitor->lease_fd = fd_close(janitor->lease_fd);
	while (waitpid(janitor->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}
