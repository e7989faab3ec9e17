/* SPDX-License-Identifier: MIT */
/*
 * create_rule.c - PREFIX:WHO; see create_rule.h
 */
#include "daemon/create_rule.h"

#include <errno.h>
#include <string.h>

#include "base/principal.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

int create_rule_parse(const char *text, struct core_create_rule *ret_rule)
{
	struct core_create_rule rule = { .who = { .rights = CONTROL_ALL_RIGHTS } };
	size_t len = strspn(text, NAME_CHARS);
	struct principal principal;
	int r;

	if (text[len] != ':' || len >= sizeof(rule.prefix))
		return -EINVAL;
	r = principal_parse(text + len + 1, &principal);
	if (r < 0)
		return r;
	memcpy(rule.prefix, text, len);
	rule.who.who = principal.kind;
	rule.who.id = principal.id;
	memcpy(rule.who.unit, principal.unit, sizeof(rule.who.unit));
	*ret_rule = rule;
	return 0;
}
