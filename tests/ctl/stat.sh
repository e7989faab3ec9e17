#!/bin/sh
# SPDX-License-Identifier: MIT
# stat.sh - `shmqctl stat` and, where there is no terminal, `shmqctl top`: totals, rates, columns, JSON
set -eu

dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-stat.XXXXXX")
instance=test-stat-$$
daemon=
feeder=
sender=
receiver=
cleanup()
{
	for pid in $feeder $sender $receiver; do
		{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
	done
	[ -z "$daemon" ] || { kill -KILL "$daemon"; wait "$daemon" || true; } 2>/dev/null
	rm -f "/dev/shm/shmq.$instance."*
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

SHMQ_SOCKET=$dir/control.sock
export SHMQ_SOCKET
"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" 2>"$dir/log" &
daemon=$!
tries=0
until "$SHMQCTL_BIN" ping --quiet 2>/dev/null; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || { cat "$dir/log" >&2; exit 1; }
	sleep 0.05
done

# expect WHAT TEXT PATTERN: a line of TEXT is like PATTERN
expect()
{
	echo "$2" | grep -qE "$3" || { echo "$1: no line is like '$3':" >&2; echo "$2" >&2; exit 1; }
}
# refused STATUS WORDS ARGUMENT...: the command ends with STATUS, and says WORDS
refused()
{
	expected=$1
	words=$2
	shift 2
	status=0
	"$SHMQCTL_BIN" "$@" >"$dir/out" 2>"$dir/error" || status=$?
	[ $status = "$expected" ] || { echo "$*: exit status $status" >&2; exit 1; }
	grep -q -- "$words" "$dir/error" || { cat "$dir/error" >&2; exit 1; }
}

"$SHMQCTL_BIN" create ticks --slots 8 --size 64 --quiet
"$SHMQCTL_BIN" create other --slots 8 --size 64 --quiet
seq 1 5 | "$SHMQCTL_BIN" send ticks
"$SHMQCTL_BIN" recv ticks --count 2 >"$dir/received"

out=$("$SHMQCTL_BIN" stat)
expect stat "$out" '^NAME +PUSHED +POPPED +DEPTH +SLOTS +FULL +DRY +SLEEPS +WAKES +DIED$'
expect stat "$out" '^ticks +5 +2 +3 +8 '
expect stat "$out" '^other +0 +0 +0 +8 '
[ "$("$SHMQCTL_BIN" stat ticks -n -r -o name,pushed,slots,consumers)" = "ticks 5 8 0" ]
[ "$("$SHMQCTL_BIN" stat other ticks -n -r -o name | tr '\n' ' ')" = "other ticks " ]
expect json "$("$SHMQCTL_BIN" stat ticks --json)" '^\{"schema":1,"daemon":\{.*"rings":\[\{"pushed":5,.*"name":"ticks"\}\]\}$'
out=$("$SHMQCTL_BIN" stat --daemon)
expect daemon "$out" '^rings +2 Rings there are'
expect daemon "$out" '^uptime_ns +[0-9.]+[mu]?s '

out=$("$SHMQCTL_BIN" stat ticks --interval 20ms --count 2)
[ "$(echo "$out" | grep -c '^NAME  *PUSHED/S  *POPPED/S  *DEPTH')" = 2 ]
[ "$(echo "$out" | grep -cE '^ticks +0 +0 +3 ')" = 2 ]
out=$("$SHMQCTL_BIN" stat --interval 20ms --count 2 --json)
[ "$(echo "$out" | grep -c '^{"schema":1,"span_ns":[0-9]*,.*"rates":{"pushed":0')" = 2 ]

# Somebody sends, slowly: there is a rate. Who receives before he has begun is told that it was all.
mkfifo "$dir/pipe"
while echo tick; do sleep 0.01; done >"$dir/pipe" &
feeder=$!
"$SHMQCTL_BIN" send ticks <"$dir/pipe" &
sender=$!
tries=0
until [ "$("$SHMQCTL_BIN" stat ticks -n -r -o producers)" = 1 ]; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || { echo "nobody sends" >&2; exit 1; }
	sleep 0.05
done
"$SHMQCTL_BIN" recv ticks >"$dir/received" &
receiver=$!
tries=0
until [ "$("$SHMQCTL_BIN" stat ticks -n -r -c 1 -i 200ms -o pushed/s)" -gt 0 ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { echo "there is never a rate" >&2; exit 1; }
done
kill $feeder
wait $feeder || [ $? -gt 128 ]
feeder=
wait $sender $receiver

out=$("$SHMQCTL_BIN" top --interval 100ms --count 2)
[ "$(echo "$out" | grep -c '^NAME')" = 2 ]
! echo "$out" | grep -q "$(printf '\033')" || { echo "top writes escapes into a pipe" >&2; exit 1; }

refused 4 nope stat nope
refused 2 "no column 'depths'" stat --output depths
refused 2 'must end' stat --interval infinity
refused 2 'goes with neither' stat ticks --daemon
refused 2 '100ms to 60s' top --interval 1ms
