#!/bin/sh
# SPDX-License-Identifier: MIT
# pipe.sh - `tar c DIR | shmqctl send --bytes r` and `shmqctl recv --bytes r | sha256sum`, as written
# in the manual, with nothing made before
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

daemon_start

# The sources are a tree that everybody has who runs this.
tar -C "$TOP_SRCDIR" -c client ctl daemon shm tests >"$dir/archive"
expected=$(sha256sum <"$dir/archive")

"$SHMQCTL_BIN" recv --bytes r | sha256sum >"$dir/sum" &
receiver=$!
children=$receiver
# shellcheck disable=SC2002 # it is to be a pipe
cat "$dir/archive" | "$SHMQCTL_BIN" send --bytes r
wait "$receiver"
children=
[ "$(cat "$dir/sum")" = "$expected" ] || fail "the sums differ"

# A ring is a pipe that waits: the same with the sender gone before the receiver comes.
"$SHMQCTL_BIN" create big --slots 256 --size 64K --quiet
head -c 8M "$dir/archive" >"$dir/head"
"$SHMQCTL_BIN" send --bytes big <"$dir/head"
"$SHMQCTL_BIN" recv --bytes big | cmp - "$dir/head"

"$SHMQCTL_BIN" destroy r big --quiet
n_left=$(find /dev/shm -name "shmq.$instance.*" ! -name '*.registry.*' ! -name '*.board.*' | wc -l)
[ "$n_left" = 0 ] || fail "$n_left segments are left"
