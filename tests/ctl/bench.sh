#!/bin/sh
# SPDX-License-Identifier: MIT
# bench.sh - `shmqctl bench`: what it prints, in which form; that it leaves nothing, after an interrupt too
set -eu

dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-bench.XXXXXX")
instance=test-bench-$$
daemon=
cleanup()
{
	[ -z "$daemon" ] || { kill -KILL "$daemon" && wait "$daemon"; } 2>/dev/null || true
	rm -f "/dev/shm/shmq.$instance."*
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

TMPDIR=$dir
SHMQ_SOCKET=$dir/control.sock
export SHMQ_SOCKET TMPDIR

# like FILE PATTERN: a line of it is
like()
{
	grep -qE -- "$2" "$1" || { echo "no line is like '$2':" >&2; cat "$1" >&2; exit 1; }
}
# refused WORDS ARGUMENT...: a matter of usage
refused()
{
	words=$1
	shift
	status=0
	"$SHMQCTL_BIN" bench "$@" >"$dir/out" 2>"$dir/error" || status=$?
	[ $status = 2 ] || { echo "bench $*: exit status $status" >&2; exit 1; }
	like "$dir/error" "$words"
}

refused "'7' is no multiple of 8" --sizes 8,7
refused 'two CPUs' --cpus 1
refused 'may not use them all' --cpus 0,30000

status=0
"$SHMQCTL_BIN" bench >"$dir/out" 2>"$dir/error" || status=$?
[ $status = 3 ] || { echo "without a daemon: exit status $status" >&2; exit 1; }

# On a daemon of its own, copied and in place, spinning and sleeping.
for how in "" --zero-copy --sleep "--zero-copy --sleep"; do
	# shellcheck disable=SC2086 # options
	"$SHMQCTL_BIN" bench --private --time 40ms --rounds 2 --sizes 8,64K $how --hdr "$dir/hdr" >"$dir/out"
	like "$dir/out" '^SIZE +MIN +P50 +P90 +P99 +P99\.9 +MAX +MSG/S +BYTES/S +SPREAD +QUIET$'
	like "$dir/out" '^ +8B .* [0-4]/4~?$'
	like "$dir/out" '^ +64K '
	like "$dir/out" '^Round trips, 64K, from this time on:$'
	like "$dir/hdr.8" '^#\[Max '
	like "$dir/hdr.65536" '^ *[0-9.]+ 1\.000000000000 +[0-9]+$'
	rm "$dir"/hdr.*
done
"$SHMQCTL_BIN" bench --private --time 20ms --rounds 1 --sizes 64 --json >"$dir/out"
like "$dir/out" '^\{"schema":1,"machine":\{"cpu":.*"results":\[\{"size_bytes":64,"round_trip":\{"count":[1-9]'
like "$dir/out" '"stream":\{"messages_per_s":[1-9][0-9]*,.*"warnings":\['
[ "$("$SHMQCTL_BIN" bench --private --time 20ms --rounds 1 --sizes 64 -n -r -o size,quiet | cut -d' ' -f1)" = 64 ]

# On the daemon that is there, whose rings it leaves alone.
"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" 2>"$dir/log" &
daemon=$!
tries=0
until "$SHMQCTL_BIN" ping --quiet 2>"$dir/error"; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || { cat "$dir/log" >&2; exit 1; }
	sleep 0.05
done
"$SHMQCTL_BIN" create mine --quiet
"$SHMQCTL_BIN" bench --time 20ms --rounds 1 --sizes 8 >"$dir/out"
like "$dir/out" "instance $instance"
[ "$("$SHMQCTL_BIN" list -n -r -o name)" = mine ]

# Killed in the middle: shmqd takes its rings back.
"$SHMQCTL_BIN" bench --time 1h --rounds 1 --sizes 8 >"$dir/out" 2>&1 &
bench=$!
until_rings()
{
	tries=0
	until [ "$("$SHMQCTL_BIN" list -n -r -o name | wc -l)" = "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || { "$SHMQCTL_BIN" list >&2; exit 1; }
		sleep 0.05
	done
}
until_rings 3
kill -KILL $bench
wait $bench || true
until_rings 1
