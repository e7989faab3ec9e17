/* SPDX-License-Identifier: MIT */
/*
 * test_core_schema.c - which programs understand each other, and where texts are kept
 *
 * The rule is written twice, for the daemon from fingerprints and for programs from texts
 * (shmq/archive_schema.h): here they must agree.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include <shmq/archive.h>

#include "daemon/core/parts.h"
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

TestSuite(core_schema, .init = setup, .fini = teardown, .timeout = 20);

static const char *const texts[] = {
	"message a layout 1\nfields\n\tu64 id\n",
	"message a layout 1\nfields\n\tu64 id\n+\tu8 more\n",
	"message a layout 1\nfields\n\tu64 id\n+\tu8 more\n+\tu8 most\n",
	"message a layout 1\nfields\n\tu64 id\n+\tu8 other\n",
	"message a layout 1\nfields\n\tu64 id\n\tu8 more\n",
	"message a layout 1\nfields\n+\tu8 more\n\tu64 id\n",
	"message b layout 1\nfields\n\tu64 id\n",
	"+\tu8 more\n",
	"no line",
};
#define N_TEXTS (sizeof(texts) / sizeof(texts[0]))

Test(core_schema, fingerprints_tell_the_same_as_texts)
{
	unsigned n_compatible = 0;

	for (size_t i = 0; i < N_TEXTS; i++) {
		for (size_t j = 0; j < N_TEXTS; j++) {
			bool by_fingerprint =
				schema_descends(texts[i], schema_fingerprint(texts[j])) ||
				schema_descends(texts[j], schema_fingerprint(texts[i]));

			if (strcmp(texts[i], "no line") == 0 || strcmp(texts[j], "no line") == 0)
				continue; /* no schema at all */
			cr_assert(eq(int, by_fingerprint,
				     shmq_archive_compatible(texts[i], texts[j])), "%s\nand\n%s",
				  texts[i], texts[j]);
			n_compatible += by_fingerprint && i != j;
		}
	}
	cr_assert(eq(uint, n_compatible, 8)); /* 0-1, 0-2, 1-2, 0-3, both ways */
}

Test(core_schema, what_is_not_a_text_of_lines_descends_from_nothing)
{
	cr_assert(not(schema_descends("", 1)));
	cr_assert(not(schema_descends("no line", 1)));
	cr_assert(not(schema_descends("a\n+b", schema_fingerprint("a\n"))));
	cr_assert(not(schema_descends("+b\n", schema_fingerprint(""))));
}

static int make(const char *name, const char *text)
{
	struct control_request request = driver_create_request(name, CONTROL_LINGER);

	request.config.schema = schema_fingerprint(text);
	request.config.schema_text = text;
	return driver_ask(driver, client, request);
}

static const char *text_of(const char *name)
{
	return core_ring_schema(driver->fake->core, driver_ring(driver, name));
}

Test(core_schema, a_text_outlives_the_daemon)
{
	cr_assert(eq(int, make("r", texts[1]), 0));
	cr_assert(eq(int, make("same", texts[1]), 0));
	driver_restart(driver);
	client = driver_client(driver, 1000);
	cr_assert(eq(str, (char *)text_of("r"), (char *)texts[1]));
	cr_assert(eq(str, (char *)text_of("same"), (char *)texts[1]));
	cr_assert(eq(int, make("r", texts[0]), 0), "an older version");
	cr_assert(eq(int, make("r", texts[2]), 0), "a later version");
	cr_assert(eq(int, make("r", texts[3]), -EEXIST), "a sister");
	cr_assert(eq(str, (char *)text_of("r"), (char *)texts[1]));
}

Test(core_schema, a_text_that_was_scribbled_over_is_not_believed)
{
	cr_assert(eq(int, make("r", texts[1]), 0));
	driver->fake->registry.schemas[0].text[3] ^= 1;
	driver_restart(driver);
	cr_assert(eq(str, (char *)text_of("r"), (char *)""));
}

Test(core_schema, a_text_must_be_its_fingerprints)
{
	struct control_request request = driver_create_request("r", CONTROL_LINGER);

	request.config.schema = 1;
	request.config.schema_text = texts[0];
	cr_assert(eq(int, driver_ask(driver, client, request), -EINVAL));
}

/* Of ring and type number @i: its text, as it is known after a restart. */
static void assert_kept(unsigned i, bool kept)
{
	char name[16], text[64];

	snprintf(name, sizeof(name), "r%u", i);
	snprintf(text, sizeof(text), "message m%u layout 1\n", i);
	cr_assert(eq(str, (char *)text_of(name), kept ? text : (char *)""), "%u", i);
}

static void make_number(unsigned i)
{
	char name[16], text[64];

	snprintf(name, sizeof(name), "r%u", i);
	snprintf(text, sizeof(text), "message m%u layout 1\n", i);
	cr_assert(eq(int, make(name, text), 0));
}

Test(core_schema, a_place_is_given_away_when_no_ring_needs_it)
{
	struct control_request destroy = { .op = CONTROL_DESTROY, .name = "r7" };
	struct core_config config;

	teardown();
	fake_config(&config);
	config.limits.max_rings_per_uid = 2 * REGISTRY_SCHEMAS;
	driver = driver_new_sized(&config, 2 * REGISTRY_SCHEMAS);
	client = driver_client(driver, 1000);
	for (unsigned i = 0; i <= REGISTRY_SCHEMAS; i++)
		make_number(i);
	cr_assert(eq(int, make("twin", "message m8 layout 1\n"), 0));
	cr_assert(eq(int, driver_ask(driver, client, destroy), 0));
	destroy.name = "r8";
	cr_assert(eq(int, driver_ask(driver, client, destroy), 0));
	make_number(REGISTRY_SCHEMAS + 1);
	make_number(REGISTRY_SCHEMAS + 2);
	driver_restart(driver);
	client = driver_client(driver, 1000);
	assert_kept(6, true);
	cr_assert(eq(str, (char *)text_of("twin"), "message m8 layout 1\n"));
	assert_kept(REGISTRY_SCHEMAS, false);
	assert_kept(REGISTRY_SCHEMAS + 1, true);
	assert_kept(REGISTRY_SCHEMAS + 2, false);
}

Test(core_schema, places_are_used_again)
{
	char text[64];

	for (unsigned i = 0; i < 3 * REGISTRY_SCHEMAS; i++) {
		struct control_request destroy = { .op = CONTROL_DESTROY, .name = "r" };

		snprintf(text, sizeof(text), "message m%u layout 1\n", i);
		cr_assert(eq(int, make("r", text), 0));
		driver_restart(driver);
		client = driver_client(driver, 1000);
		cr_assert(eq(str, (char *)text_of("r"), text));
		cr_assert(eq(int, driver_ask(driver, client, destroy), 0));
	}
}
