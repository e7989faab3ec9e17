/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_terminal.c - `shmqctl top` on a terminal of the test's own: drawn, listening to keys, and
 * given back as it was whatever ends it
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "tests/ctl/tool.h"
#include "tests/harness/process.h"

TestSuite(terminal, .timeout = 60);

#define PATIENCE_NS (20 * NS_PER_S)

struct terminal {
	struct daemon daemon;
	int fd, slave_fd;
	pid_t pid;
	struct termios before;
	char text[1 << 20]; /* all that was written so far */
	size_t len, seen;
};

static _Noreturn void run_top(const struct terminal *terminal, pid_t parent)
{
	const char *program = getenv("SHMQCTL_BIN");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || setsid() < 0 || ioctl(terminal->slave_fd, TIOCSCTTY, 0) < 0)
		_exit(99);
	for (int i = 0; i < 3; i++)
		if (dup2(terminal->slave_fd, i) < 0)
			_exit(99);
	execl(program, program, "--socket", terminal->daemon.socket, "top", "--interval", "100ms",
	      (char *)NULL);
	_exit(98);
}

static void terminal_open(struct terminal *terminal, int n_rows, int n_columns)
{
	struct winsize size = { .ws_row = (unsigned short)n_rows, .ws_col = (unsigned short)n_columns };
	pid_t parent = getpid();

	cr_assert(eq(int, daemon_start(&terminal->daemon, NULL), 0));
	terminal->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert(ge(int, terminal->fd, 0));
	cr_assert(eq(int, grantpt(terminal->fd) | unlockpt(terminal->fd), 0));
	terminal->slave_fd = open(ptsname(terminal->fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert(ge(int, terminal->slave_fd, 0));
	cr_assert(eq(int, ioctl(terminal->fd, TIOCSWINSZ, &size), 0));
	cr_assert(eq(int, tcgetattr(terminal->slave_fd, &terminal->before), 0));
	setenv("TERM", "xterm", 1);
	terminal->pid = fork();
	cr_assert(ge(int, terminal->pid, 0));
	if (terminal->pid == 0)
		run_top(terminal, parent);
}

static void terminal_close(struct terminal *terminal)
{
	fd_close(terminal->fd);
	fd_close(terminal->slave_fd);
	daemon_deinit(&terminal->daemon);
	free(terminal);
}

/* Read until @words were written after what was found the last time. */
static void expect(struct terminal *terminal, const char *words)
{
	int64_t deadline_ns = deadline_after_ns(PATIENCE_NS);

	for (;;) {
		struct pollfd poll_fd = { .fd = terminal->fd, .events = POLLIN };
		const char *found = strstr(terminal->text + terminal->seen, words);
		ssize_t n;

		if (found) {
			terminal->seen = (size_t)(found - terminal->text) + strlen(words);
			return;
		}
		cr_assert(gt(int, poll(&poll_fd, 1, deadline_poll_timeout_ms(deadline_ns)), 0),
			  "never seen: %s; but: %s", words, terminal->text + terminal->seen);
		cr_assert(lt(sz, terminal->len + 4096, sizeof(terminal->text)));
		n = read(terminal->fd, terminal->text + terminal->len, 4096);
		cr_assert(gt(long, n, 0));
		for (ssize_t i = 0; i < n; i++) /* so that strstr() goes on */
			if (terminal->text[terminal->len + (size_t)i] == '\0')
				terminal->text[terminal->len + (size_t)i] = '?';
		terminal->len += (size_t)n;
	}
}

static void press(struct terminal *terminal, const char *keys)
{
	cr_assert(eq(int, fd_write_all(terminal->fd, keys, strlen(keys)), 0));
}

static void assert_given_back(struct terminal *terminal)
{
	struct termios after;

	expect(terminal, "\033[?25h\033[?1049l");
	cr_assert(eq(int, tcgetattr(terminal->slave_fd, &after), 0));
	cr_assert(eq(int, (int)after.c_lflag, (int)terminal->before.c_lflag));
	cr_assert(eq(int, after.c_cc[VMIN], terminal->before.c_cc[VMIN]));
}

static int wait_for_end(struct terminal *terminal)
{
	int status;

	cr_assert(eq(int, waitpid(terminal->pid, &status, 0), terminal->pid));
	return status;
}

static struct terminal *terminal_new(int n_rows, int n_columns)
{
	struct terminal *terminal = calloc(1, sizeof(*terminal));

	cr_assert(terminal != NULL);
	terminal_open(terminal, n_rows, n_columns);
	expect(terminal, "\033[?1049h\033[?25l");
	return terminal;
}

static void make_ring(struct terminal *terminal, const char *name)
{
	struct tool *tool = malloc(sizeof(*tool));

	cr_assert(eq(int, TOOL_RUN(tool, &terminal->daemon, "", "create", name), 0));
	free(tool);
}

Test(terminal, rings_are_drawn_sorted_and_filtered)
{
	struct terminal *terminal = terminal_new(24, 80);
	int status;

	make_ring(terminal, "apples");
	make_ring(terminal, "pears");
	expect(terminal, "- pears");
	expect(terminal, "- apples"); /* the next picture */
	press(terminal, "s");
	expect(terminal, "s POP/S");
	press(terminal, "r");
	expect(terminal, "s POP/S reversed");
	press(terminal, "/pea");
	expect(terminal, "show: pea_");
	press(terminal, "\n");
	expect(terminal, "f pea");
	press(terminal, "h");
	expect(terminal, "this, and back");
	press(terminal, "\033[B\033OA\033[5~\033[1;5D"); /* arrows, and what is no key of ours */
	press(terminal, "\033");
	expect(terminal, "f all");
	press(terminal, " ");
	expect(terminal, "stopped");
	press(terminal, "q");
	assert_given_back(terminal);
	status = wait_for_end(terminal);
	cr_assert(eq(int, status, 0));
	terminal_close(terminal);
}

Test(terminal, signals_end_it_and_the_terminal_is_given_back)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct terminal *terminal = terminal_new(24, 80);
		int status;

		expect(terminal, "q quit");
		cr_assert(eq(int, kill(terminal->pid, signals[i]), 0));
		assert_given_back(terminal);
		status = wait_for_end(terminal);
		cr_assert(eq(int, WIFSIGNALED(status) ? WTERMSIG(status) : -1, signals[i]));
		terminal_close(terminal);
	}
}

/* Its process group is an orphan, which the kernel does not stop by SIGTSTP: the terminal comes and
 * goes all the same. SIGSTOP stops it, behind its back. */
Test(terminal, stopped_and_continued_it_draws_again)
{
	struct terminal *terminal = terminal_new(24, 80);
	int status;

	expect(terminal, "q quit");
	cr_assert(eq(int, kill(terminal->pid, SIGTSTP), 0));
	expect(terminal, "\033[?25h\033[?1049l");
	expect(terminal, "\033[?1049h\033[?25l");
	expect(terminal, "q quit");
	cr_assert(eq(int, kill(terminal->pid, SIGSTOP), 0));
	cr_assert(eq(int, waitpid(terminal->pid, &status, WUNTRACED), terminal->pid));
	cr_assert(eq(int, WIFSTOPPED(status) ? WSTOPSIG(status) : -1, SIGSTOP));
	cr_assert(eq(int, kill(terminal->pid, SIGCONT), 0));
	press(terminal, "q");
	assert_given_back(terminal);
	wait_for_end(terminal);
	terminal_close(terminal);
}

Test(terminal, another_size_is_another_picture)
{
	struct terminal *terminal = terminal_new(24, 80);
	struct winsize size = { .ws_row = 10, .ws_col = 40 };

	expect(terminal, "DEPTH");
	cr_assert(eq(int, ioctl(terminal->fd, TIOCSWINSZ, &size), 0));
	expect(terminal, "PUSH/S  POP/S USE% TREND");
	press(terminal, "q");
	assert_given_back(terminal);
	wait_for_end(terminal);
	terminal_close(terminal);
}

Test(terminal, a_daemon_that_is_gone_is_said_and_waited_for)
{
	struct terminal *terminal = terminal_new(24, 80);

	expect(terminal, "q quit");
	daemon_kill(&terminal->daemon);
	expect(terminal, "shmqd went away");
	cr_assert(eq(int, daemon_restart(&terminal->daemon), 0));
	expect(terminal, "q quit");
	press(terminal, "q");
	assert_given_back(terminal);
	wait_for_end(terminal);
	terminal_close(terminal);
}

Test(terminal, no_color_means_no_color)
{
	struct terminal *terminal;

	setenv("NO_COLOR", "1", 1);
	terminal = terminal_new(24, 80);
	make_ring(terminal, "plain");
	expect(terminal, "- plain");
	expect(terminal, "- plain");
	cr_assert(strstr(terminal->text, "\033[3") == NULL);
	press(terminal, "q");
	assert_given_back(terminal);
	wait_for_end(terminal);
	terminal_close(terminal);
}
