#!/bin/sh
# SPDX-License-Identifier: MIT
# pipe.sh - `tar c DIR | shmqctl send --bytes r` and `shmqctl recv --bytes r | sha256sum`, as written
# in the manual, with nothing made before
set -eu

dir=$(mktemp -d)
instance=test-pipe-$$
daemon=
cleanup()
{
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

# The sources are a tree that everybody has who runs this.
tar -C "$TOP_SRCDIR" -c client ctl daemon shm tests >"$dir/archive"
expected=$(sha256sum <"$dir/archive")

"$SHMQCTL_BIN" recv --bytes r | sha256sum >"$dir/sum" &
receiver=$!
# shellcheck disable=SC2002 # it is to be a pipe
cat "$dir/archive" | "$SHMQCTL_BIN" send --bytes r
wait "$receiver"
[ "$(cat "$dir/sum")" = "$expected" ] || { echo "the sums differ" >&2; exit 1; }

# A ring is a pipe that waits: the same with the sender gone before the receiver comes.
"$SHMQCTL_BIN" create big --slots 256 --size 64K --quiet
head -c 8M "$dir/archive" >"$dir/head"
"$SHMQCTL_BIN" send --bytes big <"$dir/head"
"$SHMQCTL_BIN" recv --bytes big | cmp - "$dir/head"

"$SHMQCTL_BIN" destroy r big --quiet
n_left=$(find /dev/shm -name "shmq.$instance.*" ! -name '*.registry.*' ! -name '*.board.*' | wc -l)
[ "$n_left" = 0 ] || { echo "$n_left segments are left" >&2; exit 1; }
