#!/bin/sh
# SPDX-License-Identifier: MIT
# stat.sh - `shmqctl stat` and, where there is no terminal, `shmqctl top`: totals, rates, columns, JSON
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

daemon_start

# expect WHAT TEXT PATTERN: a line of TEXT is like PATTERN
expect()
{
	echo "$2" | grep -qE "$3" || fail "$1: no line is like '$3': $2"
}
# refused STATUS WORDS ARGUMENT...: the command ends with STATUS, and says WORDS
refused()
{
	status=$1
	words=$2
	shift 2
	ends "$status" "$SHMQCTL_BIN" "$@"
	like "$dir/error" "$words"
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
children="$feeder $sender"
somebody_sends()
{
	[ "$("$SHMQCTL_BIN" stat ticks -n -r -o producers)" = 1 ]
}
until_true somebody_sends
"$SHMQCTL_BIN" recv ticks >"$dir/received" &
receiver=$!
children="$children $receiver"
there_is_a_rate()
{
	[ "$("$SHMQCTL_BIN" stat ticks -n -r -c 1 -i 200ms -o pushed/s)" -gt 0 ]
}
until_true there_is_a_rate
kill $feeder
wait $feeder || [ $? -gt 128 ]
wait $sender $receiver
children=

out=$("$SHMQCTL_BIN" top --interval 100ms --count 2)
[ "$(echo "$out" | grep -c '^NAME')" = 2 ]
! echo "$out" | grep -q "$(printf '\033')" || fail "top writes escapes into a pipe"

refused 4 nope stat nope
refused 2 "no column 'depths'" stat --output depths
refused 2 'must end' stat --interval infinity
refused 2 'goes with neither' stat ticks --daemon
refused 2 '100ms to 60s' top --interval 1ms
