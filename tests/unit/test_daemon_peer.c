/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_peer.c - who is connected, and whether somebody of old still lives
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/process.h"
#include "daemon/peer.h"
#include "daemon/verify.h"
#include "tests/harness/process.h"

TestSuite(peer, .timeout = 60);
TestSuite(verify, .timeout = 60);

static void pair_open(int fds[2])
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
}

Test(peer, is_named_by_the_kernel)
{
	uint64_t ticks, pidns;
	struct peer peer;
	int fds[2];

	pair_open(fds);
	cr_assert_eq(peer_identify(fds[0], &peer), 0);
	cr_assert_eq(peer.identity.pid, getpid());
	cr_assert_eq(peer.identity.uid, geteuid());
	cr_assert_eq(peer.identity.gid, getegid());
	cr_assert_eq(process_start_time(getpid(), &ticks), 0);
	cr_assert_eq(peer.identity.start_ticks, ticks);
	cr_assert_eq(process_pidns_inode(getpid(), &pidns), 0);
	cr_assert_eq(peer.identity.pidns_inode, pidns);
	cr_assert_eq(peer.identity.seen_from, (uint32_t)pidns);
	cr_assert_gt(strlen(peer.identity.comm), 0);
	cr_assert_not_null(peer.pidfd);
	cr_assert_not(pidfd_has_fired(peer.pidfd->fd));
	peer_deinit(&peer);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

Test(peer, groups_are_those_of_the_connecting_process)
{
	gid_t groups[] = { 4711, 4712 };
	struct peer peer;
	int fds[2];

	if (geteuid() != 0)
		cr_skip_test("only root can choose his groups");
	cr_assert_eq(setgroups(2, groups), 0);
	pair_open(fds);
	cr_assert_eq(peer_identify(fds[0], &peer), 0);
	cr_assert_eq(peer.n_groups, 2);
	cr_assert_eq(peer.groups[0], 4711);
	cr_assert_eq(peer.groups[1], 4712);
	peer_deinit(&peer);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

/* Where accounts come from a directory, people are in hundreds of groups. */
Test(peer, all_of_many_groups_count)
{
	enum { MANY = 500 };
	gid_t groups[MANY];
	struct peer peer;
	int fds[2];

	if (geteuid() != 0)
		cr_skip_test("only root can choose his groups");
	for (unsigned i = 0; i < MANY; i++)
		groups[i] = 10000 + i;
	cr_assert_eq(setgroups(MANY, groups), 0);
	pair_open(fds);
	cr_assert_eq(peer_identify(fds[0], &peer), 0);
	cr_assert_eq(peer.n_groups, MANY);
	cr_assert_eq(peer.groups[MANY - 1], groups[MANY - 1]);
	peer_deinit(&peer);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

/* Old kernels have one way, new ones both: they lead to the same process. */
Test(peer, both_ways_to_the_pidfd_agree)
{
	uint64_t asked, opened;
	int fds[2], ask_fd, open_fd;

	pair_open(fds);
	open_fd = peer_pidfd_open(fds[0], getpid());
	cr_assert_geq(open_fd, 0);
	ask_fd = peer_pidfd_ask(fds[0]);
	if (ask_fd == -EOPNOTSUPP)
		cr_skip_test("this kernel has no SO_PEERPIDFD");
	cr_assert_geq(ask_fd, 0);
	if (process_pidfd_inode(ask_fd, &asked) == 0) {
		cr_assert_eq(process_pidfd_inode(open_fd, &opened), 0);
		cr_assert_eq(asked, opened);
	}
	fd_close(ask_fd);
	fd_close(open_fd);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

static int wait_for_gate(void *arg)
{
	return gate_wait(arg) ? 0 : 1;
}

Test(peer, the_old_way_wants_a_living_process_and_a_connected_socket)
{
	struct gate gate;
	int fds[2], fd;
	pid_t child;

	pair_open(fds);
	cr_assert_eq(gate_init(&gate), 0);
	child = child_start(wait_for_gate, &gate);
	fd = peer_pidfd_open(fds[0], child);
	cr_assert_geq(fd, 0);
	cr_assert_not(pidfd_has_fired(fd));
	fd_close(fds[1]); /* the child still has it: not yet hung up */
	gate_open(&gate);
	cr_assert_eq(child_wait(child), 0);
	cr_assert(pidfd_has_fired(fd));
	cr_assert_eq(peer_pidfd_open(fds[0], child), -ESRCH, "it is gone");
	cr_assert_eq(peer_pidfd_open(fds[0], getpid()), -ESRCH, "nobody is connected any more");
	cr_assert_eq(peer_pidfd_open(fds[0], 0), -ESRCH);
	fd_close(fd);
	fd_close(fds[0]);
	gate_deinit(&gate);
}

/* A process that has ended and was not waited for is dead all the same. */
Test(peer, a_zombie_is_gone)
{
	int fds[2];
	pid_t child;
	siginfo_t info;

	pair_open(fds);
	child = fork();
	if (child == 0)
		_exit(0);
	cr_assert_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	cr_assert_eq(peer_pidfd_open(fds[0], child), -ESRCH);
	cr_assert_eq(child_wait(child), 0);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

/* ---- after a restart ---- */

static void identity_of(pid_t pid, struct process_identity *ret_identity)
{
	int fd = process_pidfd_open(pid);

	*ret_identity = (struct process_identity){ .pid = pid, .seen_from = peer_own_pidns() };
	cr_assert_geq(fd, 0);
	cr_assert_eq(process_start_time(pid, &ret_identity->start_ticks), 0);
	if (process_pidfd_inode(fd, &ret_identity->pidfs_inode) < 0)
		ret_identity->pidfs_inode = 0;
	fd_close(fd);
}

static enum core_verdict verdict_on(const struct process_identity *identity)
{
	enum core_verdict verdict;
	int fd;

	cr_assert_eq(verify_process(identity, peer_own_pidns(), &verdict, &fd), 0);
	cr_assert_eq(fd >= 0, verdict == CORE_PROCESS_ALIVE);
	fd_close(fd);
	return verdict;
}

Test(verify, who_lives_is_alive_and_who_ended_is_dead)
{
	struct process_identity identity;
	struct gate gate;
	siginfo_t info;
	pid_t child;

	cr_assert_eq(gate_init(&gate), 0);
	child = child_start(wait_for_gate, &gate);
	identity_of(child, &identity);
	cr_assert_eq(verdict_on(&identity), CORE_PROCESS_ALIVE);
	cr_assert_eq(kill(child, SIGSTOP), 0);
	cr_assert(child_wait_stopped(child));
	cr_assert_eq(verdict_on(&identity), CORE_PROCESS_ALIVE, "stopped is not dead");
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_assert_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	cr_assert_eq(verdict_on(&identity), CORE_PROCESS_DEAD, "a zombie is dead");
	cr_assert_eq(child_wait(child), CHILD_SIGNALLED(SIGKILL));
	cr_assert_eq(verdict_on(&identity), CORE_PROCESS_DEAD);
	gate_deinit(&gate);
}

Test(verify, another_process_with_the_pid_is_no_proof_of_life)
{
	struct process_identity identity, other;

	identity_of(getpid(), &identity);
	other = identity;
	other.pidfs_inode = 0;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_ALIVE, "the start time is evidence enough");
	other.start_ticks++;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_DEAD);
	if (!identity.pidfs_inode)
		return;
	other = identity;
	other.pidfs_inode++;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_DEAD);
	other = identity;
	other.start_ticks = 0;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_ALIVE, "so is the pidfs inode");
}

Test(verify, without_evidence_nobody_is_declared_dead)
{
	struct process_identity identity, other;

	identity_of(getpid(), &identity);
	other = identity;
	other.start_ticks = other.pidfs_inode = 0;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_UNKNOWN);
	other = identity;
	other.seen_from++;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_UNKNOWN, "a pid of another namespace");
	other.seen_from = 0;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_UNKNOWN);
	other = identity;
	other.pid = 0;
	cr_assert_eq(verdict_on(&other), CORE_PROCESS_UNKNOWN);
}

/* The pid of a thread belongs to no process: whoever had it has ended. */
static void *note_tid(void *arg)
{
	struct gate *gates = ((void **)arg)[0];
	pid_t *tid = ((void **)arg)[1];

	*tid = gettid();
	gate_open(&gates[0]);
	gate_wait(&gates[1]);
	return NULL;
}

Test(verify, a_threads_id_is_nobodys_pid)
{
	struct process_identity identity = { .seen_from = peer_own_pidns(), .start_ticks = 1 };
	struct gate gates[2];
	pthread_t thread;
	pid_t tid = 0;
	void *arg[] = { gates, &tid };

	cr_assert_eq(gate_init(&gates[0]), 0);
	cr_assert_eq(gate_init(&gates[1]), 0);
	cr_assert_eq(pthread_create(&thread, NULL, note_tid, arg), 0);
	cr_assert(gate_wait(&gates[0]));
	identity.pid = tid;
	cr_assert_eq(verdict_on(&identity), CORE_PROCESS_DEAD);
	gate_open(&gates[1]);
	pthread_join(thread, NULL);
	gate_deinit(&gates[0]);
	gate_deinit(&gates[1]);
}
