/* SPDX-License-Identifier: MIT */
/*
 * metrics_address.c - a listening socket from text; see metrics_address.h
 *
 * Numeric addresses only: a daemon that starts early must not wait for names to be resolved.
 */
#include "daemon/metrics_address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/util.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define BACKLOG 16

union address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
	struct sockaddr_un local;
};

static int address_parse(const char *text, union address *address, socklen_t *ret_bytes)
{
	int bytes = sizeof(*address);

	memset(address, 0, sizeof(*address));
	if (text[0] == '/') {
		if (strlen(text) >= sizeof(address->local.sun_path))
			return -ENAMETOOLONG;
		address->local.sun_family = AF_UNIX;
		strcpy(address->local.sun_path, text);
		*ret_bytes = sizeof(address->local);
		return 0;
	}
	if (evutil_parse_sockaddr_port(text, &address->any, &bytes) < 0)
		return -EINVAL;
	/* sin_port and sin6_port lie at the same place */
	if (address->ip4.sin_port == 0)
		return -EINVAL;
	*ret_bytes = (socklen_t)bytes;
	return 0;
}

static int bind_once(int fd, const union address *address, socklen_t bytes)
{
	int on = 1;

	if (address->any.sa_family != AF_UNIX &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	return bind(fd, &address->any, bytes) < 0 ? -errno : 0;
}

/* A socket in the file system stays when its process ends; then nobody answers there. */
static bool is_left_over(const union address *address, socklen_t bytes)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return address->any.sa_family == AF_UNIX && fd >= 0 &&
	       connect(fd, &address->any, bytes) < 0 && errno == ECONNREFUSED;
}

int metrics_listen(const char *text)
{
	_cleanup_fd_ int fd = -1;
	union address address;
	socklen_t bytes;
	int r = address_parse(text, &address, &bytes);

	if (r < 0)
		return r;
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = bind_once(fd, &address, bytes);
	if (r == -EADDRINUSE && is_left_over(&address, bytes)) {
		unlink(text);
		r = bind_once(fd, &address, bytes);
	}
	if (r < 0)
		return r;
	if (listen(fd, BACKLOG) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int socket_option(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -errno : value;
}

int metrics_take(int fd)
{
	int r;

	if (socket_option(fd, SO_TYPE) != SOCK_STREAM || socket_option(fd, SO_ACCEPTCONN) != 1)
		return -EINVAL;
	/* managers hand them over as ones that wait: accept(2) would stop the loop */
	r = fd_set_nonblock(fd, true);
	return r < 0 ? r : fd;
}

void metrics_unlisten(const char *text)
{
	if (text[0] == '/')
		unlink(text);
}
