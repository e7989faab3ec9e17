/* SPDX-License-Identifier: MIT */
/*
 * test_core_access.c - rights by user, group and unit; what strangers learn; who may make which name;
 * fair shares
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/unit/core_driver.h"

#define OWNER 1000

static struct driver *driver;
static uint32_t owner, stranger;

static void setup(void)
{
	driver = driver_new(NULL);
	owner = driver_client(driver, OWNER);
	stranger = driver_client(driver, 1001);
}

static void teardown(void)
{
	driver_free(driver);
}

TestSuite(core_access, .init = setup, .fini = teardown, .timeout = 10);

static uint32_t client_of_unit(uint32_t uid, const char *unit)
{
	struct fake_process *process = fake_process_new(driver->fake, 0, uid);
	uint32_t connection;

	process->unit = unit;
	connection = fake_connect(driver->fake, process);
	cr_assert(eq(int, driver_ask(driver, connection,
				     (struct control_request){ .op = CONTROL_HELLO,
							       .protocol_min = 1,
							       .protocol_max = 1,
							       .layout = SHMQ_LAYOUT_VERSION }), 0));
	return connection;
}

static int make(const char *name, const struct control_rule *rules, size_t n_rules)
{
	struct control_request request = driver_create_request(name, CONTROL_PERSISTENT);

	memcpy(request.config.rules, rules, n_rules * sizeof(*rules));
	request.config.n_rules = n_rules;
	return driver_ask(driver, owner, request);
}

static int make_for(const char *name, struct control_rule rule)
{
	return make(name, &rule, 1);
}

static int show(uint32_t connection, const char *name)
{
	return driver_ask(driver, connection,
			  (struct control_request){ .op = CONTROL_SHOW, .name = name });
}

static size_t n_listed(uint32_t connection)
{
	cr_assert(eq(int, driver_ask(driver, connection,
				     (struct control_request){ .op = CONTROL_LIST }), 0));
	return driver->n_rings;
}

static size_t n_holders(uint32_t connection)
{
	cr_assert(eq(int, driver_ask(driver, connection,
				     (struct control_request){ .op = CONTROL_CLIENTS }), 0));
	return driver->reply.clients.n_holders;
}

Test(core_access, user_gets_the_role_that_his_rule_says)
{
	cr_assert(eq(int, make_for("a", (struct control_rule){ .who = CONTROL_USER, .id = 1001,
							       .rights = CONTROL_CONSUME }), 0));
	cr_assert(eq(int, driver_attach(driver, stranger, "a", SHMQ_ROLE_PRODUCER), -EACCES));
	cr_assert(says(driver, "may consume from ring 'a', but not produce into it"));
	cr_assert(eq(int, driver_attach(driver, stranger, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(int, driver_attach(driver, driver_client(driver, 1002), "a",
					SHMQ_ROLE_CONSUMER), -ENOENT));
	cr_assert(eq(int, driver_destroy(driver, stranger, "a", true), -EACCES));
}

Test(core_access, sight_is_no_role)
{
	cr_assert(eq(int, make_for("a", (struct control_rule){ .who = CONTROL_USER, .id = 1001,
							       .rights = CONTROL_SEE }), 0));
	cr_assert(eq(int, show(stranger, "a"), 0));
	cr_assert(eq(int, driver_attach(driver, stranger, "a", SHMQ_ROLE_CONSUMER), -EACCES));
	cr_assert(eq(int, driver_attach(driver, stranger, "a", SHMQ_ROLE_PRODUCER), -EACCES));
}

Test(core_access, group_and_unit_count_as_well)
{
	const struct control_rule rules[] = {
		{ .who = CONTROL_GROUP, .id = 77, .rights = CONTROL_PRODUCE },
		{ .who = CONTROL_UNIT, .unit = "feed.service", .rights = CONTROL_CONSUME },
	};
	uint32_t member, unit = client_of_unit(1001, "feed.service");
	struct fake_process *process = fake_process_new(driver->fake, 0, 1002);

	process->identity.gid = 77;
	member = fake_connect(driver->fake, process);
	cr_assert(eq(int, driver_ask(driver, member,
				     (struct control_request){ .op = CONTROL_HELLO,
							       .protocol_min = 1,
							       .protocol_max = 1,
							       .layout = SHMQ_LAYOUT_VERSION }), 0));
	cr_assert(eq(int, make("a", rules, 2), 0));
	cr_assert(eq(int, driver_attach(driver, member, "a", SHMQ_ROLE_CONSUMER), -EACCES));
	cr_assert(eq(int, driver_attach(driver, member, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, unit, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(int, show(client_of_unit(1001, "feed.service.d"), "a"), -ENOENT));
	cr_assert(eq(int, show(client_of_unit(1001, ""), "a"), -ENOENT));
	cr_assert(eq(int, show(client_of_unit(65534, "feed.service"), "a"), -ENOENT));
}

Test(core_access, strangers_cannot_tell_a_hidden_ring_from_none)
{
	char absent[CONTROL_TEXT_MAX];

	cr_assert(eq(int, show(stranger, "secret"), -ENOENT));
	strcpy(absent, driver->text);
	cr_assert(eq(int, driver_create(driver, owner, "secret", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, show(stranger, "secret"), -ENOENT));
	cr_assert(eq(str, driver->text, absent));
	cr_assert(eq(int, driver_attach(driver, stranger, "secret", SHMQ_ROLE_CONSUMER), -ENOENT));
	cr_assert(eq(str, driver->text, absent));
	cr_assert(eq(int, driver_destroy(driver, stranger, "secret", true), -ENOENT));
	cr_assert(eq(str, driver->text, absent));
	cr_assert(eq(int, driver_purge(driver, stranger, "secret"), -ENOENT));
	cr_assert(eq(str, driver->text, absent));
}

Test(core_access, reap_of_a_hidden_ring_is_not_told_to_strangers)
{
	cr_assert(eq(int, driver_create(driver, owner, "secret", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_attach(driver, owner, "secret", SHMQ_ROLE_PRODUCER), 0));
	driver_fill(driver, "secret", 3, 0);
	cr_assert(eq(int, driver_detach(driver, owner, driver->reply.attach.attachment), 0));
	fake_sleep_ns(driver->fake, 7200 * NS_PER_S);
	cr_assert(not(driver_exists(driver, "secret")));
	cr_assert(eq(int, show(owner, "secret"), -ENOENT));
	cr_assert(says(driver, "3 messages"));
	cr_assert(eq(int, show(stranger, "secret"), -ENOENT));
	cr_assert(eq(ptr, strstr(driver->text, "messages"), NULL));
}

Test(core_access, lists_and_events_are_of_what_one_may_see)
{
	cr_assert(eq(int, driver_ask(driver, stranger,
				     (struct control_request){ .op = CONTROL_WATCH }), 0));
	cr_assert(eq(int, driver_create(driver, owner, "secret", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, make_for("shown", (struct control_rule){ .who = CONTROL_USER, .id = 1001,
								   .rights = CONTROL_SEE }), 0));
	cr_assert(eq(int, driver_attach(driver, owner, "secret", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, owner, "shown", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(sz, n_listed(owner), 2));
	cr_assert(eq(sz, n_listed(stranger), 1));
	cr_assert(eq(sz, n_listed(driver_client(driver, 0)), 2));
	cr_assert(eq(sz, n_listed(driver_client(driver, 990)), 2));
	cr_assert(eq(sz, n_holders(owner), 2));
	cr_assert(eq(sz, n_holders(stranger), 1));
	cr_assert(eq(ptr, (void *)driver_event(driver, CONTROL_EVENT_CREATED, "secret"), NULL));
	cr_assert(ne(ptr, (void *)driver_event(driver, CONTROL_EVENT_CREATED, "shown"), NULL));
}

Test(core_access, rules_are_part_of_what_an_equal_ring_is)
{
	const struct control_rule rules[] = {
		{ .who = CONTROL_USER, .id = 1001, .rights = CONTROL_SEE },
		{ .who = CONTROL_USER, .id = 1002, .rights = CONTROL_SEE },
	};
	const struct control_rule turned[] = { rules[1], rules[0] };

	cr_assert(eq(int, make("a", rules, 2), 0));
	cr_assert(eq(int, make("a", turned, 2), 0));
	cr_assert(eq(int, make("a", rules, 1), -EEXIST));
	cr_assert(says(driver, "other rules of access"));
	cr_assert(eq(int, show(owner, "a"), 0));
	cr_assert(eq(sz, driver->info.config.n_rules, 2));
}

Test(core_access, rule_for_nobody_is_refused)
{
	cr_assert(eq(int, make_for("a", (struct control_rule){ .who = CONTROL_UNIT, .unit = "x y",
							       .rights = CONTROL_SEE }), -EINVAL));
	cr_assert(eq(int, make_for("a", (struct control_rule){ .who = CONTROL_USER,
							       .id = UINT32_MAX,
							       .rights = CONTROL_SEE }), -EINVAL));
	cr_assert(says(driver, "rule 1 of its access names nobody"));
}

Test(core_access, rules_survive_the_daemon)
{
	cr_assert(eq(int, make_for("a", (struct control_rule){ .who = CONTROL_UNIT,
							       .unit = "feed.service",
							       .rights = CONTROL_PRODUCE }), 0));
	driver_restart(driver);
	cr_assert(eq(int, driver_attach(driver, client_of_unit(1001, "feed.service"), "a",
					SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, show(driver_client(driver, 1001), "a"), -ENOENT));
}

/* ---- making ---- */

static void restart_with_rules(void)
{
	static const struct core_create_rule rules[] = {
		{ .prefix = "pay.", .who = { .who = CONTROL_USER, .id = OWNER } },
		{ .prefix = "pay.", .who = { .who = CONTROL_UNIT, .unit = "pay.service" } },
		{ .prefix = "pay.open.", .who = { .who = CONTROL_USER, .id = 1001 } },
	};

	driver->fake->config.create_rules = rules;
	driver->fake->config.n_create_rules = 3;
	driver_restart(driver);
	owner = driver_client(driver, OWNER);
	stranger = driver_client(driver, 1001);
}

Test(core_access, longest_prefix_says_who_may_make_a_name)
{
	restart_with_rules();
	cr_assert(eq(int, driver_create(driver, owner, "pay.a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, stranger, "pay.b", CONTROL_LINGER), -EACCES));
	cr_assert(says(driver, "'pay.b' is a name that uid 1001 may not use here"));
	cr_assert(eq(int, driver_create(driver, client_of_unit(1001, "pay.service"), "pay.b",
					CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, stranger, "pay.open.c", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, owner, "pay.open.d", CONTROL_LINGER), -EACCES));
	cr_assert(eq(int, driver_create(driver, stranger, "free", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, driver_client(driver, 0), "pay.e", CONTROL_LINGER), 0));
}

/* ---- fair shares ---- */

static unsigned make_many(uint32_t connection, const char *prefix)
{
	char name[32];

	for (unsigned i = 0;; i++) {
		snprintf(name, sizeof(name), "%s%u", prefix, i);
		if (driver_create(driver, connection, name, CONTROL_PERSISTENT) < 0) {
			cr_assert(eq(int, driver->reply.status, -EDQUOT));
			return i;
		}
	}
}

Test(core_access, everybody_who_comes_finds_something_left)
{
	driver->fake->config.limits.fair_shares = true;
	driver_restart(driver);
	/* 16 rings: a half; a third of what is left; a quarter of that */
	cr_assert(eq(uint, make_many(driver_client(driver, 1001), "a"), 8));
	cr_assert(eq(u64, driver->reply.limit, 8));
	cr_assert(eq(u64, driver->reply.used, 8));
	cr_assert(eq(uint, make_many(driver_client(driver, 1002), "b"), 2));
	cr_assert(eq(uint, make_many(driver_client(driver, 1003), "c"), 1));
	cr_assert(eq(uint, make_many(driver_client(driver, 1004), "d"), 1));
}

Test(core_access, refusals_of_one_user_are_one_line_a_minute)
{
	driver->fake->config.limits.max_rings_per_uid = 1;
	driver_restart(driver);
	owner = driver_client(driver, OWNER);
	cr_assert(eq(int, driver_create(driver, owner, "a", CONTROL_PERSISTENT), 0));
	driver_clear(driver);
	for (unsigned i = 0; i < 100; i++)
		cr_assert(eq(int, driver_create(driver, owner, "b", CONTROL_LINGER), -EDQUOT));
	cr_assert(eq(sz, driver->n_logs, 1));
	cr_assert(driver_logged(driver, CORE_LOG_QUOTA, "uid 1000 has 1 rings, and may have 1"));
	fake_sleep_ns(driver->fake, 61 * NS_PER_S);
	cr_assert(eq(int, driver_create(driver, owner, "b", CONTROL_LINGER), -EDQUOT));
	cr_assert(eq(sz, driver->n_logs, 2));
}

/* Two that work together can't make the journal forget one of them. */
Test(core_access, refusals_of_many_users_are_one_line_each)
{
	uint32_t first, second;

	driver->fake->config.limits.max_bytes_per_uid = 1;
	driver_restart(driver);
	first = driver_client(driver, 1001);
	second = driver_client(driver, 1001 + 64);
	driver_clear(driver);
	for (unsigned i = 0; i < 50; i++) {
		cr_assert(eq(int, driver_create(driver, first, "a", CONTROL_LINGER), -EDQUOT));
		cr_assert(eq(int, driver_create(driver, second, "b", CONTROL_LINGER), -EDQUOT));
	}
	cr_assert(eq(sz, driver->n_logs, 2));
}

/* A service that is refused, ends, and is started again. */
Test(core_access, who_goes_and_comes_again_is_not_told_anew)
{
	driver->fake->config.limits.max_bytes_per_uid = 1;
	driver_restart(driver);
	driver_clear(driver);
	for (unsigned i = 0; i < 100; i++) {
		uint32_t connection = driver_client(driver, OWNER);

		cr_assert(eq(int, driver_create(driver, connection, "a", CONTROL_LINGER), -EDQUOT));
		driver_kill(driver, connection);
	}
	cr_assert(eq(sz, driver->n_logs, 1));
}

Test(core_access, who_never_says_hello_is_limited)
{
	struct fake_process *process = fake_process_new(driver->fake, 0, 1001);
	uint32_t first, connection;

	driver->fake->config.limits.max_handshakes_per_uid = 2;
	driver_restart(driver);
	first = fake_connect(driver->fake, process);
	fake_connect(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(not(fake_connection(driver->fake, first)->is_closing));
	connection = fake_connect(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(says(driver, "never said Hello"));
	cr_assert(fake_connection(driver->fake, connection)->is_closing);
	fake_disconnect(driver->fake, first);
	fake_drain(driver->fake);
	driver_client(driver, 1001);
}
