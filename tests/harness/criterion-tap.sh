#!/bin/sh
# SPDX-License-Identifier: MIT
# criterion-tap.sh PROGRAM - run a Criterion program, its TAP on stdout
#
# The report goes through a file, so that nothing a test prints can be taken for a result.
# --always-succeed: a failed test is told by its TAP line, so a bad exit status is left to mean that
# the program itself came to grief (crashed, or ran into the timeout around this script).
set -u

report=$(mktemp) || exit 99
trap 'rm -f "$report"' EXIT
"$1" --always-succeed --tap="$report" >&2
status=$?
cat "$report"
exit $status
