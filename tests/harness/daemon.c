/* SPDX-License-Identifier: MIT */
/*
 * daemon.c - starting, killing and tidying up after a private shmqd; see daemon.h
 */
#include "tests/harness/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/random.h"
#include "tests/harness/process.h"

#define SHM_DIR "/dev/shm"

static bool starts_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static void log_path(const struct daemon *daemon, char *buf, size_t cap_bytes)
{
	snprintf(buf, cap_bytes, "%s/log", daemon->dir);
}

static _Noreturn void daemon_exec(const struct daemon *daemon, const char *socket, int log_fd,
				  pid_t parent)
{
	const char *argv[DAEMON_ARGS_MAX + 6] = {
		getenv("SHMQD_BIN"), "--socket", socket, "--instance", daemon->instance,
	};

	for (size_t i = 0; daemon->args[i]; i++)
		argv[5 + i] = daemon->args[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if ((getppid() != parent && getppid() != 0) || !argv[0])
		_exit(99);
	if (dup2(log_fd, STDOUT_FILENO) < 0 || dup2(log_fd, STDERR_FILENO) < 0)
		_exit(99);
	execv(argv[0], (char *const *)argv);
	_exit(98);
}

static pid_t daemon_spawn(const struct daemon *daemon, const char *socket, const char *log)
{
	_cleanup_fd_ int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	pid_t parent = getpid();
	pid_t pid;

	if (log_fd < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		daemon_exec(daemon, socket, log_fd, parent);
	return pid < 0 ? -errno : pid;
}

struct start {
	struct daemon *daemon;
	bool accepts;
};

static bool accepts_or_ended(void *arg)
{
	struct start *start = arg;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, start->daemon->socket, strlen(start->daemon->socket));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		start->accepts = true;
		return true;
	}
	if (waitpid(start->daemon->pid, NULL, WNOHANG) == start->daemon->pid) {
		start->daemon->pid = 0;
		return true;
	}
	return false;
}

int daemon_restart(struct daemon *daemon)
{
	struct start start = { .daemon = daemon };
	char path[96], log[4096];

	log_path(daemon, path, sizeof(path));
	daemon->pid = daemon_spawn(daemon, daemon->socket, path);
	if (daemon->pid < 0)
		return (int)daemon->pid;
	if (wait_until(accepts_or_ended, &start) && start.accepts)
		return 0;
	daemon_log(daemon, log, sizeof(log));
	fprintf(stderr, "shmqd did not start:\n%s\n", log);
	return daemon->pid ? -ETIMEDOUT : -ECHILD;
}

int daemon_start(struct daemon *daemon, const char *const *args)
{
	uint8_t random[6];
	char unique[2 * sizeof(random) + 1], prefix[64];
	int r = random_bytes(random, sizeof(random));

	if (r < 0)
		return r;
	*daemon = (struct daemon){ 0 };
	hex_encode(random, sizeof(random), unique);
	snprintf(daemon->dir, sizeof(daemon->dir), "/tmp/shmq-test-%s", unique);
	if (mkdir(daemon->dir, 0700) < 0)
		return -errno;
	snprintf(daemon->socket, sizeof(daemon->socket), "%s/control.sock", daemon->dir);
	snprintf(daemon->instance, sizeof(daemon->instance), "test-%s", unique);
	snprintf(prefix, sizeof(prefix), "shmq.%s.", daemon->instance);
	r = janitor_start(&daemon->janitor, daemon->dir, prefix);
	if (r < 0)
		return r;
	for (size_t i = 0; args && args[i] && i < DAEMON_ARGS_MAX - 1; i++)
		daemon->args[i] = args[i];
	return daemon_restart(daemon);
}

void daemon_kill(struct daemon *daemon)
{
	child_kill(daemon->pid);
	daemon->pid = 0;
}

int daemon_stop(struct daemon *daemon)
{
	pid_t pid = daemon->pid;

	daemon->pid = 0;
	kill(pid, SIGTERM);
	return child_wait(pid);
}

void daemon_deinit(struct daemon *daemon)
{
	daemon_kill(daemon);
	janitor_finish(&daemon->janitor);
}

static void read_text(const char *path, char *buf, size_t cap_bytes)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : fd_read_full(fd, buf, cap_bytes - 1);

	buf[n > 0 ? n : 0] = '\0';
}

void daemon_log(const struct daemon *daemon, char *buf, size_t cap_bytes)
{
	char path[96];

	log_path(daemon, path, sizeof(path));
	read_text(path, buf, cap_bytes);
}

int daemon_run_second(const struct daemon *daemon, const char *socket, char *log, size_t cap_bytes)
{
	char path[96];
	pid_t pid;
	int status;

	snprintf(path, sizeof(path), "%s/log-2", daemon->dir);
	pid = daemon_spawn(daemon, socket ? socket : daemon->socket, path);
	if (pid < 0)
		return (int)pid;
	status = child_wait(pid);
	read_text(path, log, cap_bytes);
	unlink(path);
	return status;
}

/* Segments are all that begins with the instance's name, except the daemon's own books. */
static bool is_segment(const struct daemon *daemon, const char *name)
{
	char prefix[64], registry[96], board[96];

	snprintf(prefix, sizeof(prefix), "shmq.%s.", daemon->instance);
	snprintf(registry, sizeof(registry), "%sregistry.", prefix);
	snprintf(board, sizeof(board), "%sboard.", prefix);
	return starts_with(name, prefix) && !starts_with(name, registry) &&
	       !starts_with(name, board);
}

unsigned daemon_segments(const struct daemon *daemon)
{
	DIR *entries = opendir(SHM_DIR);
	struct dirent *entry;
	unsigned n = 0;

	while (entries && (entry = readdir(entries)))
		n += is_segment(daemon, entry->d_name);
	if (entries)
		closedir(entries);
	return n;
}

static bool is_tidy(void *arg)
{
	return daemon_segments(arg) == 0;
}

bool daemon_wait_tidy(const struct daemon *daemon)
{
	return wait_until(is_tidy, (void *)daemon);
}

bool daemon_segment_name(const struct daemon *daemon, const char *ring, char *buf, size_t cap_bytes)
{
	DIR *entries = opendir(SHM_DIR);
	struct dirent *entry;
	char prefix[128];
	bool found = false;

	snprintf(prefix, sizeof(prefix), "shmq.%s.%s.", daemon->instance, ring);
	while (!found && entries && (entry = readdir(entries))) {
		found = starts_with(entry->d_name, prefix) && is_segment(daemon, entry->d_name);
		if (found)
			snprintf(buf, cap_bytes, "%s", entry->d_name);
	}
	if (entries)
		closedir(entries);
	return found;
}

unsigned daemon_descriptors(const struct daemon *daemon)
{
	char path[64];
	DIR *entries;
	struct dirent *entry;
	unsigned n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)daemon->pid);
	entries = opendir(path);
	while (entries && (entry = readdir(entries)))
		n += entry->d_name[0] != '.';
	if (entries)
		closedir(entries);
	return n;
}

uint64_t daemon_memory_bytes(const struct daemon *daemon)
{
	char path[64], text[128];
	unsigned long pages = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)daemon->pid);
	read_text(path, text, sizeof(text));
	if (sscanf(text, "%*u %lu", &pages) != 1)
		return 0;
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
