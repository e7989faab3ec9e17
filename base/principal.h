/* SPDX-License-Identifier: MIT */
/*
 * principal.h - whom a right is about, as people write it: user=NAME, group=NAME, unit=NAME
 *
 * Names are looked up in the system's databases once, where they are read; a number is taken as it
 * is. A unit is a name of systemd's and is compared as text. Any thread; getpwnam(3) is not for two
 * at a time.
 */
#pragma once

#include <stdint.h>

#define PRINCIPAL_UNIT_MAX 64 /* with NUL */

enum principal_kind { PRINCIPAL_USER, PRINCIPAL_GROUP, PRINCIPAL_UNIT };

struct principal {
	enum principal_kind kind;
	uint32_t id;
	char unit[PRINCIPAL_UNIT_MAX];
};

/* Return: 0; -EINVAL no such form; -ENOENT no such user or group. */
int principal_parse(const char *text, struct principal *ret_principal);
