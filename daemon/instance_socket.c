/* SPDX-License-Identifier: MIT */
/*
 * instance_socket.c - the listening socket: bound beside its place, then renamed into it
 *
 * So clients find the old socket, or the new one with its mode, owner and backlog; never one that
 * refuses them. What lies in the way is replaced only if it is a socket that nobody listens on.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "daemon/instance.h"
#include "daemon/log.h"

#define SYSTEM_GROUP "shmq"
#define BACKLOG	     4096 /* cut to net.core.somaxconn: clients of a restarting daemon wait there */

static int complain(const char *path, const char *what, int error)
{
	log_line(LOG_ERR, "the socket %s: %s: %s", path, what, strerror(-error));
	return error;
}

/* ---- handed over by systemd ---- */

static int socket_option(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -errno : value;
}

int instance_take_socket(struct instance *instance, int fd)
{
	const char *path = instance->options->socket;
	struct sockaddr_un address;
	socklen_t len = sizeof(address);
	int r;

	if (socket_option(fd, SO_DOMAIN) != AF_UNIX ||
	    socket_option(fd, SO_TYPE) != SOCK_SEQPACKET || socket_option(fd, SO_ACCEPTCONN) != 1) {
		log_line(LOG_ERR, "the socket handed over is not a listening UNIX socket of type "
			 "SEQPACKET: the socket unit needs ListenSequentialPacket=");
		return -EINVAL;
	}
	memset(&address, 0, sizeof(address));
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return complain(path, "getsockname", -errno);
	if (strncmp(address.sun_path, path, sizeof(address.sun_path)) != 0) {
		log_line(LOG_ERR, "the socket handed over is %.*s, this instance's is %s",
			 (int)sizeof(address.sun_path), address.sun_path, path);
		return -EINVAL;
	}
	r = fd_set_nonblock(fd, true);
	if (r < 0)
		return complain(path, "fcntl", r);
	instance->listen_fd = fd;
	return 0;
}

/* ---- our own ---- */

static void address_of(const char *path, struct sockaddr_un *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->sun_family = AF_UNIX;
	memcpy(ret_address->sun_path, path, strlen(path)); /* OPTIONS_SOCKET_MAX leaves room */
}

/* Does somebody listen there? Return: 0 nobody; -EADDRINUSE; -errno. */
static int probe_listener(const char *path)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;

	if (fd < 0)
		return -errno;
	address_of(path, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return -EADDRINUSE;
	switch (errno) {
	case ECONNREFUSED:
	case ENOENT:
		return 0;
	case EAGAIN:	   /* its backlog is full */
	case EPROTOTYPE:   /* it is of another type */
		return -EADDRINUSE;
	default:
		return -errno;
	}
}

static int clear_place(const char *path)
{
	struct stat st;
	int r;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : complain(path, "lstat", -errno);
	if (!S_ISSOCK(st.st_mode)) {
		log_line(LOG_ERR, "%s exists and is no socket: remove it", path);
		return -EEXIST;
	}
	r = probe_listener(path);
	if (r == -EADDRINUSE) {
		log_line(LOG_ERR, "somebody listens at %s already (systemd, for shmqd.socket? then "
			 "'systemctl start shmqd')", path);
		return r;
	}
	return r < 0 ? complain(path, "connect", r) : 0;
}

/* Members of group shmq may use the system's instance. Without the group it is root's alone. */
static void set_group(const struct instance *instance, const char *path)
{
	const struct group *group;

	if (instance->options->kind != OPTIONS_SYSTEM)
		return;
	group = getgrnam(SYSTEM_GROUP);
	if (!group)
		log_line(LOG_NOTICE, "there is no group '" SYSTEM_GROUP "': only root can use %s",
			 instance->options->socket);
	else if (lchown(path, (uid_t)-1, group->gr_gid) < 0)
		log_line(LOG_WARNING, "%s can't be given to group '" SYSTEM_GROUP "': %s",
			 instance->options->socket, strerror(errno));
}

static int bind_beside(const struct instance *instance, int fd, const char *path)
{
	struct sockaddr_un address;
	mode_t mask;
	int r;

	address_of(path, &address);
	unlink(path); /* of a daemon that died right here; we hold the lock */
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0)
		return complain(path, "bind", r);
	set_group(instance, path);
	if (chmod(path, instance->options->socket_mode) < 0)
		return complain(path, "chmod", -errno);
	if (listen(fd, BACKLOG) < 0)
		return complain(path, "listen", -errno);
	return 0;
}

int instance_listen(struct instance *instance)
{
	const char *path = instance->options->socket;
	_cleanup_fd_ int fd = -1;
	char beside[OPTIONS_SOCKET_MAX + 8];
	int r = clear_place(path);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return complain(path, "socket", -errno);
	snprintf(beside, sizeof(beside), "%s.new", path);
	r = bind_beside(instance, fd, beside);
	if (r == 0 && rename(beside, path) < 0)
		r = complain(path, "rename", -errno);
	if (r < 0) {
		unlink(beside);
		return r;
	}
	instance->is_bound = true;
	instance->listen_fd = TAKE_FD(fd);
	return 0;
}
