/* SPDX-License-Identifier: MIT */
/*
 * instance.c - runtime directory and lock; see instance.h. The socket is instance_socket.c.
 */
#include "daemon/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/parse.h"
#include "base/process.h"
#include "daemon/log.h"

#define LOCK_RETRIES 16

int instance_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

/* ---- directory ---- */

static int complain_dir(const char *dir, const char *what)
{
	log_line(LOG_ERR, "the runtime directory %s %s", dir, what);
	return -EPERM;
}

/* Nobody else may put files where we keep socket and lock. A sticky directory like /tmp is all
 * right: what is in it is judged one by one. */
static int dir_judge(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0) {
		int r = -errno;

		log_line(LOG_ERR, "the runtime directory %s: %s", dir, strerror(-r));
		return r;
	}
	if (!S_ISDIR(st.st_mode))
		return complain_dir(dir, "is no directory");
	if (st.st_mode & S_ISVTX)
		return 0;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return complain_dir(dir, "belongs to somebody else");
	if (st.st_mode & S_IWOTH)
		return complain_dir(dir, "can be written by everybody");
	return 0;
}

static int dir_prepare(const struct options *options)
{
	char dir[OPTIONS_SOCKET_MAX + 1];
	char *slash;

	strcpy(dir, options->socket);
	slash = strrchr(dir, '/');
	if (slash == dir)
		slash++;
	*slash = '\0';
	/* a private instance's directory is its user's business */
	if (options->kind != OPTIONS_PRIVATE &&
	    mkdir(dir, options->kind == OPTIONS_SYSTEM ? 0755 : 0700) < 0 && errno != EEXIST) {
		int r = -errno;

		log_line(LOG_ERR, "the runtime directory %s can't be made: %s", dir, strerror(-r));
		return r;
	}
	return dir_judge(dir);
}

/* ---- lock ---- */

static int complain_lock(const struct instance *instance, int error)
{
	log_line(LOG_ERR, "the lock file %s: %s", instance->lock_path, strerror(-error));
	return error;
}

/* Who holds it, as he wrote: "<pid> <command>" */
static int complain_held(const struct instance *instance, int fd)
{
	char text[64], shown[64] = "another process";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n > 0) {
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		format_printable(text, shown, sizeof(shown));
	}
	log_line(LOG_ERR, "instance '%s' at %s is served already, by pid %s", instance->options->instance,
		 instance->options->socket, shown);
	return -EBUSY;
}

static int lock_open(const struct instance *instance)
{
	_cleanup_fd_ int fd = open(instance->lock_path,
				   O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return complain_lock(instance, -errno);
	if (fstat(fd, &st) < 0)
		return complain_lock(instance, -errno);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1 ||
	    (st.st_mode & 077)) {
		log_line(LOG_ERR, "the lock file %s is not a file of this user alone: remove it",
			 instance->lock_path);
		return -EPERM;
	}
	return TAKE_FD(fd);
}

/* The last holder removes the file at his end: what we locked may have no name any more. */
static bool lock_is_current(const struct instance *instance, int fd)
{
	struct stat locked, named;

	return fstat(fd, &locked) == 0 && lstat(instance->lock_path, &named) == 0 &&
	       locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

static int lock_take(struct instance *instance)
{
	for (unsigned i = 0; i < LOCK_RETRIES; i++) {
		_cleanup_fd_ int fd = lock_open(instance);
		char comm[PROCESS_COMM_MAX] = "shmqd", text[64];
		int r;

		if (fd < 0)
			return fd;
		r = instance_lock(fd);
		if (r == -EBUSY)
			return complain_held(instance, fd);
		if (r < 0)
			return complain_lock(instance, r);
		if (!lock_is_current(instance, fd))
			continue;
		process_comm(getpid(), comm);
		snprintf(text, sizeof(text), "%d (%s)\n", (int)getpid(), comm);
		if (ftruncate(fd, 0) < 0 || pwrite(fd, text, strlen(text), 0) < 0)
			log_line(LOG_WARNING, "the lock file %s can't be written: %s",
				 instance->lock_path, strerror(errno)); /* it locks nevertheless */
		instance->lock_fd = TAKE_FD(fd);
		return 0;
	}
	return complain_lock(instance, -EAGAIN);
}

int instance_begin(const struct options *options, struct instance *ret_instance)
{
	struct instance instance = { .options = options, .lock_fd = -1, .listen_fd = -1 };
	int r = dir_prepare(options);

	if (r < 0)
		return r;
	snprintf(instance.lock_path, sizeof(instance.lock_path), "%s.lock", options->socket);
	r = lock_take(&instance);
	if (r < 0)
		return r;
	*ret_instance = instance;
	return 0;
}

void instance_end(struct instance *instance)
{
	instance->listen_fd = fd_close(instance->listen_fd);
	if (instance->is_bound)
		unlink(instance->options->socket);
	if (instance->lock_fd >= 0)
		unlink(instance->lock_path); /* while it is locked: see lock_is_current() */
	instance->lock_fd = fd_close(instance->lock_fd);
}
