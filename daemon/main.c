/* SPDX-License-Identifier: MIT */
/*
 * main.c - shmqd: options in, exit status out. 0 ended in good order, 1 could not serve, 2 usage
 */
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/options.h"
#include "daemon/shell.h"

int main(int argc, char **argv)
{
	struct options options;
	int r;

	switch (options_parse(argc, argv, geteuid(), NULL, &options)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_BAD:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	log_open(options.log_level, options.instance);
	r = shell_run(&options, argc, argv);
	options_deinit(&options);
	return r < 0 ? 1 : 0;
}
