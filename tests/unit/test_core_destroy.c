/* SPDX-License-Identifier: MIT */
/*
 * test_core_destroy.c - the end of a ring, its tombstone, purging, and a segment that was lost
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

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

TestSuite(core_destroy, .init = setup, .fini = teardown, .timeout = 10);
TestSuite(core_purge, .init = setup, .fini = teardown, .timeout = 10);
TestSuite(core_lost, .init = setup, .fini = teardown, .timeout = 10);

static void expect_charged(uint64_t bytes, uint32_t n_rings)
{
	struct control_info info;

	core_daemon_info(driver->fake->core, 0, &info);
	cr_assert(eq(u64, info.bytes, bytes));
	cr_assert(eq(u32, info.n_rings, n_rings));
	driver_check(driver);
}

Test(core_destroy, ring_is_gone_when_destroy_answers)
{
	uint32_t ring = driver_ring(driver, "a");

	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(not(driver_exists(driver, "a")));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
	cr_assert(eq(u64, driver->fake->used_bytes, 0));
	cr_assert(eq(u32, SHMQ_BOARD_STATE(driver_words(driver, ring)->state),
		     SHMQ_RING_DESTROYED));
	expect_charged(0, 0);
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), -ENOENT));
}

Test(core_destroy, refused_while_attached_with_both_holders)
{
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_CONSUMER), 0));
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), -EBUSY));
	cr_assert(says(driver, "its producer is pid 1 (p1)"));
	cr_assert(says(driver, "its consumer is pid 2 (p2)"));
	cr_assert(eq(sz, driver->reply.n_holders, 2));
	cr_assert(eq(u32, driver_record(driver, "a")->state, REGISTRY_RING_LIVE));
}

Test(core_destroy, by_force_it_stays_as_a_tombstone_until_they_end)
{
	uint32_t ring = driver_ring(driver, "a");
	uint64_t bytes = driver_record(driver, "a")->segment_bytes, id;
	const struct registry_ring *record = driver_record(driver, "a");

	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	id = driver->reply.attach.attachment;
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_CONSUMER), 0));
	driver_file(driver, "a")->n_maps++;
	cr_assert(eq(int, driver_destroy(driver, client, "a", true), 0));
	cr_assert(eq(u32, record->state, REGISTRY_RING_TOMBSTONE));
	cr_assert(eq(u32, SHMQ_BOARD_STATE(driver_words(driver, ring)->state),
		     SHMQ_RING_DESTROYED));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
	expect_charged(bytes, 1);
	/* the name is free for another one at once */
	cr_assert(eq(int, driver_create(driver, other, "a", CONTROL_PERSISTENT), 0));
	cr_assert(ne(u32, driver_ring(driver, "a"), ring));
	expect_charged(2 * bytes, 2);
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	expect_charged(2 * bytes, 2);
	driver->fake->files->next->n_maps = 0;
	driver_kill(driver, other);
	cr_assert(eq(u32, record->state, REGISTRY_RING_FREE));
	cr_assert(gt(u32, driver->fake->counts[CORE_SEGMENT_PUNCH], 0));
	expect_charged(bytes, 1);
	cr_assert(eq(u64, driver->fake->used_bytes, bytes));
}

Test(core_destroy, kept_mapping_holds_no_pages)
{
	struct fake_file *file = driver_file(driver, "a");

	/* a hard link that somebody made keeps the object, but not its memory */
	file->n_maps++;
	driver->fake->complaint[0] = 0;
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(eq(u64, file->allocated, 0));
	driver->fake->complaint[0] = 0;
	file->n_maps--;
	fake_file_put(driver->fake, file);
}

Test(core_destroy, memory_that_somebody_keeps_stays_charged)
{
	struct fake_file *file = driver_file(driver, "a");
	uint64_t bytes = file->bytes;
	struct control_info info;

	file->n_lies++;
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	core_daemon_info(driver->fake->core, driver->fake->now_ns, &info);
	cr_assert(eq(u64, info.bytes, bytes));
	cr_assert(driver_logged(driver, CORE_LOG_HELD, "some process keeps its memory"));
	driver_clear(driver);
	file->allocated = 4096; /* it writes there again */
	driver->fake->used_bytes += 4096;
	fake_sleep_ns(driver->fake, 10 * NS_PER_S);
	cr_assert(eq(u64, file->allocated, 0));
	cr_assert(eq(sz, driver->n_logs, 0), "that is said once");
	file->n_lies--;
	fake_sleep_ns(driver->fake, 10 * NS_PER_S);
	core_daemon_info(driver->fake->core, driver->fake->now_ns, &info);
	cr_assert(eq(u64, info.bytes, 0));
}

Test(core_purge, refused_while_somebody_keeps_the_memory)
{
	driver_file(driver, "a")->n_lies++;
	cr_assert(eq(int, driver_purge(driver, client, "a"), -EBUSY));
	cr_assert(says(driver, "keeps the memory of ring 'a' without being attached"));
	driver_file(driver, "a")->n_lies--;
	cr_assert(eq(int, driver_purge(driver, client, "a"), 0));
}

Test(core_destroy, only_the_maker_root_and_the_daemon_may)
{
	struct control_request request = driver_create_request("shown", CONTROL_PERSISTENT);

	request.config.mode = 0666;
	cr_assert(eq(int, driver_ask(driver, client, request), 0));
	cr_assert(eq(int, driver_destroy(driver, driver_client(driver, 1001), "shown", true),
		     -EACCES));
	cr_assert(says(driver, "only uid 1000, who made ring 'shown', and root may destroy it"));
	cr_assert(eq(int, driver_destroy(driver, driver_client(driver, 1001), "a", true), -ENOENT));
	cr_assert(eq(int, driver_destroy(driver, driver_client(driver, 65534), "a", true), -EACCES));
	cr_assert(eq(int, driver_destroy(driver, driver_client(driver, 0), "a", false), 0));
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	cr_assert(eq(int, driver_destroy(driver, driver_client(driver, 990), "a", false), 0));
}

Test(core_destroy, unread_messages_are_counted_and_told)
{
	cr_assert(eq(int, driver_ask(driver, other, (struct control_request){ .op = CONTROL_WATCH }),
		     0));
	driver_fill(driver, "a", 9, 4);
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(driver_logged(driver, CORE_LOG_RING_DESTROYED, "5 messages that nobody had read"));
	cr_assert(eq(u64, driver_event(driver, CONTROL_EVENT_DESTROYED, "a")->count, 5));
}

Test(core_destroy, hostile_positions_are_no_number_of_messages)
{
	static const struct {
		uint64_t pushed, popped, count;
	} cases[] = {
		{ UINT64_MAX / 2, 0, 8 }, { 0, 1, 0 }, { 3, UINT64_MAX - 1, 5 }, { 100, 92, 8 },
	};

	cr_assert(eq(int, driver_ask(driver, other, (struct control_request){ .op = CONTROL_WATCH }),
		     0));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		driver_clear(driver);
		driver_fill(driver, "a", cases[i].pushed, cases[i].popped);
		cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
		cr_assert(eq(u64, driver_event(driver, CONTROL_EVENT_DESTROYED, "a")->count,
			     cases[i].count));
		cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
	}
}

Test(core_destroy, failing_unlink_is_told_and_tried_again)
{
	driver->fake->fail[CORE_SEGMENT_UNLINK] = -EIO;
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), -EIO));
	cr_assert(says(driver, "shmqd goes on trying"));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 1));
	fake_sleep_ns(driver->fake, 3 * NS_PER_S);
	cr_assert(eq(sz, fake_files_linked(driver->fake), 0));
	expect_charged(0, 0);
}

Test(core_destroy, failing_punch_leaves_the_rest_to_the_kernel)
{
	driver->fake->fail[CORE_SEGMENT_PUNCH] = -EIO;
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	expect_charged(0, 0);
	cr_assert(eq(u64, driver->fake->used_bytes, 0));
}

Test(core_destroy, old_handles_never_fit_the_next_ring)
{
	uint32_t ring = driver_ring(driver, "a");
	uint64_t word = driver_words(driver, ring)->state;
	uint8_t generation[16];

	memcpy(generation, driver_record(driver, "a")->generation, sizeof(generation));
	for (unsigned i = 0; i < 40; i++) {
		cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
		cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
		cr_assert(ne(u64, driver_words(driver, ring)->state, word));
		cr_assert(ne(int, memcmp(generation, driver_record(driver, "a")->generation, 16), 0));
	}
}

Test(core_destroy, waits_for_a_ring_that_is_being_made)
{
	struct control_request request = driver_create_request("b", CONTROL_PERSISTENT);

	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	cr_assert(eq(int, driver_destroy(driver, other, "b", false), 0));
	cr_assert(not(driver_exists(driver, "b")));
}

Test(core_destroy, second_of_two_is_told_that_it_is_gone)
{
	struct control_request request = { .op = CONTROL_DESTROY, .name = "a" };

	request.echo = driver->echo[other];
	fake_request(driver->fake, other, &request, true);
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(eq(u32, driver->fake->counts[CORE_SEGMENT_UNLINK], 1));
}

/* ---- purge ---- */

Test(core_purge, messages_are_dropped_and_counted)
{
	const struct registry_ring *record = driver_record(driver, "a");
	uint64_t use_count = record->use_count, inode = record->inode;
	uint8_t generation[16];

	memcpy(generation, record->generation, sizeof(generation));
	driver_fill(driver, "a", 12, 5);
	cr_assert(eq(int, driver_purge(driver, client, "a"), 0));
	cr_assert(eq(u32, driver->reply.body, CONTROL_BODY_PURGE));
	cr_assert(eq(u64, driver->reply.dropped, 7));
	cr_assert(eq(u64, driver_file(driver, "a")->pushed, 0));
	cr_assert(eq(u32, record->state, REGISTRY_RING_LIVE));
	cr_assert(eq(u64, record->use_count, use_count + 1));
	cr_assert(ne(u64, record->inode, inode));
	cr_assert(ne(int, memcmp(generation, record->generation, 16), 0));
	cr_assert(eq(sz, fake_files_linked(driver->fake), 1));
	expect_charged(record->segment_bytes, 1);
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(u64, driver->reply.attach.incarnation, 1));
}

Test(core_purge, refused_while_attached)
{
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_purge(driver, client, "a"), -EBUSY));
	cr_assert(says(driver, "so you can't purge it: its producer is pid 2"));
}

Test(core_purge, only_who_may_destroy_may)
{
	cr_assert(eq(int, driver_purge(driver, driver_client(driver, 1001), "a"), -ENOENT));
	cr_assert(eq(int, driver_purge(driver, client, "none"), -ENOENT));
}

Test(core_purge, owner_is_not_in_the_way_and_stays)
{
	cr_assert(eq(int, driver_create(driver, client, "w", CONTROL_WITH_CREATOR), 0));
	cr_assert(eq(int, driver_purge(driver, client, "w"), 0));
	cr_assert(eq(int, driver_attach(driver, other, "w", SHMQ_ROLE_OWNER), -EBUSY));
	fake_sleep_ns(driver->fake, 60 * NS_PER_S);
	cr_assert(driver_exists(driver, "w"));
}

Test(core_purge, requests_meanwhile_wait)
{
	struct control_request request = { .op = CONTROL_PURGE, .name = "a" };

	request.echo = driver->echo[client];
	fake_request(driver->fake, client, &request, true);
	for (unsigned i = 0; i < 3; i++)
		fake_perform(driver->fake);
	cr_assert(eq(u32, driver_record(driver, "a")->state, REGISTRY_RING_PURGING));
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(u32, driver_record(driver, "a")->state, REGISTRY_RING_LIVE));
}

Test(core_purge, ring_survives_a_full_disk)
{
	driver_fill(driver, "a", 3, 0);
	driver->fake->fail[CORE_SEGMENT_ALLOCATE] = -ENOSPC;
	cr_assert(eq(int, driver_purge(driver, client, "a"), -ENOSPC));
	cr_assert(says(driver, "the messages are dropped, but no room in /dev/shm"));
	cr_assert(says(driver, "shmqd goes on trying"));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), -ENOSPC));
	fake_sleep_ns(driver->fake, 3 * NS_PER_S);
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
}

Test(core_purge, ring_without_memory_can_be_destroyed)
{
	driver->fake->capacity_bytes = 0;
	cr_assert(eq(int, driver_purge(driver, client, "a"), -ENOSPC));
	fake_sleep_ns(driver->fake, 7 * NS_PER_S);
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	expect_charged(0, 0);
}

Test(core_purge, failing_unlink_changes_nothing)
{
	driver_fill(driver, "a", 3, 0);
	driver->fake->fail[CORE_SEGMENT_UNLINK] = -EIO;
	cr_assert(eq(int, driver_purge(driver, client, "a"), -EIO));
	cr_assert(eq(u64, driver_file(driver, "a")->pushed, 3));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
}

/* ---- lost ---- */

Test(core_lost, attached_ones_go_on_and_everybody_is_told)
{
	uint32_t ring = driver_ring(driver, "a");
	uint64_t id;

	cr_assert(eq(int, driver_ask(driver, other, (struct control_request){ .op = CONTROL_WATCH }),
		     0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	id = driver->reply.attach.attachment;
	fake_file_remove(driver->fake, driver_file(driver, "a"));
	fake_drain(driver->fake);
	cr_assert(eq(u64, driver_words(driver, ring)->state,
		     SHMQ_BOARD_WORD(driver_record(driver, "a")->use_count, SHMQ_RING_LOST)));
	cr_assert(eq(u64, driver_words(driver, ring)->role[0], SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(driver_event(driver, CONTROL_EVENT_LOST, "a") != NULL);
	cr_assert(driver_logged(driver, CORE_LOG_RING_LOST, "uid 1000 made it"));
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), -ESTALE));
	cr_assert(says(driver, "shmqctl destroy --force a"));
	cr_assert(eq(int, driver_purge(driver, client, "a"), -ESTALE));
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	cr_assert(eq(int, driver_destroy(driver, client, "a", false), 0));
	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
}

Test(core_lost, linger_ring_goes_when_its_time_is_over)
{
	cr_assert(eq(int, driver_create(driver, client, "l", CONTROL_LINGER), 0));
	fake_file_remove(driver->fake, driver_file(driver, "l"));
	fake_drain(driver->fake);
	fake_sleep_ns(driver->fake, 29 * NS_PER_S);
	cr_assert(driver_exists(driver, "l"));
	fake_sleep_ns(driver->fake, 2 * NS_PER_S);
	cr_assert(not(driver_exists(driver, "l")));
}

Test(core_lost, second_notice_changes_nothing)
{
	struct core_event event = { .type = CORE_SEGMENT_GONE };

	fake_file_remove(driver->fake, driver_file(driver, "a"));
	event.ring = driver_ring(driver, "a");
	fake_step(driver->fake, &event);
	fake_drain(driver->fake);
	cr_assert(eq(u32, driver_record(driver, "a")->state, REGISTRY_RING_LOST));
}
