/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_removeipc.c - logind's configuration, read as logind does
 */
#include <pwd.h>

#include "daemon/removeipc.h"
#include "tests/unit/daemon_place.h"

TestSuite(removeipc, .timeout = 20);

#define USER_UID 65534 /* nobody: no system user to logind, and everywhere in the user database */

static void write_file(const struct place *place, const char *path, const char *text)
{
	_cleanup_fd_ int fd = -1;
	char full[300];

	snprintf(full, sizeof(full), "%s%s", place->path, path);
	for (char *slash = full + strlen(place->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
}

/* The janitor removes files only. */
static void remove_tree(const struct place *place)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", place->path);
	cr_assert_eq(system(command), 0);
	cr_assert_eq(mkdir(place->path, 0700), 0);
}

static void logind_runs(const struct place *place)
{
	write_file(place, "/run/systemd/users/1000", "");
}

Test(removeipc, is_on_unless_logind_is_told_otherwise)
{
	struct place place;

	place_begin(&place);
	cr_assert_not(removeipc_threatens(place.path, USER_UID), "no logind runs");
	logind_runs(&place);
	cr_assert(removeipc_threatens(place.path, USER_UID));
	write_file(&place, "/etc/systemd/logind.conf", "[Login]\n#RemoveIPC=no\n");
	cr_assert(removeipc_threatens(place.path, USER_UID));
	write_file(&place, "/etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\n");
	cr_assert_not(removeipc_threatens(place.path, USER_UID));
	write_file(&place, "/etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\nRemoveIPC = true\n");
	cr_assert(removeipc_threatens(place.path, USER_UID));
	remove_tree(&place);
	place_end(&place);
}

Test(removeipc, drop_ins_count_in_the_order_of_their_names)
{
	struct place place;

	place_begin(&place);
	logind_runs(&place);
	write_file(&place, "/usr/lib/systemd/logind.conf.d/20-on.conf", "[Login]\nRemoveIPC=yes\n");
	write_file(&place, "/etc/systemd/logind.conf.d/10-off.conf", "[Login]\nRemoveIPC=no\n");
	cr_assert(removeipc_threatens(place.path, USER_UID), "20 comes after 10");
	write_file(&place, "/run/systemd/logind.conf.d/30-off.conf", "[Login]\nRemoveIPC=no\n");
	cr_assert_not(removeipc_threatens(place.path, USER_UID));
	write_file(&place, "/etc/systemd/logind.conf.d/30-off.conf", "[Login]\nKillUserProcesses=no\n");
	cr_assert(removeipc_threatens(place.path, USER_UID), "/etc hides /run");
	write_file(&place, "/etc/systemd/logind.conf.d/40-off.txt", "[Login]\nRemoveIPC=no\n");
	cr_assert(removeipc_threatens(place.path, USER_UID), "not a drop-in");
	remove_tree(&place);
	place_end(&place);
}

Test(removeipc, spares_system_users_and_those_who_linger)
{
	const struct passwd *user;
	struct place place;
	char path[128];

	place_begin(&place);
	logind_runs(&place);
	cr_assert_not(removeipc_threatens(place.path, 0));
	cr_assert_not(removeipc_threatens(place.path, 999));
	cr_assert(removeipc_threatens(place.path, 1000));
	user = getpwuid(USER_UID);
	if (user) {
		snprintf(path, sizeof(path), "/var/lib/systemd/linger/%s", user->pw_name);
		write_file(&place, path, "");
		cr_assert_not(removeipc_threatens(place.path, USER_UID));
	}
	remove_tree(&place);
	place_end(&place);
}
