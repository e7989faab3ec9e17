/* SPDX-License-Identifier: MIT */
/*
 * main.c - shmqctl: nothing but the call; all the rest is a library, so that tests can link it
 */
#include "ctl/command_line.h"

int main(int argc, char **argv)
{
	return ctl_main(argc, argv);
}
