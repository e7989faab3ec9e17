/* SPDX-License-Identifier: MIT */
/*
 * test_registry.c - memory that an earlier daemon, or somebody else, left: believed or set aside
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "tests/unit/core_driver.h"

#define N_RINGS	      8u
#define N_ATTACHMENTS 12u

static const uint8_t boot_id[16] = "boot", other_boot_id[16] = "another boot";
static const uint8_t epoch[16] = "epoch";
static unsigned char *memory;
static size_t bytes;
static struct registry registry;

static void setup(void)
{
	bytes = registry_bytes(N_RINGS, N_ATTACHMENTS);
	memory = calloc(1, bytes);
	registry_format(memory, N_RINGS, N_ATTACHMENTS, "i", boot_id, "/shmq.i.board.0", epoch,
			&registry);
}

static void teardown(void)
{
	free(memory);
}

TestSuite(registry, .init = setup, .fini = teardown, .timeout = 20);

static int adopt(void)
{
	struct registry adopted = { 0 };
	int r = registry_adopt(memory, bytes, "i", boot_id, &adopted);

	if (r == 0) {
		cr_assert(eq(ptr, adopted.rings, registry.rings));
		cr_assert(eq(ptr, adopted.attachments, registry.attachments));
	} else {
		cr_assert(adopted.header == NULL, "written on failure");
	}
	return r;
}

/* A LIVE ring with a holder of each role, as the core leaves it. */
static struct registry_ring *ring_make(uint32_t i, const char *name)
{
	struct registry_ring *ring = &registry.rings[i];

	*ring = (struct registry_ring){
		.lifetime = CONTROL_WITH_CREATOR,
		.slots = 8,
		.size_bytes = 64,
		.stride_bytes = 72,
		.region_bytes = 4096,
		.segment_bytes = 3 * 4096,
		.mode = 0600,
		.use_count = 1,
		.incarnation = { 1, 1 },
	};
	strcpy(ring->name, name);
	registry_ring_set_state(ring, REGISTRY_RING_LIVE);
	return ring;
}

static struct registry_attachment *attachment_make(uint32_t i, uint32_t ring, enum shmq_role role)
{
	struct registry_attachment *attachment = &registry.attachments[i];

	*attachment = (struct registry_attachment){
		.ring = ring,
		.role = role,
		.id = registry.header->next_attachment_id++,
		.incarnation = 1,
		.process = { .pid = 100 },
	};
	registry_attachment_set_state(attachment, REGISTRY_ATTACHMENT_HELD);
	return attachment;
}

Test(registry, fresh_one_is_adopted)
{
	cr_assert(eq(int, adopt(), 0));
}

Test(registry, full_one_is_adopted)
{
	ring_make(0, "a");
	ring_make(7, "b");
	attachment_make(0, 0, SHMQ_ROLE_PRODUCER);
	attachment_make(11, 0, SHMQ_ROLE_CONSUMER);
	attachment_make(5, 7, SHMQ_ROLE_OWNER);
	cr_assert(eq(int, adopt(), 0));
}

Test(registry, other_boot_is_stale)
{
	struct registry adopted;

	cr_assert(eq(int, registry_adopt(memory, bytes, "i", other_boot_id, &adopted), -ESTALE));
}

Test(registry, other_instance_is_refused)
{
	struct registry adopted;

	cr_assert(eq(int, registry_adopt(memory, bytes, "j", boot_id, &adopted), -EBADMSG));
}

Test(registry, other_layout_is_told_apart)
{
	registry.header->layout = REGISTRY_LAYOUT + 1;
	cr_assert(eq(int, adopt(), -EPROTO));
}

Test(registry, too_short_is_refused)
{
	struct registry adopted;

	for (size_t n = 0; n < bytes; n += n < 600 ? 1 : 97)
		cr_assert(eq(int, registry_adopt(memory, n, "i", boot_id, &adopted), -EBADMSG));
	cr_assert(eq(int, registry_adopt(memory, bytes, "i", boot_id, &adopted), 0));
}

Test(registry, every_flipped_bit_of_the_header_is_noticed)
{
	/* what follows is for people only, and judged by nobody */
	for (size_t i = 0; i < offsetof(struct registry_header, daemon_pid); i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			size_t next = offsetof(struct registry_header, next_attachment_id);

			if (i >= next && i < next + 8)
				continue; /* any number but 0 is one */
			memory[i] ^= (unsigned char)(1u << bit);
			cr_assert(lt(int, adopt(), 0), "byte %zu, bit %u", i, bit);
			memory[i] ^= (unsigned char)(1u << bit);
		}
	}
	cr_assert(eq(int, adopt(), 0));
	registry.header->next_attachment_id = 0;
	cr_assert(eq(int, adopt(), -EBADMSG));
}

#define EXPECT_REFUSED(record, field, value)                                                       \
	do {                                                                                       \
		__typeof__((record)->field) kept = (record)->field;                                \
		(record)->field = (value);                                                         \
		cr_expect(eq(int, adopt(), -EBADMSG), "%s = %s", #field, #value);                  \
		(record)->field = kept;                                                            \
		cr_assert(eq(int, adopt(), 0), "%s restored", #field);                             \
	} while (0)

Test(registry, ring_that_makes_no_sense_is_refused)
{
	struct registry_ring *ring = ring_make(3, "a");

	EXPECT_REFUSED(ring, state, REGISTRY_RING_PURGING + 1);
	EXPECT_REFUSED(ring, lifetime, CONTROL_WITH_CREATOR + 1);
	EXPECT_REFUSED(ring, wake, CONTROL_WAKE_NEVER + 1);
	EXPECT_REFUSED(ring, align_payload, 2);
	EXPECT_REFUSED(ring, mode, 0640);
	EXPECT_REFUSED(ring, use_count, 0);
	EXPECT_REFUSED(ring, use_count, UINT64_C(1) << 56);
	EXPECT_REFUSED(ring, incarnation[1], UINT64_C(1) << 56);
	EXPECT_REFUSED(ring, slots, 7);
	EXPECT_REFUSED(ring, slots, 0);
	EXPECT_REFUSED(ring, slots, 1u << 31);
	EXPECT_REFUSED(ring, size_bytes, 0);
	EXPECT_REFUSED(ring, size_bytes, UINT32_MAX);
	EXPECT_REFUSED(ring, stride_bytes, 8);
	EXPECT_REFUSED(ring, lead_bytes, 1);
	EXPECT_REFUSED(ring, region_bytes, 4095);
	EXPECT_REFUSED(ring, segment_bytes, 4096);
	EXPECT_REFUSED(ring, segment_bytes, UINT64_MAX);
	EXPECT_REFUSED(ring, name[0], 0);
	EXPECT_REFUSED(ring, name[0], '/');
	EXPECT_REFUSED(ring, name[1], '\n');
	memset(ring->name, 'a', sizeof(ring->name));
	cr_assert(eq(int, adopt(), -EBADMSG));
	strcpy(ring->name, "a");
	memset(ring->creator.comm, 'a', sizeof(ring->creator.comm));
	cr_assert(eq(int, adopt(), -EBADMSG));
}

Test(registry, attachment_that_makes_no_sense_is_refused)
{
	struct registry_attachment *attachment;

	ring_make(3, "a");
	attachment = attachment_make(0, 3, SHMQ_ROLE_PRODUCER);
	EXPECT_REFUSED(attachment, state, REGISTRY_ATTACHMENT_DYING + 1);
	EXPECT_REFUSED(attachment, ring, N_RINGS);
	EXPECT_REFUSED(attachment, ring, UINT32_MAX);
	EXPECT_REFUSED(attachment, ring, 4); /* a free record */
	EXPECT_REFUSED(attachment, role, SHMQ_ROLE_OWNER + 1);
	EXPECT_REFUSED(attachment, id, 0);
	EXPECT_REFUSED(attachment, id, registry.header->next_attachment_id);
	EXPECT_REFUSED(attachment, incarnation, 0);
	EXPECT_REFUSED(attachment, incarnation, 2);
	EXPECT_REFUSED(attachment, process.pid, 0);
	EXPECT_REFUSED(attachment, process.pid, -1);
	memset(attachment->process.comm, 'a', sizeof(attachment->process.comm));
	cr_assert(eq(int, adopt(), -EBADMSG));
}

Test(registry, owner_of_a_ring_without_one_is_refused)
{
	ring_make(3, "a")->lifetime = CONTROL_LINGER;
	attachment_make(0, 3, SHMQ_ROLE_OWNER);
	cr_assert(eq(int, adopt(), -EBADMSG));
}

Test(registry, role_has_one_holder)
{
	ring_make(0, "a");
	attachment_make(0, 0, SHMQ_ROLE_PRODUCER);
	attachment_make(1, 0, SHMQ_ROLE_PRODUCER);
	cr_assert(eq(int, adopt(), -EBADMSG));
}

Test(registry, attachment_ids_are_unique)
{
	ring_make(0, "a");
	attachment_make(0, 0, SHMQ_ROLE_PRODUCER);
	attachment_make(1, 0, SHMQ_ROLE_CONSUMER)->id = 1;
	cr_assert(eq(int, adopt(), -EBADMSG));
}

Test(registry, name_has_one_ring)
{
	struct registry_ring *second;

	ring_make(0, "a");
	second = ring_make(1, "a");
	cr_assert(eq(int, adopt(), -EBADMSG));
	/* those that are leaving, or were never there, have none */
	second->state = REGISTRY_RING_TOMBSTONE;
	cr_assert(eq(int, adopt(), 0));
	second->state = REGISTRY_RING_DESTROYING;
	cr_assert(eq(int, adopt(), 0));
	second->state = REGISTRY_RING_CREATING;
	cr_assert(eq(int, adopt(), 0));
	second->state = REGISTRY_RING_PURGING;
	cr_assert(eq(int, adopt(), -EBADMSG));
}

Test(registry, garbage_in_free_records_is_nobodys_business)
{
	memset(registry.rings, 0xff, N_RINGS * sizeof(*registry.rings));
	memset(registry.attachments, 0xff, N_ATTACHMENTS * sizeof(*registry.attachments));
	for (uint32_t i = 0; i < N_RINGS; i++)
		registry.rings[i].state = REGISTRY_RING_FREE;
	for (uint32_t i = 0; i < N_ATTACHMENTS; i++)
		registry.attachments[i].state = REGISTRY_ATTACHMENT_FREE;
	cr_assert(eq(int, adopt(), 0));
}

/* Whatever it is, it is refused or it is a registry that the core can stand on. */
Test(registry, scribbled_records_never_bring_the_core_down)
{
	struct driver *driver = driver_new(NULL);
	struct fake *fake = driver->fake;
	size_t records = sizeof(struct registry_header);
	unsigned char *kept = malloc(fake->memory_bytes);
	unsigned char *at = fake->memory;
	char text[CONTROL_TEXT_MAX];
	uint32_t client = driver_client(driver, 1000);
	unsigned n_adopted = 0;

	cr_assert(eq(int, driver_create(driver, client, "a", CONTROL_LINGER), 0));
	cr_assert(eq(int, driver_attach(driver, client, "a", SHMQ_ROLE_PRODUCER), 0));
	cr_assert(eq(int, driver_create(driver, client, "b", CONTROL_WITH_CREATOR), 0));
	fake_crash(fake);
	memcpy(kept, fake->memory, fake->memory_bytes);
	for (unsigned i = 0; i < 4000; i++) {
		memcpy(fake->memory, kept, fake->memory_bytes);
		for (uint64_t n = 1 + fake_below(fake, 4); n > 0; n--)
			at[records + fake_below(fake, 3000)] = (unsigned char)fake_random(fake);
		if (fake_restart(fake) < 0)
			continue;
		n_adopted++;
		fake_drain(fake);
		cr_assert(eq(int, core_check(fake->core, text), 0), "%s", text);
		fake_crash(fake);
	}
	cr_assert(gt(u32, n_adopted, 100));
	free(kept);
	fake_free(fake);
	free(driver);
}

/* ---- the one store ---- */

static unsigned n_stores;

static void count(void)
{
	n_stores++;
	cr_assert(eq(u32, registry.rings[0].state, REGISTRY_RING_FREE));
}

Test(registry, hook_runs_before_the_store)
{
	registry_store_hook = count;
	registry_ring_set_state(&registry.rings[0], REGISTRY_RING_CREATING);
	registry_store_hook = NULL;
	cr_assert(eq(u32, n_stores, 1));
	cr_assert(eq(u32, registry.rings[0].state, REGISTRY_RING_CREATING));
}
