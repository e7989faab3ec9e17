/* SPDX-License-Identifier: MIT */
/*
 * holders.h - who on this host has given files open or mapped
 *
 * Reads every process's descriptors and mappings from procfs (proc_pid_fd(5), proc_pid_maps(5)) and
 * compares device and inode: a path says nothing in another mount namespace. What can't be seen is
 * counted, and whoever means to delete something must not if that count isn't zero. Not seen by
 * anybody: a descriptor that is under way in a UNIX socket's queue.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HOLDER_PIDS_MAX 8

/* One file asked about, and the answer. */
struct held_file {
	dev_t dev;
	ino_t inode;
	size_t n_holders;	     /* processes; may exceed HOLDER_PIDS_MAX */
	pid_t pids[HOLDER_PIDS_MAX]; /* the first ones */
};

struct holders_view {
	size_t n_processes;
	size_t n_hidden;  /* processes whose descriptors or mappings we may not read */
	pid_t hidden_pid; /* one of them */
	bool namespaced;  /* we are in a pid namespace: processes outside are invisible */
};

/* Find the holders of @files in one walk over procfs. Return: 0, -ENOMEM, or why /proc failed. */
int holders_find(struct held_file *files, size_t n_files, struct holders_view *ret_view);
