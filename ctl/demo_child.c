/* SPDX-License-Identifier: MIT */
/*
 * demo_child.c - children that end with us, are waited for with a deadline, and never forgotten
 *
 * Single-threaded. An interrupt sets a flag; whoever waits looks at it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/process.h"
#include "ctl/demo.h"

static volatile sig_atomic_t signal_caught;

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static void on_signal(int number)
{
	signal_caught = number;
}

int demo_interrupted(void)
{
	return signal_caught;
}

void demo_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(stop_signals[0]); i++)
		sigaction(stop_signals[i], &action, NULL);
}

void demo_nap(int64_t ns)
{
	struct timespec time = timespec_from_ns(ns);

	nanosleep(&time, NULL);
}

pid_t demo_fork(struct demo *demo)
{
	pid_t parent = getpid();
	pid_t pid;

	if (demo->n_children == DEMO_CHILDREN_MAX)
		return -EAGAIN;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		demo->children[demo->n_children++] = pid;
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* it died before the line above */
	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(stop_signals[0]); i++)
		signal(stop_signals[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	return 0;
}

/* In the child: @fd becomes @number, without CLOEXEC. */
static void place_fd(int fd, int number)
{
	int null_fd = -1;

	if (fd < 0)
		fd = null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0 || dup2(fd, number) < 0)
		_exit(126);
	fd_close(null_fd);
}

pid_t demo_spawn(struct demo *demo, const char *const *argv, int in_fd, int out_fd)
{
	pid_t pid = demo_fork(demo);

	if (pid != 0)
		return pid;
	place_fd(in_fd, STDIN_FILENO);
	place_fd(out_fd, STDOUT_FILENO);
	place_fd(demo->log_fd, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void forget(struct demo *demo, pid_t pid)
{
	for (size_t i = 0; i < demo->n_children; i++)
		if (demo->children[i] == pid)
			demo->children[i] = demo->children[--demo->n_children];
}

/* Whether it has ended; poll(2) on a pidfd has a deadline, waitpid(2) has none. */
static int await_end(pid_t pid, int64_t deadline_ns)
{
	_cleanup_fd_ int fd = process_pidfd_open(pid);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int n;

	if (fd < 0)
		return fd;
	n = poll(&poll_fd, 1, deadline_poll_timeout_ms(deadline_ns));
	return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : 0;
}

int demo_wait(struct demo *demo, pid_t pid, int64_t deadline_ns)
{
	int r, status;

	do {
		r = await_end(pid, deadline_ns);
	} while (r == -EINTR && !demo_interrupted());
	if (r < 0)
		return r;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	forget(demo, pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void demo_kill(struct demo *demo, pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(demo, pid);
}

void demo_kill_all(struct demo *demo)
{
	while (demo->n_children > 0)
		demo_kill(demo, demo->children[0]);
}

void demo_kill_all_but_daemon(struct demo *demo)
{
	for (size_t i = demo->n_children; i-- > 0;)
		if (demo->children[i] != demo->daemon_pid)
			demo_kill(demo, demo->children[i]);
}

void *demo_shared_new(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void *demo_shared_free(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, bytes);
	return NULL;
}
