/* SPDX-License-Identifier: MIT */
/*
 * old_kernel.c - run a program as on the kernel of Debian 12: without SO_PEERPIDFD and pidfs inodes
 *
 * Started in place of shmqd; starts $SHMQD_REAL with the same arguments. A seccomp filter answers
 * getsockopt(SO_PEERPIDFD) with ENOPROTOOPT, and fstatfs(2), which tells pidfs apart, with ENOSYS.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PEERPIDFD 77

#define LOAD(field)	   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, n)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define RETURN(value)	   BPF_STMT(BPF_RET | BPF_K, value)
#define RETURN_ERRNO(code) RETURN(SECCOMP_RET_ERRNO | (code))

int main(int argc, char **argv)
{
	static struct sock_filter filter[] = {
		LOAD(nr),
		UNLESS(SYS_getsockopt, 3),
		LOAD(args[2]), /* the low half: little-endian */
		UNLESS(PEERPIDFD, 1),
		RETURN_ERRNO(ENOPROTOOPT),
		LOAD(nr),
		UNLESS(SYS_fstatfs, 1),
		RETURN_ERRNO(ENOSYS),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	const char *real = getenv("SHMQD_REAL");

	(void)argc;
	if (!real || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return 96;
	execv(real, argv);
	return 97;
}
