/* SPDX-License-Identifier: MIT */
/*
 * failure.h - how shmqctl says that something failed, and the exit status it then has
 *
 *	shmqctl: OBJECT: what happened: who or why.
 *	  The command that helps.
 *
 * or, with --json, one object on standard error:
 *	{"error":{"code":"ring_busy","exit":5,"object":…,"message":…,"pids":[812],"hint":…}}
 */
#pragma once

#include "ctl/ctl.h"

#define FAILURE_TEXT_MAX 1024
#define FAILURE_PIDS_MAX 3

struct failure {
	const char *object; /* ring, option, path; NULL: none in particular */
	bool object_said;   /* the message names it: not in front of it again */
	const char *code;   /* NULL: the usual one of @exit */
	enum ctl_exit exit;
	char message[FAILURE_TEXT_MAX];
	char hint[FAILURE_TEXT_MAX]; /* "" none; lines are indented by the printer */
	pid_t pids[FAILURE_PIDS_MAX];
	size_t n_pids;
};

/* Print it. Return: its exit status. */
int failure_print(const struct ctl *ctl, const struct failure *failure);

/* A failure that we found ourselves. @hint may be NULL. Return: @exit. */
__attribute__((format(printf, 6, 7))) int fail(const struct ctl *ctl, enum ctl_exit exit,
					       const char *code, const char *object,
					       const char *hint, const char *format, ...);

/* A call of the library on @object failed with @error; the sentence is the library's, remedy and
 * exit status follow from @error and the verb. Return: the exit status. */
int fail_call(struct ctl *ctl, const char *object, int error);

/* Standard output or another file failed. Return: CTL_FAILED. */
int fail_file(const struct ctl *ctl, const char *object, int error);

/* Something to know that is no failure; not with --quiet. With --json: {"note":{…}} */
__attribute__((format(printf, 3, 4))) void note(const struct ctl *ctl, const char *object,
						const char *format, ...);

enum ctl_exit exit_of_error(int error);
const char *code_of_error(int error);
