/* SPDX-License-Identifier: MIT */
/*
 * board_file.h - the object behind the board: made, taken over, given up
 *
 * The core stores the words; here is the memory, the descriptor that clients get, and the end: a
 * board that is given up says RETIRED in every record and wakes who sleeps there, because clients
 * that have it mapped will never hear of the next one otherwise.
 */
#pragma once

#include "daemon/shm_dir.h"

struct board_file {
	struct shmq_board_header *header;	/* writable; NULL: none */
	size_t bytes;
	int client_fd;				/* read-only, for Hello replies */
	char name[CONTROL_SEGMENT_MAX];
};

#define BOARD_FILE_INIT { .client_fd = -1 }

/* A new, live board. Return: 0; -ENOSPC; -errno. */
int board_file_make(const struct shm_dir *dir, uint32_t n_rings, const uint8_t epoch[16],
		    struct board_file *ret_board);
/* The board that a registry speaks of. Return: 0; -ENOENT; -EPERM not ours; -EBADMSG not this board;
 * -errno. */
int board_file_adopt(const struct shm_dir *dir, const char *name, uint32_t n_rings,
		     const uint8_t epoch[16], struct board_file *ret_board);
/* Give up what lies under @name, whatever it is: retired if it is a board of ours, and removed.
 * Return: 0; -EPERM: it is somebody else's and stays; -errno. */
int board_file_retire(const struct shm_dir *dir, const char *name);
/* Wake who sleeps on the record of @ring. */
void board_file_wake(const struct board_file *board, uint32_t ring);
void board_file_close(struct board_file *board); /* unmaps; the object stays */
