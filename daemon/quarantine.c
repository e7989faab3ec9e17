/* SPDX-License-Identifier: MIT */
/*
 * quarantine.c - stray boards and segments at a start; see quarantine.h
 *
 * A quarantined segment keeps its messages and its bytes, but no daemon opens it again: its name
 * doesn't look like a segment's any more. People decide ('shmqctl reap').
 */
#include "daemon/quarantine.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "daemon/board_file.h"
#include "daemon/log.h"

struct sweep {
	const struct shm_dir *dir;
	const char *board;
	bool keep_segments;
	unsigned n_boards, n_set_aside, n_waiting;
	uint64_t set_aside_bytes, waiting_bytes;
};

static void sweep_board(struct sweep *sweep, const char *name)
{
	int r;

	if (strcmp(name, sweep->board) == 0)
		return;
	r = board_file_retire(sweep->dir, name);
	if (r == 0)
		sweep->n_boards++;
	else if (r != -EPERM && r != -EACCES && r != -ENOENT)
		log_line(LOG_WARNING, "the old board %s can't be removed: %s", name, strerror(-r));
}

static void sweep_segment(struct sweep *sweep, const char *name)
{
	struct stat st;
	int r;

	if (shm_dir_stat(sweep->dir, name, &st) < 0 || !shm_stat_is(sweep->dir, &st, SHM_OWNED))
		return;
	r = shm_dir_set_aside(sweep->dir, name);
	if (r < 0) {
		log_line(LOG_WARNING, "%s can't be set aside: %s", name, strerror(-r));
		return;
	}
	sweep->n_set_aside++;
	sweep->set_aside_bytes += (uint64_t)st.st_blocks * 512;
}

static int sweep_one(void *arg, const char *name, enum shm_kind kind)
{
	struct sweep *sweep = arg;
	struct stat st;

	if (kind == SHM_BOARD) {
		sweep_board(sweep, name);
	} else if (kind == SHM_SEGMENT && !sweep->keep_segments) {
		sweep_segment(sweep, name);
	} else if (kind == SHM_QUARANTINED && shm_dir_stat(sweep->dir, name, &st) == 0 &&
		   shm_stat_is(sweep->dir, &st, SHM_OWNED)) {
		sweep->n_waiting++; /* includes what was just renamed, or not: readdir(3) decides */
		sweep->waiting_bytes += (uint64_t)st.st_blocks * 512;
	}
	return 0;
}

int quarantine_sweep(const struct shm_dir *dir, const char *board, bool keep_segments)
{
	struct sweep sweep = { .dir = dir, .board = board, .keep_segments = keep_segments };
	int r = shm_dir_each(dir, sweep_one, &sweep);
	char size[16];

	if (r < 0)
		return r;
	format_size(sweep.n_set_aside ? sweep.set_aside_bytes : sweep.waiting_bytes, size,
		    sizeof(size));
	if (sweep.n_boards > 0)
		log_line(LOG_NOTICE, "%u boards of earlier daemons retired and removed",
			 sweep.n_boards);
	if (sweep.n_set_aside > 0)
		log_event(SHELL_LOG_QUARANTINED, LOG_ERR, "%u segments belong to no registry: set "
			  "aside, %s in quarantine; 'shmqctl reap' lists them", sweep.n_set_aside,
			  size);
	else if (sweep.n_waiting > 0)
		log_line(LOG_WARNING, "%u objects, %s, still in quarantine; 'shmqctl reap' lists them",
			 sweep.n_waiting, size);
	return 0;
}
