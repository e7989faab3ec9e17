/* SPDX-License-Identifier: MIT */
/*
 * test_base_held.c - whoever else can reach a file's memory is known, wherever his descriptor is
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/held.h"

static char name[64];
static int fd;

static int open_another(int flags)
{
	int another = shm_open(name, flags, 0);

	cr_assert_geq(another, 0);
	return another;
}

static void start(void)
{
	signal(SIGIO, SIG_IGN);
	snprintf(name, sizeof(name), "/shmq-test-held.%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(ftruncate(fd, 4096), 0);
}

static void stop(void)
{
	close(fd);
	shm_unlink(name);
}

TestSuite(held, .init = start, .fini = stop, .timeout = 20);

Test(held, nobody)
{
	cr_assert(!held_elsewhere(fd));
	cr_assert(!held_elsewhere(fd), "asking holds nothing");
}

Test(held, a_reader_and_a_writer)
{
	int reader = open_another(O_RDONLY), writer = -1;

	cr_assert(held_elsewhere(fd));
	close(reader);
	cr_assert(!held_elsewhere(fd));
	writer = open_another(O_RDWR);
	cr_assert(held_elsewhere(fd));
	close(writer);
	cr_assert(!held_elsewhere(fd));
}

Test(held, a_mapping_without_a_descriptor)
{
	int another = open_another(O_RDONLY);
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, another, 0);

	cr_assert_neq(memory, MAP_FAILED);
	close(another);
	cr_assert(held_elsewhere(fd));
	munmap(memory, 4096);
	cr_assert(!held_elsewhere(fd));
}

static void send_away(int socket_fd, int sent)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec part = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &sent, sizeof(int));
	cr_assert_eq(sendmsg(socket_fd, &message, 0), 1);
	close(sent);
}

Test(held, a_descriptor_on_its_way)
{
	int sockets[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	send_away(sockets[0], open_another(O_RDWR));
	cr_assert(held_elsewhere(fd), "no process has it, and one will");
	close(sockets[0]);
	close(sockets[1]);
	cr_assert(!held_elsewhere(fd));
}
