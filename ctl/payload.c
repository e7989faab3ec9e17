/* SPDX-License-Identifier: MIT */
/*
 * payload.c - text or hex: JSON can hold nothing but Unicode
 *
 * The producer may still write while we read: the bytes are copied before they are judged.
 */
#include "ctl/payload.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/random.h"

/* Bytes of the character at @text, at most @left, 0 if it is none. */
static size_t character_bytes(const unsigned char *text, size_t left)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = text[0] < 0x80   ? 1
		   : text[0] < 0xc2 ? 0
		   : text[0] < 0xe0 ? 2
		   : text[0] < 0xf0 ? 3
		   : text[0] < 0xf5 ? 4
				    : 0;
	uint32_t code = text[0] & (0xffu >> (n + 1));

	if (n < 2)
		return n;
	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : n;
}

bool payload_is_text(const void *data, size_t len_bytes)
{
	const unsigned char *text = data;

	for (size_t i = 0; i < len_bytes;) {
		size_t n = character_bytes(text + i, len_bytes - i);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

int payload_add_json(struct json_object *to, const void *data, size_t len_bytes)
{
	_cleanup_(freep) char *copy = malloc(len_bytes + 1);
	_cleanup_(freep) char *hex = NULL;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len_bytes);
	if (payload_is_text(copy, len_bytes)) {
		json_object_object_add(to, "text",
				       json_object_new_string_len(copy, (int)len_bytes));
		return 0;
	}
	hex = malloc(2 * len_bytes + 1);
	if (!hex)
		return -ENOMEM;
	hex_encode(copy, len_bytes, hex);
	json_object_object_add(to, "hex", json_object_new_string(hex));
	return 0;
}
