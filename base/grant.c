/* SPDX-License-Identifier: MIT */
/*
 * grant.c - RIGHT[+RIGHT]:WHO; see grant.h
 */
#include "base/grant.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t right;
} rights[] = {
	{ "produce", GRANT_PRODUCE },
	{ "consume", GRANT_CONSUME },
	{ "see", GRANT_SEE },
};

#define N_RIGHTS (sizeof(rights) / sizeof(rights[0]))

/* Return: 0: there is no such right. */
static uint32_t right_find(const char *name, size_t len_bytes)
{
	for (size_t i = 0; i < N_RIGHTS; i++)
		if (strlen(rights[i].name) == len_bytes && !memcmp(rights[i].name, name, len_bytes))
			return rights[i].right;
	return 0;
}

int grant_parse(const char *text, struct grant *ret_grant)
{
	const char *colon = strchr(text, ':'), *word = text;
	struct grant grant = { 0 };
	int r;

	if (!colon)
		return -EBADMSG;
	for (;;) {
		size_t len_bytes = strcspn(word, "+:");
		uint32_t right = right_find(word, len_bytes);

		if (!right)
			return -EDOM;
		grant.rights |= right;
		word += len_bytes + 1;
		if (word > colon)
			break;
	}
	r = principal_parse(colon + 1, &grant.who);
	if (r == 0)
		*ret_grant = grant;
	return r;
}

const char *grant_format_rights(uint32_t held, char text[GRANT_RIGHTS_MAX])
{
	text[0] = '\0';
	for (size_t i = 0; i < N_RIGHTS; i++) {
		if (!(held & rights[i].right))
			continue;
		if (text[0])
			strcat(text, "+");
		strcat(text, rights[i].name);
	}
	return text;
}
