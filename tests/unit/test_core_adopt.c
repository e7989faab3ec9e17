/* SPDX-License-Identifier: MIT */
/*
 * test_core_adopt.c - what the next daemon makes of what the last one left
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <setjmp.h>
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
	driver_clear(driver);
}

static void teardown(void)
{
	registry_store_hook = NULL;
	driver_free(driver);
}

TestSuite(core_adopt, .init = setup, .fini = teardown, .timeout = 20);

static uint64_t producer_word(void)
{
	return driver_words(driver, driver_ring(driver, "a"))->role[SHMQ_ROLE_PRODUCER];
}

/* The daemon dies; what @mischief does happens while none runs. */
static void restart_after(void (*mischief)(void))
{
	fake_crash(driver->fake);
	if (mischief)
		mischief();
	cr_assert(eq(int, fake_restart(driver->fake), 0));
	fake_drain(driver->fake);
	driver_check(driver);
}

static struct registry_ring *ring_a(void)
{
	return &driver->fake->registry.rings[0];
}

static struct fake_process *first_process(void)
{
	struct fake_process *process = driver->fake->processes;

	while (process->next)
		process = process->next;
	return process;
}

/* ---- what must not change ---- */

Test(core_adopt, living_client_keeps_its_role_and_may_detach)
{
	struct fake_process *process = first_process();

	restart_after(NULL);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(driver_logged(driver, CORE_LOG_ADOPTED, "adopted 1 rings and 1 attachments"));
	other = driver_client(driver, 1000);
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), -EBUSY));
	client = fake_connect(driver->fake, process);
	cr_assert(eq(int, driver_ask(driver, client,
				     (struct control_request){ .op = CONTROL_HELLO,
							       .protocol_min = 1,
							       .protocol_max = 1,
							       .layout = SHMQ_LAYOUT_VERSION }), 0));
	cr_assert(eq(int, driver_detach(driver, client, id), 0));
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DETACHED)));
}

Test(core_adopt, living_client_is_watched_again)
{
	struct fake_process *process = first_process();

	restart_after(NULL);
	fake_process_kill(driver->fake, process);
	cr_assert(process->end_is_due);
	fake_process_report(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DIED)));
}

Test(core_adopt, every_word_that_was_ever_used_is_bumped_and_woken)
{
	uint32_t bumps[16];
	unsigned n_rings = 0;

	for (uint32_t i = 0; i < 16; i++)
		bumps[i] = driver_words(driver, i)->bump;
	restart_after(NULL);
	for (uint32_t i = 0; i < 16; i++) {
		if (!driver->fake->registry.rings[i].use_count) {
			cr_assert(eq(u32, driver_words(driver, i)->bump, bumps[i]));
			continue;
		}
		n_rings++;
		cr_assert(ne(u32, driver_words(driver, i)->bump, bumps[i]));
		cr_assert(eq(u32, driver->fake->woken[i].bump, driver_words(driver, i)->bump));
	}
	cr_assert(gt(u32, n_rings, 0));
}

Test(core_adopt, adopting_twice_changes_nothing)
{
	restart_after(NULL);
	restart_after(NULL);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(eq(u32, ring_a()->state, REGISTRY_RING_LIVE));
}

/* ---- who died meanwhile ---- */

static void kill_first(void)
{
	fake_process_kill(driver->fake, first_process());
}

Test(core_adopt, role_of_who_died_meanwhile_is_free)
{
	restart_after(kill_first);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DIED)));
	cr_assert(driver_logged(driver, CORE_LOG_CLIENT_DIED, "the producer of ring 'a'"));
}

static void replace_first(void)
{
	fake_process_kill(driver->fake, first_process());
	fake_process_new(driver->fake, first_process()->identity.pid, 1000);
}

Test(core_adopt, stranger_with_the_same_pid_is_not_credited)
{
	restart_after(replace_first);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_DIED)));
}

static void hide_first(void)
{
	first_process()->is_hidden = true;
}

Test(core_adopt, who_cannot_be_verified_stays_and_is_shown_as_such)
{
	struct fake_process *process = first_process();

	restart_after(hide_first);
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(driver_logged(driver, CORE_LOG_UNVERIFIED, "can't tell whether pid 1 (p1)"));
	other = driver_client(driver, 1000);
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), -EBUSY));
	cr_assert(says(driver, "can't tell whether it still lives"));
	cr_assert(driver->reply.holders[0].unverified);
	/* it shows itself */
	fake_connect(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), -EBUSY));
	cr_assert(not(driver->reply.holders[0].unverified));
	fake_process_kill(driver->fake, process);
	fake_process_report(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(eq(int, driver_attach(driver, other, "a", SHMQ_ROLE_PRODUCER), 0));
}

Test(core_adopt, connection_before_the_verdict_is_as_good)
{
	struct fake_process *process = first_process();

	fake_crash(driver->fake);
	process->is_hidden = true;
	cr_assert(eq(int, fake_restart(driver->fake), 0));
	fake_connect(driver->fake, process);
	fake_drain(driver->fake);
	cr_assert(ne(u32, process->id, 0));
	driver_check(driver);
}

/* ---- segments ---- */

static void unlink_a(void)
{
	char name[CONTROL_SEGMENT_MAX];

	snprintf(name, sizeof(name), "%s", driver->fake->names->name);
	fake_file_unlink(driver->fake, fake_file_find(driver->fake, name));
}

static void expect_lost(const char *part)
{
	cr_assert(eq(u32, ring_a()->state, REGISTRY_RING_LOST));
	cr_assert(eq(u32, SHMQ_BOARD_STATE(driver_words(driver, 0)->state), SHMQ_RING_LOST));
	cr_assert(eq(u64, producer_word(), SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(driver_logged(driver, CORE_LOG_RING_LOST, part));
}

Test(core_adopt, segment_that_was_removed_makes_its_ring_lost)
{
	restart_after(unlink_a);
	expect_lost("removed by somebody else while no shmqd ran");
}

static void replace_a(void)
{
	char name[CONTROL_SEGMENT_MAX];
	uint64_t bytes = driver->fake->names->bytes;

	snprintf(name, sizeof(name), "%s", driver->fake->names->name);
	unlink_a();
	fake_file_plant(driver->fake, name, bytes, true);
}

Test(core_adopt, segment_with_another_inode_is_not_believed)
{
	restart_after(replace_a);
	expect_lost("replaced by somebody else");
}

static void resize_a(void)
{
	driver->fake->names->bytes /= 2;
}

Test(core_adopt, segment_of_another_size_is_not_believed)
{
	restart_after(resize_a);
	expect_lost("another size");
}

static void disown_a(void)
{
	driver->fake->names->is_ours = false;
}

Test(core_adopt, segment_of_another_owner_is_not_believed)
{
	restart_after(disown_a);
	expect_lost("replaced");
	driver->fake->names->is_ours = true;
}

/* Who may write a segment may link it, too. */
static void link_a(void)
{
	driver->fake->names->has_twin = true;
}

Test(core_adopt, segment_with_a_second_name_is_the_rings_all_the_same)
{
	restart_after(link_a);
	cr_assert(eq(u32, ring_a()->state, REGISTRY_RING_LIVE));
}

static void plant_strays(void)
{
	fake_file_plant(driver->fake, "/shmq.fake.b.0123456789abcdef", 4096, true);
	fake_file_plant(driver->fake, "/shmq.fake.c.0123456789abcdef", 4096, false);
	fake_file_plant(driver->fake, "/shmq.fake.registry.0123456789abcdef", 4096, true);
	fake_file_plant(driver->fake, "/shmq.fake.board.0123456789abcdef", 4096, true);
}

Test(core_adopt, strays_of_ours_are_removed_and_nothing_else)
{
	restart_after(plant_strays);
	cr_assert(fake_file_find(driver->fake, "/shmq.fake.b.0123456789abcdef") == NULL);
	cr_assert(fake_file_find(driver->fake, "/shmq.fake.c.0123456789abcdef") != NULL);
	cr_assert(fake_file_find(driver->fake, "/shmq.fake.registry.0123456789abcdef") != NULL);
	cr_assert(fake_file_find(driver->fake, "/shmq.fake.board.0123456789abcdef") != NULL);
	cr_assert(eq(sz, fake_files_linked(driver->fake), 4));
	cr_assert(driver_logged(driver, CORE_LOG_STRAY, "removed /shmq.fake.b."));
	cr_assert(driver_logged(driver, CORE_LOG_STRAY, "not ours to remove"));
}

Test(core_adopt, new_registry_removes_no_stray)
{
	struct core_scan_entry entry = { .name = "/shmq.fake.b.0123456789abcdef", .inode = 7,
					 .bytes = 4096, .ours = true };
	struct fake *fresh = fake_new(4, 4, NULL, 1);
	struct core_action *action;
	bool is_told = false;

	fake_crash(fresh);
	fresh->actions = core_actions_new();
	cr_assert(eq(int, core_new(&fresh->core, &fresh->registry, fresh->board, &fresh->config), 0));
	core_adopt(fresh->core, &entry, 1, false, fresh->now_ns, fresh->actions);
	while ((action = core_actions_take(fresh->actions))) {
		cr_assert(ne(u32, action->type, CORE_UNLINK_STRAY));
		is_told |= action->type == CORE_LOG && action->log.id == CORE_LOG_STRAY;
		free(action);
	}
	cr_assert(is_told);
	fake_free(fresh);
}

/* ---- the board ---- */

static void scribble_board(void)
{
	struct shmq_board_ring *words = (void *)(driver->fake->board + 1);

	words[0].state = 0;
	words[0].role[0] = 0;
	words[0].role[1] = SHMQ_BOARD_WORD(99, SHMQ_ROLE_HELD);
}

Test(core_adopt, board_says_what_the_registry_says)
{
	restart_after(scribble_board);
	cr_assert(eq(u64, driver_words(driver, 0)->state,
		     SHMQ_BOARD_WORD(ring_a()->use_count, SHMQ_RING_LIVE)));
	cr_assert(eq(u64, driver_words(driver, 0)->role[0], SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD)));
	cr_assert(eq(u64, driver_words(driver, 0)->role[1], SHMQ_BOARD_WORD(0, SHMQ_ROLE_NONE)));
}

/* ---- intents: the daemon dies before the nth store of one request, for every n ---- */

static jmp_buf death;
static unsigned stores_left;

static void count_store(void)
{
	if (stores_left && --stores_left == 0)
		longjmp(death, 1);
}

/* Return: true: it died. */
static bool dies_at_store(unsigned n, struct control_request request)
{
	stores_left = n;
	registry_store_hook = count_store;
	if (setjmp(death) == 0) {
		driver_ask(driver, client, request);
		registry_store_hook = NULL;
		return false;
	}
	registry_store_hook = NULL;
	fake_crash(driver->fake);
	cr_assert(eq(int, fake_restart(driver->fake), 0));
	fake_drain(driver->fake);
	driver_check(driver);
	return true;
}

Test(core_adopt, half_made_ring_is_undone_or_whole)
{
	for (unsigned n = 1; dies_at_store(n, driver_create_request("b", CONTROL_PERSISTENT)); n++) {
		bool is_there = driver_exists(driver, "b");

		cr_assert(eq(sz, fake_files_linked(driver->fake), is_there ? 2 : 1));
		cr_assert(le(u32, n, 20));
		client = driver_client(driver, 1000);
		if (is_there)
			cr_assert(eq(int, driver_destroy(driver, client, "b", false), 0));
	}
	cr_assert(driver_exists(driver, "b"));
}

Test(core_adopt, half_destroyed_ring_is_gone)
{
	struct control_request request = { .op = CONTROL_DESTROY, .name = "a", .force = true };

	for (unsigned n = 1; dies_at_store(n, request); n++) {
		cr_assert(le(u32, n, 20));
		if (n > 1)
			cr_assert(not(driver_exists(driver, "a")));
		client = driver_client(driver, 1000);
		if (!driver_exists(driver, "a"))
			cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_PERSISTENT), 0));
		if (driver->fake->registry.rings[driver_ring(driver, "a")].incarnation[0] == 0)
			cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	}
}

Test(core_adopt, half_purged_ring_is_there)
{
	struct control_request request = { .op = CONTROL_PURGE, .name = "b" };

	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_PERSISTENT), 0));
	for (unsigned n = 1; dies_at_store(n, request); n++) {
		cr_assert(le(u32, n, 20));
		cr_assert(eq(u32, driver_record(driver, "b")->state, REGISTRY_RING_LIVE));
		cr_assert(eq(sz, fake_files_linked(driver->fake), 2));
		cr_assert(eq(u64, driver_file(driver, "b")->inode, driver_record(driver, "b")->inode));
		client = driver_client(driver, 1000);
	}
}

Test(core_adopt, half_granted_role_is_free_or_held)
{
	struct control_request request = { .op = CONTROL_ATTACH, .name = "a",
					   .role = SHMQ_ROLE_CONSUMER, .nonce = 5 };
	struct fake_process *process = first_process();

	for (unsigned n = 1; dies_at_store(n, request); n++) {
		cr_assert(le(u32, n, 20));
		client = fake_connect(driver->fake, process);
		cr_assert(eq(int, driver_ask(driver, client,
					     (struct control_request){
						     .op = CONTROL_HELLO, .protocol_min = 1,
						     .protocol_max = 1,
						     .layout = SHMQ_LAYOUT_VERSION }), 0));
		/* whichever it is, the same request is granted once */
		cr_assert(eq(int, driver_ask(driver, client, request), 0));
		cr_assert(eq(int, driver_detach(driver, client, driver->reply.attach.attachment), 0));
	}
}

Test(core_adopt, half_detached_role_is_free)
{
	struct control_request request = { .op = CONTROL_DETACH, .attachment = id };
	struct fake_process *process = first_process();

	for (unsigned n = 1; dies_at_store(n, request); n++) {
		cr_assert(le(u32, n, 20));
		if (n > 1)
			cr_assert(eq(u32, SHMQ_BOARD_STATE(producer_word()), SHMQ_ROLE_DETACHED));
		client = fake_connect(driver->fake, process);
		cr_assert(eq(int, driver_ask(driver, client,
					     (struct control_request){
						     .op = CONTROL_HELLO, .protocol_min = 1,
						     .protocol_max = 1,
						     .layout = SHMQ_LAYOUT_VERSION }), 0));
		if (SHMQ_BOARD_STATE(producer_word()) == SHMQ_ROLE_HELD)
			continue;
		cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
		request.attachment = driver->reply.attach.attachment;
	}
}
