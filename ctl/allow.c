/* SPDX-License-Identifier: MIT */
/*
 * allow.c - rules of access, read and written; see allow.h
 */
#include "ctl/allow.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/grant.h"
#include "ctl/failure.h"

#define RULE_TEXT_MAX 128

_Static_assert(GRANT_PRODUCE == SHMQ_MAY_PRODUCE && GRANT_CONSUME == SHMQ_MAY_CONSUME &&
		       GRANT_SEE == SHMQ_MAY_SEE,
	       "rights have the same bits everywhere");

static int bad_rule(struct ctl *ctl, const char *what)
{
	return fail(ctl, CTL_USAGE, "usage", "--allow",
		    "a rule is RIGHT[+RIGHT]:WHO, such as produce:user=bob or consume+see:group=ops",
		    "%s.", what);
}

static int rule_parse(struct ctl *ctl, const char *text, struct shmq_rule *ret_rule)
{
	struct grant grant;

	switch (grant_parse(text, &grant)) {
	case 0:
		break;
	case -EBADMSG:
		return bad_rule(ctl, "a rule says who, behind a colon");
	case -EDOM:
		return bad_rule(ctl, "a right is produce, consume or see");
	case -ENOENT:
		return bad_rule(ctl, "there is no user or group of that name");
	default:
		return bad_rule(ctl, "somebody is user=NAME, group=NAME or unit=NAME.service");
	}
	*ret_rule = (struct shmq_rule){
		.rights = grant.rights,
		.who = (enum shmq_principal)grant.who.kind,
		.id = grant.who.id,
	};
	memcpy(ret_rule->unit, grant.who.unit, sizeof(ret_rule->unit));
	return CTL_OK;
}

int allow_parse(struct ctl *ctl, const char *text, struct shmq_ring_config *config)
{
	static struct shmq_rule rules[SHMQ_RULES_MAX];
	char copy[SHMQ_RULES_MAX * RULE_TEXT_MAX];
	char *rest = copy, *word;

	if (strlen(text) >= sizeof(copy))
		return bad_rule(ctl, "that is too long");
	strcpy(copy, text);
	config->rules = rules;
	while ((word = strsep(&rest, ","))) {
		int exit;

		if (config->n_rules == SHMQ_RULES_MAX)
			return bad_rule(ctl, "a ring has at most 8 rules: give the right to a group");
		exit = rule_parse(ctl, word, &rules[config->n_rules]);
		if (exit != CTL_OK)
			return exit;
		config->n_rules++;
	}
	return CTL_OK;
}

static const char *who_format(const struct shmq_rule *rule, char *text, size_t cap_bytes)
{
	const struct passwd *user = rule->who == SHMQ_USER ? getpwuid(rule->id) : NULL;
	const struct group *group = rule->who == SHMQ_GROUP ? getgrgid(rule->id) : NULL;

	if (rule->who == SHMQ_UNIT)
		snprintf(text, cap_bytes, "unit=%s", rule->unit);
	else if (user || group)
		snprintf(text, cap_bytes, "%s=%s", user ? "user" : "group",
			 user ? user->pw_name : group->gr_name);
	else
		snprintf(text, cap_bytes, "%s=%u", rule->who == SHMQ_USER ? "user" : "group",
			 rule->id);
	return text;
}

const char *allow_format(const struct shmq_rule *rule, char *text, size_t cap_bytes)
{
	char who[SHMQ_UNIT_MAX + 16], rights[GRANT_RIGHTS_MAX];

	snprintf(text, cap_bytes, "%s:%s", grant_format_rights(rule->rights, rights),
		 who_format(rule, who, sizeof(who)));
	return text;
}
