/* SPDX-License-Identifier: MIT */
/*
 * setting_rings.c - values of a declared ring's settings, read; see setting.h
 *
 * They mean what the options of 'shmqctl create' mean.
 */
#include <errno.h>
#include <grp.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/principal.h"
#include "daemon/config.h"
#include "daemon/setting.h"

static int set_slots(const struct setting *setting, const char *text, void *object)
{
	struct declared_ring *ring = object;
	uint64_t value;
	int r = parse_u64(text, 1, setting->max, &value);

	if (r < 0)
		return r;
	if (value & (value - 1))
		return -EINVAL;
	ring->config.slots = (uint32_t)value;
	return 0;
}

static int set_size32(const struct setting *setting, const char *text, void *object)
{
	struct declared_ring *ring = object;
	uint64_t bytes;
	int r = parse_size(text, &bytes);

	if (r < 0)
		return r;
	if (bytes == 0 || bytes > setting->max)
		return -ERANGE;
	ring->config.size_bytes = (uint32_t)bytes;
	return 0;
}

static int set_linger(const struct setting *setting, const char *text, void *object)
{
	struct declared_ring *ring = object;
	int64_t ns;
	int r = parse_duration_ns(text, &ns);

	if (r < 0)
		return r;
	if (ns < NS_PER_S || ns % NS_PER_S != 0)
		return -EINVAL;
	if ((uint64_t)(ns / NS_PER_S) > setting->max)
		return -ERANGE;
	ring->config.linger_s = (uint32_t)(ns / NS_PER_S);
	return 0;
}

static int set_ring_mode(const struct setting *setting, const char *text, void *object)
{
	struct declared_ring *ring = object;
	const char *digits = text + (text[0] == '0');

	(void)setting;
	if (strcmp(digits, "600") && strcmp(digits, "660") && strcmp(digits, "666"))
		return -EINVAL;
	ring->config.mode = digits[1] == '0' ? 0600 : digits[2] == '0' ? 0660 : 0666;
	return 0;
}

static int set_group(const struct setting *setting, const char *text, void *object)
{
	struct declared_ring *ring = object;
	struct group *group = getgrnam(text);
	uint64_t gid;

	(void)setting;
	if (!group && parse_u64(text, 0, UINT32_MAX - 1, &gid) < 0)
		return -ENOENT;
	ring->group = (group ? group->gr_gid : (uint32_t)gid) + 1;
	return 0;
}

/* "produce+see" of @len characters. Return: the rights, 0: there is no such right. */
static uint32_t rights_parse(const char *text, size_t len)
{
	static const struct {
		const char *name;
		uint32_t right;
	} rights[] = {
		{ "produce", CONTROL_PRODUCE }, { "consume", CONTROL_CONSUME }, { "see", CONTROL_SEE },
	};
	uint32_t all = 0;

	for (size_t at = 0, end; at <= len; at = end + 1) {
		uint32_t right = 0;

		end = at + strcspn(text + at, "+:");
		for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
			if (strlen(rights[i].name) == end - at &&
			    strncmp(rights[i].name, text + at, end - at) == 0)
				right = rights[i].right;
		if (!right)
			return 0;
		all |= right;
	}
	return all;
}

static int set_allow(const struct setting *setting, const char *text, void *object)
{
	struct declared_ring *ring = object;
	struct control_ring_config *config = &ring->config;
	const char *colon = strchr(text, ':');
	struct control_rule rule = { 0 };
	struct principal principal;
	int r;

	(void)setting;
	if (config->n_rules == CONTROL_RULES_MAX)
		return -E2BIG;
	rule.rights = colon ? rights_parse(text, (size_t)(colon - text)) : 0;
	if (!rule.rights)
		return -EINVAL;
	r = principal_parse(colon + 1, &principal);
	if (r < 0)
		return r;
	rule.who = principal.kind;
	rule.id = principal.id;
	memcpy(rule.unit, principal.unit, sizeof(rule.unit));
	config->rules[config->n_rules++] = rule;
	return 0;
}

static int set_wake(const struct setting *setting, const char *text, void *object)
{
	static const char *const names[] = { "membarrier", "fence", "never" };
	struct declared_ring *ring = object;

	(void)setting;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			ring->config.wake = (enum control_wake)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_flag(const struct setting *setting, const char *text, void *object)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*(bool *)((char *)object + setting->offset) = i % 2;
			return 0;
		}
	}
	return -EINVAL;
}

const struct setting_type setting_slots = { set_slots, "a power of two from 1 to 1048576" };
const struct setting_type setting_size32 = { set_size32, "a size from 1 to 16M" };
const struct setting_type setting_linger = {
	set_linger, "a span of time of at least a second, in whole seconds",
};
const struct setting_type setting_ring_mode = { set_ring_mode, "0600, 0660 or 0666" };
const struct setting_type setting_group = { set_group, "a group" };
const struct setting_type setting_allow = {
	set_allow, "RIGHT[+RIGHT]:WHO, such as produce:user=bob or consume+see:group=ops",
};
const struct setting_type setting_wake = { set_wake, "membarrier, fence or never" };
const struct setting_type setting_flag = { set_flag, "yes or no" };
