/* SPDX-License-Identifier: MIT */
/*
 * test_core_create.c - making rings: whole or not at all, once, and as it was asked
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
	cr_assert(eq(u32, driver->type, CORE_REPLY_RING));
	cr_assert(eq(str, driver->info.state, "live"));
	cr_assert(eq(str, driver->info.segment, file->name));
	cr_assert(eq(u64, driver_words(driver, driver_ring(driver, "a"))->state,
		     SHMQ_BOARD_WORD(record->use_count, SHMQ_RING_LIVE)));
	cr_assert(driver_logged(driver, CORE_LOG_RING_CREATED, "made ring 'a'"));
}

Test(core_create, memory_is_allocated_in_chunks)
{
	struct control_request request = driver_create_request("big", CONTROL_PERSISTENT);

	request.config.slots = 64;
	request.config.size_bytes = 16384;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(gt(u32, driver->fake->counts[CORE_SEGMENT_ALLOCATE], 10));
	cr_assert(eq(u64, driver_file(driver, "big")->allocated,
		     driver_record(driver, "big")->segment_bytes));
}

Test(core_create, zero_means_the_default)
{
	struct control_request request = { .op = CONTROL_CREATE, .name = "a", .has_config = true };

	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(u32, driver->info.config.slots, 1024));
	cr_assert(eq(u32, driver->info.config.size_bytes, 256));
	cr_assert(eq(u32, driver->info.config.linger_s, 30));
	cr_assert(eq(u32, driver->info.config.mode, 0600));
}

/* ---- bad input ---- */

Test(core_create, each_bad_name_has_its_sentence)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "", "needs a name" },
		{ ".a", "begins with a letter or a digit" },
		{ "-a", "begins with a letter or a digit" },
		{ "a b", "letters, digits" },
		{ "a/b", "letters, digits" },
		{ "a\n", "letters, digits" },
		{ "\xc3\xa4", "begins with a letter or a digit" },
		{ "registry", "shmqd's own" },
		{ "registry.0", "shmqd's own" },
		{ "board", "shmqd's own" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "at most 63" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert(eq(int, driver_create(driver, client, cases[i].name, CONTROL_LINGER),
			     -EINVAL), "%s", cases[i].name);
		cr_assert(says(driver, cases[i].part));
	}
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
}

Test(core_create, names_up_to_63_characters_are_fine)
{
	const char *name = "0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa._-";

	cr_assert(eq(sz, strlen(name), 63));
	cr_assert(eq(int, driver_create(driver, client, name, CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, client, "registrya", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, client, "a.registry", CONTROL_LINGER), 0));
}

Test(core_create, each_bad_size_has_its_sentence)
{
	static const struct {
		uint32_t slots, size_bytes;
		const char *part;
	} cases[] = {
		{ 3, 64, "power of two" },
		{ 0xffffffff, 64, "power of two" },
		{ 1u << 21, 64, "at most 1048576 slots" },
		{ 1u << 31, 64, "at most 1048576 slots" },
		{ 8, (16u << 20) + 1, "at most 16777216 bytes" },
		{ 8, 0xffffffff, "at most 16777216 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct control_request request = driver_create_request("a", CONTROL_LINGER);

		request.config.slots = cases[i].slots;
		request.config.size_bytes = cases[i].size_bytes;
		cr_assert(eq(int, driver_ask(driver, client, request), -EINVAL));
		cr_assert(says(driver, cases[i].part));
		cr_assert(says(driver, "'a'"));
	}
}

Test(core_create, modes_are_three)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.config.mode = 0640;
	cr_assert(eq(int, driver_ask(driver, client, request), -EINVAL));
	cr_assert(says(driver, "0640"));
}

Test(core_create, what_exceeds_a_limit_is_told_with_both_figures)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.config.slots = 1u << 20;
	request.config.size_bytes = 16u << 20;
	cr_assert(eq(int, driver_ask(driver, client, request), -EDQUOT));
	cr_assert(says(driver, "needs 16T"));
	cr_assert(eq(u64, driver->reply.limit, driver->fake->config.limits.max_bytes_per_uid));
	cr_assert(eq(u64, driver->reply.used, 0));
}

/* ---- idempotency ---- */

Test(core_create, equal_ring_is_success)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, driver_client(driver, 1000), "a", CONTROL_LINGER),
		     0));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 1));
}

static void expect_difference(struct control_request request, const char *part)
{
	cr_assert(eq(int, driver_ask(driver, client, request), -EEXIST));
	cr_assert(says(driver, part));
	cr_assert(says(driver, "uid 1000, made it"));
}

Test(core_create, each_difference_is_named_with_its_maker)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.config.mode = 0660;
	request.config.gid_set = true;
	request.config.gid = 5;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	request.config.slots = 16;
	expect_difference(request, "8 slots (you ask for 16)");
	request.config.slots = 8;
	request.config.size_bytes = 65;
	expect_difference(request, "64 bytes (you ask for 65)");
	request.config.size_bytes = 64;
	request.config.align_payload = true;
	expect_difference(request, "not aligned");
	request.config.align_payload = false;
	request.config.wake = CONTROL_WAKE_FENCE;
	expect_difference(request, "wake=membarrier (you ask for fence)");
	request.config.wake = CONTROL_WAKE_MEMBARRIER;
	request.config.lifetime = CONTROL_PERSISTENT;
	expect_difference(request, "lifetime linger (you ask for persistent)");
	request.config.lifetime = CONTROL_LINGER;
	request.config.linger_s = 31;
	expect_difference(request, "linger 30s (you ask for 31s)");
	request.config.linger_s = 0;
	request.config.mode = 0666;
	expect_difference(request, "mode 0660 (you ask for 0666)");
	request.config.mode = 0660;
	request.config.gid = 6;
	expect_difference(request, "group 5 (you ask for 6)");
	request.config.gid_set = false;
	request.config.schema = 1;
	expect_difference(request, "type 0000000000000001");
	request.config.schema = 0;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
}

Test(core_create, exclusive_refuses_what_exists)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.exclusive = true;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(int, driver_ask(driver, client, request), -EEXIST));
	cr_assert(says(driver, "ring 'a' exists"));
}

Test(core_create, lost_reply_is_no_refusal_when_the_nonce_is_the_same)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.exclusive = true;
	request.nonce = 42;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(int, driver_ask(driver, driver_again(driver, client), request), 0));
	/* another process with that number is another one */
	cr_assert(eq(int, driver_ask(driver, driver_client(driver, 1000), request), -EEXIST));
}

Test(core_create, concurrent_creates_wait_and_get_one_answer)
{
	uint32_t other = driver_client(driver, 1000);
	struct control_request request = driver_create_request("a", CONTROL_LINGER);
	unsigned n_before = driver->n_replies;

	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	request.echo = driver->echo[other];
	fake_request(driver->fake, other, &request, true);
	cr_assert(eq(u32, driver->n_replies, n_before));
	fake_drain(driver->fake);
	cr_assert(eq(u32, driver->n_replies, n_before + 2));
	cr_assert(eq(int, driver->reply.status, 0));
	cr_assert(eq(u32, driver->fake->counts[CORE_SEGMENT_CREATE], 1));
}

Test(core_create, whoever_waits_gets_the_same_failure)
{
	uint32_t other = driver_client(driver, 1000);
	struct control_request request = driver_create_request("a", CONTROL_LINGER);
	unsigned n_before = driver->n_replies;

	driver->fake->fail[CORE_SEGMENT_ALLOCATE] = -ENOSPC;
	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	request.echo = driver->echo[other];
	fake_request(driver->fake, other, &request, true);
	fake_drain(driver->fake);
	cr_assert(eq(u32, driver->n_replies, n_before + 2));
	cr_assert(eq(u32, driver->connection, other));
	cr_assert(eq(int, driver->reply.status, -ENOSPC));
	cr_assert(eq(u32, driver->fake->counts[CORE_SEGMENT_CREATE], 1));
}

Test(core_create, too_many_waiting_requests_are_refused)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);
	unsigned n_refused = 0;

	request.echo = driver->echo[client];
	for (unsigned i = 0; i < 40; i++)
		fake_request(driver->fake, client, &request, true);
	while (fake_perform(driver->fake))
		n_refused += driver->reply.status == -EAGAIN;
	cr_assert(gt(u32, n_refused, 0));
	cr_assert(eq(u32, driver->fake->counts[CORE_SEGMENT_CREATE], 1));
}

Test(core_create, connection_that_closes_meanwhile_leaves_a_whole_ring)
{
	struct control_request request = driver_create_request("a", CONTROL_LINGER);

	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	fake_disconnect(driver->fake, client);
	fake_drain(driver->fake);
	cr_assert(eq(u32, driver_record(driver, "a")->state, REGISTRY_RING_LIVE));
}

/* ---- limits ---- */

Test(core_create, rings_of_all_users_end_with_the_table)
{
	char name[16];

	for (unsigned i = 0; i < driver->fake->n_rings; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		cr_assert(eq(int, driver_create(driver, client, name, CONTROL_LINGER), 0));
	}
	cr_assert(eq(int, driver_create(driver, client, "more", CONTROL_LINGER), -EDQUOT));
	cr_assert(eq(u64, driver->reply.limit, driver->fake->n_rings));
	cr_assert(eq(u64, driver->reply.used, driver->fake->n_rings));
	cr_assert(eq(int, driver_destroy(driver, client, "r3", false), 0));
	cr_assert(eq(int, driver_create(driver, client, "more", CONTROL_LINGER), 0));
}

Test(core_create, limits_of_one_user_are_no_limits_of_another)
{
	uint32_t other = driver_client(driver, 1001);
	struct core_config *config = &driver->fake->config;
	uint64_t bytes;

	cr_assert(eq(int, driver_create(driver, client, "probe", CONTROL_LINGER), 0));
	bytes = driver_record(driver, "probe")->segment_bytes;
	config->limits.max_rings_per_uid = 2;
	config->limits.max_bytes_per_uid = 100 * bytes;
	driver_restart(driver);
	client = driver_client(driver, 1000);
	other = driver_client(driver, 1001);
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_LINGER), -EDQUOT));
	cr_assert(says(driver, "uid 1000 has 2 rings"));
	cr_assert(eq(int, driver_create(driver, other, "b", CONTROL_LINGER), 0));
}

Test(core_create, bytes_are_charged_to_the_user_and_to_all)
{
	struct core_config *config = &driver->fake->config;
	uint32_t other;

	cr_assert(eq(int, driver_create(driver, client, "probe", CONTROL_LINGER), 0));
	config->limits.max_bytes_per_uid = 2 * driver_record(driver, "probe")->segment_bytes;
	config->limits.max_bytes = 3 * driver_record(driver, "probe")->segment_bytes;
	driver_restart(driver);
	client = driver_client(driver, 1000);
	other = driver_client(driver, 1001);
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_LINGER), -EDQUOT));
	cr_assert(says(driver, "this user uses 24K of 24K"));
	cr_assert(eq(int, driver_create(driver, other, "b", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, other, "c", CONTROL_LINGER), -EDQUOT));
	cr_assert(says(driver, "shmqd uses 36K of 36K"));
	cr_assert(eq(u64, driver->reply.limit, config->limits.max_bytes));
	cr_assert(eq(u64, driver->reply.used, config->limits.max_bytes));
}

/* ---- who may ---- */

Test(core_create, unmapped_uid_is_refused)
{
	uint32_t nobody = driver_client(driver, 65534);

	cr_assert(eq(int, driver_create(driver, nobody, "a", CONTROL_LINGER), -EACCES));
	cr_assert(says(driver, "not mapped"));
}

Test(core_create, somebody_elses_ring_is_no_equal_one)
{
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_create(driver, driver_client(driver, 1001), "a", CONTROL_LINGER),
		     -EACCES));
	cr_assert(says(driver, "'a' is a name that uid 1001 may not use here"));
}

Test(core_create, with_creator_needs_the_process_itself)
{
	cr_assert(eq(int, driver_ask_as_stranger(driver, client,
						 driver_create_request("a", CONTROL_WITH_CREATOR)),
		     -EPERM));
	cr_assert(eq(int, driver_ask_as_stranger(driver, client,
						 driver_create_request("a", CONTROL_LINGER)), 0));
}
