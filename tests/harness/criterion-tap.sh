#!/bin/sh
# SPDX-License-Identifier: MIT
# criterion-tap.sh PROGRAM - run a Criterion program, its TAP on stdout
#
# The report goes through a file, so that nothing a test prints can be taken for a result.
# --always-succeed: a failed test is told by its TAP line, so a bad exit status is left to mean that
# the program itself came to grief (crashed, or ran into the timeout around this script).
#
# Under AddressSanitizer a test that leaks has already reported success when the leak is found, and
# a daemon that it started has nobody to tell: their reports are collected, and any is an error. One
# remark is none: LeakSanitizer found a thread that ended while it was being looked at, and goes on
# with that thread's whole stack as reachable.
set -u

scratch=$(mktemp -d "${TMPDIR:-/tmp}/shmq-criterion.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
ASAN_OPTIONS=log_path=$scratch/asan:${ASAN_OPTIONS:-}
export ASAN_OPTIONS

"$1" --always-succeed --tap="$scratch/report" >&2
status=$?
cat "$scratch/report"
for report in "$scratch"/asan.*; do
	[ -e "$report" ] || continue
	grep -qvE '^==[0-9]+==Unable to get registers from thread [0-9]+\.$' "$report" || continue
	cat "$report" >&2
	echo "AddressSanitizer: see above" >&2
	status=1
done
exit $status
