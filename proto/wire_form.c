/* SPDX-License-Identifier: MIT */
/*
 * wire_form.c - judging the form of packets below the level of messages; see wire_form.h
 *
 * protobuf-c turns strings into NUL-terminated ones without looking for a NUL inside: "a\0b" would
 * be one name for us and another for who logs the packet. So the packet is walked once more along
 * its descriptor; the walk trusts nothing that protobuf-c may have checked.
 */
#include "proto/wire_form.h"

#include <stdbool.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_cursor {
	const uint8_t *data;
	size_t left_bytes;
};

static bool cursor_varint(struct wire_cursor *cursor, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && cursor->left_bytes; shift += 7) {
		uint8_t byte = *cursor->data;

		cursor->data++;
		cursor->left_bytes--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

static bool cursor_skip(struct wire_cursor *cursor, uint64_t bytes)
{
	if (bytes > cursor->left_bytes)
		return false;
	cursor->data += bytes;
	cursor->left_bytes -= bytes;
	return true;
}

/* One length-delimited field of the number @tag at the cursor. */
static int check_bytes(const ProtobufCMessageDescriptor *message, uint64_t tag,
		       struct wire_cursor *cursor)
{
	const ProtobufCFieldDescriptor *field;
	const uint8_t *data;
	uint64_t len_bytes;

	if (!cursor_varint(cursor, &len_bytes))
		return -EBADMSG;
	data = cursor->data;
	if (!cursor_skip(cursor, len_bytes))
		return -EBADMSG;
	field = tag <= UINT32_MAX ? protobuf_c_message_descriptor_get_field(message, (unsigned)tag)
				  : NULL;
	if (!field)
		return 0;
	if (field->type == PROTOBUF_C_TYPE_STRING && memchr(data, 0, len_bytes))
		return -EBADMSG;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return wire_form_check(field->descriptor, data, len_bytes);
	return 0;
}

/* Recursion ends: no message of shmq.proto contains itself. */
int wire_form_check(const ProtobufCMessageDescriptor *message, const uint8_t *data,
		    size_t len_bytes)
{
	struct wire_cursor cursor = { data, len_bytes };

	while (cursor.left_bytes) {
		uint64_t key, value;
		int r = 0;

		if (!cursor_varint(&cursor, &key))
			return -EBADMSG;
		switch (key & 7) {
		case WIRE_VARINT:
			r = cursor_varint(&cursor, &value) ? 0 : -EBADMSG;
			break;
		case WIRE_FIXED64:
			r = cursor_skip(&cursor, 8) ? 0 : -EBADMSG;
			break;
		case WIRE_FIXED32:
			r = cursor_skip(&cursor, 4) ? 0 : -EBADMSG;
			break;
		case WIRE_BYTES:
			r = check_bytes(message, key >> 3, &cursor);
			break;
		default:
			r = -EBADMSG;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

uint64_t wire_form_id(const uint8_t *data, size_t len_bytes)
{
	struct wire_cursor cursor = { data, len_bytes };
	uint64_t key, id;

	/* every encoder writes fields in the order of their numbers */
	if (!cursor_varint(&cursor, &key) || key != (1 << 3 | WIRE_VARINT))
		return 0;
	return cursor_varint(&cursor, &id) ? id : 0;
}

int wire_role_decode(int value, enum shmq_role *ret_role)
{
	switch (value) {
	case SHMQ__ROLE__PRODUCER:
		*ret_role = SHMQ_ROLE_PRODUCER;
		return 0;
	case SHMQ__ROLE__CONSUMER:
		*ret_role = SHMQ_ROLE_CONSUMER;
		return 0;
	case SHMQ__ROLE__OWNER:
		*ret_role = SHMQ_ROLE_OWNER;
		return 0;
	default:
		return -EBADMSG;
	}
}

int wire_wake_decode(int value, enum control_wake *ret_wake)
{
	switch (value) {
	case SHMQ__WAKE__MEMBARRIER:
		*ret_wake = CONTROL_WAKE_MEMBARRIER;
		return 0;
	case SHMQ__WAKE__FENCE:
		*ret_wake = CONTROL_WAKE_FENCE;
		return 0;
	case SHMQ__WAKE__NEVER:
		*ret_wake = CONTROL_WAKE_NEVER;
		return 0;
	default:
		return -EBADMSG;
	}
}

static int lifetime_decode(int value, enum control_lifetime *ret_lifetime)
{
	switch (value) {
	case SHMQ__LIFETIME__LINGER:
		*ret_lifetime = CONTROL_LINGER;
		return 0;
	case SHMQ__LIFETIME__PERSISTENT:
		*ret_lifetime = CONTROL_PERSISTENT;
		return 0;
	case SHMQ__LIFETIME__WITH_CREATOR:
		*ret_lifetime = CONTROL_WITH_CREATOR;
		return 0;
	default:
		return -EBADMSG;
	}
}

static void rule_encode(const struct control_rule *rule, Shmq__Rule *ret_message)
{
	shmq__rule__init(ret_message);
	ret_message->who = (Shmq__Principal)rule->who;
	ret_message->id = rule->id;
	ret_message->unit = (char *)rule->unit;
	ret_message->rights = rule->rights;
}

void wire_config_encode(const struct control_ring_config *config, struct wire_config *ret)
{
	Shmq__RingConfig *message = &ret->message;

	shmq__ring_config__init(message);
	message->slots = config->slots;
	message->size_bytes = config->size_bytes;
	message->align_payload = config->align_payload;
	message->wake = (Shmq__Wake)config->wake;
	message->lifetime = (Shmq__Lifetime)config->lifetime;
	message->linger_s = config->linger_s;
	message->mode = config->mode;
	message->gid_set = config->gid_set;
	message->gid = config->gid;
	message->schema = config->schema;
	if (config->schema_text)
		message->schema_text = (char *)config->schema_text;
	message->sealed = config->sealed;
	message->n_rules = config->n_rules;
	message->rules = ret->rule_list;
	for (size_t i = 0; i < config->n_rules; i++) {
		rule_encode(&config->rules[i], &ret->rules[i]);
		ret->rule_list[i] = &ret->rules[i];
	}
}

static int rule_decode(const Shmq__Rule *from, struct control_rule *ret_rule)
{
	struct control_rule rule = { .id = from->id, .rights = from->rights };

	switch (from->who) {
	case SHMQ__PRINCIPAL__USER:
		rule.who = CONTROL_USER;
		break;
	case SHMQ__PRINCIPAL__GROUP:
		rule.who = CONTROL_GROUP;
		break;
	case SHMQ__PRINCIPAL__UNIT:
		rule.who = CONTROL_UNIT;
		break;
	default:
		return -EBADMSG;
	}
	if (!rule.rights || rule.rights & ~CONTROL_ALL_RIGHTS ||
	    wire_form_copy(from->unit, rule.unit, sizeof(rule.unit)) < 0)
		return -EBADMSG;
	*ret_rule = rule;
	return 0;
}

int wire_config_decode(const Shmq__RingConfig *from, struct control_ring_config *ret_config)
{
	struct control_ring_config config = {
		.slots = from->slots,
		.size_bytes = from->size_bytes,
		.align_payload = from->align_payload,
		.linger_s = from->linger_s,
		.mode = from->mode,
		.gid_set = from->gid_set,
		.gid = from->gid,
		.schema = from->schema,
		.sealed = from->sealed,
	};

	if (wire_wake_decode((int)from->wake, &config.wake) < 0 ||
	    lifetime_decode((int)from->lifetime, &config.lifetime) < 0 ||
	    wire_form_text(from->schema_text, CONTROL_SCHEMA_MAX - 1, &config.schema_text) < 0 ||
	    from->n_rules > CONTROL_RULES_MAX)
		return -EBADMSG;
	for (; config.n_rules < from->n_rules; config.n_rules++)
		if (rule_decode(from->rules[config.n_rules], &config.rules[config.n_rules]) < 0)
			return -EBADMSG;
	*ret_config = config;
	return 0;
}
