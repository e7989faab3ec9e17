/* SPDX-License-Identifier: MIT */
/*
 * command_line.h - all of shmqctl
 */
#pragma once

/* What main() does, in one call that tests can link. Return: the exit status. */
int ctl_main(int argc, char **argv);
