#!/bin/sh
# SPDX-License-Identifier: MIT
# probes.sh - docs/probes.md lists the probes that are in the files, with all their arguments; the
# scripts in examples/bpftrace use no others, and bpftrace understands them
set -eu

grep -q '^#define HAVE_USDT 1' "$TOP_BUILDDIR/config.h" || { echo "built without USDT" >&2; exit 77; }
command -v readelf >/dev/null || { echo "readelf is not installed" >&2; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-probes.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail()
{
	echo "$*" >&2
	exit 1
}

# "PROVIDER NAME NUMBER-OF-ARGUMENTS" of every probe
built_print()
{
	for file in "$TOP_BUILDDIR/.libs/libshmq-client.so" "$TOP_BUILDDIR/shmqd"; do
		readelf -n "$file"
	done | awk '
		$1 == "Provider:" { provider = $2 }
		$1 == "Name:" { name = $2 }
		$1 == "Arguments:" { print provider, name, NF - 1 }' | sort -u
}

documented_print() # FILE
{
	awk -F '|' '
		/^## .*provider `/ { split($0, part, "`"); provider = part[2] }
		/^## / && !/provider `/ { provider = "" }
		provider && /^\| `/ { gsub(/[` ]/, "", $2); print provider, $2, split($3, unused, ",") }' "$1" | sort -u
}

# SCRIPT...: every probe that is attached to, and the last argument that is used anywhere
used_print()
{
	awk '
		/^usdt:/ { split($1, part, ":"); probe = part[3] " " part[4]; print probe, 0 }
		/^[A-Z]|^interval/ { probe = "" }
		probe { line = $0
			sub(/\/\*.*\*\//, "", line)
			while (match(line, /arg[0-9]/)) {
				print probe, substr(line, RSTART + 3, 1) + 1
				line = substr(line, RSTART + 4)
			} }' "$@" | sort -u
}

built_print >"$work/built"
documented_print "$TOP_SRCDIR/docs/probes.md" >"$work/documented"
[ "$(wc -l <"$work/built")" -ge 10 ] || fail "the files have no probes: $(cat "$work/built")"
# SCRIPT...: with whatever does not exist
unknown_print()
{
	used_print "$@" | while read -r provider name n; do
		awk -v p="$provider" -v q="$name" -v n="$n" '
			$1 == p && $2 == q && n <= $3 { found = 1 } END { exit !found }' "$work/built" ||
			echo "$provider:$name, argument $((n - 1))"
	done
}

# What is wrong must be seen.
sed 's/`detach`/`detached`/' "$TOP_SRCDIR/docs/probes.md" >"$work/planted.md"
documented_print "$work/planted.md" | cmp -s - "$work/built" && fail "a wrong name passes"
printf 'usdt:$1:shmq:none\n{\n}\nusdt:$1:shmq:full\n{\n	print(arg7);\n}\n' >"$work/planted.bt"
[ "$(unknown_print "$work/planted.bt" | wc -l)" = 2 ] || fail "a script with a wrong probe passes"

diff "$work/documented" "$work/built" || fail "docs/probes.md (<) and what was built (>) differ"
unknown=$(unknown_print "$TOP_SRCDIR"/examples/bpftrace/*.bt)
[ -z "$unknown" ] || fail "used by a script of examples/bpftrace, and there is no such: $unknown"

# The operations that requests.bt names are those of the protocol.
sed -n '/^enum control_op/,/^}/s/^	CONTROL_\([A-Z]*\),.*/\1/p' "$TOP_SRCDIR/proto/control.h" |
	tr '[:upper:]' '[:lower:]' | awk '{ print NR - 1, $1 }' >"$work/operations"
grep -o '@op\[[0-9]*\] = "[a-z]*"' "$TOP_SRCDIR/examples/bpftrace/requests.bt" |
	sed 's/.*\[\([0-9]*\)\] = "\(.*\)"/\1 \2/' | diff - "$work/operations" ||
	fail "requests.bt (<) and enum control_op (>) differ"

# Debug mode parses, looks the probes up and compiles, without attaching.
if ! command -v bpftrace >/dev/null || [ "$(id -u)" != 0 ]; then
	echo "not compiled by bpftrace, which is not installed or needs root"
	exit 0
fi
# shellcheck disable=SC3045 # dash and bash have it
ulimit -l 8192 2>/dev/null || :
for script in "$TOP_SRCDIR"/examples/bpftrace/*.bt; do
	file=$TOP_BUILDDIR/.libs/libshmq-client.so
	[ "${script##*/}" != requests.bt ] || file=$TOP_BUILDDIR/shmqd
	bpftrace -d "$script" "$(realpath "$file")" >"$work/log" 2>&1 ||
		fail "$script: $(grep -v '^;\|^$' "$work/log" | tail -n 20)"
done
