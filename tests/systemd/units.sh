#!/bin/sh
# SPDX-License-Identifier: MIT
# units.sh - systemd understands every word of our units, and grants programs next to nothing:
# exposure at most 1.0. Nothing is booted.
set -eu

command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed" >&2; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-units.XXXXXX")
trap 'rm -rf "$work"' EXIT
max_exposure_tenths=10

fail()
{
	echo "$*" >&2
	exit 1
}

# units_copy KIND: as they are installed, but with programs that exist; all names go to $units
units_copy()
{
	mkdir -p "$work/$1"
	units=
	dir=$TOP_SRCDIR/systemd
	[ "$1" = system ] || dir=$dir/user
	for unit in "$dir"/*.service.in "$dir"/*.socket "$dir"/*.timer; do
		[ -e "$unit" ] || continue
		name=${unit##*/}
		name=${name%.in}
		sed "s|@bindir@|$work/bin|g" "$unit" >"$work/$1/$name"
		units="$units $work/$1/$name"
	done
}

# verify KIND FILE...: all that systemd has to say. It resolves names in its own paths first, so
# another copy that is installed can't answer for ours.
verify()
{
	kind=$1
	shift
	SYSTEMD_UNIT_PATH="$work/$kind:" systemd-analyze --"$kind" --man=no verify "$@" 2>&1
}

mkdir "$work/bin"
for program in shmqd shmqctl; do
	printf '#!/bin/sh\n' >"$work/bin/$program"
	chmod +x "$work/bin/$program"
done

# A word that it doesn't know must be seen: it is no more than a warning of systemd's.
units_copy system
mkdir "$work/planted"
sed 's/^Type=notify/Type=notify\nNoSuchWord=yes/' "$work/system/shmqd.service" >"$work/planted/shmqd.service"
cp "$work/system/shmqd.socket" "$work/planted/"
SYSTEMD_UNIT_PATH="$work/planted:" systemd-analyze --man=no verify "$work/planted/shmqd.service" 2>&1 |
	grep -q NoSuchWord || fail "a word that systemd doesn't know is not noticed"

# shellcheck disable=SC2086 # a list of names
said=$(verify system $units) || fail "systemd-analyze verify: $said"
[ -z "$said" ] || fail "systemd-analyze verify: $said"
units_copy user
# shellcheck disable=SC2086
said=$(XDG_RUNTIME_DIR=$work verify user $units) || fail "systemd-analyze --user verify: $said"
[ -z "$said" ] || fail "systemd-analyze --user verify: $said"

# What would take rings or clients away.
for unit in "$work"/*/shmqd.service; do
	! grep -nE '^(DynamicUser|PrivateUsers)=' "$unit" || fail "$unit: never"
	! grep -nE '^ProtectProc=(invisible|noaccess)' "$unit" || fail "$unit: hides who connects"
done
grep -qx 'RemoveIPC=no' "$work/system/shmqd.service" || fail "RemoveIPC=no is missing"
grep -qx 'User=shmq' "$work/system/shmqd.service" || fail "a static user is missing"

for unit in shmqd.service shmqd-metrics-textfile.service; do
	systemd-analyze security --offline=yes --no-pager --threshold=$max_exposure_tenths \
		"$work/system/$unit" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
	grep 'Overall exposure' "$work/log"
done
# The bound is one that a unit can miss.
printf '[Service]\nExecStart=/bin/true\n' >"$work/bare.service"
! systemd-analyze security --offline=yes --no-pager --threshold=$max_exposure_tenths \
	"$work/bare.service" >/dev/null 2>&1 || fail "a unit without any protection passes"
