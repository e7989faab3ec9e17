/* SPDX-License-Identifier: MIT */
/*
 * client_fake.c - the scripted daemon of the client's unit tests; see client_fake.h
 */
#include "tests/unit/client_fake.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/fd.h"
#include "base/random.h"
#include "shm/geometry.h"

bool fake_send(int fd, const void *packet, size_t len_bytes, const int *fds, size_t n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 32)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = (void *)packet, .iov_len = len_bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (n_fds) {
		struct cmsghdr *cmsg;

		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * n_fds);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) >= 0;
}

bool fake_reply(int fd, const struct control_reply *reply, int fd_to_pass)
{
	uint8_t packet[CONTROL_PACKET_MAX];
	ssize_t n = wire_encode_reply(reply, packet, sizeof(packet));

	return n > 0 && fake_send(fd, packet, (size_t)n, &fd_to_pass, fd_to_pass >= 0);
}

void fake_answer(int fd, uint64_t id, int status, const char *text)
{
	struct control_reply reply = { .id = id, .status = status, .text = text };

	fake_reply(fd, &reply, -1);
}

bool fake_event(int fd, const struct control_event *event)
{
	uint8_t packet[CONTROL_PACKET_MAX];
	ssize_t n = wire_encode_event(event, packet, sizeof(packet));

	return n > 0 && fake_send(fd, packet, (size_t)n, NULL, 0);
}

bool fake_receive(int fd, struct wire_request *ret_request)
{
	uint8_t packet[CONTROL_PACKET_MAX];
	ssize_t n;

	do {
		n = recv(fd, packet, sizeof(packet), 0);
	} while (n < 0 && errno == EINTR);
	return n > 0 && wire_decode_request(packet, (size_t)n, ret_request) == 0;
}

void fake_wait_for_end(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		continue;
}

void fake_hello_reply(const struct fake *fake, uint64_t id, struct control_reply *ret_reply)
{
	*ret_reply = (struct control_reply){
		.id = id, .text = "", .body = CONTROL_BODY_HELLO,
		.hello = {
			.protocol = CONTROL_PROTOCOL, .layout = SHMQ_LAYOUT_VERSION, .echo = 4711,
			.version = "fake", .instance = fake->instance, .owner_uid = geteuid(),
			.board_bytes = fake->board_bytes, .pid = getpid(),
		},
	};
	memcpy(ret_reply->hello.epoch, fake->epoch, sizeof(fake->epoch));
}

bool fake_greet(struct fake *fake, int fd)
{
	struct wire_request request;
	struct control_reply reply;
	bool is_hello;

	if (!fake_receive(fd, &request))
		return false;
	is_hello = request.request.op == CONTROL_HELLO;
	fake_hello_reply(fake, request.request.id, &reply);
	wire_request_release(&request);
	return is_hello && fake_reply(fd, &reply, fake->board_fd);
}

static void *fake_run(void *arg)
{
	struct fake *fake = arg;

	for (unsigned n = 0;; n++) {
		_cleanup_fd_ int fd = accept4(fake->listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL; /* shut down by fake_stop() */
		__atomic_add_fetch(&fake->n_connections, 1, __ATOMIC_SEQ_CST);
		fake->script(fake, fd, n);
	}
}

static int board_make(struct fake *fake)
{
	struct shmq_board_ring *rings;

	fake->board_bytes =
		sizeof(struct shmq_board_header) + FAKE_RINGS * sizeof(struct shmq_board_ring);
	fake->board_fd = memfd_create("shmq-fake-board", MFD_CLOEXEC);
	if (fake->board_fd < 0 || ftruncate(fake->board_fd, (off_t)fake->board_bytes) < 0)
		return -errno;
	fake->board = mmap(NULL, fake->board_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			   fake->board_fd, 0);
	if (fake->board == MAP_FAILED)
		return -errno;
	fake->board->magic = SHMQ_BOARD_MAGIC;
	fake->board->layout = SHMQ_LAYOUT_VERSION;
	fake->board->state = SHMQ_BOARD_LIVE;
	fake->board->n_rings = FAKE_RINGS;
	memcpy(fake->board->epoch, fake->epoch, sizeof(fake->epoch));
	rings = (struct shmq_board_ring *)(fake->board + 1);
	for (unsigned i = 0; i < FAKE_RINGS; i++)
		rings[i].state = SHMQ_BOARD_WORD(1, SHMQ_RING_LIVE);
	return 0;
}

static int listen_at(struct fake *fake)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	fake->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, fake->socket, strlen(fake->socket));
	if (bind(fake->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fake->listen_fd, 16) < 0)
		return -errno;
	return 0;
}

/* ---- scripts ---- */

void fake_serve(struct fake *fake, int fd)
{
	struct wire_request request;

	while (fake_receive(fd, &request)) {
		fake->notes[FAKE_NOTE_OPS] = fake->notes[FAKE_NOTE_OPS] << 4 | request.request.op;
		fake_answer(fd, request.request.id, 0, "");
		wire_request_release(&request);
	}
}

void fake_greet_and_serve(struct fake *fake, int fd, unsigned n_connection)
{
	(void)n_connection;
	if (fake_greet(fake, fd))
		fake_serve(fake, fd);
}

/* ---- its life ---- */

int fake_start(struct fake *fake, fake_script script, void *arg)
{
	char prefix[64];
	int r;

	*fake = (struct fake){ .script = script, .arg = arg, .listen_fd = -1, .board_fd = -1 };
	strcpy(fake->dir, "/tmp/shmq-fake.XXXXXX");
	if (!mkdtemp(fake->dir))
		return -errno;
	snprintf(fake->socket, sizeof(fake->socket), "%s/control.sock", fake->dir);
	snprintf(fake->instance, sizeof(fake->instance), "fake-%s", strchr(fake->dir, '.') + 1);
	snprintf(prefix, sizeof(prefix), "shmq.%s.", fake->instance);
	r = janitor_start(&fake->janitor, fake->dir, prefix);
	if (r < 0)
		return r;
	random_bytes(fake->epoch, sizeof(fake->epoch));
	r = board_make(fake);
	if (r == 0)
		r = listen_at(fake);
	if (r < 0)
		return r;
	return -pthread_create(&fake->thread, NULL, fake_run, fake);
}

struct shmq_client *fake_connect(struct fake *fake, fake_script script)
{
	struct shmq_client *client = NULL;

	cr_assert(eq(int, fake_start(fake, script, NULL), 0));
	cr_assert(eq(int, shmq_connect(&client, fake->socket), 0), "%s", shmq_error_detail());
	return client;
}

void fake_stop(struct fake *fake)
{
	shutdown(fake->listen_fd, SHUT_RDWR);
	pthread_join(fake->thread, NULL);
	fd_close(fake->listen_fd);
	fd_close(fake->board_fd);
	munmap(fake->board, fake->board_bytes);
	janitor_finish(&fake->janitor);
}

int fake_segment(struct fake *fake, const char *name)
{
	struct control_attach *attach = &fake->attach;
	struct shmq_geometry geometry;
	_cleanup_fd_ int fd = -1;
	char generation[17];
	struct stat st;
	int r = geometry_compute(4, 64, false, (uint32_t)sysconf(_SC_PAGESIZE), &geometry);

	if (r < 0)
		return r;
	random_bytes(attach->generation, sizeof(attach->generation));
	hex_encode(attach->generation, 8, generation);
	snprintf(fake->segment, sizeof(fake->segment), "/shmq.%s.%s.%s", fake->instance, name,
		 generation);
	fd = shm_open(fake->segment, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)geometry.segment_bytes) < 0 || fstat(fd, &st) < 0)
		return -errno;
	attach->attachment = 77;
	attach->incarnation = 1;
	attach->segment = fake->segment;
	attach->inode = st.st_ino;
	attach->geometry = (struct control_geometry){
		.slots = geometry.slots,
		.size_bytes = geometry.size_bytes,
		.stride_bytes = geometry.stride_bytes,
		.lead_bytes = geometry.lead_bytes,
		.region_bytes = geometry.region_bytes,
		.segment_bytes = geometry.segment_bytes,
	};
	attach->use_count = 1;
	attach->schema_text = "";
	return 0;
}
