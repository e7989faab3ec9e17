/* SPDX-License-Identifier: MIT */
/*
 * test_core_attach.c - roles: one holder each, to whom the kernel says it is, and back again
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
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
}

static void teardown(void)
{
	driver_free(driver);
}

TestSuite(core_attach, .init = setup, .fini = teardown, .timeout = 10);

static uint64_t role_word(enum shmq_role role)
{
	return driver_words(driver, driver_ring(driver, "a"))->role[role];
}

Test(core_attach, reply_says_all_that_is_needed_to_map)
{
	const struct registry_ring *record = driver_record(driver, "a");
	const struct control_attach *attach = &driver->reply.attach;

	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(u32, driver->reply.body, CONTROL_BODY_ATTACH));
	cr_assert(eq(str, driver->segment, driver_file(driver, "a")->name));
	cr_assert(eq(u64, attach->inode, record->inode));
	cr_assert(eq(u64, attach->use_count, record->use_count));
	cr_assert(eq(u32, attach->board_index, driver_ring(driver, "a")));
	cr_assert(eq(u64, attach->incarnation, 1));
	cr_assert(eq(u32, attach->geometry.slots, 8));
	cr_assert(eq(u64, attach->geometry.segment_bytes, record->segment_bytes));
	cr_assert(eq(int, memcmp(attach->generation, record->generation, 16), 0));
	cr_assert(not(driver->with_descriptor));
	cr_assert(eq(u64, role_word(SHMQ_ROLE_PRODUCER), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(eq(u64, role_word(SHMQ_ROLE_CONSUMER), SHMQ_BOARD_WORD(0, SHMQ_ROLE_NONE)));
}

Test(core_attach, descriptor_comes_when_it_is_asked_for)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a", .want_descriptor = true };

	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(driver->with_descriptor);
}

Test(core_attach, process_is_watched_once)
{
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(u32, driver->fake->counts[CORE_PROCESS_WATCH], 1));
}

Test(core_attach, held_role_is_refused_with_its_holder)
{
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), 0));
	fake_sleep_ns(driver->fake, 65 * NS_PER_S);
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_CONSUMER), -EBUSY));
	cr_assert(says(driver, "the consumer of ring 'a' is pid 1 (p1) for 1m 5s"));
	cr_assert(says(driver, "end that process, or destroy the ring with --force"));
	cr_assert(eq(sz, driver->reply.n_holders, 1));
	cr_assert(eq(int, driver->reply.holders[0].pid, 1));
	cr_assert(eq(str, driver->reply.holders[0].comm, "p1"));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), -EBUSY));
	cr_assert(says(driver, "that is you; detach first"));
}

Test(core_attach, same_nonce_gets_the_same_answer)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a", .nonce = 7 };
	uint64_t id;

	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	id = driver->reply.attach.attachment;
	cr_assert(eq(int, driver_ask(driver, driver_again(driver, client), request), 0));
	cr_assert(eq(u64, driver->reply.attach.attachment, id));
	cr_assert(eq(u64, driver->reply.attach.incarnation, 1));
	cr_assert(eq(int, driver_ask(driver, other, request), -EBUSY));
	request.nonce = 8;
	cr_assert(eq(int, driver_ask(driver, client, request), -EBUSY));
}

Test(core_attach, same_nonce_gets_the_same_answer_from_the_next_daemon_of_a_lost_ring)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a", .nonce = 7 };
	struct fake_process *process = driver_process(driver, client);
	uint64_t id;

	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	id = driver->reply.attach.attachment;
	fake_file_remove(driver->fake, driver_file(driver, "a"));
	driver_restart(driver);
	client = fake_connect(driver->fake, process);
	cr_assert(eq(int, driver_ask(driver, client,
				     (struct control_request){ .op = CONTROL_HELLO,
							       .protocol_min = 1,
							       .protocol_max = 1,
							       .layout = SHMQ_LAYOUT_VERSION }), 0));
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(u64, driver->reply.attach.attachment, id));
}

Test(core_attach, absent_ring_is_told)
{
	cr_assert(eq(int, driver_attach(driver, client, "b", SHMQ_ROLE_PRODUCER), -ENOENT));
	cr_assert(says(driver, "there is no ring 'b'"));
	cr_assert(eq(int, driver_attach(driver, client, "b c", SHMQ_ROLE_PRODUCER), -EINVAL));
}

Test(core_attach, lost_ring_is_refused_with_the_reason)
{
	fake_file_remove(driver->fake, driver_file(driver, "a"));
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), -ESTALE));
	cr_assert(says(driver, "removed from /dev/shm by somebody else"));
}

#define SCHEMA_X UINT64_C(0xb569ec325dea7ae8) /* of "struct x" */

Test(core_attach, schema_must_fit)
{
	struct control_request request = driver_create_request("typed", CONTROL_LINGER);

	request.config.schema = SCHEMA_X;
	request.config.schema_text = "struct x";
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	request = (struct control_request){
		.op = CONTROL_ATTACH, .name = "typed", .schema_set = true, .schema = 0xdef,
	};
	cr_assert(eq(int, driver_ask(driver, client, request), -EEXIST));
	cr_assert(says(driver, "of type "));
	cr_assert(says(driver, "0000000000000def"));
	request.schema = SCHEMA_X;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(str, driver->schema_text, "struct x"));
	cr_assert(eq(u64, driver->reply.attach.schema, SCHEMA_X));
	cr_assert(eq(str, (char *)core_ring_schema(driver->fake->core, driver_ring(driver, "typed")),
		     "struct x"));
}

/* ---- open ---- */

Test(core_attach, open_makes_an_absent_ring)
{
	struct control_request request = driver_create_request("o", CONTROL_LINGER);

	request.op = CONTROL_ATTACH;
	request.create = true;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(driver->reply.attach.created);
	request.role = SHMQ_ROLE_CONSUMER;
	cr_assert(eq(int, driver_ask(driver, other, request), 0));
	cr_assert(not(driver->reply.attach.created));
	request.config.slots = 16;
	cr_assert(eq(int, driver_ask(driver, other, request), -EEXIST));
}

Test(core_attach, open_without_config_takes_whatever_is_there)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a", .create = true };

	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(u32, driver->reply.attach.geometry.slots, 8));
	request.name = "new";
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(u32, driver->reply.attach.geometry.slots, 1024));
}

/* ---- owner ---- */

Test(core_attach, creator_owns_a_with_creator_ring)
{
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	cr_assert(eq(sz, driver->info.n_holders, 1));
	cr_assert(eq(u32, driver->info.holders[0].role, SHMQ_ROLE_OWNER));
	cr_assert(eq(int, driver->info.holders[0].pid, 1));
	cr_assert(eq(int, driver_attach(driver, other, "w", SHMQ_ROLE_OWNER), -EBUSY));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_OWNER), -EINVAL));
	cr_assert(says(driver, "has no owner"));
}

/* ---- identity ---- */

Test(core_attach, heir_of_the_socket_is_refused)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a" };

	cr_assert(eq(int, driver_ask_as_stranger(driver, client, request), -EPERM));
	cr_assert(says(driver, "forked child must connect by itself"));
	cr_assert(driver_logged(driver, CORE_LOG_REFUSED, "made by another process"));
	request.echo = driver->echo[client] ^ 2;
	cr_assert(eq(int, driver_ask(driver, client, request), -EPERM));
	cr_assert(says(driver, "echo"));
}

Test(core_attach, refusals_do_not_flood_the_journal)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a" };
	size_t n = 0;

	for (unsigned i = 0; i < 100; i++)
		cr_assert(eq(int, driver_ask_as_stranger(driver, client, request), -EPERM));
	for (size_t i = 0; i < driver->n_logs; i++)
		n += driver->logs[i].id == CORE_LOG_REFUSED;
	cr_assert(lt(sz, n, 10));
}

Test(core_attach, process_without_a_number_may_not_hold_anything)
{
	struct fake_process *process = fake_process_new(driver->fake, 0, 1000);
	uint32_t connection;
	struct control_request hello = { .op = CONTROL_HELLO, .protocol_min = 1, .protocol_max = 1,
					 .layout = SHMQ_LAYOUT_VERSION };

	process->identity.pid = 0;
	connection = fake_connect(driver->fake, process);
	cr_assert(eq(int, driver_ask(driver, connection, hello), 0));
	cr_assert(eq(int, driver_attach(driver, connection, "a", SHMQ_ROLE_PRODUCER), -EPERM));
	cr_assert(says(driver, "pid namespace"));
	cr_assert(eq(int, driver_ask(driver, connection,
				     (struct control_request){ .op = CONTROL_PING }), 0));
}

Test(core_attach, ended_process_may_not_attach)
{
	struct fake_process *process = driver_process(driver, client);

	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	fake_process_kill(driver->fake, process);
	fake_process_report(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), -EPERM));
}

/* ---- access ---- */

static int attach_as(uint32_t uid, uint32_t gid, const gid_t *groups, size_t n_groups)
{
	struct fake_process *process = fake_process_new(driver->fake, 0, uid);
	struct control_request hello = { .op = CONTROL_HELLO, .protocol_min = 1, .protocol_max = 1,
					 .layout = SHMQ_LAYOUT_VERSION };
	uint32_t connection;
	int r;

	process->identity.gid = gid;
	process->groups = groups;
	process->n_groups = n_groups;
	connection = fake_connect(driver->fake, process);
	cr_assert(eq(int, driver_ask(driver, connection, hello), 0));
	r = driver_attach(driver, connection, "m", SHMQ_ROLE_PRODUCER);
	if (r == 0)
		cr_assert(eq(int, driver_detach(driver, connection,
						driver->reply.attach.attachment), 0));
	return r;
}

static void make_with_mode(uint32_t mode, gid_t gid)
{
	struct control_request request = driver_create_request("m", CONTROL_PERSISTENT);

	request.config.mode = mode;
	request.config.gid_set = gid;
	request.config.gid = gid;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
}

Test(core_attach, mode_0600_is_for_the_creator_root_and_the_daemon)
{
	make_with_mode(0600, 0);
	cr_assert(eq(int, attach_as(1000, 1, NULL, 0), 0));
	cr_assert(eq(int, attach_as(0, 1, NULL, 0), 0));
	cr_assert(eq(int, attach_as(990, 1, NULL, 0), 0));
	cr_assert(eq(int, attach_as(1001, 1000, NULL, 0), -ENOENT));
	cr_assert(says(driver, "there is no ring 'm' for uid 1001"));
}

Test(core_attach, mode_0660_is_for_the_group_as_well)
{
	static const gid_t groups[] = { 4, 77, 5 }, many[500] = { [499] = 77 };

	make_with_mode(0660, 77);
	cr_assert(eq(int, attach_as(1001, 77, NULL, 0), 0));
	cr_assert(eq(int, attach_as(1001, 1001, groups, 3), 0));
	cr_assert(eq(int, attach_as(1001, 1001, groups, 1), -ENOENT));
	cr_assert(eq(int, attach_as(1001, 1001, many, 500), 0));
	cr_assert(eq(int, attach_as(1001, 1001, many, 499), -ENOENT));
}

Test(core_attach, mode_0660_means_the_creators_group_unless_told)
{
	make_with_mode(0660, 0);
	cr_assert(eq(int, attach_as(1001, 1000, NULL, 0), 0));
	cr_assert(eq(int, attach_as(1001, 1001, NULL, 0), -ENOENT));
}

Test(core_attach, mode_0666_is_for_everybody_that_is_mapped)
{
	make_with_mode(0666, 0);
	cr_assert(eq(int, attach_as(1001, 1, NULL, 0), 0));
	cr_assert(eq(int, attach_as(65534, 1, NULL, 0), -EACCES));
}

/* ---- limits ---- */

Test(core_attach, attachments_of_one_user_are_limited)
{
	driver->fake->config.limits.max_attachments_per_uid = 1;
	driver_restart(driver);
	client = driver_client(driver, 1000);
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_CONSUMER), -EDQUOT));
	cr_assert(eq(u64, driver->reply.limit, 1));
	cr_assert(eq(u64, driver->reply.used, 1));
}

Test(core_attach, attachments_end_with_the_table)
{
	char name[16];
	unsigned n = 0;

	for (unsigned i = 0; i < 15; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		cr_assert(eq(int, driver_create(driver, client, name, CONTROL_WITH_CREATOR), 0));
		n++;
	}
	for (unsigned i = 0; i < 15 && driver->reply.status == 0; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		n += driver_attach(driver, client, name, SHMQ_ROLE_PRODUCER) == 0;
		n += driver_attach(driver, client, name, SHMQ_ROLE_CONSUMER) == 0;
	}
	cr_assert(eq(u32, n, 32));
	cr_assert(eq(int, driver->reply.status, -EDQUOT));
	cr_assert(eq(u64, driver->reply.limit, 32));
}
