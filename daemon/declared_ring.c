/* SPDX-License-Identifier: MIT */
/*
 * declared_ring.c - keys of [Ring NAME]; see declared_ring.h
 *
 * What is not said is the daemon's default, as for everybody who makes a ring.
 */
#include "daemon/declared_ring.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/grant.h"
#include "base/parse.h"
#include "daemon/core/core.h"
#include "shm/geometry.h"

static int set_slots(const char *text, struct control_ring_config *config)
{
	uint64_t value;
	int r = parse_u64(text, 1, UINT32_MAX, &value);

	if (r == 0)
		config->slots = (uint32_t)value;
	return r;
}

static int set_size(const char *text, struct control_ring_config *config)
{
	uint64_t value;
	int r = parse_size(text, &value);

	if (r == 0 && (value == 0 || value > UINT32_MAX))
		r = -ERANGE;
	if (r == 0)
		config->size_bytes = (uint32_t)value;
	return r;
}

static int set_wake(const char *text, struct control_ring_config *config)
{
	static const struct {
		const char *name;
		enum control_wake wake;
	} wakes[] = {
		{ "membarrier", CONTROL_WAKE_MEMBARRIER },
		{ "fence", CONTROL_WAKE_FENCE },
		{ "never", CONTROL_WAKE_NEVER },
	};

	for (size_t i = 0; i < sizeof(wakes) / sizeof(wakes[0]); i++) {
		if (strcmp(text, wakes[i].name) != 0)
			continue;
		config->wake = wakes[i].wake;
		return 0;
	}
	return -EINVAL;
}

static int set_linger(const char *text, struct control_ring_config *config)
{
	int64_t ns;
	int r = parse_duration_ns(text, &ns);

	if (r < 0)
		return r;
	if (ns < NS_PER_S || ns % NS_PER_S || ns / NS_PER_S > UINT32_MAX)
		return -ERANGE;
	config->lifetime = CONTROL_LINGER;
	config->linger_s = (uint32_t)(ns / NS_PER_S);
	return 0;
}

static int set_mode(const char *text, struct control_ring_config *config)
{
	if (!strcmp(text, "0600"))
		config->mode = 0600;
	else if (!strcmp(text, "0660"))
		config->mode = 0660;
	else if (!strcmp(text, "0666"))
		config->mode = 0666;
	else
		return -EINVAL;
	return 0;
}

static int set_group(const char *text, struct control_ring_config *config)
{
	const struct group *group = getgrnam(text);
	uint64_t gid;

	if (!group && parse_u64(text, 0, UINT32_MAX - 1, &gid) < 0)
		return -ENOENT;
	config->gid = group ? group->gr_gid : (gid_t)gid;
	config->gid_set = true;
	if (!config->mode)
		config->mode = 0660;
	return 0;
}

static int parse_bool(const char *text, bool *ret_value)
{
	if (!strcmp(text, "yes") || !strcmp(text, "true") || !strcmp(text, "1"))
		*ret_value = true;
	else if (!strcmp(text, "no") || !strcmp(text, "false") || !strcmp(text, "0"))
		*ret_value = false;
	else
		return -EINVAL;
	return 0;
}

static int set_align(const char *text, struct control_ring_config *config)
{
	return parse_bool(text, &config->align_payload);
}

static int set_sealed(const char *text, struct control_ring_config *config)
{
	return parse_bool(text, &config->sealed);
}

_Static_assert(GRANT_PRODUCE == CONTROL_PRODUCE && GRANT_CONSUME == CONTROL_CONSUME &&
		       GRANT_SEE == CONTROL_SEE,
	       "rights have the same bits everywhere");

/* Nothing takes back what files before this one have given. */
static int set_allow(const char *text, struct control_ring_config *config)
{
	struct control_rule *rule = &config->rules[config->n_rules];
	struct grant grant;
	int r;

	if (!text[0]) {
		config->n_rules = 0;
		return 0;
	}
	if (config->n_rules == CONTROL_RULES_MAX)
		return -ERANGE;
	r = grant_parse(text, &grant);
	if (r < 0)
		return r;
	*rule = (struct control_rule){
		.rights = grant.rights, .who = grant.who.kind, .id = grant.who.id,
	};
	memcpy(rule->unit, grant.who.unit, sizeof(rule->unit));
	config->n_rules++;
	return 0;
}

const struct declared_key declared_keys[] = {
	{ "slots", "N", "messages that it holds, a power of two", set_slots, "a number" },
	{ "size", "SIZE", "of the largest message", set_size, "a size such as 256 or 64K" },
	{ "wake", "HOW", "membarrier, fence or never: how sleepers are found", set_wake,
	  "membarrier, fence or never" },
	{ "linger", "TIME", "end so long after the last use; without it the ring stays", set_linger,
	  "a span of time in whole seconds, such as 30s or 1h" },
	{ "mode", "MODE", "0600, 0660 or 0666: for the daemon's user, the group, or everybody",
	  set_mode, "0600, 0660 or 0666" },
	{ "group", "NAME", "the group; makes the mode 0660 if none was given", set_group,
	  "the name of a group, or its number" },
	{ "allow", "RIGHT[+RIGHT]:WHO",
	  "produce, consume or see, for user=NAME, group=NAME or unit=NAME.service;\n"
	  "may be given up to 8 times; empty, it takes back those that were", set_allow,
	  "produce, consume or see, a colon, and user=NAME, group=NAME or unit=NAME.service that "
	  "exist; 8 times at most" },
	{ "align", "BOOL", "payloads begin on cache lines", set_align, "yes or no" },
	{ "sealed", "BOOL", "memory without a name, each end writes its own part only", set_sealed,
	  "yes or no" },
};

const size_t n_declared_keys = sizeof(declared_keys) / sizeof(declared_keys[0]);

struct declared_ring *declared_rings_get(struct declared_rings *rings, const char *name)
{
	struct declared_ring *grown, *ring;

	for (size_t i = 0; i < rings->n; i++)
		if (!strcmp(rings->rings[i].name, name))
			return &rings->rings[i];
	if (rings->n == DECLARED_RINGS_MAX)
		return NULL;
	grown = realloc(rings->rings, (rings->n + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	rings->rings = grown;
	ring = &rings->rings[rings->n++];
	*ring = (struct declared_ring){
		.config = { .lifetime = CONTROL_PERSISTENT, .schema_text = "" },
	};
	strncpy(ring->name, name, CONTROL_NAME_MAX);
	return ring;
}

const char *declared_ring_problem(const struct declared_ring *ring)
{
	const struct control_ring_config *config = &ring->config;

	return geometry_problem(config->slots ? config->slots : CORE_SLOTS_DEFAULT,
				config->size_bytes ? config->size_bytes : CORE_SIZE_DEFAULT,
				(uint32_t)sysconf(_SC_PAGESIZE));
}

void declared_rings_free(struct declared_rings *rings)
{
	free(rings->rings);
	*rings = (struct declared_rings){ 0 };
}
