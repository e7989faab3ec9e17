/* SPDX-License-Identifier: MIT */
/*
 * test_core_lifetime.c - when rings end by themselves, and what is said about it
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/unit/core_driver.h"

static struct driver *driver;
static uint32_t client, other;

static void setup(void)
{
	driver = driver_new(NULL);
	client = driver_client(driver, 1000);
	other = driver_client(driver, 1000);
	fake_sleep_ns(driver->fake, 10 * NS_PER_S); /* the grace is over */
}

static void teardown(void)
{
	driver_free(driver);
}

TestSuite(core_lifetime, .init = setup, .fini = teardown, .timeout = 10);

static void expect_until_s(const char *name, int64_t s)
{
	fake_sleep_ns(driver->fake, s * NS_PER_S - NS_PER_MS);
	cr_assert(driver_exists(driver, name), "'%s' went too early", name);
	fake_sleep_ns(driver->fake, 10 * NS_PER_MS);
	cr_assert(not(driver_exists(driver, name)), "'%s' is still there", name);
}

static uint64_t attach(uint32_t connection, const char *name, enum shmq_role role)
{
	cr_assert(eq(int, driver_attach(driver, connection, name, role), 0), "%s", driver->text);
	return driver->reply.attach.attachment;
}

Test(core_lifetime, persistent_ring_stays)
{
	cr_assert(eq(int, driver_create(driver, client, "p", CONTROL_PERSISTENT), 0));
	driver_kill(driver, client);
	fake_sleep_ns(driver->fake, 1000000 * NS_PER_S);
	cr_assert(driver_exists(driver, "p"));
}

Test(core_lifetime, ring_that_nobody_ever_used_lingers)
{
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	cr_assert(eq(u64, driver->info.linger_left_ns, 30 * NS_PER_S));
	expect_until_s("l", 30);
	cr_assert(driver_logged(driver, CORE_LOG_RING_REAPED, "its time was over"));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
}

Test(core_lifetime, clock_runs_while_nobody_is_attached)
{
	uint64_t id;

	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	fake_sleep_ns(driver->fake, 29 * NS_PER_S);
	id = attach(client, "l", SHMQ_ROLE_CONSUMER);
	fake_sleep_ns(driver->fake, 1000 * NS_PER_S);
	cr_assert(driver_exists(driver, "l"));
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	expect_until_s("l", 30);
}

Test(core_lifetime, death_of_the_last_starts_the_clock)
{
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	attach(client, "l", SHMQ_ROLE_PRODUCER);
	attach(client, "l", SHMQ_ROLE_CONSUMER);
	driver_kill(driver, client);
	expect_until_s("l", 30);
}

Test(core_lifetime, own_time_is_kept)
{
	struct control_request request = driver_create_request("l", CONTROL_LINGER);

	request.config.linger_s = 3;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	expect_until_s("l", 3);
}

Test(core_lifetime, equal_create_starts_the_clock_anew)
{
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	for (unsigned i = 0; i < 5; i++) {
		fake_sleep_ns(driver->fake, 29 * NS_PER_S);
		cr_assert(eq(int, driver_create(driver, other, "l", CONTROL_LINGER), 0));
	}
	expect_until_s("l", 30);
}

Test(core_lifetime, unread_messages_wait_longer_and_their_end_is_told)
{
	uint64_t id;

	cr_assert(eq(int, driver_ask(driver, other, (struct control_request){ .op = CONTROL_WATCH }),
		     0));
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	id = attach(client, "l", SHMQ_ROLE_PRODUCER);
	driver_fill(driver, "l", 7, 4);
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	expect_until_s("l", 3600);
	cr_assert(driver_logged(driver, CORE_LOG_RING_REAPED, "3 messages that nobody had read"));
	cr_assert(eq(u64, driver_event(driver, CONTROL_EVENT_REAPED, "l")->count, 3));
	/* whoever asks for the name is told */
	cr_assert(eq(int, driver_attach(driver, client, "l", SHMQ_ROLE_CONSUMER), -ENOENT));
	cr_assert(says(driver, "3 messages that nobody had read"));
	/* and who makes the next one: once */
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	cr_assert(says(driver, "with 3 messages that nobody had read"));
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	cr_assert(eq(str, driver->text, ""));
	cr_assert(eq(int, driver_destroy(driver, client, "l", false), 0));
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	cr_assert(eq(str, driver->text, ""));
}

static void reap_unread(const char *name)
{
	uint64_t id;

	cr_assert(eq(int, driver_create(driver, client, name, CONTROL_LINGER), 0));
	id = attach(client, name, SHMQ_ROLE_PRODUCER);
	driver_fill(driver, name, 2, 0);
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	fake_sleep_ns(driver->fake, 3601 * NS_PER_S);
	cr_assert(not(driver_exists(driver, name)));
}

Test(core_lifetime, reap_is_remembered_by_the_next_daemon)
{
	reap_unread("l");
	driver_restart(driver);
	client = driver_client(driver, 1000);
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	cr_assert(says(driver, "with 2 messages that nobody had read"));
}

Test(core_lifetime, reap_is_remembered_for_a_day)
{
	reap_unread("l");
	fake_sleep_ns(driver->fake, 86402 * NS_PER_S);
	cr_assert(eq(int, driver_attach(driver, client, "l", SHMQ_ROLE_CONSUMER), -ENOENT));
	cr_assert(eq(str, driver->text, "there is no ring 'l' for uid 1000"));
}

Test(core_lifetime, reap_is_remembered_when_the_next_ring_could_not_be_made)
{
	reap_unread("l");
	driver->fake->fail[CORE_SEGMENT_CREATE] = -ENOSPC;
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), -ENOSPC));
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	cr_assert(says(driver, "with 2 messages that nobody had read"));
}

Test(core_lifetime, ring_that_could_not_be_counted_is_counted_again)
{
	uint64_t id;

	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	id = attach(client, "l", SHMQ_ROLE_PRODUCER);
	driver_fill(driver, "l", 1, 0);
	driver->fake->fail[CORE_SEGMENT_PROBE] = -EMFILE;
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	fake_sleep_ns(driver->fake, 3000 * NS_PER_S);
	cr_assert(driver_exists(driver, "l"));
	fake_sleep_ns(driver->fake, 1000 * NS_PER_S);
	cr_assert(not(driver_exists(driver, "l")));
}

/* Who may write a named segment may shrink it, which is no reason to keep it for ever. */
Test(core_lifetime, ring_that_was_shrunk_ends_as_an_empty_one)
{
	uint64_t id;

	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	id = attach(client, "l", SHMQ_ROLE_PRODUCER);
	driver->fake->fail[CORE_SEGMENT_PROBE] = -ENODATA;
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	fake_sleep_ns(driver->fake, 29 * NS_PER_S);
	cr_assert(driver_exists(driver, "l"));
	driver->fake->fail[CORE_SEGMENT_PROBE] = -ENODATA;
	fake_sleep_ns(driver->fake, 2 * NS_PER_S);
	cr_assert(not(driver_exists(driver, "l")));
}

/* ---- with its creator ---- */

Test(core_lifetime, with_creator_ring_ends_with_its_process)
{
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	fake_sleep_ns(driver->fake, 10000 * NS_PER_S);
	fake_disconnect(driver->fake, client);
	fake_drain(driver->fake);
	fake_sleep_ns(driver->fake, 10000 * NS_PER_S);
	cr_assert(driver_exists(driver, "w"));
	driver_kill(driver, client);
	fake_sleep_ns(driver->fake, 10 * NS_PER_MS);
	cr_assert(not(driver_exists(driver, "w")));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
}

Test(core_lifetime, with_creator_ring_ends_when_its_owner_detaches)
{
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	cr_assert(eq(int, driver_detach(driver, client, driver->info.holders[0].attachment), 0));
	fake_sleep_ns(driver->fake, 10 * NS_PER_MS);
	cr_assert(not(driver_exists(driver, "w")));
}

Test(core_lifetime, with_creator_ring_ends_under_those_attached)
{
	uint32_t ring;

	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	ring = driver_ring(driver, "w");
	attach(other, "w", SHMQ_ROLE_CONSUMER);
	driver_fill(driver, "w", 4, 0);
	driver_kill(driver, client);
	fake_sleep_ns(driver->fake, 10 * NS_PER_MS);
	cr_assert(eq(u32, driver->fake->registry.rings[ring].state, REGISTRY_RING_TOMBSTONE));
	cr_assert(eq(u32, SHMQ_BOARD_STATE(driver_words(driver, ring)->state),
		     SHMQ_RING_DESTROYED));
	cr_assert(driver_logged(driver, CORE_LOG_RING_REAPED, "4 messages"));
}

Test(core_lifetime, nobody_joins_what_is_about_to_end)
{
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	fake_process_kill(driver->fake, driver_process(driver, client));
	fake_process_report(driver->fake, driver_process(driver, client));
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_attach(driver, other, "w", SHMQ_ROLE_CONSUMER), -ESTALE));
	cr_assert(says(driver, "has ended, and the ring ends with it"));
}

Test(core_lifetime, next_creator_takes_over_before_the_end)
{
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	fake_process_kill(driver->fake, driver_process(driver, client));
	fake_process_report(driver->fake, driver_process(driver, client));
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_create(driver, other, "w", CONTROL_WITH_CREATOR), 0));
	fake_sleep_ns(driver->fake, 100 * NS_PER_S);
	cr_assert(driver_exists(driver, "w"));
	driver_kill(driver, other);
	fake_sleep_ns(driver->fake, NS_PER_S);
	cr_assert(not(driver_exists(driver, "w")));
}

Test(core_lifetime, who_is_refused_his_role_takes_over_nothing)
{
	struct control_request request = driver_create_request("w", CONTROL_WITH_CREATOR);

	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	attach(driver_client(driver, 1000), "w", SHMQ_ROLE_CONSUMER);
	fake_process_kill(driver->fake, driver_process(driver, client));
	fake_process_report(driver->fake, driver_process(driver, client));
	fake_drain(driver->fake);
	request.op = CONTROL_ATTACH;
	request.create = true;
	request.role = SHMQ_ROLE_CONSUMER;
	cr_assert(eq(int, driver_ask(driver, other, request), -EBUSY));
	fake_sleep_ns(driver->fake, NS_PER_S);
	cr_assert(not(driver_exists(driver, "w")));
}

/* With a role he would hold two, and may have one more. */
Test(core_lifetime, who_may_not_hold_two_roles_takes_over_nothing)
{
	struct control_request request = driver_create_request("w", CONTROL_WITH_CREATOR);

	driver->fake->config.limits.max_attachments_per_uid = 2;
	driver_restart(driver);
	client = driver_client(driver, 1000);
	other = driver_client(driver, 1000);
	cr_assert(eq(int, driver_create(driver, other, "x", CONTROL_PERSISTENT), 0));
	attach(other, "x", SHMQ_ROLE_CONSUMER);
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	fake_process_kill(driver->fake, driver_process(driver, client));
	fake_process_report(driver->fake, driver_process(driver, client));
	fake_drain(driver->fake);
	request.op = CONTROL_ATTACH;
	request.create = true;
	request.role = SHMQ_ROLE_CONSUMER;
	cr_assert(eq(int, driver_ask(driver, other, request), -EDQUOT));
	fake_sleep_ns(driver->fake, 100 * NS_PER_S);
	cr_assert(not(driver_exists(driver, "w")));
}

/* ---- bounds ---- */

Test(core_lifetime, removals_that_fall_due_together_are_made_one_by_one)
{
	char name[16];
	unsigned n_left = 0;

	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "w%u", i);
		cr_assert(eq(int, driver_create(driver, client, name, CONTROL_WITH_CREATOR), 0));
	}
	driver_kill(driver, client);
	fake_sleep_ns(driver->fake, 4 * NS_PER_MS);
	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "w%u", i);
		n_left += driver_exists(driver, name);
	}
	cr_assert(gt(u32, n_left, 3));
	fake_sleep_ns(driver->fake, 20 * NS_PER_MS);
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
}

Test(core_lifetime, nothing_is_reaped_within_the_grace)
{
	struct control_request request = driver_create_request("l", CONTROL_LINGER);

	request.config.linger_s = 1;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	fake_crash(driver->fake);
	fake_process_kill(driver->fake, driver->fake->processes->next);
	fake_sleep_ns(driver->fake, 100 * NS_PER_S);
	cr_assert(eq(int, fake_restart(driver->fake), 0));
	fake_drain(driver->fake);
	fake_sleep_ns(driver->fake, 5 * NS_PER_S - 1);
	cr_assert(driver_exists(driver, "l"));
	cr_assert(driver_exists(driver, "w"));
	fake_sleep_ns(driver->fake, NS_PER_S / 2);
	cr_assert(driver_exists(driver, "l"));
	cr_assert(not(driver_exists(driver, "w")));
	fake_sleep_ns(driver->fake, NS_PER_S);
	cr_assert(not(driver_exists(driver, "l")));
}

Test(core_lifetime, stopping_daemon_removes_nothing)
{
	struct core_event event = { .type = CORE_STOPPING };

	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	fake_step(driver->fake, &event);
	fake_sleep_ns(driver->fake, 100 * NS_PER_S);
	cr_assert(driver_exists(driver, "l"));
	cr_assert(eq(int, driver_create(driver, client, "m", CONTROL_LINGER), -EAGAIN));
	cr_assert(says(driver, "stopping"));
	cr_assert(eq(int, driver_ask(driver, client, (struct control_request){ .op = CONTROL_PING }),
		     0));
}

Test(core_lifetime, early_or_stale_timers_do_no_harm)
{
	uint32_t ring;

	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	ring = driver_ring(driver, "l");
	fake_fire(driver->fake, ring);
	fake_drain(driver->fake);
	cr_assert(driver_exists(driver, "l"));
	attach(client, "l", SHMQ_ROLE_PRODUCER);
	fake_sleep_ns(driver->fake, 100 * NS_PER_S);
	fake_fire(driver->fake, ring);
	fake_drain(driver->fake);
	cr_assert(driver_exists(driver, "l"));
}
