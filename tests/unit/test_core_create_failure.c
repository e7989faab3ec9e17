/* SPDX-License-Identifier: MIT */
/*
 * test_core_create_failure.c - a create that fails leaves nothing, and says why
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

TestSuite(core_create_failure, .init = setup, .fini = teardown, .timeout = 10);

static void expect_nothing_left(const char *name)
{
	struct control_info info;

	cr_assert(not(driver_exists(driver, name)));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
	cr_assert(eq(u64, driver->fake->used_bytes, 0));
	core_daemon_info(driver->fake->core, 0, &info);
	cr_assert(eq(u64, info.bytes, 0));
	cr_assert(eq(u32, info.n_rings, 0));
	driver_check(driver);
}

Test(core_create_failure, full_disk_says_what_was_wanted_and_leaves_nothing)
{
	struct control_request request = driver_create_request("a", CONTROL_PERSISTENT);

	request.config.slots = 1024;
	request.config.size_bytes = 1024;
	driver->fake->capacity_bytes = 300000;
	cr_assert(eq(int, driver_ask(driver, client, request), -ENOSPC));
	cr_assert(says(driver, "no room in /dev/shm for ring 'a', which needs 1.02M"));
	cr_assert(driver_logged(driver, CORE_LOG_CREATE_FAILED, "no room"));
	expect_nothing_left("a");
}

Test(core_create_failure, error_of_any_step_is_undone)
{
	static const enum core_action_type steps[] = {
		CORE_SEGMENT_CREATE, CORE_SEGMENT_ALLOCATE, CORE_SEGMENT_SHARE,
	};
	static const struct {
		int error, status;
	} errors[] = {
		{ -ENOSPC, -ENOSPC }, { -ENOMEM, -ENOMEM }, { -EMFILE, -EMFILE },
		{ -EPERM, -EIO },     { -EIO, -EIO },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (size_t j = 0; j < sizeof(errors) / sizeof(errors[0]); j++) {
			driver->fake->fail[steps[i]] = errors[j].error;
			cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER),
				     errors[j].status));
			cr_assert(says(driver, "'a'"));
			expect_nothing_left("a");
		}
	}
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
}

Test(core_create_failure, undoing_is_tried_again_until_it_is_done)
{
	driver->fake->fail[CORE_SEGMENT_SHARE] = -EIO;
	driver->fake->fail[CORE_SEGMENT_UNLINK] = -EIO;
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), -EIO));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 1));
	/* the name is free at once, and a daemon that starts now understands */
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	fake_sleep_ns(driver->fake, 3 * NS_PER_S);
	expect_nothing_left("a");
}

Test(core_create_failure, segment_removed_while_it_is_made_is_noticed)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	fake_perform(driver->fake);
	fake_file_remove(driver->fake, driver_file(driver, "a"));
	fake_drain(driver->fake);
	cr_assert(eq(int, driver->reply.status, -EIO));
	cr_assert(says(driver, "removed from /dev/shm by somebody else"));
	expect_nothing_left("a");
}

Test(core_create_failure, planted_segment_of_that_name_is_left_alone)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);
	char name[CONTROL_SEGMENT_MAX];

	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	core_segment_name(driver->fake->core, driver_ring(driver, "a"), name);
	fake_file_plant(driver->fake, name, 1, false);
	fake_drain(driver->fake);
	cr_assert(eq(int, driver->reply.status, -EIO));
	cr_assert(fake_file_find(driver->fake, name) != NULL);
	cr_assert(eq(u32, driver->fake->counts[CORE_SEGMENT_UNLINK], 0));
}
