#!/bin/bash
# SPDX-License-Identifier: MIT
# packages.sh - builds the Debian packages of this tree, has lintian look at them, and lives their life
# in a booted systemd (case_upgrade.sh): from what the last tag built, or this tree if there is no tag
# with debian/, to this tree's with a higher version. Minutes: 'make check-packages' runs it, no other.
set -eu

skip()
{
	echo "skipped: $*" >&2
	exit 77
}

tests=$TOP_SRCDIR/tests/packages
[ "$(id -u)" = 0 ] || skip "installing packages in a system of its own needs root"
[ -e "$TOP_SRCDIR/.git" ] && [ -e "$TOP_SRCDIR/debian" ] || skip "no clone: debian/ is not in archives"
for program in dpkg-buildpackage dh git perl; do
	command -v $program >/dev/null || skip "$program is not installed. On Debian: apt-get install devscripts"
done
! dpkg-query -W -f '${db:Status-Status}' shmqd 2>/dev/null | grep -qx installed ||
	skip "shmqd is installed here: the system that boots would not begin without it"

work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
n_jobs=$(nproc)
export DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$n_jobs" DEB_BUILD_PROFILES=nocheck

seconds_since() # EPOCHREALTIME
{
	awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f s", b - a }'
}

# copy TAG-or-empty DIRECTORY: the sources; without a tag as they lie here, committed or not
copy()
{
	mkdir -p "$2"
	if [ -n "$1" ]; then
		git -C "$TOP_SRCDIR" archive "$1" | tar -x -C "$2"
	else
		(cd "$TOP_SRCDIR" && git ls-files -z | while read -r -d '' file; do
			[ ! -e "$file" ] || printf '%s\0' "$file"
		done | tar -c --null -T -) | tar -x -C "$2"
	fi
}

# build NAME VERSION: $work/NAME/src becomes $work/tree/packages/NAME/*.deb
build()
{
	local src=$work/$1/src packages=$work/tree/packages/$1 start=$EPOCHREALTIME

	sed -i "1s/(.*)/($2)/" "$src/debian/changelog"
	(cd "$src" && dpkg-buildpackage -us -uc -b) >"$work/$1.log" 2>&1 ||
		{ tail -n 60 "$work/$1.log" >&2; exit 1; }
	mkdir -p "$packages"
	cp "$work/$1"/*.deb "$packages/"
	echo "$2" >"$packages/version"
	echo "built $1 packages $2 in $(seconds_since "$start"):"
	(cd "$packages" && stat -c '    %s %n' ./*.deb)
}

tag=$(git -C "$TOP_SRCDIR" describe --tags --abbrev=0 2>/dev/null) || tag=
[ -n "$tag" ] && git -C "$TOP_SRCDIR" cat-file -e "$tag:debian/rules" 2>/dev/null || tag=
echo "old packages from ${tag:-this tree}"
copy "$tag" "$work/old/src"
copy "" "$work/new/src"
old_version=$(dpkg-parsechangelog -l "$work/old/src/debian/changelog" -S Version)
new_version=$(dpkg-parsechangelog -l "$work/new/src/debian/changelog" -S Version)+next
build old "$old_version"
build new "$new_version"

if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning -EvIL +pedantic "$work"/new/*.changes >"$work/lintian" 2>&1 ||
		{ cat "$work/lintian" >&2; exit 1; }
	echo "lintian: $(grep -c '^[EWIPX]: ' "$work/lintian" || :) remarks"
	grep '^[EWIPX]: ' "$work/lintian" || :
else
	echo "lintian is not installed: not run"
fi

cp "$TOP_SRCDIR/tests/systemd/inside.sh" "$work/tree/packages/"
SHMQ_BOOT_LIMIT_S=180 bash "$TOP_SRCDIR/tests/systemd/boot.sh" "$work/tree" "$tests/case_upgrade.sh"
