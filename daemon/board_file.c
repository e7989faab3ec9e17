/* SPDX-License-Identifier: MIT */
/*
 * board_file.c - the board's memory object; see board_file.h
 *
 * Clients get a descriptor that was opened read-only by itself: one that shares the daemon's open
 * file could be reopened through it. The file's mode keeps other users from reopening it writable.
 */
#include "daemon/board_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "shm/board.h"
#include "shm/futex.h"

static struct shmq_board_ring *records(struct shmq_board_header *header)
{
	return (struct shmq_board_ring *)(void *)(header + 1);
}

/* Map @fd and keep everything. @name and size are right. */
static int board_take(const struct shm_dir *dir, int fd, const char *name, size_t bytes,
		      struct board_file *ret_board)
{
	_cleanup_fd_ int client_fd = -1;
	struct board_file board = { .bytes = bytes };
	struct stat st, client_st;
	void *memory;

	client_fd = shm_dir_open_object(dir, name, O_RDONLY, SHM_PRIVATE, &client_st);
	if (client_fd < 0)
		return client_fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_ino != client_st.st_ino)
		return -EPERM;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	board.header = memory;
	board.client_fd = TAKE_FD(client_fd);
	strcpy(board.name, name);
	*ret_board = board;
	return 0;
}

int board_file_make(const struct shm_dir *dir, uint32_t n_rings, const uint8_t epoch[16],
		    struct board_file *ret_board)
{
	size_t bytes = board_bytes(n_rings);
	_cleanup_fd_ int fd = shm_dir_make(dir, bytes);
	struct shmq_board_header header = {
		.magic = SHMQ_BOARD_MAGIC,
		.layout = SHMQ_LAYOUT_VERSION,
		.state = SHMQ_BOARD_LIVE,
		.n_rings = n_rings,
	};
	char name[CONTROL_SEGMENT_MAX];
	int r;

	if (fd < 0)
		return fd;
	memcpy(header.epoch, epoch, sizeof(header.epoch));
	if (pwrite(fd, &header, sizeof(header), 0) < 0) /* never short: the pages are there */
		return -errno;
	r = shm_dir_new_name(dir, "board", name);
	if (r == 0)
		r = shm_dir_publish(dir, fd, name);
	if (r < 0)
		return r;
	r = board_take(dir, fd, name, bytes, ret_board);
	if (r < 0)
		shm_dir_unlink(dir, name);
	return r;
}

int board_file_adopt(const struct shm_dir *dir, const char *name, uint32_t n_rings,
		     const uint8_t epoch[16], struct board_file *ret_board)
{
	struct board_file board = BOARD_FILE_INIT;
	_cleanup_fd_ int fd = -1;
	uint32_t n_found;
	struct stat st;
	int r;

	if (shm_dir_kind(dir, name) != SHM_BOARD)
		return -EBADMSG;
	fd = shm_dir_open_object(dir, name, O_RDWR, SHM_PRIVATE, &st);
	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size != board_bytes(n_rings))
		return -EBADMSG;
	r = board_take(dir, fd, name, board_bytes(n_rings), &board);
	if (r < 0)
		return r;
	r = board_check(board.header, board.bytes, &n_found);
	if (r < 0 || n_found != n_rings || board.header->state != SHMQ_BOARD_LIVE ||
	    memcmp(board.header->epoch, epoch, sizeof(board.header->epoch)) != 0) {
		board_file_close(&board);
		return -EBADMSG;
	}
	*ret_board = board;
	return 0;
}

static void word_bump(uint32_t *bump)
{
	/* [D4] release: what is said before the futex word that tells of it; pairs with [B2] */
	__atomic_store_n(bump, *bump + 1, __ATOMIC_RELEASE);
	futex_wake_all(bump);
}

static void retire_records(struct shmq_board_header *header, size_t n_rings)
{
	struct shmq_board_ring *rings = records(header);

	/* [D3] release: retired as a whole before any record says so; pairs with [B2] */
	__atomic_store_n(&header->state, SHMQ_BOARD_RETIRED, __ATOMIC_RELEASE);
	for (size_t i = 0; i < n_rings; i++) {
		uint64_t count = SHMQ_BOARD_COUNT(rings[i].state);

		/* [D5] release: what was said of the ring before its end; pairs with [B2] */
		__atomic_store_n(&rings[i].state, SHMQ_BOARD_WORD(count, SHMQ_RING_RETIRED),
				 __ATOMIC_RELEASE);
		word_bump(&rings[i].bump);
	}
	word_bump(&header->bump);
}

int board_file_retire(const struct shm_dir *dir, const char *name)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;
	void *memory;

	fd = shm_dir_open_object(dir, name, O_RDWR, SHM_PRIVATE, &st);
	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size >= board_bytes(0)) {
		memory = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (memory == MAP_FAILED)
			return -errno;
		/* by the size alone: the header may be what is damaged */
		retire_records(memory, ((size_t)st.st_size - board_bytes(0)) /
					       sizeof(struct shmq_board_ring));
		munmap(memory, (size_t)st.st_size);
	}
	return shm_dir_unlink(dir, name);
}

void board_file_wake(const struct board_file *board, uint32_t ring)
{
	futex_wake_all(&records(board->header)[ring].bump);
}

void board_file_close(struct board_file *board)
{
	if (board->header)
		munmap(board->header, board->bytes);
	board->header = NULL;
	board->client_fd = fd_close(board->client_fd);
}
