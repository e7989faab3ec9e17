/* SPDX-License-Identifier: MIT */
/*
 * demo_world.c - the demo's own instance: temporary directory, daemon, and their end
 *
 * After demo_world_deinit() nothing is left, however far the demo came: children and daemon are
 * killed and waited for, then the instance's objects and the directory are removed. In a good run
 * there are no objects to remove by then; demo_leftovers() has looked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/random.h"
#include "ctl/demo.h"
#include "ctl/failure.h"

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int make_directory(struct demo *demo)
{
	const char *tmp = getenv("TMPDIR");
	char dir[sizeof(demo->dir)];
	char log[sizeof(demo->dir) + 8];

	/* A socket's path has to fit sun_path: a long TMPDIR is of no use. */
	snprintf(dir, sizeof(dir), "%s/shmqctl-demo.XXXXXX",
		 tmp && *tmp == '/' && strlen(tmp) < 40 ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -errno;
	memcpy(demo->dir, dir, sizeof(dir));
	snprintf(demo->socket, sizeof(demo->socket), "%s/control.sock", dir);
	snprintf(log, sizeof(log), "%s/log", dir);
	demo->log_fd = open(log, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	return demo->log_fd < 0 ? -errno : 0;
}

int demo_world_init(struct demo *demo)
{
	uint64_t tag;
	int r;

	demo->log_fd = -1;
	r = demo_find_programs(demo);
	if (r < 0)
		return fail(demo->ctl, CTL_FAILED, "no_shmqd", "shmqd",
			    "Name it: SHMQD_BIN=/path/to/shmqd shmqctl demo",
			    "not found: neither beside shmqctl nor in PATH.");
	r = random_u64(&tag);
	if (r >= 0) {
		snprintf(demo->instance, sizeof(demo->instance), "demo-%08x", (unsigned)tag);
		r = make_directory(demo);
	}
	return r < 0 ? fail_file(demo->ctl, "the temporary directory", r) : CTL_OK;
}

/* Names in /dev/shm that begin with "shmq.INSTANCE."; with @remove they are unlinked. */
static unsigned each_object(const struct demo *demo, bool remove)
{
	_cleanup_(closedirp) DIR *dir = opendir("/dev/shm");
	struct dirent *entry;
	char prefix[64];
	unsigned n = 0;

	snprintf(prefix, sizeof(prefix), "shmq.%s.", demo->instance);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		n++;
		if (remove)
			shm_unlink(entry->d_name);
	}
	return n;
}

unsigned demo_count_objects(const struct demo *demo)
{
	return each_object(demo, false);
}

static void remove_directory(const char *path)
{
	_cleanup_(closedirp) DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(dir), entry->d_name, 0);
	rmdir(path);
}

void demo_world_deinit(struct demo *demo)
{
	demo->client = shmq_disconnect(demo->client);
	demo_kill_all(demo);
	demo->daemon_pid = 0;
	if (demo->instance[0])
		each_object(demo, true);
	demo->log_fd = fd_close(demo->log_fd);
	if (demo->dir[0])
		remove_directory(demo->dir);
}

int demo_daemon_start(struct demo *demo)
{
	const char *const argv[] = { demo->shmqd,  "--socket",	   demo->socket,
				     "--instance", demo->instance, NULL };
	int64_t deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);
	struct shmq_client *probe = NULL;
	pid_t pid = demo_spawn(demo, argv, -1, -1);
	int r;

	if (pid < 0)
		return demo_broken(demo, "shmqd can't be started: %s", strerror(-pid));
	demo->daemon_pid = pid;
	while ((r = shmq_connect(&probe, demo->socket)) < 0) {
		if (demo_wait(demo, pid, 0) >= 0) {
			demo->daemon_pid = 0;
			return demo_broken(demo, "shmqd has ended at once");
		}
		if (demo_interrupted() || deadline_left_ns(deadline_ns) == 0)
			return demo_broken(demo, "shmqd does not answer: %s", shmq_strerror(r));
		demo_nap(5 * NS_PER_MS);
	}
	if (demo->client)
		shmq_disconnect(probe);
	else
		demo->client = probe;
	return 0;
}

int demo_daemon_end(struct demo *demo, int signal)
{
	pid_t pid = demo->daemon_pid;
	int status;

	kill(pid, signal);
	status = demo_wait(demo, pid, deadline_after_ns(DEMO_PATIENCE_NS));
	if (status < 0)
		return demo_broken(demo, "shmqd (pid %d) does not end", (int)pid);
	demo->daemon_pid = 0;
	if (status != (signal == SIGKILL ? 128 + SIGKILL : 0))
		return demo_broken(demo, "shmqd ended with status %d", status);
	return 0;
}
