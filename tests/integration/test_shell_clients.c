/* SPDX-License-Identifier: MIT */
/*
 * test_shell_clients.c - many clients, slow clients, clients beyond the limits
 */
#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "tests/integration/shell_peer.h"

#define RING(text, ...)                                                                            \
	((struct control_request){ .op = CONTROL_CREATE, .name = text, .has_config = true,         \
				   .config = { .schema_text = "", __VA_ARGS__ } })

#define LARGE_SLOTS (1u << 16)
#define LARGE_SIZE  (1u << 13)

static bool shm_has_room(uint64_t bytes)
{
	struct statvfs fs;

	return statvfs("/dev/shm", &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize > bytes;
}

/* Giving a large ring its memory takes many turns of the loop; in between, others are served. */
Test(shell_clients, a_large_ring_holds_nobody_up, .timeout = PASS_S)
{
	struct peer greedy, other;
	struct daemon daemon;

	if (!shm_has_room(UINT64_C(2) * LARGE_SLOTS * LARGE_SIZE))
		cr_skip_test("it takes a larger /dev/shm");
	fixture_start(&daemon, NULL);
	peer_connect(&greedy, &daemon);
	peer_connect(&other, &daemon);
	cr_assert(eq(int, peer_hello(&greedy), 0));
	cr_assert(eq(int, peer_hello(&other), 0));
	peer_send(&greedy, RING("large", .slots = LARGE_SLOTS, .size_bytes = LARGE_SIZE));
	cr_assert(eq(int, peer_ask(&other, (struct control_request){ .op = CONTROL_PING }), 0));
	cr_assert(eq(int, peer_ask(&other, RING("small")), 0), "%s", other.text);
	cr_assert(not(peer_has_packet(&greedy)), "the large one was done first");
	cr_assert(eq(int, peer_status(&greedy), 0), "%s", greedy.text);
	peer_close(&greedy);
	peer_close(&other);
	fixture_end(&daemon);
}

/* Its maker goes away in the middle: whatever becomes of the ring, nothing half is left. */
Test(shell_clients, a_creation_survives_its_makers_hanging_up, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	struct peer greedy;

	fixture_start(&daemon, NULL);
	for (unsigned round = 0; round < 3; round++) {
		peer_connect(&greedy, &daemon);
		cr_assert(eq(int, peer_hello(&greedy), 0));
		peer_send(&greedy, RING("large", .slots = 1 << 15, .size_bytes = 1 << 13));
		peer_close(&greedy);
		client = fixture_connect(&daemon);
		shmq_destroy(client, "large", 0);
		cr_assert(daemon_wait_tidy(&daemon));
		shmq_disconnect(client);
	}
	fixture_end(&daemon);
}

Test(shell_clients, who_is_one_too_many_is_told_so, .timeout = PASS_S)
{
	static const char *const args[] = { "--max-connections=3", NULL };
	struct peer peers[3], extra;
	struct daemon daemon;

	fixture_start(&daemon, args);
	for (unsigned i = 0; i < 3; i++) {
		/* the harness has connected as well, and closed: that may still be counted */
		do {
			peer_connect(&peers[i], &daemon);
		} while (peer_hello(&peers[i]) != 0);
	}
	peer_connect(&extra, &daemon);
	cr_assert(eq(int, peer_hello(&extra), -EDQUOT));
	cr_assert(eq(u64, extra.answered, 1), "the answer is to the request");
	cr_assert(ne(ptr, strstr(extra.text, "connections"), NULL), "%s", extra.text);
	cr_assert(eq(int, peer_status(&extra), PEER_GONE));
	peer_close(&extra);
	cr_assert(eq(int, peer_ask(&peers[0], (struct control_request){ .op = CONTROL_PING }), 0));
	peer_close(&peers[2]);
	do {
		peer_connect(&peers[2], &daemon);
	} while (peer_hello(&peers[2]) != 0);
	for (unsigned i = 0; i < 3; i++)
		peer_close(&peers[i]);
	fixture_end(&daemon);
}

/* Requests that are answered later, more than are taken at once: each is answered, once. */
Test(shell_clients, requests_may_be_sent_ahead, .timeout = PASS_S)
{
	struct daemon daemon;
	bool answered[301] = { false };
	struct peer peer;
	char name[16];

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_hello(&peer), 0));
	for (unsigned i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		peer_send(&peer, RING(name, .slots = 2, .size_bytes = 8));
		peer_send(&peer, (struct control_request){ .op = CONTROL_PING });
	}
	for (unsigned i = 0; i < 300; i++) {
		cr_assert(eq(int, peer_status(&peer), 0), "%s", peer.text);
		cr_assert(ge(u64, peer.answered, 2));
		cr_assert(le(u64, peer.answered, 301));
		cr_assert(not(answered[peer.answered - 1]));
		answered[peer.answered - 1] = true;
	}
	cr_assert(not(peer_has_packet(&peer)));
	peer_close(&peer);
	fixture_end(&daemon);
}

/* ---- events ---- */

/* Nothing is kept without bound for a watcher that doesn't read; it learns how much it missed. */
Test(shell_clients, a_watcher_that_reads_late_learns_what_it_missed, .timeout = PASS_S)
{
	uint64_t n_events = 0, n_missed = 0;
	struct peer watcher, busy;
	struct daemon daemon;
	int status;

	fixture_start(&daemon, NULL);
	peer_connect(&watcher, &daemon);
	peer_connect(&busy, &daemon);
	cr_assert(eq(int, peer_hello(&watcher), 0));
	cr_assert(eq(int, peer_ask(&watcher, (struct control_request){ .op = CONTROL_WATCH }), 0));
	cr_assert(eq(int, peer_hello(&busy), 0));
	for (unsigned i = 0; i < 1000; i++) {
		cr_assert(eq(int, peer_ask(&busy, RING("r", .slots = 2, .size_bytes = 8)), 0));
		cr_assert(eq(int, peer_ask(&busy, (struct control_request){ .op = CONTROL_DESTROY,
									    .name = "r" }), 0));
	}
	/* one created and one destroyed each time; this ping comes after all of them */
	peer_send(&watcher, (struct control_request){ .op = CONTROL_PING });
	while (n_events + n_missed < 2000) {
		cr_assert(eq(int, peer_next(&watcher, &status), 0));
		if (watcher.event.kind == CONTROL_EVENT_MISSED)
			n_missed += watcher.event.count;
		else
			n_events++;
	}
	cr_assert(eq(u64, n_events + n_missed, 2000));
	cr_assert(gt(u64, n_missed, 0));
	cr_assert(eq(int, peer_status(&watcher), 0));
	/* and from now on it hears everything again */
	cr_assert(eq(int, peer_ask(&busy, RING("again")), 0));
	cr_assert(eq(int, peer_next(&watcher, &status), 0));
	cr_assert(eq(int, (int)watcher.event.kind, CONTROL_EVENT_CREATED));
	cr_assert(eq(str, watcher.event.ring, "again"));
	peer_close(&watcher);
	peer_close(&busy);
	fixture_end(&daemon);
}

/* ---- descriptors run out ---- */

/* A program that starts the real one with at most 64 open files. */
static void limit_daemon(const char *dir, char path[128])
{
	char text[512];
	int fd;

	snprintf(path, 128, "%s/shmqd-64", dir);
	snprintf(text, sizeof(text), "#!/bin/sh\nulimit -n 64\nexec '%s' \"$@\"\n",
		 getenv("SHMQD_BIN"));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	cr_assert(ge(int, fd, 0));
	cr_assert(eq(int, fd_write_all(fd, text, strlen(text)), 0));
	fd_close(fd);
	cr_assert(eq(int, setenv("SHMQD_BIN", path, 1), 0));
}

static bool is_served(void *arg)
{
	struct peer peer;
	int status;

	peer_connect(&peer, arg);
	status = peer_hello(&peer);
	peer_close(&peer);
	return status == 0;
}

/* 500 at once: everybody is served, told, or hung up on; nobody is left waiting. */
static void crowd(const char *const *args)
{
	static struct peer peers[500];
	unsigned n_served = 0, n_told = 0;
	struct shmq_client *client;
	struct daemon daemon;
	struct janitor janitor;
	char dir[] = "/tmp/shmq-test.XXXXXX", path[128];

	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	cr_assert(eq(int, janitor_start(&janitor, dir, ""), 0));
	limit_daemon(dir, path);
	fixture_start(&daemon, args);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	for (unsigned i = 0; i < 500; i++) {
		peer_connect(&peers[i], &daemon);
		peer_send(&peers[i], (struct control_request){ .op = CONTROL_HELLO,
							       .protocol_min = 1, .protocol_max = 1,
							       .layout = SHMQ_LAYOUT_VERSION,
							       .library = "test" });
	}
	for (unsigned i = 0; i < 500; i++) {
		int status = peer_status(&peers[i]);

		n_served += status == 0;
		n_told += status == -EDQUOT || status == -EMFILE;
	}
	cr_assert(gt(uint, n_served, 0));
	cr_assert(gt(uint, n_told, 0));
	assert_ok(shmq_ping(client));
	for (unsigned i = 0; i < 500; i++)
		peer_close(&peers[i]);
	cr_assert(wait_until(is_served, &daemon), "it has recovered");
	assert_ok(shmq_ping(client));
	assert_ok(shmq_create(client, "r2", NULL));
	shmq_disconnect(client);
	fixture_end(&daemon);
	janitor_finish(&janitor);
}

Test(shell_clients, a_crowd_beyond_the_limit_of_connections, .timeout = PASS_S)
{
	crowd(NULL);
}

Test(shell_clients, a_crowd_beyond_the_limit_of_open_files, .timeout = PASS_S)
{
	static const char *const args[] = { "--max-connections=1000", NULL };

	crowd(args);
}
