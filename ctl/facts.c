/* SPDX-License-Identifier: MIT */
/*
 * facts.c - the JSON form of rings, holders and events; names of enum values, users, groups
 */
#include "ctl/facts.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include <shmq/layout.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/allow.h"

const char *wake_name(enum shmq_wake wake)
{
	return wake == SHMQ_WAKE_FENCE ? "fence" : wake == SHMQ_WAKE_NEVER ? "never" : "membarrier";
}

const char *lifetime_name(enum shmq_lifetime lifetime)
{
	return lifetime == SHMQ_PERSISTENT     ? "persistent"
	       : lifetime == SHMQ_WITH_CREATOR ? "with-creator"
					       : "linger";
}

const char *role_name(uint32_t role)
{
	return role == SHMQ_ROLE_PRODUCER   ? "producer"
	       : role == SHMQ_ROLE_CONSUMER ? "consumer"
					    : "owner";
}

const char *event_name(enum shmq_event_kind kind)
{
	static const char *const names[] = {
		[SHMQ_EVENT_CREATED] = "created",   [SHMQ_EVENT_DESTROYED] = "destroyed",
		[SHMQ_EVENT_LOST] = "lost",	    [SHMQ_EVENT_ATTACHED] = "attached",
		[SHMQ_EVENT_DETACHED] = "detached", [SHMQ_EVENT_DIED] = "died",
		[SHMQ_EVENT_REAPED] = "reaped",	    [SHMQ_EVENT_MISSED] = "missed",
	};

	if ((size_t)kind >= sizeof(names) / sizeof(names[0]) || !names[kind])
		return "unknown";
	return names[kind];
}

const char *user_name(uid_t uid, char *buf, size_t cap_bytes)
{
	struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(buf, cap_bytes, "%s", user->pw_name);
	else
		snprintf(buf, cap_bytes, "%u", (unsigned)uid);
	return buf;
}

const char *group_name(gid_t gid, char *buf, size_t cap_bytes)
{
	struct group *group = getgrgid(gid);

	if (group)
		snprintf(buf, cap_bytes, "%s", group->gr_name);
	else
		snprintf(buf, cap_bytes, "%u", (unsigned)gid);
	return buf;
}

int64_t age_ns(uint64_t since_s)
{
	int64_t now_ns = clock_realtime_ns();

	if (since_s > (uint64_t)(now_ns / NS_PER_S))
		return 0;
	return now_ns - (int64_t)since_s * NS_PER_S;
}

const char *format_age(uint64_t since_s, char *buf, size_t cap_bytes)
{
	int64_t seconds = age_ns(since_s) / NS_PER_S;

	if (seconds == 0) {
		snprintf(buf, cap_bytes, "0s");
		return buf;
	}
	return format_duration_ns(seconds * NS_PER_S, buf, cap_bytes);
}

void json_add_text(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, json_text(text));
}

void json_add_count(struct json_object *to, const char *key, uint64_t count)
{
	json_object_object_add(to, key, json_object_new_uint64(count));
}

void json_add_bool(struct json_object *to, const char *key, bool value)
{
	json_object_object_add(to, key, json_object_new_boolean(value));
}

struct json_object *json_text(const char *text)
{
	char clean[512];

	return json_object_new_string(format_printable(text, clean, sizeof(clean)));
}

struct json_object *json_of_holder(const struct shmq_holder *holder)
{
	struct json_object *json = json_object_new_object();
	char user[64];

	json_add_count(json, "id", holder->id);
	json_add_text(json, "ring", holder->ring);
	json_add_text(json, "role", role_name(holder->role));
	json_add_count(json, "pid", (uint64_t)holder->pid);
	json_add_text(json, "comm", holder->comm);
	json_add_count(json, "uid", holder->uid);
	json_add_text(json, "user", user_name(holder->uid, user, sizeof(user)));
	json_add_count(json, "since_s", holder->since_s);
	json_add_count(json, "incarnation", holder->incarnation);
	json_add_bool(json, "verified", !holder->unverified);
	return json;
}

/* What the ring is made of and who may use it. */
static void add_config(struct json_object *json, const struct shmq_ring_info *info)
{
	char text[64];

	json_add_count(json, "slots", info->slots);
	json_add_count(json, "size_bytes", info->size_bytes);
	json_add_count(json, "stride_bytes", info->stride_bytes);
	json_add_count(json, "bytes", info->bytes);
	json_add_bool(json, "align_payload", info->align_payload != 0);
	json_add_text(json, "wake", wake_name(info->wake));
	json_add_text(json, "lifetime", lifetime_name(info->lifetime));
	json_add_count(json, "linger_s", info->linger_s);
	json_add_count(json, "linger_left_ns", info->linger_left_ns);
	snprintf(text, sizeof(text), "%04o", info->mode & 07777);
	json_add_text(json, "mode", text);
	json_add_count(json, "uid", info->uid);
	json_add_text(json, "user", user_name(info->uid, text, sizeof(text)));
	json_add_count(json, "gid", info->gid);
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)info->schema);
	json_add_text(json, "type_fingerprint", text);
}

static void add_rules(struct json_object *json, const struct shmq_ring_info *info)
{
	struct json_object *list = json_object_new_array();
	char text[160];

	for (uint32_t i = 0; i < info->n_rules; i++)
		json_object_array_add(list, json_object_new_string(
			allow_format(&info->rules[i], text, sizeof(text))));
	json_object_object_add(json, "allow", list);
	json_add_bool(json, "sealed", info->sealed != 0);
}

struct json_object *json_of_ring(const struct shmq_ring_info *info)
{
	struct json_object *json = json_object_new_object();
	struct json_object *creator = json_object_new_object();
	struct json_object *holders = json_object_new_array();

	json_add_text(json, "name", info->name);
	json_add_text(json, "generation", info->generation);
	json_add_text(json, "segment", info->segment);
	json_add_text(json, "state", info->state);
	add_config(json, info);
	add_rules(json, info);
	json_add_count(json, "pushed", info->pushed);
	json_add_count(json, "popped", info->popped);
	json_add_count(json, "depth", info->depth);
	json_add_count(json, "full", info->n_full);
	json_add_count(json, "dry", info->n_dry);
	json_add_count(json, "sleeps", info->n_sleeps);
	json_add_count(json, "wakes", info->n_wakes);
	json_add_count(json, "created_s", info->created_s);
	json_add_count(creator, "pid", (uint64_t)info->creator_pid);
	json_add_text(creator, "comm", info->creator_comm);
	json_object_object_add(json, "creator", creator);
	for (uint32_t i = 0; i < info->n_holders && i < 3; i++)
		json_object_array_add(holders, json_of_holder(&info->holders[i]));
	json_object_object_add(json, "holders", holders);
	json_add_text(json, "remark", info->remark);
	return json;
}

struct json_object *json_of_event(const struct shmq_event *event)
{
	struct json_object *json = json_root();
	bool about_role = event->kind == SHMQ_EVENT_ATTACHED ||
			  event->kind == SHMQ_EVENT_DETACHED || event->kind == SHMQ_EVENT_DIED;

	json_add_text(json, "event", event_name(event->kind));
	json_add_count(json, "time_ns", event->time_ns);
	if (event->ring[0])
		json_add_text(json, "ring", event->ring);
	if (about_role)
		json_add_text(json, "role", role_name(event->role));
	if (event->pid > 0) {
		json_add_count(json, "pid", (uint64_t)event->pid);
		json_add_text(json, "comm", event->comm);
		json_add_count(json, "uid", event->uid);
	}
	json_add_count(json, "count", event->count);
	return json;
}

struct json_object *json_root(void)
{
	struct json_object *root = json_object_new_object();

	json_object_object_add(root, "schema", json_object_new_int(1));
	return root;
}

void json_print(struct json_object *root, bool stream)
{
	int pretty = !stream && isatty(STDOUT_FILENO);
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
			    : JSON_C_TO_STRING_PLAIN);

	puts(json_object_to_json_string_ext(root, flags));
	if (stream)
		fflush(stdout);
	json_object_put(root);
}
