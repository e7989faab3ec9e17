#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh - `shmqctl check` and `shmqctl events`: verdicts, exit statuses, filters
set -eu

dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-check.XXXXXX")
instance=test-check-$$
daemon=
watcher=
cleanup()
{
	[ -z "$watcher" ] || { kill -KILL "$watcher"; wait "$watcher" || true; } 2>/dev/null
	[ -z "$daemon" ] || { kill -KILL "$daemon"; wait "$daemon" || true; } 2>/dev/null
	rm -f "/dev/shm/shmq.$instance."*
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

SHMQ_SOCKET=$dir/control.sock
export SHMQ_SOCKET

# verdict STATUS PATTERN ARGUMENT...: what check says, and how it ends
verdict()
{
	expected=$1
	pattern=$2
	shift 2
	status=0
	"$SHMQCTL_BIN" check "$@" >"$dir/out" 2>"$dir/error" || status=$?
	[ $status = "$expected" ] || { echo "check $*: exit status $status" >&2; cat "$dir/out" >&2; exit 1; }
	grep -qE -- "$pattern" "$dir/out" || { echo "check $*: not like '$pattern':" >&2; cat "$dir/out" >&2; exit 1; }
}
until_true()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || { echo "never: $*" >&2; cat "$dir/log" >&2; exit 1; }
		sleep 0.05
	done
}

verdict 2 '^SHMQ CRITICAL - '

"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" 2>"$dir/log" &
daemon=$!
until_true "$SHMQCTL_BIN" ping --quiet 2>"$dir/error"

verdict 0 '^SHMQ OK - 0 rings \| rings=0;;;0$'
"$SHMQCTL_BIN" create ticks --slots 8 --size 64 --quiet
"$SHMQCTL_BIN" create idle --slots 8 --size 64 --quiet
verdict 0 '^SHMQ OK - 2 rings .* ticks\.fill=0%;80;95;0;100 ticks\.pushed=0c'
verdict 2 '^SHMQ CRITICAL - nope does not exist$' nope
verdict 2 '^SHMQ CRITICAL - ticks has no producer, ticks has no consumer ' --need-producer --need-consumer ticks

seq 1 7 | "$SHMQCTL_BIN" send ticks --quiet
verdict 1 '^SHMQ WARNING - ticks is 87% full \|'
verdict 2 '^SHMQ CRITICAL - ticks is 87% full \|' --max-fill 85
verdict 0 '^SHMQ OK - 1 ring ' --warn-fill 90 ticks
verdict 2 'ticks has unread messages and none was read for 10ms' --stalled 10ms --warn-fill 90
verdict 1 '^\{"schema":1,"status":"WARNING","findings":\[\{"status":"WARNING","ring":"ticks","code":"fill",' --json
status=0
"$SHMQCTL_BIN" check --warn-fill 90 --max-fill 80 2>"$dir/error" || status=$?
[ $status = 2 ]
grep -q 'more than --max-fill' "$dir/error"

# Only what was asked for: of this ring, of this kind.
"$SHMQCTL_BIN" events ticks --kind destroyed --count 1 --json >"$dir/events" &
watcher=$!
is_watching()
{
	[ "$("$SHMQCTL_BIN" stat --daemon --json | grep -c '"watchers":1')" = 1 ]
}
until_true is_watching
"$SHMQCTL_BIN" destroy idle --quiet
"$SHMQCTL_BIN" recv ticks --count 7 >"$dir/received"
"$SHMQCTL_BIN" destroy ticks --quiet
wait $watcher
watcher=
[ "$(wc -l <"$dir/events")" = 1 ]
grep -q '"event":"destroyed".*"ring":"ticks"' "$dir/events" || { cat "$dir/events" >&2; exit 1; }

status=0
"$SHMQCTL_BIN" events --kind dyed 2>"$dir/error" || status=$?
[ $status = 2 ]
grep -q 'Did you mean died' "$dir/error" || { cat "$dir/error" >&2; exit 1; }
