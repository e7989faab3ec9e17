/* SPDX-License-Identifier: MIT */
/*
 * test_core_create.c - making rings: whole or not at all, once, and as it was asked
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

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

TestSuite(core_create, .init = setup, .fini = teardown, .timeout = 10);

Test(core_create, ring_is_there_when_create_answers)
{
	const struct registry_ring *record;
	struct fake_file *file;

	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	record = driver_record(driver, "a");
	file = driver_file(driver, "a");
	cr_assert(eq(u32, record->state, REGISTRY_RING_LIVE));
	cr_assert(file && file->is_shared);
	cr_assert(eq(u64, file->allocated, record->segment_bytes));
	cr_assert(eq(u64, record->inode, file->inode));
	cr_assert(eq(u32, driver->reply.body, CONTROL_BODY_RING));
	cr_assert(eq(str, driver->info.state, "live"));
	cr_assert(eq(u64, driver_words(driver, driver_ring(driver, "a"))->state,
		     SHMQ_BOARD_WORD(record->use_count, SHMQ_RING_LIVE)));
	cr_assert(driver_logged(driver, CORE_LOG_RING_CREATED, "made ring 'a'"));
}
