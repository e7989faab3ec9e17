/* SPDX-License-Identifier: MIT */
/*
 * demo.h - what the parts of `shmqctl demo` share, and `shmqctl bench` with them: a private daemon,
 * children, claims
 *
 * Everything lives in one temporary directory and one instance of its own; nothing of the system is
 * touched. Children end with this process (PR_SET_PDEATHSIG), and demo_world_deinit() removes all
 * that there was, after an interrupt too. Every figure that is printed was measured in this run,
 * and every promise is a claim that can fail: then the demo fails.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "ctl/ctl.h"

#define DEMO_CHILDREN_MAX 16
#define DEMO_PATIENCE_NS  INT64_C(30000000000) /* nothing here takes that long */

struct demo {
	struct ctl *ctl;
	struct shmq_client *client; /* of this process; survives restarts of the daemon */
	char dir[64];		    /* temporary, "" until it exists */
	char socket[96];
	char instance[32];
	char shmqd[PATH_MAX], self[PATH_MAX];
	int log_fd;	  /* standard error of all children */
	pid_t daemon_pid; /* 0: none runs */
	pid_t children[DEMO_CHILDREN_MAX];
	size_t n_children;
	uint64_t stream_bytes;	   /* how much to stream */
	struct json_object *facts; /* what --json prints at the end */
	unsigned n_failed;	   /* claims */
	bool tty, utf8, progress_shown;
};

/* ---- demo_say.c: output; none of it with --json ---- */

__attribute__((format(printf, 2, 3))) void demo_title(struct demo *demo, const char *format, ...);
__attribute__((format(printf, 2, 3))) void demo_line(struct demo *demo, const char *format, ...);
/* One line that is redrawn; only on a terminal. */
__attribute__((format(printf, 2, 3))) void demo_progress(struct demo *demo, const char *format,
							 ...);
void demo_progress_end(struct demo *demo);
/* A promise and whether it was kept. Return: @kept. */
__attribute__((format(printf, 3, 4))) bool demo_claim(struct demo *demo, bool kept,
						      const char *format, ...);
/* A failure that ends the part: printed as a claim that failed, with the end of the children's log.
 * Return: -1. */
__attribute__((format(printf, 2, 3))) int demo_broken(struct demo *demo, const char *format, ...);

/* ---- demo_world.c: the private instance ---- */

int demo_world_init(struct demo *demo); /* Return: a CTL_ status, failures printed */
void demo_world_deinit(struct demo *demo);
int demo_daemon_start(struct demo *demo);	      /* until it answers; 0 or -1, said */
int demo_daemon_end(struct demo *demo, int signal);   /* and wait; 0 or -1, said */
unsigned demo_count_objects(const struct demo *demo); /* of this instance, in /dev/shm */

/* ---- demo_child.c: processes ---- */

/* The signal that asks us to stop, or 0. */
int demo_interrupted(void);
void demo_catch_signals(void);
/* fork(2); the child gets 0, dies with us, and leaves by _exit(). Return: pid, -errno. */
pid_t demo_fork(struct demo *demo);
/* Run @argv with these as standard input and output (-1: /dev/null). Return: pid, -errno. */
pid_t demo_spawn(struct demo *demo, const char *const *argv, int in_fd, int out_fd);
/* Wait for the end. Return: exit status, 128 + signal, -ETIMEDOUT, -EINTR when interrupted. */
int demo_wait(struct demo *demo, pid_t pid, int64_t deadline_ns);
/* kill -9 and wait. */
void demo_kill(struct demo *demo, pid_t pid);
void demo_kill_all(struct demo *demo);
void demo_kill_all_but_daemon(struct demo *demo);
/* Sleep for a while or until a signal comes. */
void demo_nap(int64_t ns);
/* Zeroed memory that children share with us, or NULL. */
void *demo_shared_new(size_t bytes);
void *demo_shared_free(void *memory, size_t bytes);

/* ---- demo_find.c ---- */

/* Our own file, and shmqd: $SHMQD_BIN, beside us, the installed one, PATH. Return: 0, -ENOENT. */
int demo_find_programs(struct demo *demo);
bool demo_has_program(const char *name); /* in PATH */

/* ---- demo_files.c ---- */

struct demo_tree {
	uint64_t n_files, bytes; /* regular files, and how much is in them */
	char list[96];		 /* file of names, each ended by NUL */
};
/* Choose readable files of this machine, about demo->stream_bytes of them. Return: 0, -errno. */
int demo_choose_files(struct demo *demo, struct demo_tree *ret_tree);

/* ---- the parts: 0, or -1 when it could not go on; claims are counted apart ---- */

int demo_stream(struct demo *demo);
int demo_successor(struct demo *demo);
int demo_pipeline(struct demo *demo);
int demo_leftovers(struct demo *demo);
