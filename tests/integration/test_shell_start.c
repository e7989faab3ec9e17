/* SPDX-License-Identifier: MIT */
/*
 * test_shell_start.c - shmqd's start and end, and what it finds in its way
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "daemon/core/registry.h"
#include "tests/harness/mounts.h"
#include "tests/integration/shell_peer.h"

/* Objects of this instance in /dev/shm whose names begin with @tail. */
static unsigned count_objects(const struct daemon *daemon, const char *tail, char *ret_name)
{
	DIR *entries = opendir("/dev/shm");
	struct dirent *entry;
	char prefix[96];
	unsigned n = 0;

	cr_assert(ne(ptr, entries, NULL));
	snprintf(prefix, sizeof(prefix), "shmq.%s.%s", daemon->instance, tail);
	while ((entry = readdir(entries))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		if (ret_name)
			snprintf(ret_name, 300, "/dev/shm/%s", entry->d_name);
		n++;
	}
	closedir(entries);
	return n;
}

static void assert_stops_without_a_trace(int number)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct stat st;
	pid_t pid;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	shmq_disconnect(client);
	client = fixture_connect(&daemon);
	assert_ok(shmq_destroy(client, "r", 0));
	cr_assert(daemon_wait_tidy(&daemon));
	pid = daemon.pid;
	daemon.pid = 0;
	cr_assert(eq(int, kill(pid, number), 0));
	cr_assert(eq(int, child_wait(pid), 0));
	cr_assert(eq(uint, count_objects(&daemon, "", NULL), 0));
	cr_assert(eq(int, stat(daemon.socket, &st), -1));
	cr_assert(log_has(&daemon, "stopped"));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(shell_start, sigterm_without_rings_leaves_no_trace, .timeout = PASS_S)
{
	assert_stops_without_a_trace(SIGTERM);
}

Test(shell_start, sigint_is_an_orderly_end_as_well, .timeout = PASS_S)
{
	assert_stops_without_a_trace(SIGINT);
}

Test(shell_start, sighup_without_files_changes_nothing, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	cr_assert(eq(int, kill(daemon.pid, SIGHUP), 0));
	assert_logged(&daemon, "the configuration was read again");
	assert_ok(shmq_ping(client));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int run_second(void *arg)
{
	char log[4096];

	return daemon_run_second(arg, NULL, log, sizeof(log));
}

/* However many start at once, one serves and none of the others does harm. */
Test(shell_start, of_many_one_serves, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	pid_t children[16];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	for (unsigned i = 0; i < 16; i++)
		children[i] = child_start(run_second, &daemon);
	for (unsigned i = 0; i < 16; i++)
		cr_assert(eq(int, child_wait(children[i]), 1));
	assert_ok(shmq_ping(client));
	cr_assert(eq(uint, daemon_segments(&daemon), 1));
	cr_assert(eq(uint, count_objects(&daemon, "board.", NULL), 1));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* The socket of a killed daemon is replaced; anything else in its place is not. */
Test(shell_start, only_a_dead_socket_is_replaced, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	char log[4096];

	fixture_start(&daemon, NULL);
	daemon_kill(&daemon);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_ping(client));
	shmq_disconnect(client);
	cr_assert(eq(int, daemon_stop(&daemon), 0));
	cr_assert(eq(int, symlink("/dev/null", daemon.socket), 0));
	cr_assert(eq(int, daemon_run_second(&daemon, NULL, log, sizeof(log)), 1));
	cr_assert(ne(ptr, strstr(log, "no socket"), NULL), "%s", log);
	cr_assert(eq(uint, count_objects(&daemon, "", NULL), 0));
	cr_assert(eq(int, unlink(daemon.socket), 0));
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	fixture_end(&daemon);
}

Test(shell_start, a_wrong_option_is_a_usage_error, .timeout = PASS_S)
{
	static const char *const args[] = { "--max-rings=none", NULL };
	struct daemon daemon;

	cr_assert(ne(int, daemon_start(&daemon, args), 0));
	cr_assert(log_has(&daemon, "--max-rings=none: must be a number"));
	fixture_end(&daemon);
}

/* ---- what an earlier daemon left ---- */

/* Whoever is attached when the books can't be trusted any more drains and is told. */
Test(shell_start, damaged_books_are_set_aside_and_clients_are_told, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char path[300], buf[8];
	uint64_t zero = 0;
	int fd;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_push(producer, "last", 4, 0));
	daemon_kill(&daemon);
	cr_assert(eq(uint, count_objects(&daemon, "registry.", path), 1));
	fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert(eq(long, pwrite(fd, &zero, sizeof(zero), 0), sizeof(zero)));
	fd_close(fd);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_ping(client)); /* by now it has looked around */
	cr_assert(log_has(&daemon, "it is set aside"));
	cr_assert(eq(uint, count_objects(&daemon, "quarantine+r.", NULL), 1));
	cr_assert(eq(uint, count_objects(&daemon, "quarantine+registry.", NULL), 1));
	cr_assert(eq(uint, count_objects(&daemon, "board.", NULL), 1));
	assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), 4);
	assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), -ESTALE);
	shmq_disconnect(client);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer)); /* a new ring of the name */
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* Others may create what they like under our names: it holds nobody up and stays as it is. */
Test(shell_start, planted_names_are_left_alone, .timeout = PASS_S)
{
	static const char *const tails[] = {
		"registry.00000000000000aa", "board.00000000000000aa", "r.00000000000000aa",
	};
	struct shmq_client *client;
	struct daemon daemon;
	char path[300];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "mine", NULL));
	daemon_kill(&daemon);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/dev/shm/shmq.%s.%s", daemon.instance, tails[i]);
		cr_assert(eq(int, i == 1 ? symlink("/etc/passwd", path) : mkfifo(path, 0666), 0));
	}
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_ping(client));
	assert_ok(shmq_create(client, "r", NULL));
	for (unsigned i = 0; i < 3; i++)
		cr_assert(ge(uint, count_objects(&daemon, tails[i], NULL), 1));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* A segment that a daemon left behind without a record is removed by the next. */
Test(shell_start, strays_of_our_own_are_removed, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	char path[300];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "kept", NULL));
	daemon_kill(&daemon);
	snprintf(path, sizeof(path), "/dev/shm/shmq.%s.stray.0123456789abcdef", daemon.instance);
	fd_close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_ping(client));
	cr_assert(eq(uint, daemon_segments(&daemon), 1));
	cr_assert(eq(uint, count_objects(&daemon, "kept.", NULL), 1));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(shell_start, without_room_for_its_books_it_says_so_and_leaves_nothing, .timeout = PASS_S)
{
	static const char *const args[] = { "--max-rings=4096", NULL };
	struct daemon daemon;

	if (mounts_own_shm("size=1m,mode=1777") < 0)
		cr_skip_test("only root can mount a small /dev/shm");
	if (daemon_start(&daemon, args) == 0) /* it listens before it looks */
		cr_assert(eq(int, child_wait(daemon.pid), 1));
	daemon.pid = 0;
	cr_assert(log_has(&daemon, "No space left"));
	cr_assert(eq(uint, count_objects(&daemon, "", NULL), 0));
	fixture_end(&daemon);
}
