/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_registry_file.c - what an earlier daemon left, whole, damaged, or planted by others
 */
#include <errno.h>
#include <sys/mman.h>

#include "daemon/registry_file.h"
#include "shm/board.h"
#include "tests/unit/daemon_place.h"

TestSuite(registry_file, .timeout = 30);

#define N_RINGS 8

static const uint8_t boot[BOOT_ID_BYTES] = "this very boot.";

static int open_again(struct place *place, struct registry_file *file)
{
	*file = (struct registry_file)REGISTRY_FILE_INIT;
	return registry_file_open(&place->shm, N_RINGS, boot, file);
}

static void make_one(struct place *place, struct registry_file *file)
{
	cr_assert_eq(open_again(place, file), 0);
	cr_assert_not(file->is_adopted);
}

/* The segment of a ring that lives, and its record. */
static void add_ring(struct place *place, struct registry_file *file, const char *name)
{
	struct registry_ring *ring = &file->registry.rings[0];
	char tail[128];

	*ring = (struct registry_ring){
		.slots = 2, .size_bytes = 8, .stride_bytes = 16, .region_bytes = 4096,
		.segment_bytes = 3 * 4096, .mode = 0600, .use_count = 1,
		.creator = { .pid = 1, .comm = "x" },
	};
	strcpy(ring->name, name);
	registry_ring_set_state(ring, REGISTRY_RING_LIVE);
	snprintf(tail, sizeof(tail), "%s.0000000000000000", name);
	place_file(place, tail, 0600, 3 * 4096);
}

/* Damage the registry of a daemon that has died. */
static void damage(struct place *place, const struct registry_file *file, off_t offset)
{
	_cleanup_fd_ int fd = openat(place->shm.fd, file->name, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	cr_assert_eq(pread(fd, &byte, 1, offset), 1);
	byte ^= 0x55;
	cr_assert_eq(pwrite(fd, &byte, 1, offset), 1);
}

/* As its clients have it mapped. */
static const struct shmq_board_header *board_map(const struct registry_file *file)
{
	void *memory = mmap(NULL, board_bytes(N_RINGS), PROT_READ, MAP_SHARED,
			    file->board.client_fd, 0);

	cr_assert_neq(memory, MAP_FAILED);
	return memory;
}

static void assert_retired(const struct shmq_board_header *board)
{
	cr_assert_eq(board->state, SHMQ_BOARD_RETIRED);
	cr_assert_eq(board->bump, 1);
	for (uint32_t i = 0; i < N_RINGS; i++) {
		const struct shmq_board_ring *ring = board_ring(board, N_RINGS, i);

		cr_assert_eq(SHMQ_BOARD_STATE(ring->state), SHMQ_RING_RETIRED);
		cr_assert_eq(ring->bump, 1);
	}
}

Test(registry_file, the_first_daemon_makes_registry_and_board)
{
	struct registry_file file;
	struct place place;
	struct stat st;

	place_begin(&place);
	make_one(&place, &file);
	cr_assert_eq(file.registry.header->n_rings, N_RINGS);
	cr_assert_eq(file.registry.header->n_attachments, 3 * N_RINGS);
	cr_assert_str_eq(file.registry.header->board_name, file.board.name);
	cr_assert_eq(place_count(&place, SHM_REGISTRY), 1);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	cr_assert_eq(fstat(file.fd, &st), 0);
	cr_assert_geq((uint64_t)st.st_blocks * 512, registry_bytes(N_RINGS, 3 * N_RINGS));
	cr_assert(registry_file_is_empty(&file));
	registry_file_remove(&place.shm, &file);
	cr_assert_eq(place_count(&place, SHM_REGISTRY) + place_count(&place, SHM_BOARD), 0);
	place_end(&place);
}

Test(registry_file, the_next_daemon_finds_what_the_last_one_left)
{
	struct registry_file file;
	struct place place;
	uint8_t epoch[16];

	place_begin(&place);
	make_one(&place, &file);
	add_ring(&place, &file, "kept");
	cr_assert_not(registry_file_is_empty(&file));
	registry_ring_set_state(&file.registry.rings[0], REGISTRY_RING_TOMBSTONE);
	cr_assert(registry_file_is_empty(&file), "nothing of it is left");
	registry_attachment_set_state(&file.registry.attachments[0], REGISTRY_ATTACHMENT_HELD);
	cr_assert_not(registry_file_is_empty(&file), "somebody still maps it");
	registry_attachment_set_state(&file.registry.attachments[0], REGISTRY_ATTACHMENT_FREE);
	registry_ring_set_state(&file.registry.rings[0], REGISTRY_RING_LIVE);
	memcpy(epoch, file.board.header->epoch, sizeof(epoch));
	registry_file_close(&file);
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert(file.is_adopted);
	cr_assert_str_eq(file.registry.rings[0].name, "kept");
	cr_assert_arr_eq(file.board.header->epoch, epoch, sizeof(epoch));
	cr_assert_eq(place_count(&place, SHM_SEGMENT), 1);
	registry_file_close(&file);
	place_end(&place);
}

Test(registry_file, one_daemon_at_a_time)
{
	struct registry_file first, second;
	struct place place;

	place_begin(&place);
	make_one(&place, &first);
	cr_assert_eq(open_again(&place, &second), -EBUSY);
	cr_assert_eq(place_count(&place, SHM_REGISTRY), 1);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	registry_file_close(&first);
	cr_assert_eq(open_again(&place, &second), 0);
	registry_file_close(&second);
	place_end(&place);
}

/* What can't be trusted is neither believed nor lost, and clients that sleep are told. */
static void set_aside(off_t offset)
{
	const struct shmq_board_header *old_board;
	struct registry_file file;
	struct place place;

	place_begin(&place);
	make_one(&place, &file);
	add_ring(&place, &file, "mine");
	old_board = board_map(&file);
	registry_file_close(&file);
	damage(&place, &file, offset);
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert_not(file.is_adopted);
	cr_assert(registry_file_is_empty(&file));
	assert_retired(old_board);
	cr_assert_eq(place_count(&place, SHM_REGISTRY), 1);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	cr_assert_eq(place_count(&place, SHM_SEGMENT), 0);
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 2);
	cr_assert(place_has(&place, "quarantine+mine.0000000000000000"));
	registry_file_close(&file);
	/* and the start after that changes nothing more */
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert(file.is_adopted);
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 2);
	registry_file_close(&file);
	munmap((void *)old_board, board_bytes(N_RINGS));
	place_end(&place);
}

Test(registry_file, a_damaged_header_sets_everything_aside)
{
	set_aside(0);
}

Test(registry_file, another_layout_sets_everything_aside)
{
	set_aside(offsetof(struct registry_header, layout));
}

Test(registry_file, a_damaged_record_sets_everything_aside)
{
	struct registry_ring *first;
	struct registry registry;
	void *memory = calloc(1, registry_bytes(N_RINGS, 3 * N_RINGS));

	registry_format(memory, N_RINGS, 3 * N_RINGS, "x", boot, "b", boot, &registry);
	first = &registry.rings[0];
	set_aside((off_t)((char *)&first->slots - (char *)memory));
	free(memory);
}

Test(registry_file, a_registry_of_another_boot_is_set_aside)
{
	static const uint8_t other_boot[BOOT_ID_BYTES] = "the boot before";
	struct registry_file file = REGISTRY_FILE_INIT;
	struct place place;

	place_begin(&place);
	cr_assert_eq(registry_file_open(&place.shm, N_RINGS, other_boot, &file), 0);
	registry_file_close(&file);
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert_not(file.is_adopted);
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 1);
	registry_file_close(&file);
	place_end(&place);
}

Test(registry_file, without_its_board_a_registry_is_no_use)
{
	struct registry_file file;
	struct place place;

	place_begin(&place);
	make_one(&place, &file);
	add_ring(&place, &file, "mine");
	cr_assert_eq(shm_dir_unlink(&place.shm, file.board.name), 0);
	registry_file_close(&file);
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert_not(file.is_adopted);
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 2);
	registry_file_close(&file);
	place_end(&place);
}

Test(registry_file, a_board_that_was_given_up_is_no_use_either)
{
	struct registry_file file;
	struct place place;

	place_begin(&place);
	make_one(&place, &file);
	file.board.header->state = SHMQ_BOARD_RETIRED;
	registry_file_close(&file);
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert_not(file.is_adopted);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	registry_file_close(&file);
	place_end(&place);
}

/* A daemon that died before its registry had a name. */
Test(registry_file, a_board_without_registry_is_retired_and_removed)
{
	const struct shmq_board_header *old_board;
	struct registry_file file;
	struct place place;

	place_begin(&place);
	make_one(&place, &file);
	old_board = board_map(&file);
	cr_assert_eq(shm_dir_unlink(&place.shm, file.name), 0);
	registry_file_close(&file);
	make_one(&place, &file);
	assert_retired(old_board);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 0);
	munmap((void *)old_board, board_bytes(N_RINGS));
	registry_file_close(&file);
	place_end(&place);
}

Test(registry_file, segments_without_registry_are_set_aside)
{
	struct registry_file file;
	struct place place;

	place_begin(&place);
	place_file(&place, "lost.0123456789abcdef", 0600, 4096);
	make_one(&place, &file);
	cr_assert(place_has(&place, "quarantine+lost.0123456789abcdef"));
	registry_file_close(&file);
	place_end(&place);
}

/* A participant links his own segment to where the registry is looked for, and fills it. */
Test(registry_file, a_planted_link_is_no_registry)
{
	struct registry_file file;
	struct place place;
	char from[256], to[256];

	place_begin(&place);
	make_one(&place, &file);
	add_ring(&place, &file, "mine");
	registry_file_close(&file);
	place_file(&place, "theirs.0123456789abcdef", 0660, 1 << 20);
	cr_assert_eq(linkat(place.shm.fd, place_name(&place, "theirs.0123456789abcdef", from),
			    place.shm.fd, place_name(&place, "registry.0000000000000000", to), 0),
		     0);
	cr_assert_eq(open_again(&place, &file), 0);
	cr_assert(file.is_adopted);
	cr_assert_str_eq(file.registry.rings[0].name, "mine");
	registry_file_close(&file);
	place_end(&place);
}

Test(registry_file, planted_things_hold_nobody_up)
{
	struct registry_file file;
	struct place place;
	char name[256];

	place_begin(&place);
	cr_assert_eq(mkfifoat(place.shm.fd, place_name(&place, "registry.0000000000000001", name),
			      0600), 0);
	cr_assert_eq(symlinkat("/etc/passwd", place.shm.fd,
			       place_name(&place, "registry.0000000000000002", name)), 0);
	cr_assert_eq(mkfifoat(place.shm.fd, place_name(&place, "board.0000000000000001", name), 0600),
		     0);
	cr_assert_eq(mkfifoat(place.shm.fd, place_name(&place, "r.0000000000000001", name), 0600), 0);
	place_file(&place, "registry.0000000000000003", 0644, 100);
	make_one(&place, &file);
	cr_assert(place_has(&place, "registry.0000000000000001"));
	cr_assert(place_has(&place, "board.0000000000000001"));
	registry_file_close(&file);
	place_end(&place);
}

/* Out of the daemon's sight, and back. */
static void hide(const struct place *place, const char *name, bool again)
{
	char hidden[256];

	place_name(place, strstr(name, ".board.") ? "quarantine+board" : "quarantine+registry",
		   hidden);
	cr_assert_eq(renameat(place->shm.fd, again ? hidden : name, place->shm.fd,
			      again ? name : hidden), 0);
}

Test(registry_file, of_two_registries_one_is_set_aside)
{
	struct registry_file first, second;
	struct place place;

	place_begin(&place);
	make_one(&place, &first);
	registry_file_close(&first);
	hide(&place, first.name, false);
	hide(&place, first.board.name, false);
	make_one(&place, &second);
	registry_file_close(&second);
	hide(&place, first.name, true);
	hide(&place, first.board.name, true);
	cr_assert_eq(open_again(&place, &second), 0);
	cr_assert(second.is_adopted);
	cr_assert_eq(place_count(&place, SHM_REGISTRY), 1);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 1);
	registry_file_close(&second);
	place_end(&place);
}
