/* SPDX-License-Identifier: MIT */
/*
 * test_wire_hostile.c - packets that no correct peer sends
 *
 * They are made with protobuf-c itself or byte by byte, because wire.h can't make them.
 */
#include <stdlib.h>

#include "proto/shmq.pb-c.h"
#include "tests/unit/wire_cases.h"

#define PASS_S 20

static uint8_t packet[2 * CONTROL_PACKET_MAX];

static int request_of(const Shmq__Request *message, struct wire_request *ret)
{
	cr_assert(le(sz, shmq__request__get_packed_size(message), sizeof(packet)));
	return wire_decode_request(packet, shmq__request__pack(message, packet), ret);
}

static int refuse_request(const Shmq__Request *message)
{
	struct wire_request got;
	int r = request_of(message, &got);

	cr_assert(eq(u64, got.request.id, message->id));
	if (r == 0)
		wire_request_release(&got);
	return r;
}

static int refuse_reply(Shmq__Reply *message)
{
	Shmq__Packet whole = SHMQ__PACKET__INIT;
	struct wire_packet got;
	int r;

	whole.kind_case = SHMQ__PACKET__KIND_REPLY;
	whole.reply = message;
	cr_assert(le(sz, shmq__packet__get_packed_size(&whole), sizeof(packet)));
	r = wire_decode_packet(packet, shmq__packet__pack(&whole, packet), &got);
	if (r == 0)
		wire_packet_release(&got);
	return r;
}

static int refuse_event(Shmq__Event *message)
{
	Shmq__Packet whole = SHMQ__PACKET__INIT;
	struct wire_packet got;
	int r;

	whole.kind_case = SHMQ__PACKET__KIND_EVENT;
	whole.event = message;
	r = wire_decode_packet(packet, shmq__packet__pack(&whole, packet), &got);
	if (r == 0)
		wire_packet_release(&got);
	return r;
}

static char *long_text(size_t len)
{
	static char text[CONTROL_PACKET_MAX];

	memset(text, 'x', len);
	text[len] = '\0';
	return text;
}

Test(wire_hostile, empty_and_oversize_packets_are_refused, .timeout = PASS_S)
{
	struct wire_request request;
	struct wire_packet got;

	memset(packet, 0, sizeof(packet));
	cr_assert(eq(int, wire_decode_request(packet, 0, &request), -EBADMSG));
	cr_assert(eq(int, wire_decode_packet(packet, 0, &got), -EBADMSG));
	cr_assert(eq(int, wire_decode_request(packet, CONTROL_PACKET_MAX + 1, &request), -EBADMSG));
	cr_assert(eq(int, wire_decode_packet(packet, CONTROL_PACKET_MAX + 1, &got), -EBADMSG));
}

Test(wire_hostile, every_truncation_of_a_request_is_refused_or_whole, .timeout = PASS_S)
{
	struct control_request request = {
		.id = 300,
		.echo = 7,
		.op = CONTROL_CREATE,
		.name = "ticks",
		.has_config = true,
		.config = full_config,
		.nonce = 9,
	};
	size_t bytes = (size_t)wire_encode_request(&request, packet, sizeof(packet));

	for (size_t cut = 1; cut < bytes; cut++) {
		uint8_t *exact = malloc(cut); /* so that a sanitizer sees a read behind the end */
		struct wire_request got;

		memcpy(exact, packet, cut);
		/* all in one submessage: no prefix of it is a packet of ours */
		cr_assert(eq(int, wire_decode_request(exact, cut, &got), -EBADMSG), "at %zu", cut);
		cr_assert(eq(u64, got.request.id, cut < 3 ? 0 : 300), "at %zu", cut);
		free(exact);
	}
}

Test(wire_hostile, flipped_bits_never_do_more_than_fail, .timeout = PASS_S)
{
	struct control_ring_info rings[2] = { { .name = "a" }, { .name = "b" } };
	struct control_reply reply = {
		.id = 1,
		.text = "a sentence",
		.body = CONTROL_BODY_LIST,
		.list = { .rings = rings, .n_rings = 2 },
	};
	size_t bytes = (size_t)wire_encode_reply(&reply, packet, sizeof(packet));
	unsigned n_refused = 0, n_taken = 0;

	for (size_t bit = 0; bit < 8 * bytes; bit++) {
		struct wire_packet got;
		uint8_t *copy = malloc(bytes);

		memcpy(copy, packet, bytes);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (wire_decode_packet(copy, bytes, &got) == 0) {
			n_taken++;
			cr_assert(le(sz, strlen(got.reply.text), CONTROL_TEXT_MAX - 1));
			wire_packet_release(&got);
		} else {
			n_refused++;
		}
		free(copy);
	}
	cr_assert(gt(uint, n_refused, 0));
	cr_assert(gt(uint, n_taken, 0));
}

Test(wire_hostile, random_bytes_are_refused_or_understood, .timeout = PASS_S)
{
	uint64_t state = 88172645463325252;

	for (unsigned round = 0; round < 20000; round++) {
		size_t bytes = 1 + round % 97;
		struct wire_request request;
		struct wire_packet got;

		for (size_t i = 0; i < bytes; i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			packet[i] = (uint8_t)state;
		}
		if (wire_decode_request(packet, bytes, &request) == 0)
			wire_request_release(&request);
		else
			cr_assert(eq(ptr, request.storage, NULL));
		if (wire_decode_packet(packet, bytes, &got) == 0)
			wire_packet_release(&got);
	}
}

Test(wire_hostile, an_absent_operation_is_refused_and_an_unknown_one_is_not, .timeout = PASS_S)
{
	/* id 5; then field 99, length-delimited, empty */
	static const uint8_t later[] = { 0x08, 5, 0x9a, 0x06, 0 };
	struct wire_request got;

	cr_assert(eq(int, wire_decode_request(later, 2, &got), -EBADMSG));
	cr_assert(eq(u64, got.request.id, 5));
	cr_assert(eq(int, wire_decode_request(later, sizeof(later), &got), 0));
	cr_assert(eq(u64, got.request.id, 5));
	cr_assert(eq(int, (int)got.request.op, CONTROL_UNKNOWN));
	wire_request_release(&got);
}

Test(wire_hostile, a_packet_of_a_later_kind_is_an_unknown_event, .timeout = PASS_S)
{
	static const uint8_t later[] = { 0x9a, 0x06, 0 };
	struct wire_packet got;

	cr_assert(eq(int, wire_decode_packet(later, sizeof(later), &got), 0));
	cr_assert(got.is_event);
	cr_assert(eq(int, (int)got.event.kind, CONTROL_EVENT_UNKNOWN));
	wire_packet_release(&got);
}

Test(wire_hostile, unknown_fields_are_ignored, .timeout = PASS_S)
{
	/* id 5, ping, then fields 99 (varint), 100 (fixed64), 101 (fixed32) */
	static const uint8_t more[] = {
		0x08, 5, 0xa2, 0x01, 0, 0x98, 0x06, 1,	  0xa1, 0x06, 1, 2,
		3,    4, 5,    6,    7, 8,    0xad, 0x06, 1,	2,    3, 4,
	};
	struct wire_request got;

	cr_assert(eq(int, wire_decode_request(more, sizeof(more), &got), 0));
	cr_assert(eq(int, (int)got.request.op, CONTROL_PING));
	wire_request_release(&got);
}

Test(wire_hostile, bad_enums_in_requests_are_refused, .timeout = PASS_S)
{
	static const int bad[] = { 3, -1, 255, INT32_MAX, INT32_MIN };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		Shmq__Request request = SHMQ__REQUEST__INIT;
		Shmq__Attach attach = SHMQ__ATTACH__INIT;
		Shmq__RingConfig config = SHMQ__RING_CONFIG__INIT;

		request.id = 8;
		request.op_case = SHMQ__REQUEST__OP_ATTACH;
		request.attach = &attach;
		attach.config = &config;
		attach.name = "r";
		cr_assert(eq(int, refuse_request(&request), 0));
		attach.role = (Shmq__Role)bad[i];
		cr_assert(eq(int, refuse_request(&request), -EBADMSG));
		attach.role = SHMQ__ROLE__PRODUCER;
		config.wake = (Shmq__Wake)bad[i];
		cr_assert(eq(int, refuse_request(&request), -EBADMSG));
		config.wake = SHMQ__WAKE__FENCE;
		config.lifetime = (Shmq__Lifetime)bad[i];
		cr_assert(eq(int, refuse_request(&request), -EBADMSG));
	}
}

Test(wire_hostile, long_strings_in_requests_are_refused, .timeout = PASS_S)
{
	Shmq__Request request = SHMQ__REQUEST__INIT;
	Shmq__Create create = SHMQ__CREATE__INIT;
	Shmq__RingConfig config = SHMQ__RING_CONFIG__INIT;

	request.op_case = SHMQ__REQUEST__OP_CREATE;
	request.create = &create;
	create.config = &config;
	create.name = long_text(255);
	cr_assert(eq(int, refuse_request(&request), 0));
	create.name = long_text(256);
	cr_assert(eq(int, refuse_request(&request), -EBADMSG));
	create.name = "r";
	config.schema_text = long_text(CONTROL_SCHEMA_MAX - 1);
	cr_assert(eq(int, refuse_request(&request), 0));
	config.schema_text = long_text(CONTROL_SCHEMA_MAX);
	cr_assert(eq(int, refuse_request(&request), -EBADMSG));
}

Test(wire_hostile, a_nul_inside_a_string_is_refused, .timeout = PASS_S)
{
	/* id 5, show { name: "a\0b" } */
	static const uint8_t show[] = { 0x08, 5, 0x8a, 0x01, 5, 0x0a, 3, 'a', 0, 'b' };
	/* reply { text: "\0" } */
	static const uint8_t reply[] = { 0x0a, 3, 0x1a, 1, 0 };
	struct wire_request request;
	struct wire_packet got;

	cr_assert(eq(int, wire_decode_request(show, sizeof(show), &request), -EBADMSG));
	cr_assert(eq(u64, request.request.id, 5));
	cr_assert(eq(int, wire_decode_packet(reply, sizeof(reply), &got), -EBADMSG));
}

Test(wire_hostile, a_create_without_config_is_all_defaults, .timeout = PASS_S)
{
	Shmq__Request request = SHMQ__REQUEST__INIT;
	Shmq__Create create = SHMQ__CREATE__INIT;
	struct wire_request got;

	request.op_case = SHMQ__REQUEST__OP_CREATE;
	request.create = &create;
	cr_assert(eq(int, request_of(&request, &got), 0));
	cr_assert(got.request.has_config);
	cr_assert(eq(u32, got.request.config.slots, 0));
	cr_assert(eq(str, (char *)got.request.config.schema_text, ""));
	wire_request_release(&got);
}

Test(wire_hostile, bad_status_text_and_holders_are_refused, .timeout = PASS_S)
{
	static const int bad[] = { 4, 200, -1, INT32_MAX };
	Shmq__Holder holder = SHMQ__HOLDER__INIT;
	Shmq__Holder *four[] = { &holder, &holder, &holder, &holder };
	Shmq__Reply reply = SHMQ__REPLY__INIT;

	cr_assert(eq(int, refuse_reply(&reply), 0));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		reply.status = (Shmq__Status)bad[i];
		cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
	}
	reply.status = SHMQ__STATUS__OK;
	reply.text = long_text(CONTROL_TEXT_MAX);
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
	reply.text = "";
	reply.holders = four;
	reply.n_holders = 4;
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
	reply.n_holders = 3;
	cr_assert(eq(int, refuse_reply(&reply), 0));
	holder.comm = "sixteen letters!";
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
	holder.comm = "";
	holder.ring = long_text(SHMQ_NAME_MAX + 1);
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
	holder.ring = "";
	holder.pid = UINT32_MAX;
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
}

Test(wire_hostile, bad_hello_replies_are_refused, .timeout = PASS_S)
{
	uint8_t epoch[17] = { 0 };
	Shmq__HelloReply hello = SHMQ__HELLO_REPLY__INIT;
	Shmq__Reply reply = SHMQ__REPLY__INIT;

	reply.body_case = SHMQ__REPLY__BODY_HELLO;
	reply.hello = &hello;
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "no epoch");
	hello.epoch = (ProtobufCBinaryData){ .len = 17, .data = epoch };
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "long epoch");
	hello.epoch.len = 16;
	cr_assert(eq(int, refuse_reply(&reply), 0));
	hello.version = long_text(32);
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "long version");
}

Test(wire_hostile, bad_attach_replies_are_refused, .timeout = PASS_S)
{
	uint8_t generation[16] = { 0 };
	Shmq__Geometry geometry = SHMQ__GEOMETRY__INIT;
	Shmq__AttachReply attach = SHMQ__ATTACH_REPLY__INIT;
	Shmq__Reply reply = SHMQ__REPLY__INIT;

	reply.body_case = SHMQ__REPLY__BODY_ATTACH;
	reply.attach = &attach;
	attach.generation = (ProtobufCBinaryData){ .len = 16, .data = generation };
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "no geometry");
	attach.geometry = &geometry;
	cr_assert(eq(int, refuse_reply(&reply), 0));
	attach.segment = long_text(CONTROL_SEGMENT_MAX);
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "long segment");
	attach.segment = "";
	attach.wake = (Shmq__Wake)3;
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "bad wake");
	attach.wake = SHMQ__WAKE__NEVER;
	attach.generation.len = 0;
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG), "no generation");
}

Test(wire_hostile, lists_longer_than_a_page_are_refused, .timeout = PASS_S)
{
	static Shmq__Holder holder = SHMQ__HOLDER__INIT;
	Shmq__Holder *holders[CONTROL_LIST_PAGE + 1];
	Shmq__ClientsReply clients = SHMQ__CLIENTS_REPLY__INIT;
	Shmq__Reply reply = SHMQ__REPLY__INIT;

	for (size_t i = 0; i <= CONTROL_LIST_PAGE; i++)
		holders[i] = &holder;
	reply.body_case = SHMQ__REPLY__BODY_CLIENTS;
	reply.clients = &clients;
	clients.holders = holders;
	clients.n_holders = CONTROL_LIST_PAGE;
	cr_assert(eq(int, refuse_reply(&reply), 0));
	clients.n_holders = CONTROL_LIST_PAGE + 1;
	cr_assert(eq(int, refuse_reply(&reply), -EBADMSG));
}

Test(wire_hostile, a_packet_that_blows_up_in_memory_is_refused, .timeout = PASS_S)
{
	/* two bytes ask for a whole RingInfo each: reply { list { rings {} rings {} … } } */
	const size_t n = 30000;
	uint8_t *body = packet + 16;
	size_t at = 0, list = 2 * n;
	struct wire_packet got;

	for (size_t i = 0; i < n; i++) {
		body[2 * i] = 0x0a;
		body[2 * i + 1] = 0;
	}
	packet[at++] = 0x0a; /* reply, of 4 + list bytes */
	packet[at++] = (uint8_t)((list + 4) & 0x7f) | 0x80;
	packet[at++] = (uint8_t)((list + 4) >> 7 & 0x7f) | 0x80;
	packet[at++] = (uint8_t)((list + 4) >> 14);
	packet[at++] = 0x6a; /* list */
	packet[at++] = (uint8_t)(list & 0x7f) | 0x80;
	packet[at++] = (uint8_t)(list >> 7 & 0x7f) | 0x80;
	packet[at++] = (uint8_t)(list >> 14);
	memmove(packet + at, body, list);
	cr_assert(eq(int, wire_decode_packet(packet, at + list, &got), -EBADMSG));
}

Test(wire_hostile, events_of_later_versions_are_unknown_and_bad_ones_refused, .timeout = PASS_S)
{
	Shmq__Event event = SHMQ__EVENT__INIT;

	event.kind = (Shmq__EventKind)77;
	cr_assert(eq(int, refuse_event(&event), 0));
	event.role = (Shmq__Role)9;
	cr_assert(eq(int, refuse_event(&event), -EBADMSG));
	event.role = SHMQ__ROLE__OWNER;
	event.ring = long_text(SHMQ_NAME_MAX + 1);
	cr_assert(eq(int, refuse_event(&event), -EBADMSG));
}
