/* SPDX-License-Identifier: MIT */
/*
 * process.c - procfs and pidfds: the kernel's own word on who is who
 *
 * Stateless. A process that is gone is -ESRCH by whichever way the kernel says so (the directory is
 * missing, or a read fails after it was opened). -EACCES means "can't tell", never "dead".
 */
#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/parse.h"
#include "base/random.h"

#define PROC_PATH_BYTES	      64
#define PROC_STAT_BYTES	      1024	 /* 52 numbers of at most 20 digits each, and the name */
#define STAT_FIELD_START_TIME 22	 /* proc_pid_stat(5); fields count from 1 */
#define PIDFS_MAGIC	      0x50494446 /* not in Debian 12's linux/magic.h */

static void proc_path(pid_t pid, const char *leaf, char path[PROC_PATH_BYTES])
{
	snprintf(path, PROC_PATH_BYTES, "/proc/%d/%s", (int)pid, leaf);
}

static ssize_t proc_read(pid_t pid, const char *leaf, char *buf, size_t cap_bytes)
{
	char path[PROC_PATH_BYTES];
	ssize_t n;

	if (pid <= 0)
		return -EINVAL;
	proc_path(pid, leaf, path);
	n = file_read_line(path, buf, cap_bytes);
	return n == -ENOENT ? -ESRCH : n;
}

/* The text of stat from field 3 (state) on: the name before it may hold blanks and parentheses. */
static int proc_stat_read(pid_t pid, char *buf, size_t cap_bytes, char **ret_state)
{
	ssize_t n = proc_read(pid, "stat", buf, cap_bytes);
	char *paren;

	if (n < 0)
		return (int)n;
	paren = strrchr(buf, ')');
	if (!paren || paren[1] != ' ' || !paren[2])
		return -EIO;
	*ret_state = paren + 2;
	return 0;
}

int process_start_time(pid_t pid, uint64_t *ret_ticks)
{
	char buf[PROC_STAT_BYTES];
	char *rest, *word = NULL;
	int r = proc_stat_read(pid, buf, sizeof(buf), &rest);

	if (r < 0)
		return r;
	for (int field = 3; field <= STAT_FIELD_START_TIME; field++)
		word = strsep(&rest, " ");
	return word && parse_u64(word, 0, UINT64_MAX, ret_ticks) == 0 ? 0 : -EIO;
}

int process_state(pid_t pid, char *ret_state)
{
	char buf[PROC_STAT_BYTES];
	char *state;
	int r = proc_stat_read(pid, buf, sizeof(buf), &state);

	if (r < 0)
		return r;
	*ret_state = *state;
	return 0;
}

int process_comm(pid_t pid, char comm[PROCESS_COMM_MAX])
{
	/* Workqueue threads show more than TASK_COMM_LEN. */
	char buf[2 * PROCESS_COMM_MAX + 2] = { 0 };
	ssize_t n = proc_read(pid, "comm", buf, sizeof(buf));

	if (n < 0 && n != -E2BIG)
		return (int)n;
	memcpy(comm, buf, PROCESS_COMM_MAX - 1);
	comm[PROCESS_COMM_MAX - 1] = '\0';
	return 0;
}

int process_pidns_inode(pid_t pid, uint64_t *ret_inode)
{
	char path[PROC_PATH_BYTES];
	struct stat st;

	if (pid <= 0)
		return -EINVAL;
	proc_path(pid, "ns/pid", path);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_inode = st.st_ino;
	return 0;
}

int process_pidfd_open(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by definition */

	return fd < 0 ? -errno : (int)fd;
}

int process_pidfd_inode(int pidfd, uint64_t *ret_inode)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(pidfd, &fs) < 0)
		return -errno;
	if (fs.f_type != PIDFS_MAGIC) /* an anonymous inode that all pidfds share */
		return -EOPNOTSUPP;
	if (fstat(pidfd, &st) < 0)
		return -errno;
	*ret_inode = st.st_ino;
	return 0;
}

int boot_id_read(uint8_t boot_id[BOOT_ID_BYTES])
{
	char text[48], hex[sizeof(text)];
	size_t n_digits = 0;
	ssize_t n = file_read_line("/proc/sys/kernel/random/boot_id", text, sizeof(text));

	if (n < 0)
		return (int)n;
	for (const char *c = text; *c; c++)
		if (*c != '-')
			hex[n_digits++] = *c;
	hex[n_digits] = '\0';
	return hex_decode(hex, boot_id, BOOT_ID_BYTES) < 0 ? -EIO : 0;
}
