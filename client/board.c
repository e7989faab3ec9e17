/* SPDX-License-Identifier: MIT */
/*
 * board.c - mapping and judging the board that a Hello reply carries; see board.h
 */
#include "client/board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "client/error.h"

DEFINE_CLEANUP(struct client_board *, client_board_unref);

struct client_board *client_board_ref(struct client_board *board)
{
	/* [K1] relaxed: whoever refers has a reference already; the count guards nothing else */
	__atomic_add_fetch(&board->n_refs, 1, __ATOMIC_RELAXED);
	return board;
}

struct client_board *client_board_unref(struct client_board *board)
{
	if (!board)
		return NULL;
	/* [K2] acq_rel: every use by other threads comes before the unmapping; pairs with itself */
	if (__atomic_sub_fetch(&board->n_refs, 1, __ATOMIC_ACQ_REL) > 0)
		return NULL;
	if (board->header)
		munmap((void *)board->header, board->bytes);
	free(board);
	return NULL;
}

const struct shmq_board_ring *client_board_ring(const struct client_board *board, uint32_t index)
{
	const struct shmq_board_ring *rings = (const void *)(board->header + 1);

	return index < board->n_rings ? &rings[index] : NULL;
}

static int bad_board(const char *what)
{
	return error_set(-EPROTO, "the board that shmqd sent %s", what);
}

static int check_file(const struct control_hello *hello, int fd)
{
	struct stat st;

	if (fd < 0)
		return bad_board("is missing: is no file descriptor left in this process?");
	if (fstat(fd, &st) < 0)
		return error_set(-errno, "fstat() of the board: %s", shmq_strerror(-errno));
	if (!S_ISREG(st.st_mode) || st.st_uid != hello->owner_uid)
		return bad_board("is not a file of its user");
	if (hello->board_bytes < sizeof(struct shmq_board_header) ||
	    (uint64_t)st.st_size < hello->board_bytes || hello->board_bytes > SIZE_MAX)
		return bad_board("does not have the size that it says");
	return 0;
}

static int check_header(const struct client_board *board, const struct control_hello *hello)
{
	const struct shmq_board_header *header = board->header;

	if (header->magic != SHMQ_BOARD_MAGIC || header->layout != SHMQ_LAYOUT_VERSION)
		return bad_board("is of another layout");
	if (memcmp(board->epoch, hello->epoch, sizeof(board->epoch)) != 0)
		return bad_board("is not the one that it speaks of");
	if (board->n_rings > (board->bytes - sizeof(*header)) / sizeof(struct shmq_board_ring))
		return bad_board("says that it holds more rings than it can");
	return 0;
}

int client_board_open(struct shmq_client *client, const struct control_hello *hello, int fd,
		      struct client_board **ret_board)
{
	_cleanup_(client_board_unrefp) struct client_board *board = NULL;
	void *memory;
	int r = check_file(hello, fd);

	if (r < 0)
		return r;
	if (client->board &&
	    memcmp(client->board->epoch, hello->epoch, sizeof(hello->epoch)) == 0) {
		*ret_board = client_board_ref(client->board);
		return 0;
	}
	board = calloc(1, sizeof(*board));
	if (!board)
		return error_set(-ENOMEM, "%s", shmq_strerror(-ENOMEM));
	board->n_refs = 1;
	board->bytes = (size_t)hello->board_bytes;
	memory = mmap(NULL, board->bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return error_set(-errno, "mapping the board: %s", shmq_strerror(-errno));
	board->header = memory;
	/* these were written before the board was ever sent: plain reads, once */
	board->n_rings = board->header->n_rings;
	memcpy(board->epoch, board->header->epoch, sizeof(board->epoch));
	r = check_header(board, hello);
	if (r < 0)
		return r;
	*ret_board = TAKE_PTR(board);
	return 0;
}
