#!/bin/bash
# SPDX-License-Identifier: MIT
# booted.sh - what 'make install' installs, in a systemd that boots for it: each case_*.sh in a system
# of its own, see boot.sh
#
#	booted.sh [CASE...]
set -eu

[ "$(id -u)" = 0 ] || { echo "booting a systemd needs root" >&2; exit 77; }
tests=$TOP_SRCDIR/tests/systemd
prefix=$(sed -n 's/^prefix = //p' "$TOP_BUILDDIR/Makefile")
case $prefix in
/usr | /usr/local) ;;
*) echo "systemd does not look for units below $prefix" >&2; exit 77 ;;
esac
grep -q '^#define HAVE_SYSTEMD 1' "$TOP_BUILDDIR/config.h" || { echo "built without systemd" >&2; exit 77; }

umask 022 # whatever the caller's: other users run what is installed here
work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-booted.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
export SHMQ_BOOT_LIMIT_S=${SHMQ_BOOT_LIMIT_S:-120}
make -C "$TOP_BUILDDIR" install DESTDIR="$work/tree" >"$work/install.log" 2>&1 ||
	{ cat "$work/install.log" >&2; exit 1; }

[ $# -gt 0 ] || set -- "$tests"/case_*.sh
n_bad=0
n_skipped=0
for file; do
	name=${file##*/case_}
	name=${name%.sh}
	start=$EPOCHREALTIME
	status=0
	bash "$tests/boot.sh" "$work/tree" "$tests/case_$name.sh" >"$work/out" 2>&1 || status=$?
	sed 's/^/    /' "$work/out"
	took_ms=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	case $status in
	0) echo "$name: passed, $took_ms ms" ;;
	77) echo "$name: skipped"; n_skipped=$((n_skipped + 1)) ;;
	*) echo "$name: failed with status $status, $took_ms ms"; n_bad=$((n_bad + 1)) ;;
	esac
done
[ $n_bad = 0 ] || exit 1
[ $n_skipped -lt $# ] || exit 77
