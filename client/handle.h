/* SPDX-License-Identifier: MIT */
/*
 * handle.h - what a producer and a consumer handle are
 *
 * The hot part comes first: the public inline functions cast to it. A handle belongs to one thread
 * at a time; its links belong to fork.h.
 */
#pragma once

#include <stdbool.h>

#include <shmq/consumer.h>
#include <shmq/hot.h>
#include <shmq/producer.h>

#include "base/cleanup.h"
#include "client/client.h"
#include "client/segment.h"

struct pollable;

struct client_handle {
	struct shmq_hot hot;
	struct client_handle *prev, *next; /* fork.h */
	struct shmq_client *client;
	struct client_board *board; /* a reference */
	struct segment_map map;
	struct pollable *pollable; /* NULL: nobody asked for a descriptor */
	uint64_t attachment;
	char name[CONTROL_NAME_MAX + 1];
};

struct shmq_producer {
	struct client_handle handle;
};

struct shmq_consumer {
	struct client_handle handle;
};

/* What this process does once before its first push or release. Return: is it registered with
 * membarrier(2)? */
bool handle_process_init(void);

/* With a reference to the client's board; not yet in any list. Return: NULL: out of memory. */
struct client_handle *handle_new(struct shmq_client *client, const char *name, uint64_t attachment);
/* Disable, unmap, free. The daemon is not told. */
struct client_handle *handle_free(struct client_handle *handle);
DEFINE_CLEANUP(struct client_handle *, handle_free);

/* In a forked child: the handle answers -ECHILD from now on, and maps nothing. */
void handle_disown(struct client_handle *handle);

/* How long this handle's calls spin before they sleep. */
int64_t handle_spin_ns(const struct client_handle *handle);

/* ---- handle_detach.c ---- */

/* Out of the list, then freed. Return: the attachment, which the daemon must be told about. */
uint64_t handle_close(struct client_handle *handle);

/* handle_close(), and tell the daemon; in a forked child, nobody is told. */
void handle_detach(struct client_handle *handle);

/* ---- handle_fd.c ---- */

/* A call that may wait by itself begins: nobody else shall wait for this handle. */
void handle_wait_begin(struct client_handle *handle);
/* It ends: who has a descriptor is waited for again. Says in words what it says in numbers.
 * Return: @r. */
ssize_t handle_wait_end(struct client_handle *handle, ssize_t r);

/* The descriptor that is readable when the handle has something to give; it stays the handle's.
 * Return: -ECHILD; -errno: there is none to be had; sentence set. */
int handle_fd(struct client_handle *handle);
