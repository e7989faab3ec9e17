/* SPDX-License-Identifier: MIT */
/*
 * wire.h - packets of shmq.proto to and from the structures of control.h
 *
 * Encoding writes into the caller's buffer; decoding allocates one struct that owns every string of
 * the result. A packet that protobuf refuses, or whose fields are out of form, is -EBADMSG; nothing
 * of what another process sent is believed before it came through here.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "proto/control.h"

/* One decoded packet; the strings of its content live as long as it does. */
struct wire_request {
	struct control_request request;
	void *storage;
};

struct wire_packet {
	bool is_event;
	struct control_reply reply;	/* unless is_event */
	struct control_event event;	/* if is_event */
	void *storage;
};

/* Return: bytes written into @buf, -EMSGSIZE when they don't fit, -ENOMEM. */
ssize_t wire_encode_request(const struct control_request *request, void *buf, size_t cap_bytes);
ssize_t wire_encode_reply(const struct control_reply *reply, void *buf, size_t cap_bytes);
ssize_t wire_encode_event(const struct control_event *event, void *buf, size_t cap_bytes);

/* Return: 0; -EBADMSG not a packet of ours, or a field out of form; -ENOMEM. On success the result
 * is released with wire_*_release(). When the id could be read @ret->request.id is set even on
 * -EBADMSG, so that the refusal can be answered. */
int wire_decode_request(const void *buf, size_t len_bytes, struct wire_request *ret);
int wire_decode_packet(const void *buf, size_t len_bytes, struct wire_packet *ret);
void wire_request_release(struct wire_request *request);
/* Of a request that is not looked at further; 0 if it can't be read. */
uint64_t wire_request_id(const void *buf, size_t len_bytes);
void wire_packet_release(struct wire_packet *packet);
