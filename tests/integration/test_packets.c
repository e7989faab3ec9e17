/* SPDX-License-Identifier: MIT */
/*
 * test_packets.c - what the real daemon does with packets that no library of ours sends
 *
 * After each of them it serves others as before, and holds not one descriptor more.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fd.h"
#include "client/packet.h"
#include "proto/wire.h"
#include "tests/integration/fixture.h"

struct peer {
	int fd;
	uint64_t echo;
	uint64_t last_id;
};

static void peer_connect(struct peer *peer, const struct daemon *daemon)
{
	peer->fd = packet_connect(daemon->socket);
	peer->echo = 0;
	peer->last_id = 0;
	cr_assert(ge(int, peer->fd, 0));
}

static void peer_close(struct peer *peer)
{
	peer->fd = fd_close(peer->fd);
}

/* Return: the status of the answer, 1 if the connection was closed instead. */
static int peer_status(struct peer *peer)
{
	static uint8_t packet[CONTROL_PACKET_MAX];
	struct wire_packet reply;
	int fds[PACKET_FDS] = { -1, -1 }, status;
	ssize_t n =
		packet_receive(peer->fd, packet, sizeof(packet), deadline_after_ns(LONG_NS), fds);

	if (n == -EPIPE)
		return 1;
	cr_assert(gt(long, n, 0));
	fd_close(fds[0]);
	fd_close(fds[1]);
	cr_assert(eq(int, wire_decode_packet(packet, (size_t)n, &reply), 0));
	cr_assert(not(reply.is_event));
	status = reply.reply.status;
	if (reply.reply.body == CONTROL_BODY_HELLO)
		peer->echo = reply.reply.hello.echo;
	if (status < 0)
		cr_assert(gt(sz, strlen(reply.reply.text), 0), "an error without a sentence");
	wire_packet_release(&reply);
	return status;
}

static int peer_ask(struct peer *peer, struct control_request request)
{
	uint8_t packet[CONTROL_PACKET_MAX];
	ssize_t n;

	request.id = ++peer->last_id;
	if (!request.echo)
		request.echo = peer->echo;
	n = wire_encode_request(&request, packet, sizeof(packet));
	cr_assert(gt(long, n, 0));
	cr_assert(eq(int, packet_send(peer->fd, packet, (size_t)n, deadline_after_ns(LONG_NS)), 0));
	return peer_status(peer);
}

static const struct control_request hello = {
	.op = CONTROL_HELLO,
	.protocol_min = 1,
	.protocol_max = 1,
	.layout = SHMQ_LAYOUT_VERSION,
	.library = "test",
};

/* A daemon, and somebody who stays connected and asks it how it is. */
struct patient {
	const struct daemon *daemon;
	struct shmq_client *client;
	unsigned n_descriptors; /* while nobody else is connected */
};

static bool is_alone(void *arg)
{
	struct shmq_daemon_info info;

	return shmq_daemon_info(arg, &info) == 0 && info.n_connections == 1;
}

static bool is_unharmed(void *arg)
{
	const struct patient *patient = arg;

	return is_alone(patient->client) &&
	       daemon_descriptors(patient->daemon) == patient->n_descriptors;
}

static void patient_init(struct patient *patient, const struct daemon *daemon)
{
	patient->daemon = daemon;
	patient->client = fixture_connect(daemon);
	cr_assert(wait_until(is_alone, patient->client));
	patient->n_descriptors = daemon_descriptors(daemon);
}

/* Send @len bytes, with or without a Hello before; the daemon must live on unharmed. */
static void provoke(struct patient *patient, bool greet, const void *packet, size_t len,
		    unsigned n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 64)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = (void *)packet, .iov_len = len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct peer peer;
	int status;

	peer_connect(&peer, patient->daemon);
	if (greet)
		cr_assert(eq(int, peer_ask(&peer, hello), 0));
	if (n_fds) {
		struct cmsghdr *cmsg;
		int fds[64];

		for (unsigned i = 0; i < n_fds; i++)
			fds[i] = peer.fd;
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * n_fds);
	}
	cr_assert(ge(long, sendmsg(peer.fd, &message, MSG_NOSIGNAL), 0));
	status = peer_status(&peer);
	cr_assert(ne(int, status, 0), "a bad packet was taken for a good one");

	peer_close(&peer);
	cr_assert(wait_until(is_unharmed, patient));
}

Test(packets, garbage_is_answered_or_hung_up_on, .timeout = PASS_S)
{
	static uint8_t huge[CONTROL_PACKET_MAX + 1000];
	struct patient patient;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	patient_init(&patient, &daemon);
	for (int greet = 0; greet < 2; greet++) {
		provoke(&patient, greet, "\xff\xff\xff\xff", 4, 0);
		provoke(&patient, greet, "GET / HTTP/1.1\r\n\r\n", 18, 0);
		provoke(&patient, greet, "", 0, 0);
		provoke(&patient, greet, huge, sizeof(huge), 0);
		provoke(&patient, greet, huge, CONTROL_PACKET_MAX, 0);
		provoke(&patient, greet, "\x08\x05", 2, 0);
		provoke(&patient, greet, "\x08\x05\x9a\x06\x00", 5, 0); /* of a later version */
	}
	shmq_disconnect(patient.client);
	fixture_end(&daemon);
}

Test(packets, descriptors_that_nobody_asked_for_are_closed, .timeout = PASS_S)
{
	struct patient patient;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	patient_init(&patient, &daemon);
	for (unsigned round = 0; round < 20; round++) {
		provoke(&patient, true, "\xff", 1, 1);
		provoke(&patient, true, "\xff", 1, 64);
		provoke(&patient, false, "\xff", 1, 64);
	}
	shmq_disconnect(patient.client);
	fixture_end(&daemon);
}

Test(packets, hello_comes_first_and_speaks_our_version, .timeout = PASS_S)
{
	struct control_request later = hello;
	struct daemon daemon;
	struct peer peer;

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(
		eq(int, peer_ask(&peer, (struct control_request){ .op = CONTROL_PING }), -EPROTO));
	peer_close(&peer);

	peer_connect(&peer, &daemon);
	later.protocol_min = later.protocol_max = 2;
	cr_assert(eq(int, peer_ask(&peer, later), -EPROTO));
	cr_assert(eq(int, peer_status(&peer), 1)); /* and is hung up on */
	peer_close(&peer);

	peer_connect(&peer, &daemon);
	later = hello;
	later.protocol_max = 7; /* it speaks ours as well */
	cr_assert(eq(int, peer_ask(&peer, later), 0));
	peer_close(&peer);

	peer_connect(&peer, &daemon);
	later = hello;
	later.layout = SHMQ_LAYOUT_VERSION + 1;
	cr_assert(eq(int, peer_ask(&peer, later), -EPROTO));
	peer_close(&peer);
	fixture_end(&daemon);
}

Test(packets, roles_need_the_echo, .timeout = PASS_S)
{
	struct control_request attach = {
		.op = CONTROL_ATTACH,
		.name = "r",
		.create = true,
		.nonce = 1,
	};
	struct daemon daemon;
	struct peer peer;

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_ask(&peer, hello), 0));
	attach.echo = peer.echo + 1;
	cr_assert(eq(int, peer_ask(&peer, attach), -EPERM));
	attach.echo = 0; /* the right one */
	cr_assert(eq(int, peer_ask(&peer, attach), 0));
	attach.nonce = 2;
	cr_assert(eq(int, peer_ask(&peer, attach), -EBUSY));
	attach.nonce = 1; /* the same again: the same answer */
	cr_assert(eq(int, peer_ask(&peer, attach), 0));
	/* an attachment that isn't is detached with success */
	cr_assert(eq(int,
		     peer_ask(&peer, (struct control_request){ .op = CONTROL_DETACH,
							       .attachment = 999999 }),
		     0));
	peer_close(&peer);
	fixture_end(&daemon);
}

/* An heir of the connection, with the right echo: the kernel says that he is somebody else. */
static int ask_as_heir(void *arg)
{
	struct peer *peer = arg;
	struct control_request attach = {
		.id = ++peer->last_id,
		.echo = peer->echo,
		.op = CONTROL_ATTACH,
		.name = "r",
		.create = true,
		.nonce = 5,
	};
	uint8_t packet[4096];
	ssize_t n = wire_encode_request(&attach, packet, sizeof(packet));

	return n > 0 && packet_send(peer->fd, packet, (size_t)n, deadline_after_ns(LONG_NS)) == 0
		       ? 0
		       : 1;
}

Test(packets, an_heir_of_the_connection_gets_no_role, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct daemon daemon;
	struct peer peer;

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_ask(&peer, hello), 0));
	cr_assert(eq(int, child_wait(child_start(ask_as_heir, &peer)), 0));
	peer.last_id++;
	cr_assert(eq(int, peer_status(&peer), -EPERM));
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	shmq_disconnect(client);
	peer_close(&peer);
	fixture_end(&daemon);
}

/* Many requests whose answers nobody reads: the others are served all the same. */
Test(packets, a_client_that_does_not_read_hurts_nobody_else, .timeout = PASS_S)
{
	struct control_request list = { .op = CONTROL_INFO };
	struct shmq_client *client;
	struct daemon daemon;
	uint8_t packet[256];
	struct peer peer;
	ssize_t n;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_ask(&peer, hello), 0));
	n = wire_encode_request(&list, packet, sizeof(packet));
	for (unsigned i = 0; i < 100000; i++)
		if (packet_send(peer.fd, packet, (size_t)n, deadline_after_ns(0)) < 0)
			break;
	for (unsigned i = 0; i < 100; i++)
		assert_ok(shmq_ping(client));
	peer_close(&peer);
	assert_ok(shmq_ping(client));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
