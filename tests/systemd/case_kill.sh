#!/bin/bash
# SPDX-License-Identifier: MIT
# case_kill.sh - the daemon dies again and again under traffic: traffic goes on, the daemon comes back,
# and however often it dies the socket stays
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

shmqctl create traffic --slots 1024 >/dev/null || fail "create"
stream_start traffic
check "messages flow" stream_moves

for n in 1 2 3; do
	pid=$(daemon_pid)
	kill -KILL "$pid"
	check "death $n: messages flow" stream_moves
	check "death $n: a request of that moment is answered" shmqctl show traffic
	check "death $n: another daemon serves" daemon_is_new "$pid"
done
check "three were replaced" test "$(systemctl show -P NRestarts shmqd.service)" = 3
pid=$(daemon_pid)
kill -TERM "$pid"
check "one that ends in good order is replaced, too, and nobody has to ask" \
	until_true daemon_is_new "$pid"
check "messages flow" stream_moves

# Seven deaths as fast as they can be had: far more than systemd's own limit of 5 in 10 s.
drop_in fast '[Service]' RestartSec=20ms
for n in 1 2 3 4 5 6 7; do
	pid=$(daemon_pid)
	kill -KILL "$pid"
	until_true daemon_is_new "$pid" || fail "crash loop: no new daemon after death $n"
done
check "a crash loop: the socket stays" is_active shmqd.socket
check "a crash loop: requests are answered" shmqctl list
check "a crash loop: messages flow" stream_moves

# A daemon that cannot start, with somebody who waits at the socket.
systemctl stop shmqd.service 2>/dev/null
drop_in broken '[Service]' ExecStart= "ExecStart=$(command -v shmqd) --system --no-such-option"
until shmqctl list; do :; done >/run/patient 2>&1 & # it waits for 5 s, then asks again
patient=$!
until_true eval '[ "$(systemctl show -P NRestarts shmqd.service)" -ge 8 ]' ||
	fail "a daemon that can't start is not tried again"
echo "ok: a daemon that can't start is tried again"
check "the socket stays" is_active shmqd.socket
check "messages flow" stream_moves
rm /run/systemd/system/shmqd.service.d/broken.conf
systemctl daemon-reload
echo "ok: the stream has come to $(stream_position)"
check "repaired: who waits is answered, nothing had to be reset" wait $patient
check "messages flow" stream_moves
