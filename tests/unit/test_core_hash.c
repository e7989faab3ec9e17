/* SPDX-License-Identifier: MIT */
/*
 * test_core_hash.c - names that somebody has chosen for it don't spoil the tables
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/parts.h"
#include "tests/unit/core_driver.h"

TestSuite(core_hash, .timeout = 20);

#define N_NAMES 400u

/* The next name that uthash's own function would put into the first of up to 16,384 places. */
static void next_bad_name(unsigned *number, char name[CONTROL_NAME_MAX + 1])
{
	unsigned hash;

	do {
		snprintf(name, CONTROL_NAME_MAX + 1, "a%x", (*number)++);
		HASH_JEN(name, strlen(name), hash);
	} while (hash & 0x3fff);
}

Test(core_hash, a_table_grows_whatever_rings_are_called)
{
	struct core_config config;
	struct driver *driver;
	char name[CONTROL_NAME_MAX + 1];
	unsigned number = 0;
	uint32_t client;

	fake_config(&config);
	config.limits.max_rings_per_uid = N_NAMES;
	driver = driver_new_sized(&config, N_NAMES);
	client = driver_client(driver, 1000);
	for (unsigned i = 0; i < N_NAMES; i++) {
		next_bad_name(&number, name);
		cr_assert_eq(driver_ask(driver, client, driver_create_request(name, CONTROL_PERSISTENT)),
			     0);
	}
	cr_assert_not_null(ring_find(driver->fake->core, name));
	cr_assert_eq(driver->fake->core->names->by_name.tbl->noexpand, 0);
	cr_assert_geq(driver->fake->core->names->by_name.tbl->num_buckets, N_NAMES / 10);
	driver_free(driver);
}

Test(core_hash, another_seed_another_hash)
{
	unsigned before = core_hash("ticks", 5);

	core_seed((const uint8_t[16]){ 1, 2, 3 });
	cr_assert_neq(core_hash("ticks", 5), before);
}
