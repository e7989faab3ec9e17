/* SPDX-License-Identifier: MIT */
/*
 * grant.h - who may do what with a ring, as people write it: RIGHT[+RIGHT]:WHO
 *
 * RIGHT is produce, consume or see. Any thread, but as principal.h.
 */
#pragma once

#include <stddef.h>

#include "base/principal.h"

/* Bits, the same in the protocol and in the library. */
#define GRANT_PRODUCE 1u
#define GRANT_CONSUME 2u
#define GRANT_SEE     4u

#define GRANT_RIGHTS_MAX 32 /* of text, with NUL */

struct grant {
	uint32_t rights;
	struct principal who;
};

/* Return: 0; -EBADMSG no colon; -EDOM no such right; as principal_parse(). */
int grant_parse(const char *text, struct grant *ret_grant);
/* "produce+see". Return: @text. */
const char *grant_format_rights(uint32_t rights, char text[GRANT_RIGHTS_MAX]);
