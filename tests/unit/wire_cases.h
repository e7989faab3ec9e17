/* SPDX-License-Identifier: MIT */
/*
 * wire_cases.h - structures with every field set, and the check that they came through
 */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

#include "proto/wire.h"

static const struct control_ring_config full_config = {
	.slots = 1u << 20,
	.size_bytes = 1u << 24,
	.align_payload = true,
	.wake = CONTROL_WAKE_NEVER,
	.lifetime = CONTROL_WITH_CREATOR,
	.linger_s = UINT32_MAX,
	.mode = 0660,
	.gid_set = true,
	.gid = 4294967294u,
	.schema = 0xfedcba9876543210,
	.schema_text = "struct tick { u64 price; }",
	.sealed = true,
	.n_rules = 2,
	.rules = {
		{ .who = CONTROL_GROUP, .id = 4294967294u, .rights = CONTROL_ALL_RIGHTS },
		{ .who = CONTROL_UNIT, .rights = CONTROL_SEE,
		  .unit = "a-unit-name-of-exactly-63-characters-which-is-the-mos.service" },
	},
};

static inline void assert_config(const struct control_ring_config *config)
{
	cr_assert(eq(u32, config->slots, full_config.slots));
	cr_assert(eq(u32, config->size_bytes, full_config.size_bytes));
	cr_assert(config->align_payload);
	cr_assert(eq(int, (int)config->wake, (int)full_config.wake));
	cr_assert(eq(int, (int)config->lifetime, (int)full_config.lifetime));
	cr_assert(eq(u32, config->linger_s, full_config.linger_s));
	cr_assert(eq(u32, config->mode, full_config.mode));
	cr_assert(config->gid_set);
	cr_assert(eq(u32, config->gid, full_config.gid));
	cr_assert(eq(u64, config->schema, full_config.schema));
	cr_assert(eq(str, (char *)config->schema_text, (char *)full_config.schema_text));
	cr_assert(config->sealed);
	cr_assert(eq(sz, config->n_rules, full_config.n_rules));
	for (size_t i = 0; i < config->n_rules; i++) {
		cr_assert(eq(u32, config->rules[i].who, full_config.rules[i].who));
		cr_assert(eq(u32, config->rules[i].id, full_config.rules[i].id));
		cr_assert(eq(u32, config->rules[i].rights, full_config.rules[i].rights));
		cr_assert(eq(str, (char *)config->rules[i].unit, (char *)full_config.rules[i].unit));
	}
}
