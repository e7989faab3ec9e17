#!/bin/bash
# SPDX-License-Identifier: MIT
# case_reload.sh - declared rings and limits from files; systemctl reload returns when it is done, takes all
# or nothing, and disturbs nobody
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

# Where this build looks: below /etc or /usr/local/etc.
conf=$(dirname "$(find /etc /usr/local/etc -name shmqd.conf -path '*/shmqd/*' 2>/dev/null | head -1)")
[ -d "$conf" ] || fail "no shmqd.conf is installed"
mkdir -p "$conf/shmqd.conf.d"
own=$conf/shmqd.conf.d/50-test.conf
printf '[Ring declared]\nslots=64\n' >"$own"

check "a declared ring is there at the first request" shmqctl show declared
stream_start traffic
check "messages flow" stream_moves
pid=$(daemon_pid)

printf '[Ring declared]\nslots=64\n[Ring later]\nsize=64\n' >"$own"
check "a reload" systemctl reload shmqd.service
check "it was done when systemctl returned" shmqctl show later
check "messages flow" stream_moves

printf '[Daemon]\nmax-rings-per-uid=three\n[Ring never]\n' >"$own"
! systemctl reload shmqd.service 2>/run/reload || fail "a mistake was taken"
! shmqctl show never 2>/run/never || fail "half of a configuration was taken"
check "the journal says where the mistake is" journal_has SHMQ_EVENT=config-refused
check "it serves on" shmqctl ping
check "messages flow" stream_moves
check "it is the same process" test "$(daemon_pid)" = "$pid"
check "and active" is_active shmqd.service
