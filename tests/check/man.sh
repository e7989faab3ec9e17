#!/bin/sh
# SPDX-License-Identifier: MIT
# man.sh - the manual pages are clean mdoc, and all of them are installed
set -eu

[ -n "$MANDOC" ] || { echo "mandoc is not installed" >&2; exit 77; }
cd "$TOP_SRCDIR"

if printf '.Dd $Mdocdate$\n.Dt X 1\n.Os\n.Sh NAME\n.Xx wrong\n' | "$MANDOC" -T lint -W warning >/dev/null; then
	echo "mandoc accepts an unknown macro" >&2
	exit 1
fi

n_pages=0
for page in man/*.[1-8]; do
	[ -e "$page" ] || continue
	n_pages=$((n_pages + 1))
	"$MANDOC" -T lint -W warning "$page"
	grep -q "$page" man/local.mk || { echo "$page: not installed by man/local.mk" >&2; exit 1; }
done
[ "$n_pages" -gt 0 ] || { echo "there are no manual pages" >&2; exit 1; }
