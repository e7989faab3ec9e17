/* SPDX-License-Identifier: MIT */
/*
 * observer.c - a ring read as a file; see observer.h
 *
 * Every look is a system call of its own, so they happen in the order in which they stand here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <shmq/layout.h>

#include "base/fd.h"
#include "ctl/observer.h"

#define LEAD_ALIGNED 56u /* puts payloads on cache lines: layout.h */

static int read_at(const struct observer *observer, void *buf, size_t len_bytes, uint64_t offset)
{
	ssize_t n;

	do {
		n = pread(observer->fd, buf, len_bytes, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -EIO;
	return (size_t)n == len_bytes ? 0 : -EBADMSG; /* somebody made it shorter */
}

static uint64_t slot_offset(const struct observer *observer, uint64_t seq)
{
	return 2 * (uint64_t)observer->region_bytes + observer->lead_bytes +
	       (seq & (observer->slots - 1)) * observer->stride_bytes;
}

static int read_released(const struct observer *observer, uint64_t *ret_position)
{
	return read_at(observer, ret_position, sizeof(*ret_position), observer->region_bytes);
}

/* What the header of message @seq says: its lap, as the ring counts them. */
static uint32_t lap_of(const struct observer *observer, uint64_t seq)
{
	return (uint32_t)(seq >> __builtin_ctz(observer->slots));
}

/* Go on behind what the consumer has released. Return: 1 if that was more than we had seen; 0; -errno. */
static int skip_released(struct observer *observer)
{
	uint64_t released;
	int r = read_released(observer, &released);

	if (r < 0 || (int64_t)(released - observer->next) <= 0)
		return r;
	observer->missed += released - observer->next;
	observer->next = released;
	return 1;
}

static int begin(struct observer *observer, bool only_new)
{
	uint64_t published;
	int r = read_released(observer, &observer->next);

	if (r < 0 || !only_new)
		return r;
	r = read_at(observer, &published, sizeof(published), 0);
	if (r == 0 && published - observer->next <= observer->slots)
		observer->next = published; /* else it was written meanwhile: from the oldest on */
	return r;
}

int observer_open(const struct shmq_ring_info *info, bool only_new, struct observer *ret_observer)
{
	struct observer observer = {
		.slots = info->slots,
		.size_bytes = info->size_bytes,
		.stride_bytes = info->stride_bytes,
		.region_bytes = (uint32_t)sysconf(_SC_PAGESIZE),
		.lead_bytes = info->align_payload ? LEAD_ALIGNED : 0,
	};
	struct stat st;
	int r;

	if (info->sealed)
		return -EOPNOTSUPP;
	if (observer.slots == 0 || (observer.slots & (observer.slots - 1)))
		return -EBADMSG;
	observer.fd = shm_open(info->segment, O_RDONLY | O_NOFOLLOW, 0);
	if (observer.fd < 0)
		return -errno;
	observer.buf = malloc(observer.size_bytes ? observer.size_bytes : 1);
	r = !observer.buf ? -ENOMEM : fstat(observer.fd, &st) < 0 ? -errno : 0;
	if (r == 0 && ((uint64_t)st.st_size != info->bytes || !S_ISREG(st.st_mode)))
		r = -EBADMSG;
	if (r == 0)
		r = begin(&observer, only_new);
	if (r < 0)
		observer_close(&observer);
	else
		*ret_observer = observer;
	return r;
}

void observer_close(struct observer *observer)
{
	observer->fd = fd_close(observer->fd);
	free(observer->buf);
	observer->buf = NULL;
}

/*
 * Is the copy that was just made message observer->next? The same header proves nothing. Another one,
 * read before we see that the consumer has still not released the message, proves that the memory was
 * given back to the kernel meanwhile. Return: 0; 1 it was released; -EBADMSG; -EIO.
 */
static int judge_copy(struct observer *observer, uint64_t header)
{
	uint64_t again;
	int r = read_at(observer, &again, sizeof(again), slot_offset(observer, observer->next));

	if (r == 0)
		r = skip_released(observer);
	return r == 0 && again != header ? -EBADMSG : r;
}

/* What an unexpected header means: we came late, or it changed while we looked, or it is nonsense. */
static int judge_header(struct observer *observer, uint64_t header)
{
	uint64_t again;
	int r = skip_released(observer);

	if (r < 0)
		return r;
	if (r > 0)
		return 1;
	r = read_at(observer, &again, sizeof(again), slot_offset(observer, observer->next));
	return r < 0 ? r : again == header ? -EBADMSG : 1;
}

int observer_next(struct observer *observer, struct observed *ret_message)
{
	for (;;) {
		uint32_t lap = lap_of(observer, observer->next);
		uint64_t offset = slot_offset(observer, observer->next), header;
		uint32_t len;
		int r = read_at(observer, &header, sizeof(header), offset);

		if (r < 0)
			return r;
		len = (uint32_t)header & SHMQ_HEADER_LENGTH_MASK;
		if (header >> SHMQ_HEADER_LAP_SHIFT == (uint32_t)(lap + 1) && len <= observer->size_bytes) {
			r = read_at(observer, observer->buf, len, offset + SHMQ_HEADER_BYTES);
			if (r == 0)
				r = judge_copy(observer, header);
			if (r < 0)
				return r;
			if (r > 0)
				continue;
			*ret_message = (struct observed){ observer->next++, observer->buf, len };
			return 1;
		}
		if (header >> SHMQ_HEADER_LAP_SHIFT == lap) {
			r = skip_released(observer);
			if (r <= 0)
				return r;
			continue;
		}
		r = judge_header(observer, header);
		if (r < 0)
			return r;
	}
}

uint64_t observer_missed(struct observer *observer)
{
	uint64_t missed = observer->missed;

	observer->missed = 0;
	return missed;
}
