#!/bin/bash
# SPDX-License-Identifier: MIT
# case_activation.sh - the first request starts the daemon, hardened, small, as a user of its own
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

status_is() # FIELD VALUE
{
	grep -qE "^$1:[[:space:]]+$2\$" "/proc/$(daemon_pid)/status"
}

check "the socket is there, the daemon is not" is_active shmqd.socket
check "no process serves" test "$(daemon_pid)" = 0
check "sysusers made the user" id -u shmq
check "members of the group may use the socket" test \
	"$(stat -c '%U %G %a' /run/shmqd/control.sock)" = "shmq shmq 660"

check "the first request is answered" shmqctl list
check "the daemon runs" is_active shmqd.service
check "and reports how it is" test "$(systemctl show -P StatusText shmqd.service)" != ""

pid=$(daemon_pid)
check "as user shmq" status_is Uid "$(id -u shmq)[[:space:]].*"
check "no new privileges" status_is NoNewPrivs 1
check "no capability in force" status_is CapEff 0000000000000000
check "none to be had" status_is CapBnd 0000000000000000
check "system calls are filtered" status_is Seccomp 2
check "in a network of its own" test \
	"$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)"
check "which has no device but lo" test "$(tail -n +3 "/proc/$pid/net/dev" | cut -d : -f 1 | tr -d ' ')" = lo
! nsenter -t "$pid" -m touch /etc/shmqd-was-here 2>/dev/null || fail "it can write /etc"
echo "ok: the system is read-only for it"
check "it sees the machine's /dev/shm" test \
	"$(stat -c %d "/proc/$pid/root/dev/shm")" = "$(stat -c %d /dev/shm)"
systemd-analyze security --no-pager shmqd.service | tail -n 1
grep -E '^(VmRSS|RssAnon|RssFile|RssShmem|Threads)' "/proc/$pid/status" | tr -s '\n\t ' ' '
grep '^Pss:' "/proc/$pid/smaps_rollup"

check "a ring can be made" shmqctl create hard.ring --slots 64
echo hello | shmqctl send hard.ring >/dev/null || fail "send"
check "and used" test "$(shmqctl recv hard.ring --count 1)" = hello
! runuser -u nobody -- shmqctl list 2>/dev/null || fail "who is not in the group gets in"
echo "ok: who is not in the group is kept out"

# How long a request takes that has to wait for a start, and one that has not: told, not judged.
request_us() # COMMAND...
{
	local start

	start=$(now_us)
	"$@" >/dev/null || fail "$*"
	echo $(($(now_us) - start))
}
cold=''
warm=''
for _ in 1 2 3 4 5 6 7; do
	systemctl -q stop shmqd.service 2>/dev/null
	cold="$cold $(request_us shmqctl list)"
	warm="$warm $(request_us shmqctl list)"
done
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
# shellcheck disable=SC2086 # lists of numbers
echo "'shmqctl list' that starts the daemon: $(median $cold) us, that finds it running: $(median $warm) us"
