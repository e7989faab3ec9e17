/* SPDX-License-Identifier: MIT */
/*
 * names.c - names of rings and of their segments
 *
 * A ring's name is part of a file name that the daemon looks for at its next start. "registry" and
 * "board" are therefore no names: a client could fill a segment so named with a forged registry.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/random.h"
#include "daemon/core/names.h"

#define GENERATION_HEX 16 /* characters of it in a segment's name */

static const char *const reserved[] = { "registry", "board" };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool may_follow(char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

/* "registry" itself or "registry.…" */
static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		size_t len = strlen(reserved[i]);

		if (strncmp(name, reserved[i], len) == 0 && (name[len] == 0 || name[len] == '.'))
			return true;
	}
	return false;
}

bool name_is_valid(const char *name)
{
	size_t len = strnlen(name, CONTROL_NAME_MAX + 1);

	if (len == 0 || len > CONTROL_NAME_MAX || !is_alnum(name[0]) || is_reserved(name))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!may_follow(name[i]))
			return false;
	return true;
}

void name_explain(const char *name, char *text, size_t cap_bytes)
{
	size_t len = strnlen(name, CONTROL_NAME_MAX + 1);
	char shown[3 * CONTROL_NAME_MAX + 1];

	format_printable(name, shown, sizeof(shown));
	if (len == 0)
		snprintf(text, cap_bytes, "a ring needs a name: 1 to %u letters, digits, '.', '_' or '-'",
			 CONTROL_NAME_MAX);
	else if (len > CONTROL_NAME_MAX)
		snprintf(text, cap_bytes, "a ring's name has at most %u characters; '%.20s...' has more",
			 CONTROL_NAME_MAX, shown);
	else if (!is_alnum(name[0]))
		snprintf(text, cap_bytes, "a ring's name begins with a letter or a digit; '%s' does not",
			 shown);
	else if (is_reserved(name))
		snprintf(text, cap_bytes, "'%s' is no name for a ring: names that are or begin with "
			 "'registry.' or 'board.' are shmqd's own", shown);
	else
		snprintf(text, cap_bytes, "a ring's name has letters, digits, '.', '_' and '-' only; "
			 "'%s' has something else", shown);
}

bool mode_is_valid(uint32_t mode)
{
	return mode == 0600 || mode == 0660 || mode == 0666;
}

void segment_name_format(const char *instance, const struct registry_ring *ring,
			 char name[CONTROL_SEGMENT_MAX])
{
	char hex[GENERATION_HEX + 1];

	hex_encode(ring->generation, GENERATION_HEX / 2, hex);
	snprintf(name, CONTROL_SEGMENT_MAX, "/shmq.%s.%s.%s", instance, ring->name, hex);
}

/* Return: what follows "/shmq.<instance>.", or NULL. */
static const char *segment_tail(const char *instance, const char *segment)
{
	size_t len = strlen(instance);

	if (strncmp(segment, "/shmq.", 6) != 0 || strncmp(segment + 6, instance, len) != 0 ||
	    segment[6 + len] != '.')
		return NULL;
	return segment + 6 + len + 1;
}

int segment_name_parse(const char *instance, const char *segment,
		       char ret_name[CONTROL_NAME_MAX + 1])
{
	const char *tail = segment_tail(instance, segment);
	const char *dot = tail ? strrchr(tail, '.') : NULL;
	size_t len = dot ? (size_t)(dot - tail) : 0;

	if (len == 0 || len > CONTROL_NAME_MAX || strlen(dot + 1) != GENERATION_HEX)
		return -EINVAL;
	memcpy(ret_name, tail, len);
	ret_name[len] = 0;
	return 0;
}

bool segment_is_daemons(const char *instance, const char *segment)
{
	const char *tail = segment_tail(instance, segment);

	return tail && is_reserved(tail);
}
