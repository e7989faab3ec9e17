/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_instance.c - one daemon per socket, whatever lies in its way
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "client/packet.h"
#include "daemon/instance.h"
#include "tests/unit/daemon_place.h"

TestSuite(instance, .timeout = 20);

static void options_of(const struct place *place, struct options *ret_options)
{
	*ret_options = (struct options){ .kind = OPTIONS_PRIVATE, .socket_mode = 0640 };
	strcpy(ret_options->instance, place->instance);
	snprintf(ret_options->socket, sizeof(ret_options->socket), "%s/control.sock", place->path);
}

static bool connects(const struct options *options)
{
	int fd = packet_connect(options->socket);

	fd_close(fd);
	return fd >= 0;
}

/* A socket that is bound to the instance's path. */
static int bound_socket(const struct options *options, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, options->socket);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

Test(instance, listens_with_the_mode_that_was_asked_for)
{
	struct instance instance;
	struct options options;
	struct place place;
	struct stat st;

	place_begin(&place);
	options_of(&place, &options);
	cr_assert_eq(instance_begin(&options, &instance), 0);
	cr_assert_eq(instance_listen(&instance), 0);
	cr_assert(connects(&options));
	cr_assert_eq(stat(options.socket, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0640);
	cr_assert(S_ISSOCK(st.st_mode));
	instance_end(&instance);
	cr_assert_eq(stat(options.socket, &st), -1);
	cr_assert_eq(rmdir(place.path), 0, "nothing is left");
	cr_assert_eq(mkdir(place.path, 0700), 0);
	place_end(&place);
}

Test(instance, the_second_is_refused_and_the_first_is_unharmed)
{
	struct instance first, second;
	struct options options;
	struct place place;

	place_begin(&place);
	options_of(&place, &options);
	cr_assert_eq(instance_begin(&options, &first), 0);
	cr_assert_eq(instance_listen(&first), 0);
	cr_assert_eq(instance_begin(&options, &second), -EBUSY);
	cr_assert(connects(&options));
	instance_end(&first);
	cr_assert_eq(instance_begin(&options, &second), 0);
	instance_end(&second);
	place_end(&place);
}

Test(instance, the_lock_file_says_who_holds_it)
{
	struct instance instance;
	struct options options;
	struct place place;
	char text[64], expected[64];

	place_begin(&place);
	options_of(&place, &options);
	cr_assert_eq(instance_begin(&options, &instance), 0);
	cr_assert_gt(file_read_line(instance.lock_path, text, sizeof(text)), 0);
	snprintf(expected, sizeof(expected), "%d (", (int)getpid());
	cr_assert_eq(strncmp(text, expected, strlen(expected)), 0, "%s", text);
	instance_end(&instance);
	place_end(&place);
}

Test(instance, a_dead_daemons_socket_is_replaced)
{
	struct instance instance;
	struct options options;
	struct place place;

	place_begin(&place);
	options_of(&place, &options);
	fd_close(bound_socket(&options, SOCK_SEQPACKET));
	cr_assert_not(connects(&options));
	cr_assert_eq(instance_begin(&options, &instance), 0);
	cr_assert_eq(instance_listen(&instance), 0);
	cr_assert(connects(&options));
	instance_end(&instance);
	place_end(&place);
}

static void assert_in_the_way(const struct options *options, int error)
{
	struct instance instance;
	struct stat before, after;

	cr_assert_eq(lstat(options->socket, &before), 0);
	cr_assert_eq(instance_begin(options, &instance), 0);
	cr_assert_eq(instance_listen(&instance), error);
	instance_end(&instance);
	cr_assert_eq(lstat(options->socket, &after), 0);
	cr_assert_eq(before.st_ino, after.st_ino, "it is still there");
}

Test(instance, somebody_who_listens_is_left_alone)
{
	static const int types[] = { SOCK_SEQPACKET, SOCK_STREAM };
	struct options options;
	struct place place;

	place_begin(&place);
	options_of(&place, &options);
	for (unsigned i = 0; i < 2; i++) {
		int fd = bound_socket(&options, types[i]);

		cr_assert_eq(listen(fd, 1), 0);
		assert_in_the_way(&options, -EADDRINUSE);
		fd_close(fd);
		cr_assert_eq(unlink(options.socket), 0);
	}
	place_end(&place);
}

Test(instance, what_is_no_socket_is_not_replaced)
{
	struct options options;
	struct place place;

	place_begin(&place);
	options_of(&place, &options);
	cr_assert_eq(mkfifo(options.socket, 0600), 0);
	assert_in_the_way(&options, -EEXIST);
	cr_assert_eq(unlink(options.socket), 0);
	cr_assert_eq(mkdir(options.socket, 0700), 0);
	assert_in_the_way(&options, -EEXIST);
	cr_assert_eq(rmdir(options.socket), 0);
	cr_assert_eq(symlink("/dev/null", options.socket), 0);
	assert_in_the_way(&options, -EEXIST);
	cr_assert_eq(unlink(options.socket), 0);
	place_end(&place);
}

Test(instance, a_planted_lock_file_is_refused)
{
	struct instance instance;
	struct options options;
	struct place place;
	char lock[200];

	place_begin(&place);
	options_of(&place, &options);
	snprintf(lock, sizeof(lock), "%s.lock", options.socket);
	cr_assert_eq(symlink("/etc/passwd", lock), 0);
	cr_assert_eq(instance_begin(&options, &instance), -ELOOP);
	cr_assert_eq(unlink(lock), 0);
	cr_assert_eq(mkfifo(lock, 0600), 0);
	cr_assert_eq(instance_begin(&options, &instance), -EPERM);
	cr_assert_eq(unlink(lock), 0);
	fd_close(open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	cr_assert_eq(chmod(lock, 0644), 0); /* others could lock it, too */
	cr_assert_eq(instance_begin(&options, &instance), -EPERM);
	cr_assert_eq(unlink(lock), 0);
	place_end(&place);
}

Test(instance, a_directory_that_everybody_may_write_is_refused)
{
	struct instance instance;
	struct options options;
	struct place place;

	place_begin(&place);
	options_of(&place, &options);
	cr_assert_eq(chmod(place.path, 0777), 0);
	cr_assert_eq(instance_begin(&options, &instance), -EPERM);
	cr_assert_eq(chmod(place.path, 01777), 0); /* like /tmp */
	cr_assert_eq(instance_begin(&options, &instance), 0);
	instance_end(&instance);
	snprintf(options.socket, sizeof(options.socket), "%s/none/s", place.path);
	cr_assert_eq(instance_begin(&options, &instance), -ENOENT);
	place_end(&place);
}

Test(instance, a_users_directory_is_made)
{
	struct instance instance;
	struct options options;
	struct place place;
	struct stat st;
	char dir[80];

	place_begin(&place);
	options_of(&place, &options);
	options.kind = OPTIONS_USER;
	snprintf(dir, sizeof(dir), "%s/shmqd", place.path);
	snprintf(options.socket, sizeof(options.socket), "%s/control.sock", dir);
	cr_assert_eq(instance_begin(&options, &instance), 0);
	cr_assert_eq(stat(dir, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0700);
	instance_end(&instance);
	cr_assert_eq(rmdir(dir), 0);
	place_end(&place);
}

Test(instance, a_socket_that_is_handed_over_is_judged)
{
	struct instance instance;
	struct options options;
	struct place place;
	int fd;

	place_begin(&place);
	options_of(&place, &options);
	cr_assert_eq(instance_begin(&options, &instance), 0);
	fd = bound_socket(&options, SOCK_SEQPACKET);
	cr_assert_eq(instance_take_socket(&instance, fd), -EINVAL, "it does not listen");
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(instance_take_socket(&instance, fd), 0);
	cr_assert_eq(instance.listen_fd, fd);
	cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	instance_end(&instance);
	cr_assert_eq(unlink(options.socket), 0, "systemd's socket is not ours to remove");

	cr_assert_eq(instance_begin(&options, &instance), 0);
	fd = bound_socket(&options, SOCK_STREAM);
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(instance_take_socket(&instance, fd), -EINVAL, "of another type");
	fd_close(fd);
	cr_assert_eq(instance_take_socket(&instance, open("/dev/null", O_RDONLY)), -EINVAL);
	instance_end(&instance);
	cr_assert_eq(unlink(options.socket), 0);
	place_end(&place);
}

Test(instance, a_socket_of_another_place_is_refused)
{
	struct options options, elsewhere;
	struct instance instance;
	struct place place;
	int fd;

	place_begin(&place);
	options_of(&place, &options);
	elsewhere = options;
	snprintf(elsewhere.socket, sizeof(elsewhere.socket), "%s/other.sock", place.path);
	cr_assert_eq(instance_begin(&options, &instance), 0);
	fd = bound_socket(&elsewhere, SOCK_SEQPACKET);
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(instance_take_socket(&instance, fd), -EINVAL);
	fd_close(fd);
	instance_end(&instance);
	place_end(&place);
}
