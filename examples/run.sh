#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - every example on a private shmqd, and what it prints
set -u
: "${SHMQD_BIN:?}" "${TOP_BUILDDIR:?}"
dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-examples.XXXXXX") || exit 1
SHMQ_SOCKET=$dir/control.sock
export SHMQ_SOCKET
"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "ex$$" --grace=0s 2>"$dir/log" &
daemon=$!
trap 'kill -KILL $daemon 2>/dev/null; wait $daemon 2>/dev/null; rm -rf "$dir" /dev/shm/shmq.ex$$.*' EXIT
trap 'exit 1' INT TERM

tries=0
until "$SHMQCTL_BIN" ping -q >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || { echo "shmqd does not answer"; cat "$dir/log"; exit 1; }
	sleep 0.05
done

failed=0
# expect NAME TEXT: what was printed has this line
expect() {
	if grep -qxE "$2" "$dir/$1.out"; then
		echo "ok $1"
	else
		echo "not ok $1: it printed"
		cat "$dir/$1.out"
		failed=1
	fi
}
example() {
	timeout 60 "$TOP_BUILDDIR/examples/$1" >"$dir/$1.out" 2>&1 && return
	echo "not ok $1: exit status $?"
	cat "$dir/$1.out"
	failed=1
}

example producer
example consumer
expect consumer "hello, ring"
example zero_copy
expect zero_copy "message 0: SHMQ 99\.5/100\.5, 24 bytes, nothing copied"
"$SHMQCTL_BIN" show quotes >/dev/null 2>&1
[ $? = 4 ] || { echo "not ok zero_copy: its ring is still there"; failed=1; }
example batch
expect batch "16 messages in one batch, sum 136"
example recover
expect recover "pid [0-9]+ works on job 4: job 4"
[ "$(grep -c 'works on job 2:' "$dir/recover.out")" = 2 ] || { echo "not ok recover: job 2 was not begun twice"; failed=1; }
example event_loop
expect event_loop "10000 readings, 1 child ended"
example pipeline
expect pipeline "100000 ticks, [1-9][0-9]* orders"
example observe
expect observe "seen: 1 of 16 slots unread, 1 messages so far"
expect observe "producer of seen: pid [0-9]+ \(observe\)"
expect observe "seen: 1 roles granted, 0 of them ended with their process"
expect observe "seen created"
expect observe "seen destroyed"
example typed
expect typed "order 42: SHMQ, 2 levels in 80 bytes"
example typed_pipeline
expect typed_pipeline "20000 quotes, 5715 orders for 102870 pieces, 57 with a remark"
exit $failed
