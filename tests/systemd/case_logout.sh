#!/bin/bash
# SPDX-License-Identifier: MIT
# case_logout.sh - a user with rings logs out, and logind deletes what is his in /dev/shm: rings of the
# system's daemon stay. A user's own daemon works from the user's units.
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

[ -x /lib/systemd/systemd-logind ] || { echo "systemd-logind is not installed"; exit 77; }
[ -n "$(find /lib /usr/lib -name pam_systemd.so 2>/dev/null)" ] ||
	{ echo "libpam-systemd is not installed"; exit 77; }
mkdir -p /run/systemd/logind.conf.d
printf '[Login]\nUserStopDelaySec=0\nRemoveIPC=yes\n' >/run/systemd/logind.conf.d/shmq.conf
systemctl start dbus.service systemd-logind.service || fail "logind does not start"
useradd --create-home --groups shmq visitor || fail "useradd"
uid=$(id -u visitor)

is_logged_in() { [ -d "/run/user/$uid" ] && loginctl show-user visitor >/dev/null 2>&1; }
is_logged_out() { ! is_logged_in; }

# A session of the user's, with a producer in it that does not outlive it.
systemd-run -q --unit=session-of-visitor -p PAMName=login -p User=visitor bash -c \
	'echo mine >/dev/shm/mine; echo kept | shmqctl send visitor.ring >/dev/null; sleep infinity | shmqctl send visitor.ring' ||
	fail "the session does not start"
check "logged in" until_true is_logged_in
has_ring() { shmqctl show visitor.ring | grep -q '1 pushed'; }
check "with a ring" until_true has_ring
check "and a file" until_true test -e /dev/shm/mine

loginctl terminate-user visitor || fail "terminate-user"
check "logged out" until_true is_logged_out
check "logind deletes the user's file" until_true eval '[ ! -e /dev/shm/mine ]'
check "the ring is there" shmqctl show visitor.ring
check "with its message" test "$(shmqctl recv visitor.ring --count 1)" = kept
check "the daemon saw the process go" until_true journal_has SHMQ_RING=visitor.ring SHMQ_UID="$uid"

# The user's own daemon, by the user's units.
loginctl enable-linger visitor || fail "linger"
systemctl start "user@$uid.service" || fail "the user's manager does not start"
as_visitor() { runuser -u visitor -- env "XDG_RUNTIME_DIR=/run/user/$uid" "$@"; }
check "the user's socket unit" as_visitor systemctl --user start shmqd.socket
check "starts the user's daemon" as_visitor shmqctl --socket "/run/user/$uid/shmqd/control.sock" \
	create own.ring --slots 64
check "which is a unit of his" as_visitor systemctl --user is-active shmqd.service
check "which owns the ring" test "$(stat -c %U /dev/shm/shmq.*own.ring*)" = visitor
