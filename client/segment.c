/* SPDX-License-Identifier: MIT */
/*
 * segment.c - opening, judging, mapping a ring's segment; see segment.h
 */
#include "client/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <shmq/types.h>

#include "client/error.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* since Linux 5.14 */
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* since Linux 6.1 */
#endif

#define HUGE_MIN_BYTES (UINT64_C(2) << 20)

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

int segment_open(const struct control_attach *attach)
{
	int fd;

	do {
		fd = shm_open(attach->segment, O_RDWR, 0);
	} while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int segment_check(const struct control_attach *attach, int fd, uid_t owner_uid, bool any_owner)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(-errno, "fstat() of %s: %s", attach->segment,
				 shmq_strerror(-errno));
	if (!S_ISREG(st.st_mode))
		return error_set(-EBADMSG, "%s is not a regular file", attach->segment);
	if (!any_owner && st.st_uid != owner_uid)
		return error_set(-EBADMSG, "%s belongs to user %u, and not to shmqd (user %u)",
				 attach->segment, st.st_uid, owner_uid);
	if ((uint64_t)st.st_ino != attach->inode)
		return error_set(-EBADMSG,
				 "%s is not the file that shmqd made (inode %llu, not %llu)",
				 attach->segment, (unsigned long long)st.st_ino,
				 (unsigned long long)attach->inode);
	if ((uint64_t)st.st_size != attach->geometry.segment_bytes)
		return error_set(-EBADMSG, "%s has %lld bytes, and not the %llu of its ring",
				 attach->segment, (long long)st.st_size,
				 (unsigned long long)attach->geometry.segment_bytes);
	return 0;
}

static int check_sealed_file(const struct control_attach *attach, int fd, bool is_writable,
			     uint64_t bytes)
{
	int flags = fcntl(fd, F_GETFL), seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (flags < 0 || fstat(fd, &st) < 0)
		return error_set(-errno, "a descriptor of %s: %s", attach->segment,
				 shmq_strerror(-errno));
	if (seals < 0 || (seals & SEALS) != SEALS)
		return error_set(-EBADMSG, "the memory of %s is not sealed", attach->segment);
	if ((uint64_t)st.st_size != bytes)
		return error_set(-EBADMSG, "a part of %s has %lld bytes, and not %llu",
				 attach->segment, (long long)st.st_size, (unsigned long long)bytes);
	if ((flags & O_ACCMODE) != (is_writable ? O_RDWR : O_RDONLY))
		return error_set(-EBADMSG, "a part of %s was opened for the wrong end",
				 attach->segment);
	return 0;
}

int segment_check_sealed(const struct control_attach *attach, enum shmq_role role,
			 const struct segment_fds *fds)
{
	uint64_t page_bytes = attach->geometry.region_bytes;
	bool producer = role == SHMQ_ROLE_PRODUCER;
	int r = check_sealed_file(attach, fds->producer, producer,
				  attach->geometry.segment_bytes - page_bytes);

	return r < 0 ? r : check_sealed_file(attach, fds->consumer, !producer, page_bytes);
}

/* Before Linux 5.14: one read per page. A page of ours is mapped writable at its first write. */
static void touch(const struct segment_region *region, size_t page_bytes)
{
	const volatile unsigned char *byte = region->memory;

	for (size_t at = 0; at < region->bytes; at += page_bytes)
		(void)byte[at];
}

static int populate(const struct segment_region *region, bool writable)
{
	int advice = writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
	int r;

	do {
		r = madvise(region->memory, region->bytes, advice);
	} while (r < 0 && (errno == EINTR || errno == EAGAIN));
	if (r == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	touch(region, (size_t)sysconf(_SC_PAGESIZE));
	return 0;
}

/*
 * Huge pages, where /dev/shm offers them. Mounted with huge=within_size or always, the daemon has
 * allocated them already; with huge=advise it could not, for nobody had asked: the first end to come
 * has them put together, 4 ms per MiB, and the other finds them. Elsewhere both calls do nothing.
 */
static void ask_for_huge_pages(const struct segment_region *region)
{
	if (region->bytes < HUGE_MIN_BYTES)
		return;
	if (madvise(region->memory, region->bytes, MADV_HUGEPAGE) == 0)
		madvise(region->memory, region->bytes, MADV_COLLAPSE);
}

static int map_region(struct segment_region *region, uint64_t bytes, uint64_t offset, bool writable,
		      int fd)
{
	int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *memory;
	int r;

	if (bytes > SIZE_MAX)
		return -ENOMEM;
	memory = mmap(NULL, (size_t)bytes, protection, MAP_SHARED, fd, (off_t)offset);
	if (memory == MAP_FAILED)
		return -errno;
	region->memory = memory;
	region->bytes = (size_t)bytes;
	if (madvise(memory, region->bytes, MADV_DONTFORK) < 0 ||
	    madvise(memory, region->bytes, MADV_DONTDUMP) < 0)
		return -errno;
	r = populate(region, writable);
	if (r == 0)
		ask_for_huge_pages(region);
	return r;
}

/* Of a sealed ring the consumer's page is a file of its own, and leaves no gap before the slots. */
static uint64_t consumer_offset(const struct control_attach *attach)
{
	return attach->sealed ? 0 : attach->geometry.region_bytes;
}

static uint64_t slots_offset(const struct control_attach *attach)
{
	return attach->sealed ? attach->geometry.region_bytes
			      : 2 * (uint64_t)attach->geometry.region_bytes;
}

static int map_regions(struct segment_map *map, const struct control_attach *attach,
		       enum shmq_role role, const struct segment_fds *fds)
{
	uint64_t page_bytes = attach->geometry.region_bytes;
	bool producer = role == SHMQ_ROLE_PRODUCER;
	struct segment_region *first = producer ? &map->own : &map->peer;
	struct segment_region *second = producer ? &map->peer : &map->own;
	int r = map_region(first, page_bytes, 0, producer, fds->producer);

	if (r == 0)
		r = map_region(second, page_bytes, consumer_offset(attach), !producer,
			       fds->consumer);
	if (r == 0)
		r = map_region(&map->slots, attach->geometry.segment_bytes - 2 * page_bytes,
			       slots_offset(attach), producer, fds->producer);
	return r;
}

int segment_map(struct segment_map *ret_map, const struct control_attach *attach,
		enum shmq_role role, const struct segment_fds *fds)
{
	struct segment_map map = { 0 };
	int r = map_regions(&map, attach, role, fds);

	if (r < 0) {
		segment_unmap(&map);
		/* EFAULT: a page is not there that the daemon has allocated */
		if (r == -EFAULT)
			r = -EBADMSG;
		return error_set(r, "mapping %s: %s", attach->segment,
				 r == -EBADMSG ? "its memory is not there" : shmq_strerror(r));
	}
	*ret_map = map;
	return 0;
}

int segment_lock(const struct segment_map *map, const char *name)
{
	const struct segment_region *regions[] = { &map->own, &map->peer, &map->slots };

	for (size_t i = 0; i < 3; i++)
		if (mlock(regions[i]->memory, regions[i]->bytes) < 0)
			return error_set(-errno,
					 "ring '%s': locking %zu bytes of memory: %s. See 'ulimit -l'",
					 name, regions[i]->bytes, shmq_strerror(-errno));
	return 0;
}

static void unmap_region(struct segment_region *region)
{
	if (region->memory)
		munmap(region->memory, region->bytes);
	region->memory = NULL;
}

void segment_unmap(struct segment_map *map)
{
	unmap_region(&map->own);
	unmap_region(&map->peer);
	unmap_region(&map->slots);
}
