#!/bin/sh
# SPDX-License-Identifier: MIT
# bench.sh - `shmqctl bench`: what it prints, in which form; that it leaves nothing, after an interrupt too
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

TMPDIR=$dir
export TMPDIR

# refused WORDS ARGUMENT...: a matter of usage
refused()
{
	words=$1
	shift
	ends 2 "$SHMQCTL_BIN" bench "$@"
	like "$dir/error" "$words"
}

refused "'7' is no multiple of 8" --sizes 8,7
refused 'two CPUs' --cpus 1
refused 'may not use them all' --cpus 0,30000

ends 3 "$SHMQCTL_BIN" bench # there is no daemon

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
daemon_start
"$SHMQCTL_BIN" create mine --quiet
"$SHMQCTL_BIN" bench --time 20ms --rounds 1 --sizes 8 >"$dir/out"
like "$dir/out" "instance $instance"
[ "$("$SHMQCTL_BIN" list -n -r -o name)" = mine ]

# Killed in the middle: shmqd takes its rings back.
"$SHMQCTL_BIN" bench --time 1h --rounds 1 --sizes 8 >"$dir/out" 2>&1 &
children=$!
rings_are()
{
	[ "$("$SHMQCTL_BIN" list -n -r -o name | wc -l)" = "$1" ]
}
until_true rings_are 3
kill -KILL "$children"
wait "$children" || children=
until_true rings_are 1
