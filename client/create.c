/* SPDX-License-Identifier: MIT */
/*
 * create.c - making, destroying and emptying rings, and what a ring is to be made of
 */
#include "client/create.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "client/call.h"
#include "client/error.h"
#include "client/fork.h"

int create_check_name(const char *name)
{
	size_t len;

	if (!name)
		return error_set(-EINVAL, "no name of a ring was given");
	len = strnlen(name, SHMQ_NAME_MAX + 1);
	if (len == 0)
		return error_set(-EINVAL, "the name of a ring can't be empty");
	if (len > SHMQ_NAME_MAX)
		return error_set(-EINVAL,
				 "the name of the ring is longer than %u characters: %.*s…",
				 SHMQ_NAME_MAX, (int)SHMQ_NAME_MAX, name);
	return 0;
}

/* The first version of the struct ended here. */
#define CONFIG_FIRST_BYTES offsetof(struct shmq_ring_config, rules)

/* A program compiled against later headers: fine as long as it wants nothing of the later fields.
 */
static int check_size(const struct shmq_ring_config *config)
{
	const unsigned char *bytes = (const unsigned char *)config;

	if (config->struct_size == 0)
		return 0;
	if (config->struct_size < CONFIG_FIRST_BYTES)
		return error_set(-EINVAL,
				 "struct_size of the ring's config is %u, and %zu at least",
				 config->struct_size, CONFIG_FIRST_BYTES);
	for (size_t i = sizeof(*config); i < config->struct_size; i++)
		if (bytes[i])
			return error_set(-EINVAL,
					 "the ring's config has a field that this library %s "
					 "does not know",
					 shmq_version());
	return 0;
}

/* What the program knows of the struct; the rest is 0. */
static int config_copy(const struct shmq_ring_config *from, struct shmq_ring_config *ret_config)
{
	size_t bytes = from->struct_size ? from->struct_size : sizeof(*from);
	int r = check_size(from);

	if (r < 0)
		return r;
	memset(ret_config, 0, sizeof(*ret_config));
	memcpy(ret_config, from, bytes < sizeof(*from) ? bytes : sizeof(*from));
	return 0;
}

static int rules_copy(const struct shmq_ring_config *from, struct control_ring_config *config)
{
	if (from->n_rules > SHMQ_RULES_MAX || (from->n_rules && !from->rules))
		return error_set(-EINVAL, "a ring has at most %u rules of access", SHMQ_RULES_MAX);
	for (uint32_t i = 0; i < from->n_rules; i++) {
		const struct shmq_rule *rule = &from->rules[i];

		if ((unsigned)rule->who > SHMQ_UNIT || !rule->rights ||
		    rule->rights & ~CONTROL_ALL_RIGHTS ||
		    strnlen(rule->unit, sizeof(rule->unit)) == sizeof(rule->unit))
			return error_set(-EINVAL, "rule %u of the ring's config gives no right to "
					 "anybody that shmqd knows", i);
		config->rules[i] = (struct control_rule){
			.who = rule->who, .rights = rule->rights, .id = rule->id,
		};
		memcpy(config->rules[i].unit, rule->unit, sizeof(rule->unit));
	}
	config->n_rules = from->n_rules;
	return 0;
}

int create_config(const struct shmq_ring_config *given, struct control_ring_config *ret_config)
{
	struct shmq_ring_config copy;
	const struct shmq_ring_config *from = &copy;
	int r = config_copy(given, &copy);

	if (r < 0)
		return r;
	if ((unsigned)from->wake > SHMQ_WAKE_NEVER)
		return error_set(-EINVAL, "%d is no way to wake", (int)from->wake);
	if ((unsigned)from->lifetime > SHMQ_WITH_CREATOR)
		return error_set(-EINVAL, "%d is no lifetime", (int)from->lifetime);
	if (from->schema_text &&
	    strnlen(from->schema_text, CONTROL_SCHEMA_MAX) == CONTROL_SCHEMA_MAX)
		return error_set(-EINVAL, "the schema's text is longer than %d bytes",
				 CONTROL_SCHEMA_MAX - 1);
	*ret_config = (struct control_ring_config){
		.slots = from->slots,
		.size_bytes = from->size_bytes,
		.align_payload = from->align_payload != 0,
		.wake = (enum control_wake)from->wake,
		.lifetime = (enum control_lifetime)from->lifetime,
		.linger_s = from->linger_s,
		.mode = from->mode,
		.gid_set = from->group_set != 0,
		.gid = from->gid,
		.schema = from->schema,
		.schema_text = from->schema_text,
		.sealed = from->sealed != 0,
	};
	return rules_copy(from, ret_config);
}

void create_own(struct shmq_client *client, const struct control_ring_info *ring)
{
	for (size_t i = 0; i < ring->n_holders; i++) {
		const struct control_holder *holder = &ring->holders[i];

		if (holder->role == SHMQ_ROLE_OWNER && holder->pid == client->pid)
			fork_add_owned(client, holder->attachment);
	}
}

int shmq_create(struct shmq_client *client, const char *name, const struct shmq_ring_config *config)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_CREATE, .name = name, .has_config = true };
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r == 0)
		r = create_check_name(name);
	if (r == 0 && config)
		r = create_config(config, &request.config);
	if (r == 0)
		r = random_u64(&request.nonce);
	if (r < 0)
		return r;
	request.exclusive = config && config->exclusive;
	r = call(client, &request, CONTROL_BODY_RING, &reply);
	if (r < 0)
		return r;
	if (request.config.lifetime == CONTROL_WITH_CREATOR)
		create_own(client, &reply.packet.reply.ring);
	return 0;
}

int shmq_destroy(struct shmq_client *client, const char *name, unsigned flags)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = {
		.op = CONTROL_DESTROY,
		.name = name,
		.force = flags & SHMQ_DESTROY_FORCE,
	};
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r == 0)
		r = create_check_name(name);
	if (r == 0 && flags & ~SHMQ_DESTROY_FORCE)
		r = error_set(-EINVAL, "shmq_destroy() knows no flag %#x",
			      flags & ~SHMQ_DESTROY_FORCE);
	if (r < 0)
		return r;
	r = call(client, &request, CONTROL_BODY_NONE, &reply);
	/* gone when we asked again: it was our first request that destroyed it */
	if (r == -ENOENT && reply.resent)
		r = 0;
	return r;
}

int64_t shmq_purge(struct shmq_client *client, const char *name)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_PURGE, .name = name };
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r == 0)
		r = create_check_name(name);
	if (r == 0)
		r = call(client, &request, CONTROL_BODY_PURGE, &reply);
	if (r < 0)
		return r;
	return reply.packet.reply.dropped > INT64_MAX ? INT64_MAX
						      : (int64_t)reply.packet.reply.dropped;
}
