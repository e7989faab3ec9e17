/* SPDX-License-Identifier: MIT */
/*
 * test_base_removeipc.c - logind's configuration, read as logind does
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/removeipc.h"

#define USER_UID 65534 /* nobody: no system user to logind, and everywhere in the user database */

static char root[64]; /* of another system's files */

static void start(void)
{
	strcpy(root, "/tmp/shmq-test-removeipc.XXXXXX");
	cr_assert_not_null(mkdtemp(root));
}

static void stop(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(removeipc, .init = start, .fini = stop, .timeout = 20);

static void write_file(const char *path, const char *text)
{
	_cleanup_fd_ int fd = -1;
	char full[300];

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
}

static void logind_runs(void)
{
	write_file("/run/systemd/users/1000", "");
}

Test(removeipc, is_on_unless_logind_is_told_otherwise)
{
	cr_assert_not(removeipc_threatens(root, USER_UID), "no logind runs");
	logind_runs();
	cr_assert(removeipc_threatens(root, USER_UID));
	write_file("/etc/systemd/logind.conf", "[Login]\n#RemoveIPC=no\n");
	cr_assert(removeipc_threatens(root, USER_UID));
	write_file("/etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\n");
	cr_assert_not(removeipc_threatens(root, USER_UID));
	write_file("/etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\nRemoveIPC = true\n");
	cr_assert(removeipc_threatens(root, USER_UID));
}

Test(removeipc, drop_ins_count_in_the_order_of_their_names)
{
	logind_runs();
	write_file("/usr/lib/systemd/logind.conf.d/20-on.conf", "[Login]\nRemoveIPC=yes\n");
	write_file("/etc/systemd/logind.conf.d/10-off.conf", "[Login]\nRemoveIPC=no\n");
	cr_assert(removeipc_threatens(root, USER_UID), "20 comes after 10");
	write_file("/run/systemd/logind.conf.d/30-off.conf", "[Login]\nRemoveIPC=no\n");
	cr_assert_not(removeipc_threatens(root, USER_UID));
	write_file("/etc/systemd/logind.conf.d/30-off.conf", "[Login]\nKillUserProcesses=no\n");
	cr_assert(removeipc_threatens(root, USER_UID), "/etc hides /run");
	write_file("/etc/systemd/logind.conf.d/40-off.txt", "[Login]\nRemoveIPC=no\n");
	cr_assert(removeipc_threatens(root, USER_UID), "not a drop-in");
}

Test(removeipc, spares_system_users_and_those_who_linger)
{
	const struct passwd *user;
	char path[128];

	logind_runs();
	cr_assert_not(removeipc_threatens(root, 0));
	cr_assert_not(removeipc_threatens(root, 999));
	cr_assert(removeipc_threatens(root, 1000));
	user = getpwuid(USER_UID);
	if (user) {
		snprintf(path, sizeof(path), "/var/lib/systemd/linger/%s", user->pw_name);
		write_file(path, "");
		cr_assert_not(removeipc_threatens(root, USER_UID));
	}
}
