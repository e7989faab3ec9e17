/* SPDX-License-Identifier: MIT */
/*
 * peer.h - who is at the other end of an accepted socket, as the kernel tells it
 *
 * The identity is what tells this process from every other since boot; the pidfd is the process
 * itself. Kernels from 6.5 hand the pidfd over with the socket. Before, a pid is opened and then
 * checked: it did not start anew meanwhile, it lives, and the socket is still connected. An heir of
 * the socket that also got the pid would pass that, but not the echo that packets must carry.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "daemon/core/registry.h"
#include "daemon/pidfd.h"

#define PEER_GROUPS_MAX 1024 /* who is in more has no rights by the others */

struct peer {
	struct process_identity identity;	/* pid 0: in a pid namespace that we can't see into */
	gid_t *groups;				/* supplementary, the first so many; owned */
	size_t n_groups;
	char unit[CONTROL_UNIT_MAX];		/* of the system's manager; "": unknown */
	struct pidfd *pidfd;			/* NULL with pid 0 where the kernel gives none */
};

/* Ways to the pidfd of the process that connected. Return: descriptor; -ESRCH it is gone;
 * -EOPNOTSUPP: the kernel does not know this way; -EMFILE, -errno. */
int peer_pidfd_ask(int socket_fd);			/* SO_PEERPIDFD */
int peer_pidfd_open(int socket_fd, pid_t pid);		/* pidfd_open(2), and checks */

/* Return: 0; -ESRCH the process is gone; -EMFILE, -ENOMEM, -errno. */
int peer_identify(int socket_fd, struct peer *ret_peer);
void peer_deinit(struct peer *peer);

/* Of the namespace that pids are seen from here; 0: unknown. For process_identity.seen_from. */
uint32_t peer_own_pidns(void);
