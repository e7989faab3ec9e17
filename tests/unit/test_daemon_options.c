/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_options.c - the command line of shmqd: which instance, which limits, which mistakes
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "daemon/limits.h"
#include "daemon/options.h"

TestSuite(options, .timeout = 20);

#define SOME_UID 12345 /* nobody's */

/* Parse "shmqd" and the words, which end with NULL. */
static enum options_result parse(struct options *options, uid_t uid, const char *const *words)
{
	const char *argv[24] = { "shmqd" };
	int argc = 1;

	while (words && *words)
		argv[argc++] = *words++;
	return options_parse(argc, (char **)argv, uid, NULL, options);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define PRIVATE	   "--socket=/tmp/s", "--instance", "t1"

static void assert_bad(const char *const *words)
{
	struct options options;

	cr_assert_eq(parse(&options, SOME_UID, words), OPTIONS_BAD, "%s was taken", words[0]);
}

Test(options, root_gets_the_system_and_others_their_own)
{
	struct options options;

	setenv("XDG_RUNTIME_DIR", "/run/user/12345", 1);
	cr_assert_eq(parse(&options, 0, NULL), OPTIONS_RUN);
	cr_assert_eq(options.kind, OPTIONS_SYSTEM);
	cr_assert_str_eq(options.instance, "sys");
	cr_assert_str_eq(options.socket, "/run/shmqd/control.sock");
	cr_assert_eq(options.socket_mode, 0660);
	cr_assert_eq(parse(&options, SOME_UID, NULL), OPTIONS_RUN);
	cr_assert_eq(options.kind, OPTIONS_USER);
	cr_assert_str_eq(options.instance, "u12345");
	cr_assert_str_eq(options.socket, "/run/user/12345/shmqd/control.sock");
	cr_assert_eq(options.socket_mode, 0600);
	cr_assert_eq(parse(&options, 0, WORDS("--user")), OPTIONS_RUN);
	cr_assert_str_eq(options.instance, "u0");
	cr_assert_eq(parse(&options, SOME_UID, WORDS("--system")), OPTIONS_RUN);
	cr_assert_str_eq(options.instance, "sys");
}

Test(options, a_user_without_a_session_is_told_what_to_do)
{
	struct options options;

	unsetenv("XDG_RUNTIME_DIR");
	cr_assert_eq(parse(&options, SOME_UID, NULL), OPTIONS_BAD);
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	cr_assert_eq(parse(&options, SOME_UID, NULL), OPTIONS_BAD);
	cr_assert_eq(parse(&options, SOME_UID, WORDS(PRIVATE)), OPTIONS_RUN);
	/* what opens no socket needs no place for one */
	cr_assert_eq(parse(&options, SOME_UID, WORDS("--check-config", "--config=/dev/null")),
		     OPTIONS_DONE);
}

Test(options, a_private_instance_needs_socket_and_name)
{
	struct options options;

	cr_assert_eq(parse(&options, 0, WORDS(PRIVATE)), OPTIONS_RUN);
	cr_assert_eq(options.kind, OPTIONS_PRIVATE);
	cr_assert_str_eq(options.instance, "t1");
	cr_assert_str_eq(options.socket, "/tmp/s");
	cr_assert_eq(options.socket_mode, 0600);
	assert_bad(WORDS("--socket=/tmp/s"));
	assert_bad(WORDS("--instance=t1"));
	assert_bad(WORDS(PRIVATE, "--system"));
	assert_bad(WORDS(PRIVATE, "--user"));
	assert_bad(WORDS("--system", "--user"));
	assert_bad(WORDS("--socket=relative/s", "--instance=t1"));
	assert_bad(WORDS("--socket=/tmp/s", "--instance=sys"));
}

Test(options, a_socket_path_leaves_room_for_its_neighbour)
{
	char fits[] = "--socket=/"
		      "1234567890123456789012345678901234567890123456789012345678901234567890"
		      "12345678901234567890123456789012";
	char too_long[sizeof(fits) + 1];
	struct options options;

	cr_assert_eq(strlen(fits) - strlen("--socket="), OPTIONS_SOCKET_MAX);
	cr_assert_eq(parse(&options, 0, WORDS(fits, "--instance=t1")), OPTIONS_RUN);
	strcpy(too_long, fits);
	strcat(too_long, "x");
	cr_assert_eq(parse(&options, 0, WORDS(too_long, "--instance=t1")), OPTIONS_BAD);
}

Test(options, instance_names_are_lower_case_without_dots)
{
	cr_assert(options_instance_is_valid("a"));
	cr_assert(options_instance_is_valid("0"));
	cr_assert(options_instance_is_valid("test-1-2-"));
	cr_assert(options_instance_is_valid("abcdefghijklmnopqrstuvwxyz01234"));
	cr_assert_not(options_instance_is_valid("abcdefghijklmnopqrstuvwxyz012345"));
	cr_assert_not(options_instance_is_valid(""));
	cr_assert_not(options_instance_is_valid("-a"));
	cr_assert_not(options_instance_is_valid("a.b"));
	cr_assert_not(options_instance_is_valid("A"));
	cr_assert_not(options_instance_is_valid("a/b"));
	cr_assert_not(options_instance_is_valid("a b"));
	assert_bad(WORDS("--socket=/tmp/s", "--instance=A"));
}

Test(options, values_are_read_with_their_units)
{
	struct options options;

	cr_assert_eq(parse(&options, 0,
			   WORDS(PRIVATE, "--max-rings=7", "--max-bytes=3M", "--grace=250ms",
				 "--linger=2min", "--linger-unread", "2h", "--socket-mode=0666",
				 "--log-level=debug", "--max-connections=9",
				 "--max-bytes-per-uid=64K")),
		     OPTIONS_RUN);
	cr_assert_eq(options.max_rings, 7);
	cr_assert_eq(options.max_bytes, 3 << 20);
	cr_assert_eq(options.max_bytes_per_uid, 64 << 10);
	cr_assert_eq(options.grace_ns, 250 * NS_PER_MS);
	cr_assert_eq(options.linger_s, 120);
	cr_assert_eq(options.linger_unread_s, 7200);
	cr_assert_eq(options.socket_mode, 0666);
	cr_assert_eq(options.log_level, LOG_DEBUG);
	cr_assert_eq(options.max_connections, 9);
}

Test(options, what_is_not_said_has_a_default)
{
	struct options options;

	cr_assert_eq(parse(&options, 0, WORDS(PRIVATE)), OPTIONS_RUN);
	cr_assert_eq(options.max_rings, 4096);
	cr_assert_eq(options.linger_s, 30);
	cr_assert_eq(options.linger_unread_s, 3600);
	cr_assert_eq(options.grace_ns, 5 * NS_PER_S);
	cr_assert_eq(options.log_level, LOG_INFO);
	cr_assert_eq(options.max_bytes, 0, "depends on the machine");
}

Test(options, bad_values_are_refused)
{
	assert_bad(WORDS(PRIVATE, "--max-rings=0"));
	assert_bad(WORDS(PRIVATE, "--max-rings=-1"));
	assert_bad(WORDS(PRIVATE, "--max-rings=1048577"));
	assert_bad(WORDS(PRIVATE, "--max-rings=many"));
	assert_bad(WORDS(PRIVATE, "--max-bytes=0"));
	assert_bad(WORDS(PRIVATE, "--max-bytes=99999999999999999999"));
	assert_bad(WORDS(PRIVATE, "--max-bytes=5X"));
	assert_bad(WORDS(PRIVATE, "--linger=1500ms"));
	assert_bad(WORDS(PRIVATE, "--linger=infinity"));
	assert_bad(WORDS(PRIVATE, "--linger-unread=999999d"));
	assert_bad(WORDS(PRIVATE, "--grace=soon"));
	assert_bad(WORDS(PRIVATE, "--grace=infinity"));
	assert_bad(WORDS(PRIVATE, "--socket-mode=0460"));
	assert_bad(WORDS(PRIVATE, "--socket-mode=0888"));
	assert_bad(WORDS(PRIVATE, "--socket-mode=17777"));
	assert_bad(WORDS(PRIVATE, "--log-level=loud"));
	assert_bad(WORDS(PRIVATE, "--no-such-option"));
	assert_bad(WORDS(PRIVATE, "--max-rings"));
	assert_bad(WORDS(PRIVATE, "word"));
	assert_bad(WORDS(PRIVATE, "-x"));
}

Test(options, help_and_version_end_well)
{
	struct options options;

	cr_assert_eq(parse(&options, 0, WORDS("--help")), OPTIONS_DONE);
	cr_assert_eq(parse(&options, 0, WORDS("-h")), OPTIONS_DONE);
	cr_assert_eq(parse(&options, 0, WORDS("--version")), OPTIONS_DONE);
	cr_assert_eq(parse(&options, 0, WORDS("-V")), OPTIONS_DONE);
	cr_assert_eq(parse(&options, 0, WORDS("--max-rings=0", "--help")), OPTIONS_BAD);
}

Test(limits, one_user_of_the_system_gets_half)
{
	struct options options = { .kind = OPTIONS_SYSTEM, .max_rings = 101 };
	struct core_limits limits;

	limits_resolve(&options, 20000, 1000, &limits);
	cr_assert_eq(limits.max_bytes, 1000);
	cr_assert_eq(limits.max_bytes_per_uid, 500);
	cr_assert_eq(limits.max_rings_per_uid, 51);
	cr_assert_eq(limits.max_attachments_per_uid, 153);
	cr_assert_eq(limits.max_connections, (20000 - LIMITS_OWN_DESCRIPTORS) / 2);
	cr_assert_eq(limits.max_connections_per_uid, limits.max_connections / 2);
}

Test(limits, who_is_alone_gets_all_and_what_is_said_counts)
{
	struct options options = {
		.kind = OPTIONS_PRIVATE,
		.max_rings = 100,
		.max_bytes = 77,
		.max_connections_per_uid = 3,
	};
	struct core_limits limits;

	limits_resolve(&options, 64, 1000, &limits);
	cr_assert_eq(limits.max_bytes, 77);
	cr_assert_eq(limits.max_bytes_per_uid, 77);
	cr_assert_eq(limits.max_rings_per_uid, 100);
	cr_assert_eq(limits.max_connections, 16);
	cr_assert_eq(limits.max_connections_per_uid, 3);
	limits_resolve(&options, 8, 1000, &limits);
	cr_assert_eq(limits.max_connections, 4, "never none");
	limits_resolve(&options, UINT64_MAX, 1000, &limits);
	cr_assert_leq(limits.max_connections, 1u << 20);
}
