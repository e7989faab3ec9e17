/* SPDX-License-Identifier: MIT */
/*
 * create_rule.h - whose names are whose: PREFIX:WHO, as an administrator writes it
 */
#pragma once

#include "daemon/core/core.h"

/* "pay.:group=pay", ":user=root". Return: 0; -EINVAL; -ENOENT: no such user or group. */
int create_rule_parse(const char *text, struct core_create_rule *ret_rule);
