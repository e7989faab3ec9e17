/* SPDX-License-Identifier: MIT */
/*
 * daemon_bed.h - a registry full of rings and the objects behind them, in a place of their own
 */
#pragma once

#include <sys/mman.h>

#include "daemon/registry_file.h"
#include "daemon/segment.h"
#include "tests/unit/daemon_place.h"

#define N_RINGS	 (SEGMENT_FILES_PINNED + SEGMENT_FILES_KEPT + 8)
#define SLOTS	 4u
#define STRIDE	 24u
#define REGION	 4096u
#define BYTES	 (3 * REGION)

struct bed {
	struct place place;
	struct registry_file file;
	struct core *core;
	struct segment_files files;
};

static inline void bed_begin(struct bed *bed)
{
	static const uint8_t boot[BOOT_ID_BYTES] = "boot";
	struct core_config config = {
		.version = "test", .page_bytes = REGION, .allocate_chunk_bytes = REGION,
	};

	place_begin(&bed->place);
	config.instance = bed->place.instance;
	bed->file = (struct registry_file)REGISTRY_FILE_INIT;
	cr_assert_eq(registry_file_open(&bed->place.shm, N_RINGS, boot, &bed->file), 0);
	cr_assert_eq(core_new(&bed->core, &bed->file.registry, bed->file.board.header, &config), 0);
	segment_files_init(&bed->files, &bed->place.shm, bed->core, &bed->file.registry);
	for (uint32_t i = 0; i < N_RINGS; i++) {
		struct registry_ring *record = &bed->file.registry.rings[i];

		*record = (struct registry_ring){
			.slots = SLOTS, .size_bytes = 16, .stride_bytes = STRIDE,
			.region_bytes = REGION, .segment_bytes = BYTES, .mode = 0600,
			.creator = { .uid = geteuid() }, .state = REGISTRY_RING_LIVE,
		};
		snprintf(record->name, sizeof(record->name), "r%u", i);
		record->generation[0] = (uint8_t)i;
	}
}

static inline void bed_end(struct bed *bed)
{
	segment_files_deinit(&bed->files);
	core_free(bed->core);
	registry_file_close(&bed->file);
	place_end(&bed->place);
}

static inline struct registry_ring *record_of(struct bed *bed, uint32_t ring)
{
	return &bed->file.registry.rings[ring];
}

/* Made as the core would ask for it. */
static inline void make(struct bed *bed, uint32_t ring)
{
	cr_assert_eq(segment_file_create(&bed->files, ring, &record_of(bed, ring)->inode), 0);
	cr_assert_eq(segment_file_allocate(&bed->files, ring, 0, BYTES), 0);
	record_of(bed, ring)->incarnation[SHMQ_ROLE_PRODUCER] = 1; /* somebody may have written */
}

/* What somebody has mapped is not empty when it is punched. */
static inline void *map(struct bed *bed, uint32_t ring)
{
	char name[CONTROL_SEGMENT_MAX];
	void *memory;
	int fd;

	core_segment_name(bed->core, ring, name);
	fd = shm_open(name, O_RDWR, 0);
	memory = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
	cr_assert(fd >= 0 && memory != MAP_FAILED);
	close(fd);
	return memory;
}

static inline const char *name_of(const struct bed *bed, uint32_t ring, char name[CONTROL_SEGMENT_MAX])
{
	core_segment_name(bed->core, ring, name);
	return name + 1;
}

static inline void stat_of(const struct bed *bed, uint32_t ring, struct stat *ret_st)
{
	char name[CONTROL_SEGMENT_MAX];

	cr_assert_eq(shm_dir_stat(&bed->place.shm, name_of(bed, ring, name), ret_st), 0);
}

static inline void put(struct bed *bed, uint32_t ring, uint64_t offset, uint64_t value)
{
	int fd = segment_files_get(&bed->files, ring);

	cr_assert_eq(pwrite(fd, &value, sizeof(value), (off_t)offset), (ssize_t)sizeof(value));
}

static inline uint64_t header_of(uint64_t position, uint32_t len)
{
	return (position / SLOTS + 1) << SHMQ_HEADER_LAP_SHIFT | len;
}

static inline void publish(struct bed *bed, uint32_t ring, uint64_t position)
{
	put(bed, ring, 2 * REGION + position % SLOTS * STRIDE, header_of(position, 3));
}
