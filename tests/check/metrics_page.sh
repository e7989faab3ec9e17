#!/bin/sh
# SPDX-License-Identifier: MIT
# metrics_page.sh - shmq-metrics(7) says what the tables in metrics.h say. `metrics_page.sh --update`
# writes it anew.
set -eu

page=$TOP_SRCDIR/man/shmq-metrics.7
work=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-page.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$TOP_BUILDDIR/tests/check/metrics_page" >"$work/tables"
[ "$(grep -c '^\.It ' "$work/tables")" -gt 50 ] || { echo "the tables are short" >&2; exit 1; }
awk -v tables="$work/tables" '
	/ from metrics\.h: end$/ { inside = 0 }
	!inside { print }
	/ from metrics\.h: begin$/ { inside = 1; n++; while ((getline line <tables) > 0) print line }
	END { exit n != 1 || inside }' "$page" >"$work/page" ||
	{ echo "$page: has not one place for the tables" >&2; exit 1; }
if [ "${1:-}" = --update ]; then
	cat "$work/page" >"$page"
	exit 0
fi
diff -u "$page" "$work/page" ||
	{ echo "$page is not up to date: make metrics-page, and commit it" >&2; exit 1; }
