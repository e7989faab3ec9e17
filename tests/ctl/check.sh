#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh - `shmqctl check` and `shmqctl events`: verdicts, exit statuses, filters
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

# verdict STATUS PATTERN ARGUMENT...: what check says, and how it ends
verdict()
{
	expected=$1
	pattern=$2
	shift 2
	ends "$expected" "$SHMQCTL_BIN" check "$@"
	like "$dir/out" "$pattern"
}

verdict 2 '^SHMQ CRITICAL - '

daemon_start

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
ends 2 "$SHMQCTL_BIN" check --warn-fill 90 --max-fill 80
like "$dir/error" 'more than --max-fill'

# Only what was asked for: of this ring, of this kind.
"$SHMQCTL_BIN" events ticks --kind destroyed --count 1 --json >"$dir/events" &
children=$!
is_watching()
{
	[ "$("$SHMQCTL_BIN" stat --daemon --json | grep -c '"watchers":1')" = 1 ]
}
until_true is_watching
"$SHMQCTL_BIN" destroy idle --quiet
"$SHMQCTL_BIN" recv ticks --count 7 >"$dir/received"
"$SHMQCTL_BIN" destroy ticks --quiet
wait $children
children=
[ "$(wc -l <"$dir/events")" = 1 ]
like "$dir/events" '"event":"destroyed".*"ring":"ticks"'

ends 2 "$SHMQCTL_BIN" events --kind dyed
like "$dir/error" 'Did you mean died'
