/* SPDX-License-Identifier: MIT */
/*
 * test_requests.c - well-formed requests that no library of ours sends: names, nonces, repetitions
 */
#include "tests/integration/shell_peer.h"

/* In a child, where nothing may be asserted. Return: the status; 1: there was no answer. */
static int status_of(int fd, struct control_request request, uint64_t *echo)
{
	static uint8_t packet[CONTROL_PACKET_MAX];
	struct wire_packet got;
	int fds[PACKET_FDS], status;
	ssize_t n;

	request.echo = *echo;
	n = wire_encode_request(&request, packet, sizeof(packet));
	if (n < 0 || packet_send(fd, packet, (size_t)n, deadline_after_ns(LONG_NS)) < 0)
		return 1;
	n = packet_receive(fd, packet, sizeof(packet), deadline_after_ns(LONG_NS), fds);
	if (n < 0 || wire_decode_packet(packet, (size_t)n, &got) < 0)
		return 1;
	status = got.reply.status;
	if (got.reply.body == CONTROL_BODY_HELLO)
		*echo = got.reply.hello.echo;
	wire_packet_release(&got);
	return status;
}

static const struct control_request attach_again = {
	.id = 7, .op = CONTROL_ATTACH, .name = "r", .create = true, .nonce = 1, .library = "",
};

/* Another process of the same user repeats what the first one said. */
static int replay(void *arg)
{
	const struct daemon *daemon = arg;
	struct control_request hello = {
		.id = 1, .op = CONTROL_HELLO, .name = "", .protocol_min = 1, .protocol_max = 1,
		.layout = SHMQ_LAYOUT_VERSION, .library = "test",
	};
	struct control_request create = {
		.id = 2, .op = CONTROL_CREATE, .name = "r", .exclusive = true, .nonce = 1,
		.library = "",
	};
	int fd = packet_connect(daemon->socket);
	uint64_t echo = 0;

	check(1, fd >= 0);
	check(2, status_of(fd, hello, &echo) == 0 && echo);
	check(3, status_of(fd, attach_again, &echo) == -EBUSY);
	check(4, status_of(fd, create, &echo) == -EEXIST);
	return 0;
}

Test(requests, a_nonce_is_worth_nothing_to_another_process, .timeout = PASS_S)
{
	struct daemon daemon;
	struct peer peer;

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_hello(&peer), 0));
	cr_assert(eq(int, peer_ask(&peer, attach_again), 0));
	cr_assert(eq(int, child_wait(child_start(replay, &daemon)), 0));
	cr_assert(eq(int, peer_ask(&peer, attach_again), 0));
	peer_close(&peer);
	fixture_end(&daemon);
}

/* A request to make a ring whose name has the @len bytes of @name, whatever they are. */
static int make_named(struct peer *peer, const char *name, size_t len)
{
	static uint8_t packet[CONTROL_PACKET_MAX];
	static char filler[CONTROL_PACKET_MAX];
	struct control_request create = {
		.id = ++peer->last_id, .echo = peer->echo, .op = CONTROL_CREATE, .name = filler,
	};
	uint8_t *at;
	ssize_t n;

	memset(filler, '#', len);
	filler[len] = '\0';
	n = wire_encode_request(&create, packet, sizeof(packet));
	cr_assert(gt(long, n, 0));
	at = memmem(packet, (size_t)n, filler, len);
	cr_assert(ne(ptr, at, NULL));
	memcpy(at, name, len);
	cr_assert(eq(int, packet_send(peer->fd, packet, (size_t)n, deadline_after_ns(LONG_NS)), 0));
	return peer_status(peer);
}

Test(packets, names_make_no_paths_and_no_surprises, .timeout = PASS_S)
{
	static const struct {
		const char *bytes;
		size_t len;
	} names[] = {
		{ "r\0x", 3 }, { "\0", 1 }, { "r\0", 2 }, { "../r", 4 }, { "..", 2 }, { ".", 1 },
		{ "a/../../r", 9 }, { "/etc/r", 6 }, { "r\n", 2 }, { "\033[2J", 4 },
		{ "\xc3\xa4", 2 },	     /* a letter */
		{ "r\xe2\x80\xae", 4 },     /* writes from right to left */
		{ "\xef\xbc\x8f", 3 },      /* looks like a slash */
		{ "\xc0\xaf", 2 },	     /* is a slash to who decodes carelessly */
		{ "r\xff", 2 }, { "r\xc3", 2 },
	};
	static char text[1 << 16], longer[60000];
	struct daemon daemon;
	struct peer peer;

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_hello(&peer), 0));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int status = make_named(&peer, names[i].bytes, names[i].len);

		cr_assert(status == -EINVAL || status == -EBADMSG, "name %zu: %d", i, status);
	}
	memset(longer, 'x', sizeof(longer));
	for (size_t len = CONTROL_NAME_MAX + 1; len < sizeof(longer); len = 3 * len) {
		int status = make_named(&peer, longer, len);

		cr_assert(status == -EINVAL || status == -EBADMSG, "%zu bytes: %d", len, status);
	}
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	daemon_log(&daemon, text, sizeof(text));
	cr_assert(eq(ptr, (void *)strchr(text, '\033'), NULL), "what a terminal obeys is logged");
	peer_close(&peer);
	fixture_end(&daemon);
}

/* The same answer again, without its descriptor now: that is no reason to fill the journal. */
Test(requests, a_descriptor_that_is_gone_is_not_told_for_ever, .timeout = PASS_S)
{
	struct control_request attach = {
		.op = CONTROL_ATTACH, .name = "r", .create = true, .nonce = 1,
		.want_descriptor = true,
	};
	static char log[1 << 18];
	struct shmq_client *client;
	struct daemon daemon;
	struct peer peer;
	unsigned n = 0;

	fixture_start(&daemon, NULL);
	peer_connect(&peer, &daemon);
	cr_assert(eq(int, peer_hello(&peer), 0));
	cr_assert(eq(int, peer_ask(&peer, attach), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	for (unsigned i = 0; i < 200; i++)
		cr_assert(eq(int, peer_ask(&peer, attach), 0));
	daemon_log(&daemon, log, sizeof(log));
	for (const char *at = log; (at = strstr(at, "can't be sent")); at++)
		n++;
	cr_assert(ge(uint, n, 1), "%s", log);
	cr_assert(lt(uint, n, 100));
	shmq_disconnect(client);
	peer_close(&peer);
	fixture_end(&daemon);
}
