/* SPDX-License-Identifier: MIT */
/*
 * test_core_query.c - greeting, listings, watching: what changes no ring
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

TestSuite(core_connection, .init = setup, .fini = teardown, .timeout = 10);
TestSuite(core_query, .init = setup, .fini = teardown, .timeout = 10);
TestSuite(core_watch, .init = setup, .fini = teardown, .timeout = 10);

/* ---- greeting ---- */

static struct control_request hello(uint32_t min, uint32_t max, uint32_t layout)
{
	return (struct control_request){
		.op = CONTROL_HELLO, .protocol_min = min, .protocol_max = max, .layout = layout,
	};
}

static uint32_t connect_silently(uint32_t uid)
{
	uint32_t connection = fake_connect(driver->fake, fake_process_new(driver->fake, 0, uid));

	fake_drain(driver->fake);
	return connection;
}

Test(core_connection, hello_carries_the_board)
{
	const struct control_hello *reply = &driver->reply.hello;

	cr_assert(eq(u32, driver->reply.body, CONTROL_BODY_HELLO));
	cr_assert(driver->with_descriptor);
	cr_assert(eq(u32, reply->protocol, 1));
	cr_assert(eq(u32, reply->layout, SHMQ_LAYOUT_VERSION));
	cr_assert(eq(u32, reply->owner_uid, 990));
	cr_assert(eq(int, reply->pid, 1));
	cr_assert(eq(u64, reply->board_bytes, 4096 + 16 * 64));
	cr_assert(eq(str, (char *)reply->version, "0.0.1"));
	cr_assert(eq(str, (char *)reply->instance, "fake"));
	cr_assert(eq(int, memcmp(reply->epoch, driver->fake->board->epoch, 16), 0));
	cr_assert(ne(u64, reply->echo, 0));
}

Test(core_connection, echo_differs_per_connection_and_not_per_hello)
{
	uint64_t echo = driver->echo[client];

	cr_assert(ne(u64, driver->echo[driver_again(driver, client)], echo));
	cr_assert(eq(int, driver_ask(driver, client, hello(1, 1, SHMQ_LAYOUT_VERSION)), 0));
	cr_assert(eq(u64, driver->echo[client], echo));
}

Test(core_connection, nothing_is_answered_before_hello)
{
	uint32_t silent = connect_silently(1000);

	cr_assert(eq(int, driver_ask(driver, silent, (struct control_request){ .op = CONTROL_PING }),
		     -EPROTO));
	cr_assert(says(driver, "Hello"));
	cr_assert(eq(int, driver_ask(driver, silent, hello(1, 3, SHMQ_LAYOUT_VERSION)), 0));
	cr_assert(eq(int, driver_ask(driver, silent, (struct control_request){ .op = CONTROL_PING }),
		     0));
}

Test(core_connection, other_versions_are_refused_with_both_and_closed)
{
	uint32_t silent = connect_silently(1000);

	cr_assert(eq(int, driver_ask(driver, silent, hello(2, 3, SHMQ_LAYOUT_VERSION)), -EPROTO));
	cr_assert(says(driver, "speaks version 1 of the protocol, the client 2 to 3"));
	cr_assert(fake_connection(driver->fake, silent)->is_closing);
	silent = connect_silently(1000);
	cr_assert(eq(int, driver_ask(driver, silent, hello(1, 1, 9)), -EPROTO));
	cr_assert(says(driver, "memory layout"));
	cr_assert(fake_connection(driver->fake, silent)->is_closing);
}

Test(core_connection, too_many_of_one_user_are_turned_away)
{
	uint32_t more;

	driver->fake->config.limits.max_connections_per_uid = 2;
	driver_restart(driver);
	client = driver_client(driver, 1000);
	driver_client(driver, 1000);
	more = connect_silently(1000);
	cr_assert(eq(int, driver->reply.status, -EDQUOT));
	cr_assert(says(driver, "uid 1000 has 2 connections"));
	cr_assert(fake_connection(driver->fake, more)->is_closing);
	cr_assert(eq(int, driver_ask(driver, more, hello(1, 1, SHMQ_LAYOUT_VERSION)), 1));
	fake_disconnect(driver->fake, more);
	driver_client(driver, 1001);
	fake_disconnect(driver->fake, client);
	driver_client(driver, 1000);
}

Test(core_connection, too_many_of_all_are_turned_away)
{
	driver->fake->config.limits.max_connections = 1;
	driver_restart(driver);
	driver_client(driver, 1000);
	connect_silently(1001);
	cr_assert(eq(int, driver->reply.status, -EDQUOT));
	cr_assert(says(driver, "shmqd has 1 connections"));
}

/* ---- listings ---- */

Test(core_query, unknown_request_is_answered)
{
	cr_assert(eq(int, driver_ask(driver, client,
				     (struct control_request){ .op = CONTROL_UNKNOWN }), -ENOTSUP));
	cr_assert(says(driver, "0.0.1 does not know this request"));
}

Test(core_query, list_has_every_ring_once)
{
	char name[16];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		cr_assert(eq(int, driver_create(driver, client, name, CONTROL_LINGER), 0));
	}
	cr_assert(eq(int, driver_destroy(driver, client, "r4", false), 0));
	cr_assert(eq(int, driver_ask(driver, client, (struct control_request){ .op = CONTROL_LIST }),
		     0));
	cr_assert(eq(sz, driver->n_rings, 9));
	cr_assert(eq(u64, driver->reply.list.next_cursor, 0));
}

Test(core_query, cursor_beyond_the_end_is_an_empty_page)
{
	struct control_request request = { .op = CONTROL_LIST, .cursor = UINT64_MAX };

	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(sz, driver->n_rings, 0));
	cr_assert(eq(u64, driver->reply.list.next_cursor, 0));
	request.op = CONTROL_CLIENTS;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(sz, driver->reply.clients.n_holders, 0));
	cr_assert(eq(u64, driver->reply.clients.next_cursor, 0));
}

Test(core_query, show_tells_what_it_is_and_who_holds_it)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(int, driver_ask(driver, client, (struct control_request){ .op = CONTROL_SHOW,
									       .name = "a" }), 0));
	cr_assert(eq(u32, driver->type, CORE_REPLY_RING));
	cr_assert(eq(str, driver->info.name, "a"));
	cr_assert(eq(str, driver->info.state, "live"));
	cr_assert(eq(u32, driver->info.uid, 1000));
	cr_assert(eq(int, driver->info.creator_pid, 1));
	cr_assert(eq(sz, driver->info.n_holders, 1));
	cr_assert(eq(u32, driver->info.holders[0].role, SHMQ_ROLE_CONSUMER));
	cr_assert(eq(int, driver_ask(driver, client, (struct control_request){ .op = CONTROL_SHOW,
									       .name = "b" }),
		     -ENOENT));
}

Test(core_query, clients_has_every_attachment)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_WITH_CREATOR), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_ask(driver, client,
				     (struct control_request){ .op = CONTROL_CLIENTS }), 0));
	cr_assert(eq(sz, driver->reply.clients.n_holders, 2));
	cr_assert(eq(u32, driver->holders[0].role, SHMQ_ROLE_OWNER));
	cr_assert(eq(u32, driver->holders[1].role, SHMQ_ROLE_PRODUCER));
	cr_assert(eq(str, driver->holders[1].ring, "a"));
	cr_assert(eq(str, driver->holders[1].comm, "p1"));
}

Test(core_query, info_counts)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_WITH_CREATOR), 0));
	fake_sleep_ns(driver->fake, 7);
	cr_assert(eq(int, driver_ask(driver, client, (struct control_request){ .op = CONTROL_INFO }),
		     0));
	cr_assert(eq(u32, driver->reply.info.n_rings, 1));
	cr_assert(eq(u32, driver->reply.info.max_rings, 16));
	cr_assert(eq(u32, driver->reply.info.n_attachments, 1));
	cr_assert(eq(u32, driver->reply.info.max_attachments, 32));
	cr_assert(eq(u32, driver->reply.info.n_connections, 1));
	cr_assert(eq(u64, driver->reply.info.bytes, driver_record(driver, "a")->segment_bytes));
	cr_assert(eq(u64, driver->reply.info.uptime_ns, 7));
}

/* ---- watching ---- */

static void watch(uint32_t connection)
{
	cr_assert(eq(int, driver_ask(driver, connection,
				     (struct control_request){ .op = CONTROL_WATCH }), 0));
}

Test(core_watch, story_of_a_ring_is_told_in_order)
{
	static const enum control_event_kind story[] = {
		CONTROL_EVENT_CREATED,	CONTROL_EVENT_ATTACHED,	 CONTROL_EVENT_ATTACHED,
		CONTROL_EVENT_DETACHED, CONTROL_EVENT_DIED,	 CONTROL_EVENT_DESTROYED,
	};
	uint32_t other = driver_client(driver, 1000);

	watch(client);
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_detach(driver, client, driver->reply.attach.attachment), 0));
	driver_kill(driver, other);
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(eq(sz, driver->n_events, 6));
	for (size_t i = 0; i < 6; i++) {
		cr_assert(eq(u32, driver->events[i].kind, story[i]));
		cr_assert(eq(str, driver->events[i].ring, "a"));
		cr_assert(eq(u32, driver->event_connections[i], client));
		cr_assert(gt(u64, driver->events[i].time_ns, UINT64_C(1700000000000000000)));
	}
	cr_assert(eq(u32, driver->events[1].role, SHMQ_ROLE_CONSUMER));
	cr_assert(eq(int, driver->events[4].pid, 2));
	cr_assert(eq(str, driver->events[4].comm, "p2"));
}

Test(core_watch, every_watcher_is_told_and_none_twice)
{
	uint32_t other = driver_again(driver, client);

	watch(client);
	watch(client);
	watch(other);
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(sz, driver->n_events, 2));
	fake_disconnect(driver->fake, other);
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_PERSISTENT), 0));
	cr_assert(eq(sz, driver->n_events, 3));
}

Test(core_watch, watchers_of_one_user_are_limited)
{
	driver->fake->config.limits.max_watches_per_uid = 1;
	driver_restart(driver);
	client = driver_client(driver, 1000);
	watch(client);
	cr_assert(eq(int, driver_ask(driver, driver_again(driver, client),
				     (struct control_request){ .op = CONTROL_WATCH }), -EDQUOT));
	cr_assert(eq(u64, driver->reply.limit, 1));
	watch(driver_client(driver, 1001));
}

Test(core_watch, one_death_with_very_many_roles_is_told_within_bounds)
{
	struct driver *large = driver;
	uint32_t watcher, holder;
	uint64_t n_told = 0, n_missed = 0;
	char name[16];

	/* a table large enough: the driver's own has 32 attachments */
	fake_free(driver->fake);
	large->fake = fake_new(120, 200, NULL, 2);
	large->fake->config.limits.max_rings_per_uid = 120;
	large->fake->config.limits.max_attachments_per_uid = 200;
	fake_crash(large->fake);
	cr_assert(eq(int, fake_restart(large->fake), 0));
	driver_hook(large);
	watcher = driver_client(large, 0);
	holder = driver_client(large, 1000);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		cr_assert(eq(int, driver_create(large, holder, name, CONTROL_PERSISTENT), 0));
		cr_assert(eq(int, driver_attach(large, holder, name, SHMQ_ROLE_PRODUCER), 0));
	}
	watch(watcher);
	driver_clear(large);
	driver_kill(large, holder);
	for (size_t i = 0; i < large->n_events; i++) {
		n_told += large->events[i].kind == CONTROL_EVENT_DIED;
		if (large->events[i].kind == CONTROL_EVENT_MISSED)
			n_missed += large->events[i].count;
	}
	cr_assert(eq(u64, n_told + n_missed, 100));
	cr_assert(gt(u64, n_missed, 0));
	cr_assert(lt(u64, n_told, 100));
}
