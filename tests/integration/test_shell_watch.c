/* SPDX-License-Identifier: MIT */
/*
 * test_shell_watch.c - what others do in /dev/shm is noticed, also when it is too much at once
 */
#include <fcntl.h>
#include <signal.h>

#include "base/clock.h"
#include "tests/integration/shell_peer.h"

static bool is_lost(void *arg)
{
	struct shmq_ring_info info;

	assert_ok(shmq_show(arg, "r", &info));
	return strcmp(info.state, "lost") == 0;
}

static void segment_path(const struct daemon *daemon, const char *ring, char path[300])
{
	char name[256];

	cr_assert(daemon_segment_name(daemon, ring, name, sizeof(name)));
	snprintf(path, 300, "/dev/shm/%s", name);
}

/* A file of somebody else's that takes the place of the segment, in one step. */
Test(shell_watch, a_segment_that_is_replaced_is_lost, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	char path[300], other[320];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	segment_path(&daemon, "r", path);
	snprintf(other, sizeof(other), "/dev/shm/shmq.%s.other", daemon.instance);
	fd_close(open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	cr_assert(eq(int, rename(other, path), 0));
	cr_assert(wait_until(is_lost, client));
	/* the name is somebody else's now: destroying the ring leaves it alone */
	assert_ok(shmq_destroy(client, "r", 0));
	assert_ok(shmq_ping(client));
	cr_assert(eq(int, access(path, F_OK), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(shell_watch, a_segment_that_is_moved_away_is_lost, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	char path[300], other[320];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	segment_path(&daemon, "r", path);
	snprintf(other, sizeof(other), "/dev/shm/shmq.%s.other", daemon.instance);
	cr_assert(eq(int, rename(path, other), 0));
	cr_assert(wait_until(is_lost, client));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* How many events the kernel keeps for one watcher. */
static unsigned queue_length(void)
{
	_cleanup_fd_ int fd = open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	cr_assert(ge(int, fd, 0));
	cr_assert(gt(long, read(fd, text, sizeof(text) - 1), 0));
	return (unsigned)strtoul(text, NULL, 10);
}

/* The daemon is stopped, and more goes on than the kernel remembers for it. */
static void flood(const struct daemon *daemon, const char *and_remove)
{
	unsigned n_files = queue_length() + 1000;
	char other[320];

	cr_assert(eq(int, kill(daemon->pid, SIGSTOP), 0));
	cr_assert(child_wait_stopped(daemon->pid));
	for (unsigned i = 0; i < n_files; i++) {
		snprintf(other, sizeof(other), "/dev/shm/shmq.%s.%u", daemon->instance, i);
		fd_close(open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
		cr_assert(eq(int, unlink(other), 0));
	}
	if (and_remove)
		cr_assert(eq(int, unlink(and_remove), 0));
	cr_assert(eq(int, kill(daemon->pid, SIGCONT), 0));
}

static void assert_live(struct shmq_client *client, const char *ring)
{
	struct shmq_ring_info info;

	assert_ok(shmq_show(client, ring, &info));
	cr_assert(eq(str, info.state, "live"));
}

Test(shell_watch, nothing_is_missed_when_too_much_happens, .timeout = PASS_S)
{
	const struct shmq_ring_config sealed = { .slots = 8, .lifetime = SHMQ_PERSISTENT, .sealed = 1 };
	struct shmq_client *client;
	struct daemon daemon;
	char path[300];

	if (queue_length() > 100000)
		cr_skip_test("this kernel remembers %u events", queue_length());
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	assert_ok(shmq_create(client, "stays", NULL));
	assert_ok(shmq_create(client, "sealed", &sealed));
	segment_path(&daemon, "r", path);
	flood(&daemon, path);
	assert_logged(&daemon, "too much happens in /dev/shm");
	cr_assert(wait_until(is_lost, client));
	assert_live(client, "sealed");
	assert_ok(shmq_destroy(client, "sealed", 0));
	assert_ok(shmq_destroy(client, "stays", 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* Everybody can make it happen, without a right to anything. */
Test(shell_watch, too_much_is_told_once_for_each_rescan, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	char path[300], text[16384];
	int64_t began_ns = clock_monotonic_ns();
	unsigned n_lines = 0, n_due;

	if (queue_length() > 100000)
		cr_skip_test("this kernel remembers %u events", queue_length());
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	for (unsigned i = 0; i < 6; i++) {
		flood(&daemon, NULL);
		/* the queue is read in order: what happens now is seen after the overflow */
		assert_ok(shmq_create(client, "r", NULL));
		segment_path(&daemon, "r", path);
		cr_assert(eq(int, unlink(path), 0));
		cr_assert(wait_until(is_lost, client));
		assert_ok(shmq_destroy(client, "r", 0));
	}
	daemon_log(&daemon, text, sizeof(text));
	for (const char *at = text; (at = strstr(at, "too much happens")); at++)
		n_lines++;
	/* one at once, one for the rescan that is due ten seconds later */
	cr_assert(ge(uint, n_lines, 1));
	n_due = 2 + (unsigned)((clock_monotonic_ns() - began_ns) / (10 * NS_PER_S));
	cr_assert(le(uint, n_lines, n_due), "%s", text);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* A sealed ring has no name in /dev/shm, but who may see it knows what it would be. */
Test(shell_watch, a_file_with_the_name_of_a_sealed_ring_is_nothing, .timeout = PASS_S)
{
	const struct shmq_ring_config sealed = { .slots = 8, .lifetime = SHMQ_PERSISTENT, .sealed = 1 };
	struct shmq_ring_info info;
	struct shmq_client *client;
	struct daemon daemon;
	char path[300], lost[300];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "sealed", &sealed));
	assert_ok(shmq_create(client, "r", NULL));
	assert_ok(shmq_show(client, "sealed", &info));
	snprintf(path, sizeof(path), "/dev/shm%s", info.segment);
	fd_close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	cr_assert(eq(int, unlink(path), 0));
	/* events come in order: when this one was seen, that one was */
	segment_path(&daemon, "r", lost);
	cr_assert(eq(int, unlink(lost), 0));
	cr_assert(wait_until(is_lost, client));
	assert_live(client, "sealed");
	shmq_disconnect(client);
	fixture_end(&daemon);
}
