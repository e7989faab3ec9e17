/* SPDX-License-Identifier: MIT */
/*
 * peer_unit.h - the system's unit that a process runs in, as its cgroup tells it
 *
 * Below the slices of the system's manager lie units, and only root makes cgroups there; what lies
 * deeper may be anybody's choice (a user's own manager, a delegated subtree) and is not looked at.
 */
#pragma once

#include <sys/types.h>

#include "proto/control.h"

/* From the text of proc_pid_cgroup: "" where it names none. */
void peer_unit_parse(const char *text, char ret_unit[CONTROL_UNIT_MAX]);
/* The pid must be held by a pidfd that is looked at afterwards. "" if it can't be read. */
void peer_unit_read(pid_t pid, char ret_unit[CONTROL_UNIT_MAX]);
