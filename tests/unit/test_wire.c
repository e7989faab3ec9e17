/* SPDX-License-Identifier: MIT */
/*
 * test_wire.c - requests and events: what goes into a packet comes out of it
 */
#include "proto/wire.h"
#include "tests/unit/wire_cases.h"

#define PASS_S 10

static uint8_t packet[CONTROL_PACKET_MAX + 1];

static void request_through(const struct control_request *request, struct wire_request *ret)
{
	ssize_t bytes = wire_encode_request(request, packet, sizeof(packet));

	cr_assert(gt(long, bytes, 0));
	cr_assert(eq(int, wire_decode_request(packet, (size_t)bytes, ret), 0));
	cr_assert(eq(u64, ret->request.id, request->id));
	cr_assert(eq(u64, ret->request.echo, request->echo));
	cr_assert(eq(int, (int)ret->request.op, (int)request->op));
}

Test(wire, hello_survives, .timeout = PASS_S)
{
	struct control_request request = {
		.id = 1,
		.op = CONTROL_HELLO,
		.protocol_min = 1,
		.protocol_max = 3,
		.layout = 2,
		.library = "0.1.0",
	};
	struct wire_request got;

	request_through(&request, &got);
	cr_assert(eq(u32, got.request.protocol_min, 1));
	cr_assert(eq(u32, got.request.protocol_max, 3));
	cr_assert(eq(u32, got.request.layout, 2));
	cr_assert(eq(str, (char *)got.request.library, "0.1.0"));
	cr_assert(eq(str, (char *)got.request.name, ""));
	wire_request_release(&got);
}

Test(wire, create_survives_with_every_field_of_its_config, .timeout = PASS_S)
{
	struct control_request request = {
		.id = UINT64_MAX,
		.echo = 0x8000000000000001,
		.op = CONTROL_CREATE,
		.name = "ticks",
		.has_config = true,
		.config = full_config,
		.exclusive = true,
		.nonce = 77,
	};
	struct wire_request got;

	request_through(&request, &got);
	cr_assert(eq(str, (char *)got.request.name, "ticks"));
	cr_assert(got.request.has_config);
	cr_assert(got.request.exclusive);
	cr_assert(eq(u64, got.request.nonce, 77));
	assert_config(&got.request.config);
	wire_request_release(&got);
}

Test(wire, attach_survives_with_and_without_config, .timeout = PASS_S)
{
	struct control_request request = {
		.id = 9,
		.op = CONTROL_ATTACH,
		.name = "ticks",
		.role = SHMQ_ROLE_CONSUMER,
		.nonce = 5,
		.want_descriptor = true,
		.create = true,
		.exclusive = true,
		.schema_set = true,
		.schema = 6,
	};
	struct wire_request got;

	request_through(&request, &got);
	cr_assert(eq(int, (int)got.request.role, SHMQ_ROLE_CONSUMER));
	cr_assert(eq(u64, got.request.nonce, 5));
	cr_assert(got.request.want_descriptor && got.request.create && got.request.exclusive);
	cr_assert(got.request.schema_set);
	cr_assert(eq(u64, got.request.schema, 6));
	cr_assert(not(got.request.has_config));
	cr_assert(eq(str, (char *)got.request.config.schema_text, ""));
	wire_request_release(&got);

	request.has_config = true;
	request.config = full_config;
	request_through(&request, &got);
	cr_assert(got.request.has_config);
	assert_config(&got.request.config);
	wire_request_release(&got);
}

Test(wire, every_other_request_survives, .timeout = PASS_S)
{
	static const enum control_op ops[] = {
		CONTROL_DETACH,	 CONTROL_DESTROY, CONTROL_PURGE, CONTROL_LIST, CONTROL_SHOW,
		CONTROL_CLIENTS, CONTROL_WATCH,	  CONTROL_PING,	 CONTROL_INFO,
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		struct control_request request = {
			.id = i,
			.op = ops[i],
			.name = "r",
			.attachment = 12,
			.cursor = 34,
			.force = true,
		};
		bool named = ops[i] == CONTROL_DESTROY || ops[i] == CONTROL_PURGE ||
			     ops[i] == CONTROL_SHOW;
		bool paged = ops[i] == CONTROL_LIST || ops[i] == CONTROL_CLIENTS;
		struct wire_request got;

		request_through(&request, &got);
		cr_assert(eq(str, (char *)got.request.name, named ? "r" : ""));
		cr_assert(eq(u64, got.request.cursor, paged ? 34 : 0));
		cr_assert(eq(u64, got.request.attachment, ops[i] == CONTROL_DETACH ? 12 : 0));
		cr_assert(eq(int, got.request.force, ops[i] == CONTROL_DESTROY));
		wire_request_release(&got);
	}
}

Test(wire, an_unknown_request_cannot_be_sent, .timeout = PASS_S)
{
	struct control_request request = { .id = 1, .op = CONTROL_UNKNOWN };

	cr_assert(eq(long, wire_encode_request(&request, packet, sizeof(packet)), -EINVAL));
}

Test(wire, a_buffer_that_is_too_small_is_emsgsize, .timeout = PASS_S)
{
	struct control_request request = { .id = 1, .op = CONTROL_SHOW, .name = "ticks" };
	struct control_reply reply = { .id = 1, .text = "a sentence" };
	struct control_event event = { .kind = CONTROL_EVENT_CREATED, .ring = "ticks" };
	ssize_t bytes = wire_encode_request(&request, packet, sizeof(packet));

	cr_assert(gt(long, bytes, 0));
	cr_assert(eq(long, wire_encode_request(&request, packet, (size_t)bytes - 1), -EMSGSIZE));
	cr_assert(eq(long, wire_encode_request(&request, packet, (size_t)bytes), bytes));
	cr_assert(eq(long, wire_encode_reply(&reply, packet, 8), -EMSGSIZE));
	cr_assert(eq(long, wire_encode_event(&event, packet, 8), -EMSGSIZE));
}

Test(wire, every_event_survives, .timeout = PASS_S)
{
	for (int kind = CONTROL_EVENT_UNKNOWN; kind <= CONTROL_EVENT_MISSED; kind++) {
		struct control_event event = {
			.kind = (enum control_event_kind)kind,
			.role = SHMQ_ROLE_CONSUMER,
			.pid = 1,
			.uid = 2,
			.time_ns = 3,
			.count = 4,
			.comm = "cat",
			.ring = "r",
		};
		struct wire_packet got;
		ssize_t bytes = wire_encode_event(&event, packet, sizeof(packet));

		cr_assert(gt(long, bytes, 0));
		cr_assert(eq(int, wire_decode_packet(packet, (size_t)bytes, &got), 0));
		cr_assert(got.is_event);
		cr_assert(eq(int, (int)got.event.kind, kind));
		cr_assert(eq(int, (int)got.event.role, SHMQ_ROLE_CONSUMER));
		cr_assert(eq(int, got.event.pid, 1));
		cr_assert(eq(u32, got.event.uid, 2));
		cr_assert(eq(u64, got.event.time_ns, 3));
		cr_assert(eq(u64, got.event.count, 4));
		cr_assert(eq(str, (char *)got.event.comm, "cat"));
		cr_assert(eq(str, (char *)got.event.ring, "r"));
		wire_packet_release(&got);
	}
}
