/* SPDX-License-Identifier: MIT */
/*
 * attacks.c - one blow of each attack; see attack.h
 *
 * No blow waits for the daemon without bound, and none minds what it answers.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "client/packet.h"
#include "proto/wire.h"
#include "tests/attack/attack.h"

#define HUGE_BYTES   (180u * 1024)
#define DESCRIPTORS  253u /* SCM_MAX_FD: the kernel takes no more in one packet */
#define MUTE_PEERS   16u
#define FLOOD_PEERS  8u
#define PATIENCE_NS  NS_PER_S
#define BREATH_US    1000 /* when nothing more can be done for now */

static unsigned char scratch[HUGE_BYTES];

static uint64_t random_next(struct attacker *attacker)
{
	/* xorshift64, G. Marsaglia */
	attacker->random ^= attacker->random << 13;
	attacker->random ^= attacker->random >> 7;
	attacker->random ^= attacker->random << 17;
	return attacker->random;
}

static void random_fill(struct attacker *attacker, unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (unsigned char)(random_next(attacker) >> 24);
}

/* ---- connections ---- */

static int throw(int fd, const void *data, size_t len)
{
	return send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int ask(struct attack_peer *peer, struct control_request request)
{
	unsigned char packet[4096];
	ssize_t n;

	request.id = ++peer->last_id;
	request.echo = peer->echo;
	n = wire_encode_request(&request, packet, sizeof(packet));
	return n < 0 ? (int)n : throw(peer->fd, packet, (size_t)n);
}

static int ask_hello(struct attack_peer *peer)
{
	return ask(peer, (struct control_request){ .op = CONTROL_HELLO, .protocol_min = 1,
						   .protocol_max = 1,
						   .layout = SHMQ_LAYOUT_VERSION,
						   .library = "attack" });
}

/* Take what has come. Return: false when the daemon has hung up. */
static bool drain(struct attack_peer *peer)
{
	static unsigned char packet[CONTROL_PACKET_MAX];
	ssize_t n;

	do {
		n = recv(peer->fd, packet, sizeof(packet), MSG_DONTWAIT);
	} while (n > 0);
	return n < 0 && errno == EAGAIN;
}

/* Say Hello properly. Return: false when that was not welcome. */
static bool greet(struct attack_peer *peer)
{
	static unsigned char packet[CONTROL_PACKET_MAX];
	int fds[PACKET_FDS] = { -1, -1 };
	struct wire_packet got;
	bool welcome = false;
	ssize_t n;

	if (ask_hello(peer) < 0)
		return false;
	n = packet_receive(peer->fd, packet, sizeof(packet), deadline_after_ns(PATIENCE_NS), fds);
	fd_close(fds[0]);
	fd_close(fds[1]);
	if (n <= 0 || wire_decode_packet(packet, (size_t)n, &got) < 0)
		return false;
	if (!got.is_event && got.reply.body == CONTROL_BODY_HELLO) {
		peer->echo = got.reply.hello.echo;
		welcome = true;
	}
	wire_packet_release(&got);
	return welcome;
}

static void peer_close(struct attacker *attacker, unsigned i)
{
	close(attacker->peers[i].fd);
	attacker->peers[i] = attacker->peers[--attacker->n_peers];
}

static struct attack_peer *peer_open(struct attacker *attacker)
{
	struct attack_peer *peer = &attacker->peers[attacker->n_peers];

	*peer = (struct attack_peer){ .fd = packet_connect(attacker->socket) };
	if (peer->fd < 0)
		return NULL;
	attacker->n_peers++;
	return peer;
}

/* Keep @n that have said Hello, replacing those that were hung up on. Return: one of them. */
static struct attack_peer *peer_of(struct attacker *attacker, unsigned n)
{
	unsigned i;

	if (attacker->n_peers < n) {
		struct attack_peer *peer = peer_open(attacker);

		if (!peer || !greet(peer)) {
			if (peer)
				peer_close(attacker, attacker->n_peers - 1);
			usleep(BREATH_US);
			return NULL;
		}
		return peer;
	}
	i = (unsigned)(random_next(attacker) % n);
	return &attacker->peers[i];
}

static void hang_up(struct attacker *attacker, struct attack_peer *peer)
{
	peer_close(attacker, (unsigned)(peer - attacker->peers));
}

/* A connection for this blow alone; every other one has said Hello. */
static struct attack_peer *peer_for_once(struct attacker *attacker)
{
	struct attack_peer *peer = peer_open(attacker);

	if (!peer)
		usleep(BREATH_US);
	else if (random_next(attacker) % 2)
		greet(peer);
	return peer;
}

/* ---- packets ---- */

static void strike_garbage(struct attacker *attacker)
{
	struct attack_peer *peer = peer_for_once(attacker);

	for (unsigned i = 0; peer && i < 8; i++) {
		size_t len = random_next(attacker) % 512;

		random_fill(attacker, scratch, len);
		if (throw(peer->fd, scratch, len) < 0)
			break;
	}
	if (peer)
		hang_up(attacker, peer);
}

/* Any request, with names and numbers that are sometimes right. */
static ssize_t request_invent(struct attacker *attacker, struct attack_peer *peer)
{
	static const char *const names[] = { "", "a", "../../etc/passwd", "victim", "a b", "\xff",
					     "x.y-z_0" };
	struct control_request request = {
		.id = ++peer->last_id,
		.echo = random_next(attacker) % 4 ? peer->echo : random_next(attacker),
		.op = (enum control_op)(1 + random_next(attacker) % CONTROL_STATS),
		.name = names[random_next(attacker) % (sizeof(names) / sizeof(names[0]))],
		.nonce = random_next(attacker) % 8,
		.create = random_next(attacker) % 2,
		.role = (enum shmq_role)(random_next(attacker) % 2),
		.want_descriptor = random_next(attacker) % 2,
		.attachment = random_next(attacker) % 64,
		.cursor = random_next(attacker) % 2 ? 0 : random_next(attacker),
		.protocol_min = 1,
		.protocol_max = 1,
		.layout = SHMQ_LAYOUT_VERSION,
		.library = "attack",
		.config = { .slots = (uint32_t)(random_next(attacker) % 64), .schema_text = "",
			    .sealed = random_next(attacker) % 2 },
	};

	request.has_config = request.op == CONTROL_CREATE || request.create;
	return wire_encode_request(&request, scratch, sizeof(scratch));
}

static void strike_mangled(struct attacker *attacker)
{
	struct attack_peer *peer = peer_for_once(attacker);

	for (unsigned i = 0; peer && i < 16; i++) {
		ssize_t n = request_invent(attacker, peer);

		if (n > 0 && random_next(attacker) % 2)
			n = (ssize_t)(random_next(attacker) % (uint64_t)n); /* cut off */
		for (unsigned flips = random_next(attacker) % 4; n > 0 && flips; flips--)
			scratch[random_next(attacker) % (uint64_t)n] ^= 1u << flips;
		if (n < 0 || throw(peer->fd, scratch, (size_t)n) < 0 || !drain(peer))
			break;
	}
	if (peer)
		hang_up(attacker, peer);
}

static void strike_oversize(struct attacker *attacker)
{
	struct attack_peer *peer = peer_for_once(attacker);

	if (!peer)
		return;
	memset(scratch, 0, sizeof(scratch));
	throw(peer->fd, scratch, CONTROL_PACKET_MAX + 1);
	throw(peer->fd, scratch, CONTROL_PACKET_MAX + random_next(attacker) % 100000);
	hang_up(attacker, peer);
}

static void strike_versions(struct attacker *attacker)
{
	struct attack_peer *peer = peer_open(attacker);
	struct control_request hello = {
		.op = CONTROL_HELLO,
		.protocol_min = (uint32_t)(random_next(attacker) % 4),
		.protocol_max = (uint32_t)random_next(attacker),
		.layout = (uint32_t)(random_next(attacker) % 4),
		.library = "of another time",
	};

	if (!peer) {
		usleep(BREATH_US);
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		ask(peer, hello);
	/* a request that is unknown, with fields that are */
	throw(peer->fd, "\x08\x05\x9a\x06\x00", 5);
	hang_up(attacker, peer);
}

static void strike_descriptors(struct attacker *attacker)
{
	struct attack_peer *peer = peer_for_once(attacker);
	union {
		char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = scratch };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	ssize_t n;

	if (!peer)
		return;
	n = request_invent(attacker, peer);
	part.iov_len = n > 0 ? (size_t)n : 1;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int) * DESCRIPTORS);
	for (unsigned i = 0; i < DESCRIPTORS; i++)
		memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &peer->fd, sizeof(int));
	for (unsigned i = 0; i < 4; i++)
		if (sendmsg(peer->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
	hang_up(attacker, peer);
}

/* ---- masses ---- */

/* Ask and watch on many connections, and never take an answer. */
static void strike_mute(struct attacker *attacker)
{
	struct attack_peer *peer = peer_of(attacker, MUTE_PEERS);

	if (!peer)
		return;
	if (peer->is_full) {
		usleep(BREATH_US);
		if (random_next(attacker) % 64 == 0)
			hang_up(attacker, peer);
		return;
	}
	ask(peer, (struct control_request){ .op = CONTROL_WATCH });
	while (ask(peer, (struct control_request){ .op = CONTROL_LIST }) == 0)
		continue;
	peer->is_full = true;
}

static void strike_flood(struct attacker *attacker)
{
	struct attack_peer *peer = peer_of(attacker, FLOOD_PEERS);

	if (!peer)
		return;
	for (unsigned i = 0; i < 32; i++)
		if (ask(peer, (struct control_request){ .op = i % 2 ? CONTROL_PING
								    : CONTROL_LIST }) < 0)
			break;
	if (!drain(peer))
		hang_up(attacker, peer);
}

/* As many connections as there may be, and one more; they say nothing. */
static void strike_crowd(struct attacker *attacker)
{
	if (attacker->n_peers == ATTACK_PEERS_MAX - 1 || !peer_open(attacker)) {
		for (unsigned i = 0; i < 16 && attacker->n_peers; i++)
			peer_close(attacker, (unsigned)(random_next(attacker) % attacker->n_peers));
		usleep(BREATH_US);
		return;
	}
	if (attacker->n_peers % 16 == 0) { /* those that were hung up on are made anew */
		unsigned i = (unsigned)(random_next(attacker) % attacker->n_peers);

		if (!drain(&attacker->peers[i]))
			peer_close(attacker, i);
	}
}

/* Come, say Hello, and go. */
static void strike_revolving_door(struct attacker *attacker)
{
	struct attack_peer *peer = peer_open(attacker);

	if (!peer) {
		usleep(BREATH_US);
		return;
	}
	ask_hello(peer);
	hang_up(attacker, peer);
}

/* Make rings, take roles, and leave it all to the daemon by hanging up. */
static void strike_churn(struct attacker *attacker)
{
	struct attack_peer *peer = peer_of(attacker, FLOOD_PEERS);
	struct control_request attach = { .op = CONTROL_ATTACH, .create = true, .has_config = true,
					  .want_descriptor = true,
					  .config = { .slots = 16, .size_bytes = 64,
						      .lifetime = CONTROL_WITH_CREATOR,
						      .schema_text = "" } };
	char name[32];

	if (!peer)
		return;
	snprintf(name, sizeof(name), "churn%u", (unsigned)(random_next(attacker) % 64));
	attach.name = name;
	attach.role = (enum shmq_role)(random_next(attacker) % 2);
	attach.nonce = 1 + random_next(attacker) % 1000;
	attach.config.sealed = random_next(attacker) % 2;
	if (ask(peer, attach) < 0 ||
	    ask(peer, (struct control_request){ .op = CONTROL_DESTROY, .name = name,
						.force = true }) < 0 ||
	    !drain(peer))
		hang_up(attacker, peer);
}

const struct attack attacks[] = {
	{ "garbage", "random bytes", strike_garbage },
	{ "mangled", "requests cut off, with bits flipped, with invented contents", strike_mangled },
	{ "oversize", "packets longer than any may be", strike_oversize },
	{ "versions", "unknown versions and requests", strike_versions },
	{ "descriptors", "253 descriptors with every packet", strike_descriptors },
	{ "mute", "clients that ask and never read", strike_mute },
	{ "flood", "requests as fast as they can be sent", strike_flood },
	{ "crowd", "thousands of connections that say nothing", strike_crowd },
	{ "door", "connections that come and go", strike_revolving_door },
	{ "churn", "rings made, taken and destroyed", strike_churn },
};

const unsigned n_attacks = sizeof(attacks) / sizeof(attacks[0]);
