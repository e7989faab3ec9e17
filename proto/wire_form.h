/* SPDX-License-Identifier: MIT */
/*
 * wire_form.h - what the halves of wire.c share: judging single fields, and shared messages
 *
 * Internal to proto/. A judge returns 0 or -EBADMSG and writes its result on success only.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "proto/control.h"
#include "proto/shmq.pb-c.h"
#include "proto/wire_arena.h"

#define WIRE_REQUEST_TEXT_MAX 255 /* names and versions in requests: the core judges the rest */
#define WIRE_VERSION_MAX      31  /* of shmqd, in replies */
#define WIRE_INSTANCE_MAX     63

/* Every string of @message has no NUL inside: what C code sees is what was sent. Valid framing is
 * not taken for granted. */
int wire_form_check(const ProtobufCMessageDescriptor *message, const uint8_t *data,
		    size_t len_bytes);
/* The number in field 1 of a packet, 0 if there is none; the packet may be broken behind it. */
uint64_t wire_form_id(const uint8_t *data, size_t len_bytes);

/* A string of at most @max bytes. */
static inline int wire_form_text(const char *text, size_t max, const char **ret_text)
{
	if (strnlen(text, max + 1) > max)
		return -EBADMSG;
	*ret_text = text;
	return 0;
}

/* The same into an array. */
static inline int wire_form_copy(const char *text, char *buf, size_t cap_bytes)
{
	size_t len = strnlen(text, cap_bytes);

	if (len == cap_bytes)
		return -EBADMSG;
	memcpy(buf, text, len + 1);
	return 0;
}

static inline int wire_form_bytes(const ProtobufCBinaryData *bytes, uint8_t *buf, size_t len_bytes)
{
	if (bytes->len != len_bytes)
		return -EBADMSG;
	memcpy(buf, bytes->data, len_bytes);
	return 0;
}

static inline int wire_form_pid(uint32_t value, pid_t *ret_pid)
{
	if (value > INT32_MAX)
		return -EBADMSG;
	*ret_pid = (pid_t)value;
	return 0;
}

int wire_role_decode(int value, enum shmq_role *ret_role);
int wire_wake_decode(int value, enum control_wake *ret_wake);
int wire_status_decode(int value, int *ret_status);

/* A ring's config with all that it points to. */
struct wire_config {
	Shmq__RingConfig message;
	Shmq__Rule rules[CONTROL_RULES_MAX];
	Shmq__Rule *rule_list[CONTROL_RULES_MAX];
};

/* Strings of the result are those of @config, respectively of @from. */
void wire_config_encode(const struct control_ring_config *config, struct wire_config *ret);
int wire_config_decode(const Shmq__RingConfig *from, struct control_ring_config *ret_config);

/* Whole replies. Both take memory of @arena; decoding fills zeroed memory, and leaves it half
 * filled on failure. */
int wire_reply_pack(const struct control_reply *reply, struct wire_arena *arena,
		    Shmq__Reply *ret_message);
int wire_reply_decode(const Shmq__Reply *from, struct wire_arena *arena,
		      struct control_reply *reply);
