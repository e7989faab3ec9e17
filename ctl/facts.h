/* SPDX-License-Identifier: MIT */
/*
 * facts.h - rings, holders and events as JSON, and the words that both forms of output use
 *
 * The JSON is the stable form: {"schema":1,…}, snake_case, raw numbers in base units; keys are
 * only ever added.
 */
#pragma once

#include <json-c/json.h>

#include "ctl/ctl.h"

struct json_object *json_of_ring(const struct shmq_ring_info *info);
struct json_object *json_of_holder(const struct shmq_holder *holder);
struct json_object *json_of_event(const struct shmq_event *event);

/* {"schema":1}, to be added to. */
struct json_object *json_root(void);
/* Print and free @root: one line, or indented for a terminal; @stream: always one line, at once. */
void json_print(struct json_object *root, bool stream);

void json_add_text(struct json_object *to, const char *key, const char *text);
void json_add_count(struct json_object *to, const char *key, uint64_t count);
void json_add_bool(struct json_object *to, const char *key, bool value);
/* Text from outside goes through here: invalid UTF-8 would be invalid JSON. */
struct json_object *json_text(const char *text);

const char *wake_name(enum shmq_wake wake);
const char *lifetime_name(enum shmq_lifetime lifetime);
const char *role_name(uint32_t role);
const char *event_name(enum shmq_event_kind kind);
/* Name of a user or group, or its number. Return: @buf. */
const char *user_name(uid_t uid, char *buf, size_t cap_bytes);
const char *group_name(gid_t gid, char *buf, size_t cap_bytes);
/* Time since an instant in seconds since the epoch, in whole seconds: "2d 4h", "0s". Return: @buf.
 */
const char *format_age(uint64_t since_s, char *buf, size_t cap_bytes);
/* The same in nanoseconds, 0 when the instant lies ahead. */
int64_t age_ns(uint64_t since_s);
