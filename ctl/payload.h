/* SPDX-License-Identifier: MIT */
/*
 * payload.h - messages that nobody has described, as JSON
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

/* Well-formed UTF-8 (no surrogates, nothing beyond U+10FFFF, shortest forms). */
bool payload_is_text(const void *data, size_t len_bytes);

/* Add "text" where it is text, else "hex". Return: 0, -ENOMEM. */
int payload_add_json(struct json_object *to, const void *data, size_t len_bytes);
