/* SPDX-License-Identifier: MIT */
/*
 * process.c - forked helpers of tests; see process.h
 */
#include "tests/harness/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/process.h"

#define NAP_NS (NS_PER_MS)

bool wait_until(bool (*condition)(void *arg), void *arg)
{
	int64_t deadline_ns = deadline_after_ns(HARNESS_DEADLINE_NS);

	while (!condition(arg)) {
		struct timespec nap = timespec_from_ns(NAP_NS);

		if (deadline_left_ns(deadline_ns) == 0)
			return false;
		nanosleep(&nap, NULL);
	}
	return true;
}

#if defined(__SANITIZE_ADDRESS__)
static bool other_threads_sleep(void *arg)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *task;
	bool all_sleep = tasks;

	(void)arg;
	while (all_sleep && (task = readdir(tasks))) {
		pid_t tid = (pid_t)strtol(task->d_name, NULL, 10);
		char state;

		if (tid > 0 && tid != gettid())
			all_sleep = process_state(tid, &state) == 0 && state == 'S';
	}
	if (tasks)
		closedir(tasks);
	return all_sleep;
}

/* AddressSanitizer's allocator does not hold its locks over a fork, as glibc's does: one that
 * another thread had, and it has some as it starts, is taken for ever in the child. */
static bool may_fork(void)
{
	return wait_until(other_threads_sleep, NULL);
}
#else
static bool may_fork(void)
{
	return true;
}
#endif

pid_t child_start(int (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid();
	pid_t pid;

	if (!may_fork())
		return -EBUSY;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent && getppid() != 0) /* 0: of a pid namespace of its own */
		_exit(99);
	_exit(fn(arg));
}

struct wait {
	pid_t pid;
	int status;
};

static bool has_ended(void *arg)
{
	struct wait *wait = arg;

	return waitpid(wait->pid, &wait->status, WNOHANG) == wait->pid;
}

int child_wait(pid_t pid)
{
	struct wait wait = { .pid = pid };

	if (!wait_until(has_ended, &wait)) {
		child_kill(pid);
		return CHILD_STUCK;
	}
	if (WIFSIGNALED(wait.status))
		return CHILD_SIGNALLED(WTERMSIG(wait.status));
	return WEXITSTATUS(wait.status);
}

void child_kill(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

struct state {
	pid_t pid;
	char state;
};

static bool has_state(void *arg)
{
	const struct state *wanted = arg;
	char state;

	return process_state(wanted->pid, &state) == 0 && state == wanted->state;
}

bool child_wait_stopped(pid_t pid)
{
	struct state stopped = { pid, 'T' };

	return wait_until(has_state, &stopped);
}

bool child_wait_asleep(pid_t pid)
{
	struct state asleep = { pid, 'S' };

	return wait_until(has_state, &asleep);
}

int gate_init(struct gate *gate)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	gate->read_fd = fds[0];
	gate->write_fd = fds[1];
	return 0;
}

void gate_deinit(struct gate *gate)
{
	gate->read_fd = fd_close(gate->read_fd);
	gate->write_fd = fd_close(gate->write_fd);
}

void gate_open(struct gate *gate)
{
	if (fd_write_all(gate->write_fd, "g", 1) < 0)
		abort();
}

bool gate_wait(struct gate *gate)
{
	int64_t deadline_ns = deadline_after_ns(HARNESS_DEADLINE_NS);
	char token;

	for (;;) {
		struct pollfd poll_fd = { .fd = gate->read_fd, .events = POLLIN };
		int n = poll(&poll_fd, 1, deadline_poll_timeout_ms(deadline_ns));

		if (n > 0)
			return read(gate->read_fd, &token, 1) == 1;
		if (n == 0 || errno != EINTR)
			return false;
	}
}
