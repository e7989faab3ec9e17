/* SPDX-License-Identifier: MIT */
/*
 * pid_reuse.c - a stranger with the dead one's pid is not the dead one
 *
 * In a pid namespace of its own, where clone3(2) may choose a pid: a client that holds a role is
 * killed while the daemon is down, and another process gets its very pid before the daemon is back.
 * The role must be free, and the stranger must not hold it. Needs root.
 */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define CHOSEN_PID 7777

static struct daemon daemon_;
static struct gate gate;

/* fork(2) with the pid chosen. Return: as fork(2). */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void hold_role(void)
{
	struct shmq_producer *producer;
	struct shmq_client *client;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (shmq_connect(&client, daemon_.socket) < 0 ||
	    shmq_open_producer(client, "reuse", NULL, &producer) < 0)
		_exit(1);
	gate_open(&gate);
	for (;;)
		pause();
}

static void be_a_stranger(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	gate_open(&gate);
	for (;;)
		pause();
}

/* The start time has a resolution of 10 ms: a stranger of the same tick could not be told apart. */
static void wait_for_another_tick(void)
{
	int64_t end = clock_monotonic_ns() + 30 * NS_PER_MS;

	while (clock_monotonic_ns() < end)
		usleep(1000);
}

static int attach_at_last(void)
{
	int64_t deadline = deadline_after_ns(HARNESS_DEADLINE_NS);
	struct shmq_producer *producer;
	struct shmq_client *client;
	int r;

	if (shmq_connect(&client, daemon_.socket) < 0)
		return -1;
	while ((r = shmq_attach_producer(client, "reuse", &producer)) == -EBUSY &&
	       deadline_left_ns(deadline))
		usleep(1000);
	if (r < 0)
		printf("not ok: %s\n", shmq_error_detail());
	shmq_disconnect(client);
	return r;
}

static int story(void)
{
	pid_t holder, stranger;
	int r;

	if (gate_init(&gate) < 0 || daemon_start(&daemon_, NULL) < 0)
		return 1;
	holder = fork_as(CHOSEN_PID);
	if (holder == 0)
		hold_role();
	if (holder != CHOSEN_PID || !gate_wait(&gate))
		return printf("not ok: no holder (%s)\n", strerror(errno)), 1;
	daemon_kill(&daemon_);
	child_kill(holder);
	wait_for_another_tick();
	stranger = fork_as(CHOSEN_PID);
	if (stranger == 0)
		be_a_stranger();
	if (stranger != CHOSEN_PID || !gate_wait(&gate))
		return printf("not ok: no stranger (%s)\n", strerror(errno)), 1;
	r = daemon_restart(&daemon_);
	if (r == 0)
		r = attach_at_last();
	if (r == 0 && kill(stranger, 0) == 0)
		printf("ok: pid %d is alive, is somebody else, and holds nothing\n", CHOSEN_PID);
	child_kill(stranger);
	daemon_deinit(&daemon_);
	return r < 0;
}

int main(void)
{
	int status;
	pid_t init;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0) {
		puts("needs root, to make a pid namespace");
		return 77;
	}
	init = fork();
	if (init == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* in a chroot "/" is not a mount that could be told so, but /proc is */
		if ((mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
		     mount("none", "/proc", NULL, MS_PRIVATE, NULL) < 0) ||
		    mount("proc", "/proc", "proc", 0, NULL) < 0)
			_exit(77);
		status = story();
		fflush(stdout);
		_exit(status); /* no leak check here: it can't look at itself in this namespace */
	}
	if (waitpid(init, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	_exit(WEXITSTATUS(status)); /* nor here: who left the namespace to children can't make any more */
}
