/* SPDX-License-Identifier: MIT */
/*
 * test_listing.c - what there is: lists in pages, single rings, holders, the daemon, events
 */
#include <sys/stat.h>
#include <time.h>

#include "tests/integration/fixture.h"

#define N_RINGS 150 /* more than two pages */

struct tally {
	unsigned n;
	unsigned char seen[N_RINGS];
};

static int tally_ring(const struct shmq_ring_info *info, void *arg)
{
	struct tally *tally = arg;
	unsigned number;

	if (sscanf(info->name, "ring-%u", &number) != 1 || number >= N_RINGS)
		return -1;
	tally->n++;
	tally->seen[number]++;
	return 0;
}

static int stop_at_third(const struct shmq_ring_info *info, void *arg)
{
	unsigned *n = arg;

	(void)info;
	return ++*n == 3 ? 42 : 0;
}

Test(listing, many_rings_come_in_pages_each_once, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .slots = 2, .size_bytes = 8 };
	struct tally tally = { 0 };
	struct shmq_client *client;
	struct daemon daemon;
	unsigned n = 0;
	char name[32];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_list(client, tally_ring, &tally));
	cr_assert(eq(uint, tally.n, 0));
	for (unsigned i = 0; i < N_RINGS; i++) {
		snprintf(name, sizeof(name), "ring-%u", i);
		assert_ok(shmq_create(client, name, &config));
	}
	assert_ok(shmq_list(client, tally_ring, &tally));
	cr_assert(eq(uint, tally.n, N_RINGS));
	for (unsigned i = 0; i < N_RINGS; i++)
		cr_assert(eq(uint, tally.seen[i], 1));
	assert_error(shmq_list(client, stop_at_third, &n), 42);
	for (unsigned i = 0; i < N_RINGS; i++) {
		snprintf(name, sizeof(name), "ring-%u", i);
		assert_ok(shmq_destroy(client, name, 0));
	}
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(listing, show_says_what_the_kernel_says, .timeout = PASS_S)
{
	struct shmq_ring_config config = {
		.slots = 16,
		.size_bytes = 100,
		.wake = SHMQ_WAKE_FENCE,
		.lifetime = SHMQ_PERSISTENT,
		.align_payload = 1,
		.schema = 0x1234567890abcdef,
	};
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct shmq_ring_info info;
	struct daemon daemon;
	char segment[300], byte;
	struct stat st;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", &config, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	for (unsigned i = 0; i < 5; i++)
		assert_ok(shmq_push(producer, "x", 1, 0));
	assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(str, info.name, "r"));
	cr_assert(eq(str, info.state, "live"));
	cr_assert(eq(sz, strlen(info.generation), 32));
	cr_assert(eq(u32, info.slots, 16));
	cr_assert(eq(u32, info.size_bytes, 100));
	cr_assert(eq(u32, info.align_payload, 1));
	cr_assert(eq(int, (int)info.wake, SHMQ_WAKE_FENCE));
	cr_assert(eq(int, (int)info.lifetime, SHMQ_PERSISTENT));
	cr_assert(eq(u32, info.mode, 0600));
	cr_assert(eq(u32, info.uid, geteuid()));
	cr_assert(eq(int, info.creator_pid, getpid()));
	cr_assert(le(u64, info.created_s, (uint64_t)time(NULL)));
	cr_assert(eq(u64, info.schema, config.schema));
	cr_assert(eq(u64, info.pushed, 5));
	cr_assert(eq(u64, info.popped, 1));
	cr_assert(eq(u64, info.depth, 4));
	cr_assert(eq(u64, info.linger_left_ns, 0));
	cr_assert(eq(str, info.remark, ""));
	cr_assert(eq(uint, info.n_holders, 2));
	cr_assert(eq(u32, info.holders[0].role, SHMQ_ROLE_PRODUCER));
	cr_assert(eq(u32, info.holders[1].role, SHMQ_ROLE_CONSUMER));
	cr_assert(eq(int, info.holders[0].pid, getpid()));
	cr_assert(eq(u32, info.holders[0].unverified, 0));
	snprintf(segment, sizeof(segment), "/dev/shm%s", info.segment);
	cr_assert(eq(int, stat(segment, &st), 0), "%s", segment);
	cr_assert(eq(u64, (uint64_t)st.st_size, info.bytes));
	/* allocated, not promised */
	cr_assert(ge(u64, (uint64_t)st.st_blocks * 512, info.bytes));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int find_myself(const struct shmq_holder *holder, void *arg)
{
	unsigned *n = arg;

	*n += holder->pid == getpid() && strcmp(holder->ring, "r") == 0 && holder->id > 0;
	return 0;
}

Test(listing, clients_info_ping_and_purge, .timeout = PASS_S)
{
	struct shmq_daemon_info info;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	unsigned n = 0;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	cr_assert(gt(i64, shmq_ping(client), 0));
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_clients(client, find_myself, &n));
	cr_assert(eq(uint, n, 2));
	assert_ok(shmq_daemon_info(client, &info));
	cr_assert(eq(int, info.pid, daemon.pid));
	cr_assert(eq(str, info.instance, daemon.instance));
	cr_assert(eq(u32, info.protocol, 1));
	cr_assert(eq(u32, info.n_rings, 1));
	cr_assert(eq(u32, info.n_attachments, 2));
	cr_assert(eq(u32, info.n_connections, 1));
	cr_assert(gt(u64, info.bytes, 0));
	cr_assert(gt(u64, info.uptime_ns, 0));
	for (unsigned i = 0; i < 3; i++)
		assert_ok(shmq_push(producer, "x", 1, 0));
	assert_error(shmq_purge(client, "r"), -EBUSY);
	shmq_producer_detach(producer);
	shmq_consumer_detach(consumer);
	assert_error(shmq_purge(client, "r"), 3);
	assert_error(shmq_purge(client, "r"), 0);
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_error(shmq_consumer_wait(consumer, 0), -EAGAIN);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static void expect_event(struct shmq_client *watcher, enum shmq_event_kind kind, unsigned role,
			 pid_t pid)
{
	struct shmq_event event;

	assert_ok(shmq_next_event(watcher, LONG_NS, &event));
	cr_assert(eq(int, (int)event.kind, (int)kind));
	cr_assert(eq(str, event.ring, "r"));
	cr_assert(eq(u32, event.role, role));
	cr_assert(eq(int, event.pid, pid));
	cr_assert(gt(u64, event.time_ns, 0));
}

static int hold_consumer(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_consumer *consumer;
	char byte;

	check(1, client);
	check(2, shmq_attach_consumer(client, "r", &consumer) == 0);
	check(3, shmq_pop(consumer, &byte, 1, SHMQ_FOREVER) == 1);
	return 0;
}

Test(listing, a_watcher_sees_what_happens_in_its_order, .timeout = PASS_S)
{
	struct shmq_client *client, *watcher;
	struct shmq_producer *producer;
	struct shmq_event event;
	struct daemon daemon;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	watcher = fixture_connect(&daemon);
	assert_ok(shmq_watch(watcher));
	assert_error(shmq_next_event(watcher, 0, &event), -EAGAIN);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	expect_event(watcher, SHMQ_EVENT_CREATED, 0, getpid());
	expect_event(watcher, SHMQ_EVENT_ATTACHED, SHMQ_ROLE_PRODUCER, getpid());
	child = child_start(hold_consumer, &daemon);
	expect_event(watcher, SHMQ_EVENT_ATTACHED, SHMQ_ROLE_CONSUMER, child);
	child_kill(child);
	expect_event(watcher, SHMQ_EVENT_DIED, SHMQ_ROLE_CONSUMER, child);
	assert_ok(shmq_push(producer, "x", 1, 0));
	shmq_producer_detach(producer);
	expect_event(watcher, SHMQ_EVENT_DETACHED, SHMQ_ROLE_PRODUCER, getpid());
	assert_ok(shmq_destroy(client, "r", 0));
	assert_ok(shmq_next_event(watcher, LONG_NS, &event));
	cr_assert(eq(int, (int)event.kind, SHMQ_EVENT_DESTROYED));
	cr_assert(eq(u64, event.count, 1));

	/* the end of the daemon is the end of the watch */
	daemon_kill(&daemon);
	assert_error(shmq_next_event(watcher, LONG_NS, &event), -EHOSTDOWN);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_error(shmq_next_event(watcher, LONG_NS, &event), -EHOSTDOWN);
	assert_ok(shmq_watch(watcher));
	assert_ok(shmq_create(client, "r", NULL));
	expect_event(watcher, SHMQ_EVENT_CREATED, 0, getpid());
	shmq_disconnect(watcher);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static bool is_lost(void *arg)
{
	struct shmq_ring_info info;

	return shmq_show(arg, "r", &info) == 0 && strcmp(info.state, "lost") == 0;
}

Test(listing, a_segment_that_somebody_removed_makes_its_ring_lost, .timeout = PASS_S)
{
	struct shmq_consumer *consumer, *second = NULL;
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;
	char name[256], path[300], byte;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	cr_assert(daemon_segment_name(&daemon, "r", name, sizeof(name)));
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	cr_assert(eq(int, unlink(path), 0));
	cr_assert(wait_until(is_lost, client));
	/* the attached go on, nobody may join */
	for (unsigned i = 0; i < 3000; i++) {
		assert_ok(shmq_push(producer, "x", 1, 0));
		assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	}
	shmq_consumer_detach(consumer);
	assert_error(shmq_attach_consumer(client, "r", &second), -ESTALE);
	assert_detail("removed");
	shmq_disconnect(client);
	fixture_end(&daemon);
}
