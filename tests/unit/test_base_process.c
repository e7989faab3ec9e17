/* SPDX-License-Identifier: MIT */
/*
 * test_base_process.c - procfs says the same as the kernel does otherwise
 *
 * Children end by _exit() and die with their parent.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/process.h"

TestSuite(process, .timeout = 20);

/* A child under the name @comm that waits until its descriptor closes, then ends. */
struct child {
	pid_t pid;
	int hold;
};

static struct child child_start(const char *comm)
{
	int ready[2], hold[2];
	struct child child;
	char byte;

	cr_assert_eq(pipe(ready), 0);
	cr_assert_eq(pipe(hold), 0);
	child.pid = fork();
	cr_assert_geq(child.pid, 0);
	if (child.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(hold[1]);
		if (prctl(PR_SET_NAME, comm) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(hold[0]);
	close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	child.hold = hold[1];
	return child;
}

static void child_end(struct child *child)
{
	close(child->hold);
	cr_assert_eq(waitpid(child->pid, NULL, 0), child->pid);
}

/* Wait for the end without reaping. */
static void child_end_as_zombie(struct child *child)
{
	siginfo_t info;

	close(child->hold);
	cr_assert_eq(waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT), 0);
}

Test(process, start_time_is_the_same_each_time_and_later_for_a_child)
{
	uint64_t mine = 0, again = 0, childs = 0;
	struct child child = child_start("shmq-child");

	cr_assert_eq(process_start_time(getpid(), &mine), 0);
	cr_assert_eq(process_start_time(getpid(), &again), 0);
	cr_assert_eq(process_start_time(child.pid, &childs), 0);
	cr_assert_eq(mine, again);
	cr_assert_gt(mine, 0);
	cr_assert_geq(childs, mine);
	child_end(&child);
}

/* The name stands in the middle of /proc/PID/stat, unquoted. */
Test(process, a_name_made_to_confuse_does_not)
{
	struct child plain = child_start("shmq-child");
	struct child odd = child_start(") R 1 1 (");
	uint64_t plain_ticks = 0, odd_ticks = 0;
	char comm[PROCESS_COMM_MAX], state = 0;

	cr_assert_eq(process_start_time(plain.pid, &plain_ticks), 0);
	cr_assert_eq(process_start_time(odd.pid, &odd_ticks), 0);
	cr_assert_geq(odd_ticks, plain_ticks);
	cr_assert_leq(odd_ticks, plain_ticks + 1000 * (uint64_t)sysconf(_SC_CLK_TCK));
	cr_assert_eq(process_comm(odd.pid, comm), 0);
	cr_assert_str_eq(comm, ") R 1 1 (");
	cr_assert_eq(kill(odd.pid, SIGSTOP), 0);
	cr_assert_eq(waitpid(odd.pid, NULL, WUNTRACED), odd.pid);
	cr_assert_eq(process_state(odd.pid, &state), 0);
	cr_assert_eq(state, 'T');
	cr_assert_eq(kill(odd.pid, SIGCONT), 0);
	child_end(&odd);
	child_end(&plain);
}

Test(process, a_zombie_is_z_until_it_is_reaped_then_gone)
{
	struct child child = child_start("shmq-child");
	char comm[PROCESS_COMM_MAX], state = 0;
	uint64_t ticks = 7;

	child_end_as_zombie(&child);
	cr_assert_eq(process_state(child.pid, &state), 0);
	cr_assert_eq(state, 'Z');
	cr_assert_eq(process_start_time(child.pid, &ticks), 0);
	cr_assert_eq(waitpid(child.pid, NULL, 0), child.pid);
	ticks = 7;
	state = '?';
	cr_assert_eq(process_state(child.pid, &state), -ESRCH);
	cr_assert_eq(process_start_time(child.pid, &ticks), -ESRCH);
	cr_assert_eq(process_comm(child.pid, comm), -ESRCH);
	cr_assert_eq(process_pidns_inode(child.pid, &ticks), -ESRCH);
	cr_assert_eq(process_pidfd_open(child.pid), -ESRCH);
	cr_assert_eq(ticks, 7);
	cr_assert_eq(state, '?');
}

Test(process, the_longest_name_fits)
{
	struct child child = child_start("fifteen-letters-and-more");
	char comm[PROCESS_COMM_MAX];

	cr_assert_eq(process_comm(child.pid, comm), 0);
	cr_assert_str_eq(comm, "fifteen-letters");
	child_end(&child);
}

Test(process, no_pid_is_an_invalid_argument)
{
	char comm[PROCESS_COMM_MAX];
	uint64_t value;

	cr_assert_eq(process_comm(0, comm), -EINVAL);
	cr_assert_eq(process_comm(-1, comm), -EINVAL);
	cr_assert_eq(process_pidns_inode(0, &value), -EINVAL);
	cr_assert_eq(process_pidfd_open(0), -EINVAL);
}

Test(process, a_child_shares_the_pid_namespace)
{
	struct child child = child_start("shmq-child");
	uint64_t mine = 0, childs = 1;
	struct stat st;

	cr_assert_eq(process_pidns_inode(getpid(), &mine), 0);
	cr_assert_eq(process_pidns_inode(child.pid, &childs), 0);
	cr_assert_eq(stat("/proc/self/ns/pid", &st), 0);
	cr_assert_eq(mine, (uint64_t)st.st_ino);
	cr_assert_eq(childs, mine);
	child_end(&child);
}

Test(process, a_pidfd_tells_the_end)
{
	struct child child = child_start("shmq-child");
	int pidfd = process_pidfd_open(child.pid);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	cr_assert_geq(pidfd, 0);
	cr_assert_eq(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	cr_assert_eq(poll(&poll_fd, 1, 0), 0);
	child_end_as_zombie(&child);
	cr_assert_eq(poll(&poll_fd, 1, 0), 1);
	cr_assert_eq(waitpid(child.pid, NULL, 0), child.pid);
	fd_close(pidfd);
}

Test(process, pidfd_inodes_name_processes_or_the_kernel_is_too_old)
{
	struct child child = child_start("shmq-child");
	int a = process_pidfd_open(child.pid), b = process_pidfd_open(child.pid);
	int self = process_pidfd_open(getpid());
	uint64_t inode_a = 0, inode_b = 1, inode_self = 0;
	int r = process_pidfd_inode(a, &inode_a);

	cr_assert(a >= 0 && b >= 0 && self >= 0);
	if (r == 0) {
		cr_assert_eq(process_pidfd_inode(b, &inode_b), 0);
		cr_assert_eq(process_pidfd_inode(self, &inode_self), 0);
		cr_assert_eq(inode_a, inode_b);
		cr_assert_neq(inode_a, inode_self);
	} else {
		cr_assert_eq(r, -EOPNOTSUPP);
		cr_assert_eq(inode_a, 0);
	}
	child_end(&child);
	fd_close(a);
	fd_close(b);
	fd_close(self);
}

Test(process, other_descriptors_are_no_pidfds)
{
	uint64_t inode = 5;

	cr_assert_eq(process_pidfd_inode(STDERR_FILENO, &inode), -EOPNOTSUPP);
	cr_assert_eq(process_pidfd_inode(-1, &inode), -EBADF);
	cr_assert_eq(inode, 5);
}

Test(process, the_boot_id_stays)
{
	uint8_t a[BOOT_ID_BYTES] = { 0 }, b[BOOT_ID_BYTES] = { 1 }, zero[BOOT_ID_BYTES] = { 0 };

	cr_assert_eq(boot_id_read(a), 0);
	cr_assert_eq(boot_id_read(b), 0);
	cr_assert_eq(memcmp(a, b, sizeof(a)), 0);
	cr_assert_neq(memcmp(a, zero, sizeof(a)), 0);
}
