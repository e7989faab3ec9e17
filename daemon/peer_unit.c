/* SPDX-License-Identifier: MIT */
/*
 * peer_unit.c - from /proc/PID/cgroup to the name of a unit; see peer_unit.h
 */
#include "daemon/peer_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/parse.h"

#define SYSTEMD_LINE ":name=systemd:"	/* its own tree on hosts with version 1 */

/* Of one line: the path in a tree that systemd may manage; NULL: another tree. */
static const char *line_path(const char *line)
{
	const char *at = strchr(line, ':');

	if (strncmp(line, "0::", 3) == 0)
		return line + 3;
	if (at && strncmp(at, SYSTEMD_LINE, strlen(SYSTEMD_LINE)) == 0)
		return at + strlen(SYSTEMD_LINE);
	return NULL;
}

/* The path in the tree that systemd manages, up to the line's end; NULL: there is none. A tree that
 * has the process at its root is one that a host has and does not use. */
static const char *path_find(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *path;

		line += *line == '\n';
		path = line_path(line);
		if (path && path[0] == '/' && path[1] && path[1] != '\n')
			return path;
	}
	return NULL;
}

static bool is_slice(const char *name)
{
	size_t len = strlen(name);

	return len > 6 && strcmp(name + len - 6, ".slice") == 0;
}

void peer_unit_parse(const char *text, char ret_unit[CONTROL_UNIT_MAX])
{
	const char *path = path_find(text);
	char name[256];

	ret_unit[0] = '\0';
	while (path && *path == '/') {
		size_t len = strcspn(++path, "/\n");

		if (len == 0 || len >= sizeof(name))
			return;
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		if (is_slice(name))
			continue;
		/* systemd marks names that the kernel might mean by a '_' in front */
		if (strlen(name) < CONTROL_UNIT_MAX && parse_unit_name(name + (name[0] == '_')) == 0)
			strcpy(ret_unit, name + (name[0] == '_'));
		return;
	}
}

void peer_unit_read(pid_t pid, char ret_unit[CONTROL_UNIT_MAX])
{
	_cleanup_fd_ int fd = -1;
	char path[32], text[4096];
	ssize_t n;

	ret_unit[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	do {
		n = read(fd, text, sizeof(text) - 1);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return;
	text[n] = '\0';
	peer_unit_parse(text, ret_unit);
}
