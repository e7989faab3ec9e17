#!/bin/sh
# SPDX-License-Identifier: MIT
# tail.sh - `shmqctl tail`: shows what is unread, takes nothing, and counts what it did not see
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

daemon_start

# tails STATUS ARGUMENT...: it ends so; what it says is in out and error
tails()
{
	status=$1
	shift
	ends "$status" "$SHMQCTL_BIN" tail "$@"
}
# shown PATTERN: by the tail that runs beside us
shown()
{
	grep -qs -- "$1" "$dir/seen"
}
# tail_ends STATUS: of that one
tail_ends()
{
	status=0
	wait "$tail" || status=$?
	children=
	same $status "$1"
}

# What is unread, from the oldest on; nothing is taken, and a stranger to the ring is not waited for.
"$SHMQCTL_BIN" create r --slots 8 --size 64 --quiet
seq 100 104 | "$SHMQCTL_BIN" send r --quiet
tails 0 r -n 5
same "$(cat "$dir/out")" "$(printf '#0 3B  100\n#1 3B  101\n#2 3B  102\n#3 3B  103\n#4 3B  104')"
same "$("$SHMQCTL_BIN" stat r -n -r -o depth,popped,attached)" "5 0 1"
tails 6 r --timeout 20ms
like "$dir/error" 'nothing new, 5 messages were shown'
tails 6 r --new --timeout 20ms
same "$(cat "$dir/out")" ""
"$SHMQCTL_BIN" recv r -n 2 >"$dir/received"
tails 0 r -n 1 --json
same "$(cat "$dir/out")" '{"schema":1,"seq":2,"bytes":3,"text":"102"}'
tails 0 r -n 1 --hex
same "$(cat "$dir/out")" "$(printf '#2 3B  \n  00000000  31 30 32')"
"$SHMQCTL_BIN" recv r -n 3 >"$dir/received"
printf '\377\033[2J\n\001\002' | "$SHMQCTL_BIN" send r --quiet
tails 0 r -n 2
same "$(cat "$dir/out")" "$(printf '#5 5B  ff 1b 5b 32 4a\n#6 2B  01 02')"

# Under traffic, many laps: what is shown is right, and what is not is counted.
"$SHMQCTL_BIN" create laps --slots 8 --size 64 --quiet
echo 0 | "$SHMQCTL_BIN" send laps --quiet
"$SHMQCTL_BIN" tail laps --timeout 5s >"$dir/seen" 2>"$dir/error" &
tail=$!
children=$tail
until_true shown '^#0 '
seq 1 19999 | "$SHMQCTL_BIN" send laps --quiet &
sender=$!
children="$tail $sender"
"$SHMQCTL_BIN" recv laps --follow -n 20000 >"$dir/received"
wait $sender
children=$tail
same "$(wc -l <"$dir/received")" 20000
tail_ends 6
awk '
	/^\(missed [0-9,]+\)$/ { gsub(/[^0-9]/, ""); sum += $0; next }
	/^#[0-9]+ [0-9]+B  [0-9]+$/ && substr($1, 2) == $3 { sum++; next }
	{ print "wrong: " $0; exit 1 }
	END { if (sum != 20000) { print sum " instead of 20000"; exit 1 } }
' "$dir/seen" >&2

# Its end, and what can't be looked at.
"$SHMQCTL_BIN" tail r --new >"$dir/seen" 2>"$dir/error" &
tail=$!
children=$tail
"$SHMQCTL_BIN" destroy r --force --quiet
tail_ends 4
like "$dir/error" 'destroyed|no such ring|does not exist'
tails 4 nope

# One that stands still while the ring goes round beneath it. What it has missed is told exactly; and the
# end of a ring that has gone round is its end, not damage, though its memory is all zero then.
"$SHMQCTL_BIN" create still --slots 8 --size 64 --quiet
seq 0 3 | "$SHMQCTL_BIN" send still --quiet
"$SHMQCTL_BIN" tail still --json >"$dir/seen" 2>"$dir/error" &
tail=$!
children=$tail
until_true shown '"text":"3"'
kill -STOP $tail
"$SHMQCTL_BIN" recv still -n 4 >"$dir/received"
for _ in 1 2 3 4 5; do
	seq 1 8 | "$SHMQCTL_BIN" send still --quiet
	"$SHMQCTL_BIN" recv still -n 8 >"$dir/received"
done
echo rest | "$SHMQCTL_BIN" send still --quiet
cp "$(echo "/dev/shm/shmq.$instance.still."*)" "$dir/before"
kill -CONT $tail
until_true shown '"text":"rest"'
same "$(tail -n 2 "$dir/seen")" "$(printf '{"schema":1,"missed":40}\n{"schema":1,"seq":44,"bytes":4,"text":"rest"}')"
cmp "$(echo "/dev/shm/shmq.$instance.still."*)" "$dir/before" # no byte of the ring has changed
"$SHMQCTL_BIN" destroy still --quiet
tail_ends 4
like "$dir/error" 'it was destroyed'
"$SHMQCTL_BIN" create sealed --sealed --quiet
tails 7 sealed
like "$dir/error" 'for its two ends alone'
tails 2 laps --hex --json

# A header that can't be: told, and nothing worse.
"$SHMQCTL_BIN" create bad --slots 8 --size 64 --quiet
echo x | "$SHMQCTL_BIN" send bad --quiet
page=$(getconf PAGESIZE)
printf '\377\377\377\377\377\377\377\377' |
	dd of="$(echo "/dev/shm/shmq.$instance.bad."*)" bs=1 seek=$((2 * page)) conv=notrunc 2>"$dir/error"
tails 1 bad
like "$dir/error" 'no ring'
