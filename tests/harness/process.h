/* SPDX-License-Identifier: MIT */
/*
 * process.h - children of a test: they die with it, and are waited for with a deadline
 *
 * A child reports by its exit status and never asserts: an assertion of the test framework in a
 * forked child hangs the runner.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HARNESS_DEADLINE_NS INT64_C(20000000000) /* for what happens at once on an idle machine */

/* The exit status of a child that died of signal N: 1000 + N. */
#define CHILD_SIGNALLED(n) (1000 + (n))
#define CHILD_STUCK	   (-1)

/* Run @fn(@arg) in a fork; its result is the exit status. Under AddressSanitizer the
 * other threads must come to rest first. Return: pid, or -errno (-EBUSY: they did not). */
pid_t child_start(int (*fn)(void *arg), void *arg);
/* Wait for the end. Return: exit status, CHILD_SIGNALLED(), or CHILD_STUCK after killing it. */
int child_wait(pid_t pid);
/* SIGKILL, and wait. */
void child_kill(pid_t pid);
/* Wait until the process is stopped by a signal (ps: T). Return: false after the deadline. */
bool child_wait_stopped(pid_t pid);
/* Wait until the process sleeps in the kernel for something (ps: S). */
bool child_wait_asleep(pid_t pid);

/* Ask again and again, with naps, until it is true. Return: false after the deadline. */
bool wait_until(bool (*condition)(void *arg), void *arg);

/* Processes that meet: whoever has inherited the gate may open it and wait for it. One token each.
 */
struct gate {
	int read_fd, write_fd;
};
int gate_init(struct gate *gate);
void gate_deinit(struct gate *gate);
void gate_open(struct gate *gate);
bool gate_wait(struct gate *gate); /* false after the deadline */
