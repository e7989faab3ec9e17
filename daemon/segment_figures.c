/* SPDX-License-Identifier: MIT */
/*
 * segment_figures.c - what a segment says about its ring, read from outside
 *
 * Everything here was written by clients: figures, never decisions about memory. A producer that
 * died between publishing and noting it leaves its position behind; so the slot there is looked at,
 * and a ring with an unread message never seems empty.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "daemon/segment.h"
#include "shm/ring.h"

static int read_named(int fd, void *buf, size_t len_bytes, uint64_t offset)
{
	ssize_t n;

	do {
		n = pread(fd, buf, len_bytes, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len_bytes ? 0 : -ENODATA;
}

/* What is read from: a named segment, or the objects of a sealed one. */
struct source {
	const struct registry_ring *record;
	const struct sealed_file *sealed;
	int fd;
};

static int source_open(struct segment_files *files, uint32_t ring, struct source *ret_source)
{
	struct source source = { .record = &files->registry->rings[ring], .fd = -1 };

	if (source.record->sealed)
		source.sealed = segment_files_sealed(files, ring);
	else
		source.fd = segment_files_get(files, ring);
	if (!source.sealed && source.fd < 0)
		return source.record->sealed ? -ENOENT : source.fd;
	*ret_source = source;
	return 0;
}

static int read_at(const struct source *source, void *buf, size_t len_bytes, uint64_t offset)
{
	return source->sealed ? sealed_read(source->record, source->sealed, buf, len_bytes, offset)
			      : read_named(source->fd, buf, len_bytes, offset);
}

static struct shmq_geometry geometry_of_record(const struct registry_ring *record)
{
	return (struct shmq_geometry){
		.slots = record->slots,
		.size_bytes = record->size_bytes,
		.stride_bytes = record->stride_bytes,
		.lead_bytes = record->lead_bytes,
		.region_bytes = record->region_bytes,
		.segment_bytes = record->segment_bytes,
	};
}

static bool is_published(const struct source *source, const struct shmq_geometry *geometry,
			 uint64_t position)
{
	uint64_t header;

	return read_at(source, &header, sizeof(header), ring_slot_offset(geometry, position)) == 0 &&
	       ring_slot_holds(geometry, header, position);
}

/*
 * Messages published beyond the position that the producer noted; the consumer may be, too. They
 * follow each other without a gap, so their end is searched for: whoever writes what he likes makes
 * us read a few slots, and not thousands for each ring of a list.
 */
static void step_over_published(const struct source *source, const struct shmq_geometry *geometry,
				struct shmq_end_page *producer, uint64_t popped)
{
	uint64_t known = 0, end = 1, room; /* from the position: published; not, or impossible */

	if ((int64_t)(producer->position - popped) < 0)
		producer->position = popped;
	if (producer->position - popped >= geometry->slots ||
	    !is_published(source, geometry, producer->position))
		return;
	room = geometry->slots - (producer->position - popped);
	while (end < room && is_published(source, geometry, producer->position + end)) {
		known = end;
		end *= 2;
	}
	if (end > room)
		end = room;
	while (end - known > 1) {
		uint64_t middle = known + (end - known) / 2;

		if (is_published(source, geometry, producer->position + middle))
			known = middle;
		else
			end = middle;
	}
	producer->position += known + 1;
}

/* An attachment is counted before its client learns where the memory is. */
static bool was_ever_attached(const struct registry_ring *record)
{
	return record->incarnation[SHMQ_ROLE_PRODUCER] || record->incarnation[SHMQ_ROLE_CONSUMER];
}

int segment_file_probe(struct segment_files *files, uint32_t ring, struct segment_figures *ret_figures)
{
	const struct registry_ring *record = &files->registry->rings[ring];
	struct shmq_geometry geometry = geometry_of_record(record);
	struct shmq_end_page producer, consumer;
	struct ring_figures figures;
	struct source source;
	int r;

	if (!was_ever_attached(record)) {
		*ret_figures = (struct segment_figures){ 0 };
		return 0;
	}
	r = source_open(files, ring, &source);
	if (r == 0)
		r = read_at(&source, &producer, sizeof(producer), 0);
	if (r == 0)
		r = read_at(&source, &consumer, sizeof(consumer), geometry.region_bytes);
	if (r < 0)
		return r;
	step_over_published(&source, &geometry, &producer, consumer.position);
	ring_figures(&producer, &consumer, geometry.slots, &figures);
	*ret_figures = (struct segment_figures){
		.pushed = figures.pushed,
		.popped = figures.popped,
		.n_full = producer.n_dry,
		.n_dry = consumer.n_dry,
		.n_sleeps = producer.n_sleeps + consumer.n_sleeps,
		.n_wakes = producer.n_wakes + consumer.n_wakes,
	};
	return 0;
}

static void inspect_size(const struct registry_ring *record, const struct stat *st, char *remark,
			 size_t cap_bytes)
{
	char is[16], should_be[16];

	if ((uint64_t)st->st_size != record->segment_bytes)
		snprintf(remark, cap_bytes, "somebody changed its size: %s instead of %s",
			 format_size((uint64_t)st->st_size, is, sizeof(is)),
			 format_size(record->segment_bytes, should_be, sizeof(should_be)));
	else if ((uint64_t)st->st_blocks * 512 < record->segment_bytes)
		snprintf(remark, cap_bytes, "only %s of %s are allocated",
			 format_size((uint64_t)st->st_blocks * 512, is, sizeof(is)),
			 format_size(record->segment_bytes, should_be, sizeof(should_be)));
	else if (st->st_nlink > 1)
		snprintf(remark, cap_bytes, "somebody gave it another name (%ju links)",
			 (uintmax_t)st->st_nlink);
}

void segment_file_inspect(struct segment_files *files, uint32_t ring, char *remark, size_t cap_bytes)
{
	const struct registry_ring *record = &files->registry->rings[ring];
	char name[CONTROL_SEGMENT_MAX];
	struct stat st;
	int r;

	remark[0] = '\0';
	if (record->state != REGISTRY_RING_LIVE || record->sealed)
		return; /* nobody can do anything to a sealed one */
	core_segment_name(files->core, ring, name);
	r = shm_dir_stat(files->dir, name, &st);
	if (r == -ENOENT || (r == 0 && st.st_ino != record->inode))
		snprintf(remark, cap_bytes, "%s is not in /dev/shm any more", name);
	else if (r < 0)
		snprintf(remark, cap_bytes, "%s can't be looked at: %s", name, strerror(-r));
	else if (st.st_uid != files->dir->uid)
		snprintf(remark, cap_bytes, "%s belongs to uid %u now", name, (unsigned)st.st_uid);
	else
		inspect_size(record, &st, remark, cap_bytes);
}
