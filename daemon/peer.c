/* SPDX-License-Identifier: MIT */
/*
 * peer.c - identity of a connected process; see peer.h
 *
 * What procfs says of a pid is only used if the pidfd shows afterwards that the process still lives:
 * then it was that process all the time.
 */
#include "daemon/peer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/process.h"
#include "daemon/peer_unit.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; not in Debian 12's headers */
#endif

int peer_pidfd_ask(int socket_fd)
{
	socklen_t len = sizeof(int);
	int fd = -1;

	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) == 0)
		return fd;
	switch (errno) {
	case ENOPROTOOPT:
		return -EOPNOTSUPP;
	case EINVAL:	/* before 6.16: the process was reaped */
	case ENODATA:	/* it has no pid in sight, or never had */
		return -ESRCH;
	default:
		return -errno;
	}
}

static bool is_connected(int socket_fd)
{
	struct pollfd poll_fd = { .fd = socket_fd };

	return poll(&poll_fd, 1, 0) >= 0 && !(poll_fd.revents & (POLLHUP | POLLERR));
}

int peer_pidfd_open(int socket_fd, pid_t pid)
{
	_cleanup_fd_ int fd = -1;
	uint64_t before, after;
	int r;

	if (pid <= 0)
		return -ESRCH;
	r = process_start_time(pid, &before);
	if (r < 0 && r != -EACCES)
		return r;
	fd = process_pidfd_open(pid);
	if (fd == -EINVAL || fd == -ENOENT) /* it is no process's id any more */
		return -ESRCH;
	if (fd < 0)
		return fd;
	if (r == 0 && (process_start_time(pid, &after) < 0 || before != after))
		return -ESRCH;
	if (pidfd_has_fired(fd) || !is_connected(socket_fd))
		return -ESRCH;
	return TAKE_FD(fd);
}

static int pidfd_of(int socket_fd, pid_t pid)
{
	int fd = peer_pidfd_ask(socket_fd);

	return fd == -EOPNOTSUPP ? peer_pidfd_open(socket_fd, pid) : fd;
}

uint32_t peer_own_pidns(void)
{
	uint64_t inode;

	return process_pidns_inode(getpid(), &inode) < 0 ? 0 : (uint32_t)inode;
}

/* What could not be read stays 0: the core knows what that means. */
static int identity_read(int pidfd, struct peer *peer)
{
	struct process_identity *identity = &peer->identity;
	pid_t pid = identity->pid;

	if (process_start_time(pid, &identity->start_ticks) < 0)
		identity->start_ticks = 0;
	if (process_pidns_inode(pid, &identity->pidns_inode) < 0)
		identity->pidns_inode = 0;
	if (process_pidfd_inode(pidfd, &identity->pidfs_inode) < 0)
		identity->pidfs_inode = 0;
	if (process_comm(pid, identity->comm) < 0)
		strcpy(identity->comm, "?");
	identity->seen_from = peer_own_pidns();
	peer_unit_read(pid, peer->unit);
	return pidfd_has_fired(pidfd) ? -ESRCH : 0;
}

/* Return: 0; -ENOMEM. */
static int groups_read(int socket_fd, struct peer *peer)
{
	gid_t all[65536 / sizeof(gid_t)];
	socklen_t len = sizeof(all);
	size_t n;

	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERGROUPS, all, &len) < 0)
		return 0;
	n = len / sizeof(gid_t) < PEER_GROUPS_MAX ? len / sizeof(gid_t) : PEER_GROUPS_MAX;
	if (n == 0)
		return 0;
	peer->groups = malloc(n * sizeof(gid_t));
	if (!peer->groups)
		return -ENOMEM;
	memcpy(peer->groups, all, n * sizeof(gid_t));
	peer->n_groups = n;
	return 0;
}

int peer_identify(int socket_fd, struct peer *ret_peer)
{
	_cleanup_fd_ int fd = -1;
	struct peer peer = { 0 };
	struct ucred ucred;
	socklen_t len = sizeof(ucred);
	int r;

	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &ucred, &len) < 0)
		return -errno;
	peer.identity.pid = ucred.pid;
	peer.identity.uid = ucred.uid;
	peer.identity.gid = ucred.gid;
	fd = pidfd_of(socket_fd, ucred.pid);
	if (fd < 0 && ucred.pid > 0)
		return fd;
	if (ucred.pid > 0) {
		r = identity_read(fd, &peer);
		if (r < 0)
			return r;
	}
	if (fd >= 0) {
		peer.pidfd = pidfd_new(fd);
		if (!peer.pidfd)
			return -ENOMEM;
		fd = -1; /* consumed */
	}
	r = groups_read(socket_fd, &peer);
	if (r < 0) {
		peer_deinit(&peer);
		return r;
	}
	*ret_peer = peer;
	return 0;
}

void peer_deinit(struct peer *peer)
{
	peer->pidfd = pidfd_unref(peer->pidfd);
	free(peer->groups);
	peer->groups = NULL;
	peer->n_groups = 0;
}
