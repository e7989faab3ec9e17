#!/bin/bash
# SPDX-License-Identifier: MIT
# case_watchdog.sh - a daemon that hangs is ended and replaced
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

systemctl start shmqd.service
check "the unit asks for a watchdog" test "$(systemctl show -P WatchdogUSec shmqd.service)" = 30s
systemctl stop shmqd.service 2>/dev/null
drop_in watchdog '[Service]' WatchdogSec=400ms TimeoutAbortSec=1s
check "a ring" shmqctl create watched --slots 64
pid=$(daemon_pid)
told=$(systemctl show -P WatchdogTimestampMonotonic shmqd.service)
watchdog_was_told()
{
	[ "$(systemctl show -P WatchdogTimestampMonotonic shmqd.service)" != "$told" ]
}
check "a daemon that works tells it" until_true watchdog_was_told
check "and stays" test "$(daemon_pid)" = "$pid"

kill -STOP "$pid"
check "one that hangs is replaced" until_true daemon_is_new "$pid"
journalctl --sync
check "because of the watchdog" eval \
	"journalctl -q --no-pager -o cat UNIT=shmqd.service | grep -qi 'watchdog'"
check "the ring is there" shmqctl show watched
