/* SPDX-License-Identifier: MIT */
/*
 * test_base_grant.c - rules of access as people write them, and what is none
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>

#include "base/grant.h"

TestSuite(grant, .timeout = 20);

static struct grant grant;

Test(grant, rights_and_who_are_read)
{
	cr_assert(eq(int, grant_parse("produce:user=root", &grant), 0));
	cr_assert(eq(u32, grant.rights, GRANT_PRODUCE));
	cr_assert(grant.who.kind == PRINCIPAL_USER);
	cr_assert(eq(u32, grant.who.id, 0));
	cr_assert(eq(int, grant_parse("see+consume+see:group=12345", &grant), 0));
	cr_assert(eq(u32, grant.rights, GRANT_CONSUME | GRANT_SEE));
	cr_assert(grant.who.kind == PRINCIPAL_GROUP);
	cr_assert(eq(u32, grant.who.id, 12345));
	cr_assert(eq(int, grant_parse("produce+consume+see:unit=feed@1:2.service", &grant), 0));
	cr_assert(grant.who.kind == PRINCIPAL_UNIT);
	cr_assert(eq(str, (char *)grant.who.unit, "feed@1:2.service"));
}

Test(grant, what_is_none_is_refused_by_its_part)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EBADMSG },
		{ "produce", -EBADMSG },
		{ ":user=root", -EDOM },
		{ "produce+:user=root", -EDOM },
		{ "+produce:user=root", -EDOM },
		{ "Produce:user=root", -EDOM },
		{ "produces:user=root", -EDOM },
		{ "prod:user=root", -EDOM },
		{ "produce :user=root", -EDOM },
		{ "produce:", -EINVAL },
		{ "produce:root", -EINVAL },
		{ "produce:unit=", -EINVAL },
		{ "produce:user=no-such-user-here", -ENOENT },
		{ "produce:user=4294967295", -ENOENT },
		{ "produce:group=-1", -ENOENT },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct grant before = { .rights = 77 }, after = before;

		cr_expect(eq(int, grant_parse(bad[i].text, &after), bad[i].error), "'%s'", bad[i].text);
		cr_expect(eq(u32, after.rights, before.rights), "'%s'", bad[i].text);
	}
}

Test(grant, rights_are_written_in_one_order)
{
	char text[GRANT_RIGHTS_MAX];

	cr_assert(eq(str, (char *)grant_format_rights(GRANT_SEE | GRANT_PRODUCE, text), "produce+see"));
	cr_assert(eq(str, (char *)grant_format_rights(7, text), "produce+consume+see"));
	cr_assert(eq(str, (char *)grant_format_rights(0, text), ""));
}
