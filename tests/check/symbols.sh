#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh - the library exports what debian/libshmq-client0.symbols records, each name with the
# version that first had it: none is lost, none is new without being recorded
#
#	symbols.sh [--update]	record what is new, as of the version in debian/changelog
set -eu

library=$TOP_BUILDDIR/.libs/libshmq-client.so.0
record=$TOP_SRCDIR/debian/libshmq-client0.symbols
work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-symbols.XXXXXX")
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

recorded()
{
	sed -n 's/^ \([^ ]*@[^ ]*\) .*/\1/p' "$1" | sort
}

# exported LIBRARY: NAME@VERSION
exported()
{
	nm -D --defined-only "$1" | awk '{ sub("@@", "@", $NF); print $NF ~ /@/ ? $NF : $NF "@" $NF }' | sort
}

# compare RECORDED EXPORTED: what is wrong with it
compare()
{
	comm -23 "$1" "$2" | sed 's/$/: recorded, and programs may call it, but not exported any more/'
	comm -13 "$1" "$2" | sed 's/$/: exported, not recorded. If it is meant to stay: make symbols-record/'
}

exported "$library" >"$work/exported"
recorded "$record" >"$work/recorded"
[ -s "$work/exported" ] || { echo "$library exports nothing" >&2; exit 1; }

if [ "${1-}" = --update ]; then
	version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$TOP_SRCDIR/debian/changelog")
	comm -13 "$work/recorded" "$work/exported" | sed "s/.*/ & $version/" >"$work/new"
	{ grep -v '^ ' "$record"; grep -h '^ ' "$record" "$work/new" | sort; } >"$work/symbols"
	cp "$work/symbols" "$record"
	sed 's/^/recorded:/' "$work/new"
	exit 0
fi

# It sees one that is gone, and one that is new.
sed 1d "$work/exported" >"$work/fewer"
if [ "$(compare "$work/exported" "$work/fewer" | wc -l)" != 1 ] ||
	[ "$(compare "$work/fewer" "$work/exported" | wc -l)" != 1 ]; then
	echo "a difference of one name is not seen" >&2
	exit 1
fi

compare "$work/recorded" "$work/exported" >"$work/differences"
if [ -s "$work/differences" ]; then
	cat "$work/differences" >&2
	exit 1
fi
echo "$(wc -l <"$work/exported") names, as recorded"
