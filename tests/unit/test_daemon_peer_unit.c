/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_peer_unit.c - which unit the text of /proc/PID/cgroup names
 */
#include <criterion/criterion.h>

#include "daemon/peer_unit.h"

TestSuite(peer_unit, .timeout = 20);

#define cr_unit(text, expected)                                                                    \
	do {                                                                                       \
		char unit_[CONTROL_UNIT_MAX] = "before";                                           \
		peer_unit_parse(text, unit_);                                                      \
		cr_assert_str_eq(unit_, expected);                                                 \
	} while (0)

Test(peer_unit, the_first_below_the_slices)
{
	cr_unit("0::/system.slice/x.service\n", "x.service");
	cr_unit("0::/a.slice/a-b.slice/x.service/y.service\n", "x.service");
	cr_unit("0::/user.slice/user-7.slice/user@7.service/app.slice/z.service\n", "user@7.service");
	cr_unit("0::/_cpu.service\n", "cpu.service");
}

Test(peer_unit, of_the_tree_that_systemd_uses)
{
	cr_unit("2:cpu:/\n1:name=systemd:/system.slice/x.service\n", "x.service");
	cr_unit("9:name=systemd:/\n2:cpu:/system.slice/no.service\n0::/system.slice/x.service\n",
		"x.service");
	cr_unit("1:name=systemd:/system.slice/x.service\n0::/\n", "x.service");
}

Test(peer_unit, none)
{
	cr_unit("", "");
	cr_unit("0::/\n", "");
	cr_unit("0::/system.slice\n", "");
	cr_unit("0::/docker/0123456789abcdef\n", "");
	cr_unit("2:cpu:/system.slice/x.service\n", "");
	cr_unit("nonsense", "");
}
