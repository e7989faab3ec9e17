/* SPDX-License-Identifier: MIT */
/*
 * demo_pump.c - tee(2) and splice(2): pages change pipes, nobody copies their bytes
 *
 * The counters are read by another process as they are written: relaxed atomics, no order is needed
 * among them.
 */
#include "ctl/demo_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "ctl/pipe.h"

#define PIECE_BYTES (1u << 20)

uint64_t demo_counter_received(struct demo_counters *counters)
{
	/* [X1] relaxed: a figure to show; pairs with [X2] */
	return __atomic_load_n(&counters->received, __ATOMIC_RELAXED);
}

bool demo_counter_finished(struct demo_counters *counters)
{
	/* [X3] acquire: the last count is visible with it; pairs with [X4] */
	return __atomic_load_n(&counters->finished, __ATOMIC_ACQUIRE) != 0;
}

void demo_counter_phase(struct demo_counters *counters, enum demo_phase phase)
{
	/* [X5] relaxed: a label for the pauses from about now on; pairs with [X6] */
	__atomic_store_n(&counters->phase, phase, __ATOMIC_RELAXED);
}

int64_t demo_counter_pause_ns(struct demo_counters *counters, enum demo_phase phase)
{
	/* [X7] relaxed: read after finished; pairs with [X8] */
	return (int64_t)__atomic_load_n(&counters->pause_ns[phase], __ATOMIC_RELAXED);
}

int demo_pipe(int ret_fds[2])
{
	if (pipe2(ret_fds, O_CLOEXEC) < 0)
		return -errno;
	pipe_widen(ret_fds[0]);
	return 0;
}

void demo_pipe_close(int *fd)
{
	if (fd)
		*fd = fd_close(*fd);
}

/* Move exactly @bytes from pipe to pipe. Return: 0, -1. */
static int splice_all(int in_fd, int out_fd, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = splice(in_fd, NULL, out_fd, NULL, bytes, SPLICE_F_MOVE);

		if (n <= 0)
			return -1;
		bytes -= (size_t)n;
	}
	return 0;
}

/* Return: the child's exit status. */
static int copy(int in_fd, int out_fd, int copy_fd)
{
	for (;;) {
		ssize_t n = tee(in_fd, copy_fd, PIECE_BYTES, 0);

		if (n == 0)
			return 0;
		if (n < 0 || splice_all(in_fd, out_fd, (size_t)n) < 0)
			return 1;
	}
}

static void note_pause(struct demo_counters *counters, int64_t *last_ns)
{
	int64_t now_ns = clock_monotonic_ns();
	/* [X6] relaxed: pairs with [X5] */
	uint32_t phase = __atomic_load_n(&counters->phase, __ATOMIC_RELAXED);
	uint64_t pause_ns = *last_ns ? (uint64_t)(now_ns - *last_ns) : 0;

	if (phase < DEMO_PHASES && pause_ns > counters->pause_ns[phase])
		/* [X8] relaxed: made visible by [X4]; pairs with [X7] */
		__atomic_store_n(&counters->pause_ns[phase], pause_ns, __ATOMIC_RELAXED);
	*last_ns = now_ns;
}

static int count(struct demo_counters *counters, int in_fd, int out_fd)
{
	uint64_t received = 0;
	int64_t last_ns = 0;

	for (;;) {
		ssize_t n = splice(in_fd, NULL, out_fd, NULL, PIECE_BYTES, SPLICE_F_MOVE);

		if (n <= 0) {
			/* [X4] release: after the last count; pairs with [X3] */
			__atomic_store_n(&counters->finished, 1, __ATOMIC_RELEASE);
			return n < 0;
		}
		note_pause(counters, &last_ns);
		received += (uint64_t)n;
		/* [X2] relaxed: a figure; pairs with [X1] */
		__atomic_store_n(&counters->received, received, __ATOMIC_RELAXED);
	}
}

/*
 * In a child: the three become 0, 1 and 2, all others are closed. A pump that held the other end of
 * its own pipe would never learn that the reader has gone. (ctl_main() saw to it that 0, 1 and 2
 * were taken, so that no pipe is among them.)
 */
static void keep_only(int in_fd, int out_fd, int copy_fd)
{
	if (dup2(in_fd, 0) < 0 || dup2(out_fd, 1) < 0 || (copy_fd >= 0 && dup2(copy_fd, 2) < 0) ||
	    close_range(3, ~0u, 0) < 0)
		_exit(126);
}

pid_t demo_pump_copy(struct demo *demo, int *in_fd, int *out_fd, int *copy_fd)
{
	pid_t pid = demo_fork(demo);

	if (pid == 0) {
		keep_only(*in_fd, *out_fd, *copy_fd);
		_exit(copy(0, 1, 2));
	}
	demo_pipe_close(in_fd);
	demo_pipe_close(out_fd);
	demo_pipe_close(copy_fd);
	return pid;
}

pid_t demo_pump_count(struct demo *demo, struct demo_counters *counters, int *in_fd, int *out_fd)
{
	pid_t pid = demo_fork(demo);

	if (pid == 0) {
		keep_only(*in_fd, *out_fd, -1);
		_exit(count(counters, 0, 1));
	}
	demo_pipe_close(in_fd);
	demo_pipe_close(out_fd);
	return pid;
}
