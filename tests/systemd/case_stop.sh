#!/bin/bash
# SPDX-License-Identifier: MIT
# case_stop.sh - service and socket are stopped and started: rings, messages and attached processes
# stay as they are
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

printf 'one\ntwo\nthree\n' | shmqctl send kept >/dev/null || fail "send"
check "a sealed ring" shmqctl create sealed.ring --slots 64 --sealed
stream_start traffic
check "messages flow" stream_moves
before=$(ls /dev/shm)

systemctl stop shmqd.service 2>/dev/null
check "stopped: the socket stays" is_active shmqd.socket
check "stopped: messages flow" stream_moves
systemctl stop shmqd.socket 2>/dev/null
check "without the socket: messages flow" stream_moves
! shmqctl list 2>/run/refused || fail "somebody answers"
check "whoever asks is told what helps" grep -q 'systemctl' /run/refused
after=$(ls /dev/shm)
check "nothing was deleted" test "$(comm -23 <(echo "$before") <(echo "$after"))" = ""

systemctl start shmqd.socket
check "started: the ring is there" shmqctl show kept
check "started: with its messages" test "$(shmqctl recv kept --count 3 | tr '\n' ' ')" = "one two three "
check "started: the stream's roles are known" eval "shmqctl clients traffic | grep -q producer"
check "messages flow" stream_moves
check "started: no sealed ring, for systemd keeps descriptors over a restart only" eval \
	"shmqctl show sealed.ring | grep -q lost"

check "another sealed ring" shmqctl create sealed.two --slots 64 --sealed
systemctl restart shmqd.service
check "restarted: messages flow" stream_moves
check "restarted: the sealed ring is live" eval "shmqctl show sealed.two | grep -q live"
