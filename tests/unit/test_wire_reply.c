/* SPDX-License-Identifier: MIT */
/*
 * test_wire_reply.c - replies: what goes into a packet comes out of it
 */
#include <stdio.h>

#include "proto/wire.h"
#include "tests/unit/wire_cases.h"

#define PASS_S 10

static uint8_t packet[CONTROL_PACKET_MAX + 1];

static void reply_through(const struct control_reply *reply, struct wire_packet *ret)
{
	ssize_t bytes = wire_encode_reply(reply, packet, sizeof(packet));

	cr_assert(gt(long, bytes, 0));
	cr_assert(eq(int, wire_decode_packet(packet, (size_t)bytes, ret), 0));
	cr_assert(not(ret->is_event));
	cr_assert(eq(u64, ret->reply.id, reply->id));
	cr_assert(eq(int, ret->reply.status, reply->status));
	cr_assert(eq(int, (int)ret->reply.body, (int)reply->body));
}

static const struct control_holder full_holder = {
	.attachment = 41,
	.pid = INT32_MAX,
	.uid = 65534,
	.role = SHMQ_ROLE_OWNER,
	.unverified = true,
	.since_s = 1700000000,
	.incarnation = 3,
	.comm = "fifteen letters",
	.ring = "ticks",
};

static void assert_holder(const struct control_holder *holder)
{
	cr_assert(eq(u64, holder->attachment, full_holder.attachment));
	cr_assert(eq(int, holder->pid, full_holder.pid));
	cr_assert(eq(u32, holder->uid, full_holder.uid));
	cr_assert(eq(int, (int)holder->role, (int)full_holder.role));
	cr_assert(holder->unverified);
	cr_assert(eq(u64, holder->since_s, full_holder.since_s));
	cr_assert(eq(u64, holder->incarnation, full_holder.incarnation));
	cr_assert(eq(str, (char *)holder->comm, (char *)full_holder.comm));
	cr_assert(eq(str, (char *)holder->ring, (char *)full_holder.ring));
}

Test(wire_reply, a_refusal_survives_with_holders_and_limits, .timeout = PASS_S)
{
	struct control_reply reply = {
		.id = 3,
		.status = -EBUSY,
		.text = "held by pid 4 (sh)",
		.n_holders = 2,
		.holders = { full_holder, full_holder },
		.limit = 10,
		.used = 11,
	};
	struct wire_packet got;

	reply_through(&reply, &got);
	cr_assert(eq(str, (char *)got.reply.text, "held by pid 4 (sh)"));
	cr_assert(eq(sz, got.reply.n_holders, 2));
	assert_holder(&got.reply.holders[0]);
	assert_holder(&got.reply.holders[1]);
	cr_assert(eq(u64, got.reply.limit, 10));
	cr_assert(eq(u64, got.reply.used, 11));
	wire_packet_release(&got);
}

Test(wire_reply, every_status_survives_and_others_become_eio, .timeout = PASS_S)
{
	static const int statuses[] = {
		0,	 -EPERM,   -ENOENT,   -ESRCH,	-EIO,	    -EAGAIN, -ENOMEM,
		-EACCES, -EBUSY,   -EEXIST,   -EINVAL,	-EMFILE,    -EFBIG,  -ENOSPC,
		-EPROTO, -EBADMSG, -EMSGSIZE, -ENOTSUP, -ETIMEDOUT, -ESTALE, -EDQUOT,
	};
	struct control_reply reply = { .status = -EXDEV, .text = NULL };
	struct wire_packet got;
	ssize_t bytes;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct control_reply each = { .id = i, .status = statuses[i], .text = "" };

		reply_through(&each, &got);
		wire_packet_release(&got);
	}
	bytes = wire_encode_reply(&reply, packet, sizeof(packet));
	cr_assert(eq(int, wire_decode_packet(packet, (size_t)bytes, &got), 0));
	cr_assert(eq(int, got.reply.status, -EIO));
	cr_assert(eq(str, (char *)got.reply.text, ""));
	wire_packet_release(&got);
}

Test(wire_reply, hello_reply_survives, .timeout = PASS_S)
{
	struct control_reply reply = {
		.id = 1, .text = "", .body = CONTROL_BODY_HELLO,
		.hello = {
			.protocol = 1, .layout = 2, .echo = UINT64_MAX, .version = "0.1.0",
			.instance = "system", .owner_uid = 990, .board_bytes = 1u << 20,
			.epoch = "0123456789abcde", .pid = 77,
		},
	};
	struct wire_packet got;

	reply_through(&reply, &got);
	cr_assert(eq(u32, got.reply.hello.protocol, 1));
	cr_assert(eq(u32, got.reply.hello.layout, 2));
	cr_assert(eq(u64, got.reply.hello.echo, UINT64_MAX));
	cr_assert(eq(str, (char *)got.reply.hello.version, "0.1.0"));
	cr_assert(eq(str, (char *)got.reply.hello.instance, "system"));
	cr_assert(eq(u32, got.reply.hello.owner_uid, 990));
	cr_assert(eq(u64, got.reply.hello.board_bytes, 1u << 20));
	cr_assert(eq(int, memcmp(got.reply.hello.epoch, "0123456789abcde", 16), 0));
	cr_assert(eq(int, got.reply.hello.pid, 77));
	wire_packet_release(&got);
}

static const struct control_geometry full_geometry = {
	.slots = 2,
	.size_bytes = 3,
	.stride_bytes = 16,
	.lead_bytes = 56,
	.region_bytes = 4096,
	.segment_bytes = UINT64_C(1) << 40,
};

Test(wire_reply, attach_reply_survives, .timeout = PASS_S)
{
	struct control_reply reply = {
		.id = 1, .text = "", .body = CONTROL_BODY_ATTACH,
		.attach = {
			.attachment = 5, .incarnation = 6, .generation = "fedcba987654321",
			.segment = "/shmq.t.r.0123456789abcdef", .inode = 7,
			.geometry = full_geometry, .wake = CONTROL_WAKE_FENCE, .board_index = 8,
			.use_count = 9, .created = true, .schema = 10, .schema_text = "text",
		},
	};
	struct wire_packet got;

	reply_through(&reply, &got);
	cr_assert(eq(u64, got.reply.attach.attachment, 5));
	cr_assert(eq(u64, got.reply.attach.incarnation, 6));
	cr_assert(eq(int, memcmp(got.reply.attach.generation, "fedcba987654321", 16), 0));
	cr_assert(eq(str, (char *)got.reply.attach.segment, "/shmq.t.r.0123456789abcdef"));
	cr_assert(eq(u64, got.reply.attach.inode, 7));
	cr_assert(eq(int, memcmp(&got.reply.attach.geometry, &full_geometry, sizeof(full_geometry)),
		     0));
	cr_assert(eq(int, (int)got.reply.attach.wake, CONTROL_WAKE_FENCE));
	cr_assert(eq(u32, got.reply.attach.board_index, 8));
	cr_assert(eq(u64, got.reply.attach.use_count, 9));
	cr_assert(got.reply.attach.created);
	cr_assert(eq(u64, got.reply.attach.schema, 10));
	cr_assert(eq(str, (char *)got.reply.attach.schema_text, "text"));
	wire_packet_release(&got);
}

static void fill_ring(struct control_ring_info *ring, unsigned number)
{
	*ring = (struct control_ring_info){
		.generation = "fedcba987654321",
		.segment = "/shmq.t.r.0123456789abcdef",
		.state = "live",
		.geometry = full_geometry,
		.config = full_config,
		.uid = 1,
		.gid = 2,
		.creator_pid = 3,
		.creator_comm = "maker",
		.created_s = 4,
		.pushed = 5,
		.popped = 6,
		.n_full = 7,
		.n_dry = 8,
		.n_sleeps = 9,
		.n_wakes = 10,
		.linger_left_ns = 11,
		.n_holders = 3,
		.holders = { full_holder, full_holder, full_holder },
		.remark = "nothing",
	};
	snprintf(ring->name, sizeof(ring->name), "ring-%u", number);
}

static void assert_ring(const struct control_ring_info *ring, unsigned number)
{
	struct control_ring_info expected;

	fill_ring(&expected, number);
	cr_assert(eq(str, (char *)ring->name, expected.name));
	cr_assert(eq(int, memcmp(ring->generation, expected.generation, 16), 0));
	cr_assert(eq(str, (char *)ring->segment, expected.segment));
	cr_assert(eq(str, (char *)ring->state, expected.state));
	cr_assert(eq(int, memcmp(&ring->geometry, &full_geometry, sizeof(full_geometry)), 0));
	assert_config(&ring->config);
	cr_assert(eq(u32, ring->uid, 1));
	cr_assert(eq(u32, ring->gid, 2));
	cr_assert(eq(int, ring->creator_pid, 3));
	cr_assert(eq(str, (char *)ring->creator_comm, "maker"));
	cr_assert(eq(u64, ring->created_s, 4));
	cr_assert(eq(u64, ring->pushed, 5));
	cr_assert(eq(u64, ring->popped, 6));
	cr_assert(eq(u64, ring->n_full, 7));
	cr_assert(eq(u64, ring->n_dry, 8));
	cr_assert(eq(u64, ring->n_sleeps, 9));
	cr_assert(eq(u64, ring->n_wakes, 10));
	cr_assert(eq(u64, ring->linger_left_ns, 11));
	cr_assert(eq(sz, ring->n_holders, 3));
	for (size_t i = 0; i < 3; i++)
		assert_holder(&ring->holders[i]);
	cr_assert(eq(str, (char *)ring->remark, "nothing"));
}

Test(wire_reply, ring_info_survives, .timeout = PASS_S)
{
	struct control_reply reply = { .id = 1, .text = "", .body = CONTROL_BODY_RING };
	struct wire_packet got;

	fill_ring(&reply.ring, 7);
	reply_through(&reply, &got);
	assert_ring(&got.reply.ring, 7);
	wire_packet_release(&got);
}

Test(wire_reply, a_whole_page_of_rings_survives, .timeout = PASS_S)
{
	static struct control_ring_info rings[CONTROL_LIST_PAGE];
	struct control_reply reply = {
		.id = 1,
		.text = "",
		.body = CONTROL_BODY_LIST,
		.list = { .rings = rings, .n_rings = CONTROL_LIST_PAGE, .next_cursor = 99 },
	};
	struct wire_packet got;

	for (unsigned i = 0; i < CONTROL_LIST_PAGE; i++)
		fill_ring(&rings[i], i);
	reply_through(&reply, &got);
	cr_assert(eq(sz, got.reply.list.n_rings, CONTROL_LIST_PAGE));
	cr_assert(eq(u64, got.reply.list.next_cursor, 99));
	for (unsigned i = 0; i < CONTROL_LIST_PAGE; i++)
		assert_ring(&got.reply.list.rings[i], i);
	wire_packet_release(&got);
}

/* Every number as long as it gets, and every string: of a list, so without rules, schema text and
 * remark. */
static void fill_longest(struct control_ring_info *ring)
{
	memset(ring, 0xff, sizeof(*ring));
	memset(ring->name, 'n', SHMQ_NAME_MAX);
	ring->name[SHMQ_NAME_MAX] = '\0';
	/* "/shmq.", an instance of 31, the name, 16 digits, and the dots between */
	memset(ring->segment, 's', 6 + 31 + 1 + SHMQ_NAME_MAX + 1 + 16);
	ring->segment[6 + 31 + 1 + SHMQ_NAME_MAX + 1 + 16] = '\0';
	memset(ring->state, 's', sizeof(ring->state) - 1);
	ring->state[sizeof(ring->state) - 1] = '\0';
	ring->config = (struct control_ring_config){
		.slots = UINT32_MAX,
		.size_bytes = UINT32_MAX,
		.wake = CONTROL_WAKE_NEVER,
		.lifetime = CONTROL_WITH_CREATOR,
		.linger_s = UINT32_MAX,
		.align_payload = true,
		.mode = 0666,
		.gid = UINT32_MAX,
		.gid_set = true,
		.schema = UINT64_MAX,
		.schema_text = "",
	};
	strcpy(ring->creator_comm, "fifteen letters");
	ring->n_holders = CONTROL_HOLDERS_MAX;
	for (size_t i = 0; i < CONTROL_HOLDERS_MAX; i++) {
		ring->holders[i].role = SHMQ_ROLE_OWNER;
		ring->holders[i].unverified = true;
		strcpy(ring->holders[i].comm, "fifteen letters");
		strcpy(ring->holders[i].ring, ring->name);
	}
	ring->remark[0] = '\0';
}

Test(wire_reply, the_longest_page_of_a_list_fits_into_a_packet, .timeout = PASS_S)
{
	static struct control_ring_info rings[CONTROL_LIST_PAGE];
	static unsigned char out[CONTROL_PACKET_MAX];
	struct control_reply reply = {
		.id = UINT64_MAX,
		.text = "",
		.body = CONTROL_BODY_LIST,
		.list = { .rings = rings, .n_rings = CONTROL_LIST_PAGE, .next_cursor = UINT64_MAX },
	};
	ssize_t n;

	for (unsigned i = 0; i < CONTROL_LIST_PAGE; i++)
		fill_longest(&rings[i]);
	n = wire_encode_reply(&reply, out, sizeof(out));
	cr_assert(gt(long, n, 0));
	cr_assert(le(long, n, (long)CONTROL_PACKET_MAX));
}

Test(wire_reply, a_page_that_is_too_long_for_a_packet_is_emsgsize, .timeout = PASS_S)
{
	static struct control_ring_info rings[CONTROL_LIST_PAGE];
	static char text[CONTROL_SCHEMA_MAX];
	struct control_reply reply = {
		.id = 1,
		.text = "",
		.body = CONTROL_BODY_LIST,
		.list = { .rings = rings, .n_rings = CONTROL_LIST_PAGE },
	};

	memset(text, 'x', sizeof(text) - 1);
	for (unsigned i = 0; i < CONTROL_LIST_PAGE; i++) {
		fill_ring(&rings[i], i);
		rings[i].config.schema_text = text;
	}
	cr_assert(eq(long, wire_encode_reply(&reply, packet, sizeof(packet)), -EMSGSIZE));
}

Test(wire_reply, clients_purge_and_info_replies_survive, .timeout = PASS_S)
{
	struct control_holder holders[2] = { full_holder, full_holder };
	struct control_reply clients = {
		.id = 1,
		.text = "",
		.body = CONTROL_BODY_CLIENTS,
		.clients = { .holders = holders, .n_holders = 2, .next_cursor = 5 },
	};
	struct control_reply purge = {
		.id = 2, .text = "", .body = CONTROL_BODY_PURGE, .dropped = 8
	};
	struct control_reply info = {
		.id = 3, .text = "", .body = CONTROL_BODY_INFO,
		.info = {
			.version = "1", .instance = "i", .pid = 2, .n_rings = 3, .max_rings = 4,
			.n_attachments = 5, .max_attachments = 6, .n_connections = 7, .bytes = 8,
			.max_bytes = 9, .uptime_ns = 10,
		},
	};
	struct wire_packet got;

	reply_through(&clients, &got);
	cr_assert(eq(sz, got.reply.clients.n_holders, 2));
	cr_assert(eq(u64, got.reply.clients.next_cursor, 5));
	assert_holder(&got.reply.clients.holders[1]);
	wire_packet_release(&got);

	reply_through(&purge, &got);
	cr_assert(eq(u64, got.reply.dropped, 8));
	wire_packet_release(&got);

	reply_through(&info, &got);
	cr_assert(eq(str, (char *)got.reply.info.version, "1"));
	cr_assert(eq(str, (char *)got.reply.info.instance, "i"));
	cr_assert(eq(int, got.reply.info.pid, 2));
	cr_assert(eq(u32, got.reply.info.n_rings, 3));
	cr_assert(eq(u32, got.reply.info.max_rings, 4));
	cr_assert(eq(u32, got.reply.info.n_attachments, 5));
	cr_assert(eq(u32, got.reply.info.max_attachments, 6));
	cr_assert(eq(u32, got.reply.info.n_connections, 7));
	cr_assert(eq(u64, got.reply.info.bytes, 8));
	cr_assert(eq(u64, got.reply.info.max_bytes, 9));
	cr_assert(eq(u64, got.reply.info.uptime_ns, 10));
	wire_packet_release(&got);
}

Test(wire_reply, commands_are_made_printable, .timeout = PASS_S)
{
	struct control_reply reply = {
		.id = 1,
		.text = "",
		.n_holders = 1,
		.holders = { { .comm = "a\033[31m\xff" } },
	};
	struct wire_packet got;

	reply_through(&reply, &got);
	cr_assert(eq(str, (char *)got.reply.holders[0].comm, "a?[31m?"));
	wire_packet_release(&got);
}
