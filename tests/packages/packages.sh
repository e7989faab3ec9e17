#!/bin/bash
# SPDX-License-Identifier: MIT
# packages.sh - builds the Debian packages of this tree, has lintian look at them, and lives their life
# in a booted systemd (case_upgrade.sh): from what the last tag built, or this tree if there is no tag
# with debian/, to this tree's with a higher version. It takes
# minutes: only 'make check-packages' and './check --full' run it.
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
	command -v $program >/dev/null || skip "$program is not installed. On Debian: apt-get install debhelper"
done
! dpkg-query -W -f '${db:Status-Status}' shmqd 2>/dev/null | grep -qx installed ||
	skip "shmqd is installed here: the system that boots would not begin without it"

umask 022 # whatever the caller's: packages are for everybody
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

# build NAME VERSION SOURCES [OPTION...]: $work/tree/packages/NAME/*.deb
build()
{
	local name=$1 version=$2 src=$3 packages=$work/tree/packages/$1 start=$EPOCHREALTIME
	shift 3

	sed -i "1s/(.*)/($version)/" "$src/debian/changelog"
	(cd "$src" && dpkg-buildpackage -us -uc -b "$@") >"$work/$name.log" 2>&1 ||
		{ tail -n 60 "$work/$name.log" >&2; exit 1; }
	mkdir -p "$packages"
	cp "${src%/*}"/*_"$version"_*.deb "$packages/"
	echo "$version" >"$packages/version"
	echo "built $name packages $version in $(seconds_since "$start"):"
	(cd "$packages" && stat -c '    %s %n' ./*.deb)
}

version_of() # SOURCES
{
	dpkg-parsechangelog -l "$1/debian/changelog" -S Version
}

tag=$(git -C "$TOP_SRCDIR" describe --tags --abbrev=0 2>/dev/null) || tag=
[ -n "$tag" ] && git -C "$TOP_SRCDIR" cat-file -e "$tag:debian/rules" 2>/dev/null || tag=
echo "old packages from ${tag:-this tree}"
copy "" "$work/new/src"
new_version=$(version_of "$work/new/src")+next
if [ -n "$tag" ]; then
	copy "$tag" "$work/old/src"
	build old "$(version_of "$work/old/src")" "$work/old/src"
	build new "$new_version" "$work/new/src"
else
	build old "$(version_of "$work/new/src")" "$work/new/src"
	build new "$new_version" "$work/new/src" --no-pre-clean # what is compiled can stay
fi

if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning -EvIL +pedantic "$work/new"/*_"$new_version"_*.changes >"$work/lintian" 2>&1 ||
		{ cat "$work/lintian" >&2; exit 1; }
	echo "lintian: $(grep -c '^[EWIPX]: ' "$work/lintian" || :) remarks"
	grep '^[EWIPX]: ' "$work/lintian" || :
else
	echo "lintian is not installed: not run"
fi

cp "$TOP_SRCDIR/tests/systemd/inside.sh" "$work/tree/packages/"
SHMQ_BOOT_LIMIT_S=180 bash "$TOP_SRCDIR/tests/systemd/boot.sh" "$work/tree" "$tests/case_upgrade.sh"
