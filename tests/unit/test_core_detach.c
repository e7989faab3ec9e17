/* SPDX-License-Identifier: MIT */
/*
 * test_core_detach.c - roles come back: in good order, with the process's end, and by nothing else
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/unit/core_driver.h"

static struct driver *driver;
static uint32_t client, other;
static uint64_t id;

static void setup(void)
{
	driver = driver_new(NULL);
	client = driver_client(driver, 1000);
	other = driver_client(driver, 1000);
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	id = driver->reply.attach.attachment;
}

static void teardown(void)
{
	driver_free(driver);
}

TestSuite(core_detach, .init = setup, .fini = teardown, .timeout = 10);

static uint64_t producer_word(void)
{
	return driver_words(driver, driver_ring(driver, "a"))->role[SHMQ_ROLE_PRODUCER];
}

Test(core_detach, role_is_free_and_the_board_says_detached)
{
	unsigned n_wakes = driver->fake->counts[CORE_WAKE];

	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DETACHED)));
	cr_assert(gt(u32, driver->fake->counts[CORE_WAKE], n_wakes));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(u64, driver->reply.attach.incarnation, 2));
	cr_assert(gt(u64, driver->reply.attach.attachment, id));
}

Test(core_detach, unknown_id_is_success)
{
	cr_assert(eq(int, driver_detach(driver, client, 4711), 0));
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
}

Test(core_detach, only_the_holder_may)
{
	cr_assert(eq(int, driver_detach(driver, other, id), -EPERM));
	cr_assert(says(driver, "you can't detach the producer of ring 'a', which is pid 1 (p1)"));
	cr_assert(eq(int, driver_ask_as_stranger(driver, client,
						 (struct control_request){ .op = CONTROL_DETACH,
									   .attachment = id }),
		     -EPERM));
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
}

Test(core_detach, another_connection_of_the_holder_may)
{
	cr_assert(eq(int, driver_detach(driver, driver_again(driver, client), id), 0));
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DETACHED)));
}

Test(core_detach, closed_connection_changes_nothing)
{
	fake_disconnect(driver->fake, client);
	fake_drain(driver->fake);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), -EBUSY));
}

Test(core_detach, death_frees_the_role_and_says_so)
{
	unsigned n_wakes = driver->fake->counts[CORE_WAKE];

	driver_kill(driver, client);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DIED)));
	cr_assert(gt(u32, driver->fake->counts[CORE_WAKE], n_wakes));
	cr_assert(driver_logged(driver, CORE_LOG_CLIENT_DIED, "has ended: the role is free"));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(u64, driver->reply.attach.incarnation, 2));
}

Test(core_detach, death_frees_all_roles)
{
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_attach(driver, client, "b", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, client, "b", SHMQ_ROLE_CONSUMER), 0));
	driver_kill(driver, client);
	for (uint32_t i = 0; i < driver->fake->n_attachments; i++)
		cr_assert(eq(u32, driver->fake->registry.attachments[i].state,
			     REGISTRY_ATTACHMENT_FREE));
	cr_assert(eq(u32, driver->fake->counts[CORE_PROCESS_FORGET], 1));
}

Test(core_detach, reused_pid_is_a_stranger)
{
	struct fake_process *dead = driver_process(driver, client);
	struct fake_process *heir;
	uint32_t connection;
	struct control_request hello = { .op = CONTROL_HELLO, .protocol_min = 1, .protocol_max = 1,
					 .layout = SHMQ_LAYOUT_VERSION };

	fake_process_kill(driver->fake, dead);
	heir = fake_process_new(driver->fake, dead->identity.pid, 1000);
	connection = fake_connect(driver->fake, heir);
	cr_assert(eq(int, driver_ask(driver, connection, hello), 0));
	cr_assert(eq(int, driver_detach(driver, connection, id), -EPERM));
	fake_process_report(driver->fake, dead);
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_attach(driver, connection, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(2, SHMQ_ROLE_HELD)));
}

Test(core_detach, late_news_of_a_forgotten_process_are_ignored)
{
	struct core_event event = { .type = CORE_PROCESS_ENDED, .process_id = 4711 };

	fake_step(driver->fake, &event);
	event = (struct core_event){ .type = CORE_PROCESS_VERIFIED, .process_id = 1,
				     .verdict = CORE_PROCESS_DEAD };
	fake_step(driver->fake, &event);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
}
