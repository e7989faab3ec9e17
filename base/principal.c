/* SPDX-License-Identifier: MIT */
/*
 * principal.c - user=NAME, group=NAME, unit=NAME; see principal.h
 */
#include "base/principal.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/parse.h"

/* Numbers that mean "nobody said" to the kernel are nobody. */
static int id_parse(const char *text, uint32_t *ret_id)
{
	uint64_t id;
	int r = parse_u64(text, 0, UINT32_MAX - 1, &id);

	if (r == 0)
		*ret_id = (uint32_t)id;
	return r;
}

static int user_parse(const char *name, uint32_t *ret_id)
{
	const struct passwd *user = getpwnam(name);

	if (user) {
		*ret_id = user->pw_uid;
		return 0;
	}
	return id_parse(name, ret_id) < 0 ? -ENOENT : 0;
}

static int group_parse(const char *name, uint32_t *ret_id)
{
	const struct group *group = getgrnam(name);

	if (group) {
		*ret_id = group->gr_gid;
		return 0;
	}
	return id_parse(name, ret_id) < 0 ? -ENOENT : 0;
}

static int unit_parse(const char *name, char unit[PRINCIPAL_UNIT_MAX])
{
	if (parse_unit_name(name) < 0 || strlen(name) >= PRINCIPAL_UNIT_MAX)
		return -EINVAL;
	strcpy(unit, name);
	return 0;
}

int principal_parse(const char *text, struct principal *ret_principal)
{
	struct principal principal = { 0 };
	int r = -EINVAL;

	if (!strncmp(text, "user=", 5) && text[5]) {
		principal.kind = PRINCIPAL_USER;
		r = user_parse(text + 5, &principal.id);
	} else if (!strncmp(text, "group=", 6) && text[6]) {
		principal.kind = PRINCIPAL_GROUP;
		r = group_parse(text + 6, &principal.id);
	} else if (!strncmp(text, "unit=", 5)) {
		principal.kind = PRINCIPAL_UNIT;
		r = unit_parse(text + 5, principal.unit);
	}
	if (r == 0)
		*ret_principal = principal;
	return r;
}
