/* SPDX-License-Identifier: MIT */
/*
 * test_core_stats.c - what the core counts, of rings and of itself, and who gets to see it
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/unit/core_driver.h"

static struct driver *driver;
static uint32_t client;

static void setup(void)
{
	driver = driver_new(NULL);
	client = driver_client(driver, 1000);
}

static void teardown(void)
{
	driver_free(driver);
}

TestSuite(core_stats, .init = setup, .fini = teardown, .timeout = 10);

#define ask_stats(...)                                                                             \
	driver_ask(driver, client, (struct control_request){ .op = CONTROL_STATS, __VA_ARGS__ })

static uint64_t of_daemon(enum shmq_daemon_metric metric)
{
	uint64_t values[SHMQ_N_DAEMON_METRICS];

	core_daemon_stats(driver->fake->core, driver->fake->now_ns, values);
	return values[metric];
}

static uint64_t of_ring(const char *name, enum shmq_ring_metric metric)
{
	struct control_ring_stats stats;

	core_ring_stats(driver->fake->core, driver_ring(driver, name), &stats);
	cr_assert(eq(str, stats.name, (char *)name));
	return stats.values[metric];
}

Test(core_stats, roles_are_counted_of_ring_and_daemon)
{
	uint64_t id;

	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	id = driver->reply.attach.attachment;
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_PRODUCERS_METRIC), 1));
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_PRODUCERS_METRIC), 0));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_CONSUMERS_METRIC), 1));
	driver_kill(driver, client);
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_ATTACHED_METRIC), 2));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_DETACHED_METRIC), 1));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_DIED_METRIC), 1));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_ATTACHED_METRIC), 2));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_DETACHED_METRIC), 1));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_DIED_METRIC), 1));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_ATTACHMENTS_METRIC), 0));
}

Test(core_stats, another_ring_in_the_same_record_begins_anew)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_detach(driver, client, driver->reply.attach.attachment), 0));
	for (int i = 0; i < 40; i++) { /* more rings than records: each is used again */
		cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
		cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
		cr_assert(eq(u64, of_ring("a", SHMQ_RING_ATTACHED_METRIC), 0));
	}
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_CREATED_METRIC), 41));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_DESTROYED_METRIC), 40));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_RINGS_METRIC), 1));
}

Test(core_stats, messages_that_go_with_a_ring_are_counted)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	driver_fill(driver, "a", 5, 2);
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_DROPPED_METRIC), 3));
}

Test(core_stats, refusals_are_counted_by_status_and_by_ring)
{
	uint32_t other = driver_again(driver, client);

	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), -EBUSY));
	cr_assert(eq(int, driver_destroy(driver, other, "a", false), -EBUSY));
	cr_assert(eq(int, driver_destroy(driver, other, "b", false), -ENOENT));
	cr_assert(eq(int, driver_create(driver, other, "-b", CONTROL_PERSISTENT), -EINVAL));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_REFUSED_BUSY_METRIC), 2));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_REFUSED_ABSENT_METRIC), 1));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_REFUSED_INVALID_METRIC), 1));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_REFUSED_METRIC), 2));
	core_count_refusal(driver->fake->core, -EBADMSG);
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_REFUSED_PROTOCOL_METRIC), 1));
}

Test(core_stats, a_request_is_counted_once_though_it_waits)
{
	uint64_t before = of_daemon(SHMQ_DAEMON_REQUESTS_CREATE_METRIC);

	/* made, allocated, shared: the request is run again when the ring is ready */
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_REQUESTS_CREATE_METRIC), before + 1));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_REQUESTS_HELLO_METRIC), 1));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_ACCEPTED_METRIC), 1));
}

Test(core_stats, a_page_has_the_daemon_with_the_first_rings)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, ask_stats(.cursor = 0), 0));
	cr_assert(eq(int, (int)driver->type, CORE_REPLY_STATS));
	cr_assert(eq(sz, driver->n_rings, 2));
	cr_assert(eq(sz, driver->reply.stats.n_values, SHMQ_N_DAEMON_METRICS));
	cr_assert(eq(u64, driver->reply.stats.values[SHMQ_DAEMON_RINGS_METRIC], 2));
	cr_assert(eq(u64, driver->reply.stats.next_cursor, 0));
	cr_assert(eq(int, ask_stats(.cursor = 1), 0));
	cr_assert(eq(sz, driver->reply.stats.n_values, 0));
	cr_assert(eq(sz, driver->n_rings, 1));
	cr_assert(eq(int, ask_stats(.cursor = 1u << 30), 0));
	cr_assert(eq(sz, driver->n_rings, 0));
}

Test(core_stats, one_ring_by_name_or_none)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, ask_stats(.name = "b"), 0));
	cr_assert(eq(sz, driver->n_rings, 1));
	cr_assert(eq(u32, driver->rings[0], driver_ring(driver, "b")));
	cr_assert(eq(int, ask_stats(.name = "c"), -ENOENT));
}

Test(core_stats, rings_that_one_may_not_see_are_not_there)
{
	uint32_t owner = client;

	cr_assert(eq(int, driver_create(driver, owner, "a", CONTROL_PERSISTENT), 0));
	client = driver_client(driver, 1001);
	cr_assert(eq(int, ask_stats(.cursor = 0), 0));
	cr_assert(eq(sz, driver->n_rings, 0));
	cr_assert(eq(int, ask_stats(.name = "a"), -ENOENT));
	client = driver_client(driver, 0);
	cr_assert(eq(int, ask_stats(.name = "a"), 0));
}

Test(core_stats, counters_begin_anew_with_the_daemon)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	driver_restart(driver);
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_CREATED_METRIC), 0));
	cr_assert(eq(u64, of_daemon(SHMQ_DAEMON_ADOPTED_RINGS_METRIC), 1));
	cr_assert(eq(u64, of_ring("a", SHMQ_RING_LIVE_METRIC), 1));
}

Test(core_stats, scrapers_walk_over_rings_that_have_a_name)
{
	const struct core *core = driver->fake->core;
	uint32_t a, b;

	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_PERSISTENT), 0));
	a = driver_ring(driver, "a");
	b = driver_ring(driver, "b");
	cr_assert(eq(u32, core_n_rings(core), 16));
	cr_assert(eq(u32, core_next_ring(core, 0, UINT32_MAX), a));
	cr_assert(eq(u32, core_next_ring(core, a + 1, UINT32_MAX), b));
	cr_assert(eq(u32, core_next_ring(core, b + 1, UINT32_MAX), 16));
	cr_assert(eq(u32, core_next_ring(core, b + 1, b + 3), b + 3));
}
