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

#include "base/principal.h"
#include "ctl/failure.h"

#define RULE_TEXT_MAX 128

static const struct {
	const char *name;
	uint32_t right;
} rights[] = {
	{ "produce", SHMQ_MAY_PRODUCE },
	{ "consume", SHMQ_MAY_CONSUME },
	{ "see", SHMQ_MAY_SEE },
};

#define N_RIGHTS (sizeof(rights) / sizeof(rights[0]))

static int bad_rule(struct ctl *ctl, const char *what)
{
	return fail(ctl, CTL_USAGE, "usage", "--allow",
		    "a rule is RIGHT[+RIGHT]:WHO, such as produce:user=bob or consume+see:group=ops",
		    "%s.", what);
}

static int rights_parse(struct ctl *ctl, char *text, uint32_t *ret_rights)
{
	char *rest = text, *word;

	*ret_rights = 0;
	while ((word = strsep(&rest, "+"))) {
		size_t i = 0;

		while (i < N_RIGHTS && strcmp(word, rights[i].name) != 0)
			i++;
		if (i == N_RIGHTS)
			return bad_rule(ctl, "a right is produce, consume or see");
		*ret_rights |= rights[i].right;
	}
	return CTL_OK;
}

static int rule_parse(struct ctl *ctl, char *text, struct shmq_rule *ret_rule)
{
	struct principal principal;
	char *who = strchr(text, ':');
	struct shmq_rule rule = { 0 };
	int r;

	if (!who)
		return bad_rule(ctl, "a rule says who, behind a colon");
	*who++ = '\0';
	r = rights_parse(ctl, text, &rule.rights);
	if (r != CTL_OK)
		return r;
	r = principal_parse(who, &principal);
	if (r == -ENOENT)
		return bad_rule(ctl, "there is no user or group of that name");
	if (r < 0)
		return bad_rule(ctl, "somebody is user=NAME, group=NAME or unit=NAME.service");
	rule.who = (enum shmq_principal)principal.kind;
	rule.id = principal.id;
	memcpy(rule.unit, principal.unit, sizeof(rule.unit));
	*ret_rule = rule;
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
	char who[SHMQ_UNIT_MAX + 16], list[32] = "";

	for (size_t i = 0; i < N_RIGHTS; i++) {
		if (!(rule->rights & rights[i].right))
			continue;
		if (list[0])
			strcat(list, "+");
		strcat(list, rights[i].name);
	}
	snprintf(text, cap_bytes, "%s:%s", list, who_format(rule, who, sizeof(who)));
	return text;
}
