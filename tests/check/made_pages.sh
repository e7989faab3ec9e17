#!/bin/sh
# SPDX-License-Identifier: MIT
# made_pages.sh - manual pages say what the tables in the source say. `made_pages.sh --update` writes them
# anew.
set -eu

work=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-page.XXXXXX")
trap 'rm -rf "$work"' EXIT

# made PAGE PROGRAM LINES: the part of PAGE between its two marks is what PROGRAM prints, which has more
# entries than LINES
made()
{
	page=$TOP_SRCDIR/man/$1
	"$TOP_BUILDDIR/tests/check/$2" >"$work/tables"
	[ "$(grep -c '^\.It ' "$work/tables")" -gt "$3" ] || { echo "$2: the tables are short" >&2; exit 1; }
	awk -v tables="$work/tables" '
		/ from the source: end$/ { inside = 0 }
		!inside { print }
		/ from the source: begin$/ { inside = 1; n++; while ((getline line <tables) > 0) print line }
		END { exit n != 1 || inside }' "$page" >"$work/page" ||
		{ echo "$page: has not one place for the tables" >&2; exit 1; }
	if [ "$update" ]; then
		cat "$work/page" >"$page"
		return
	fi
	diff -u "$page" "$work/page" ||
		{ echo "$page is not up to date: make made-pages, and commit it" >&2; exit 1; }
}

update=
[ "${1:-}" != --update ] || update=yes
made shmq-metrics.7 metrics_page 50
made shmqd.conf.5 config_page 20
