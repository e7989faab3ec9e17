#!/bin/sh
# SPDX-License-Identifier: MIT
# leftovers.sh - runs after all tests: nothing of them is left in /dev/shm, /run, /tmp or the
# process table. What is still ending gets a deadline.
set -eu
# shellcheck source=tests/check/state.sh
. "$TOP_SRCDIR/tests/check/state.sh"

deadline_s=10

left_print()
{
	state_print | grep -vxFf "$state_file" | while read -r kind what; do
		[ "$kind" = file ] && file_is_foreign "$what" || echo "$kind $what"
	done
}

[ -f "$state_file" ] || { echo "no snapshot was taken: $state_file" >&2; exit 1; }

end=$(($(date +%s) + deadline_s))

# The comparison must see what is there: a file, and an orphan of this run that holds it.
probe=$(mktemp /tmp/shmq-leftovers.XXXXXX)
(setsid tail -f "$probe" >/dev/null 2>&1 &)
seen=$(left_print)
while ! echo "$seen" | grep -q "[0-9] tail -f $probe"; do
	[ "$(date +%s)" -lt "$end" ] || { echo "leftovers.sh does not see processes" >&2; exit 1; }
	seen=$(left_print)
done
kill "$(echo "$seen" | sed -n "s|^process \([0-9]*\) [0-9]* tail -f .*|\1|p")"
rm -f "$probe"
case $seen in
*"file $probe"*) ;;
*) echo "leftovers.sh does not see files" >&2; exit 1 ;;
esac

left=$(left_print)
while [ -n "$left" ] && [ "$(date +%s)" -lt "$end" ]; do
	sleep 0.2
	left=$(left_print)
done
[ -z "$left" ] || { printf 'left behind by the tests:\n%s\n' "$left" >&2; exit 1; }
