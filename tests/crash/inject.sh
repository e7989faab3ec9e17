#!/bin/bash
# SPDX-License-Identifier: MIT
# Kills the daemon at its system calls, and makes them fail, one occurrence at a time.
#
# A workload creates, uses and destroys rings while strace(1) injects into the daemon: SIGKILL at the
# n-th call of a name, or an error there. After a kill the daemon is started again on what it left.
# Then everything must be whole or absent: every segment in /dev/shm belongs to a listed ring, every
# listed ring can be used, and the bytes that the daemon accounts for are those of its rings.
#
#   inject.sh           the calls that change something, sampled: what ./check runs
#   inject.sh --long    every call at every occurrence
set -u
command -v strace >/dev/null || { echo "strace is missing: apt-get install strace"; exit 77; }
: "${SHMQD_BIN:?}" "${SHMQCTL_BIN:?}"
dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-inject.XXXXXX") || exit 1
instance=inj$$
export SHMQ_SOCKET=$dir/control.sock
daemon=
tracer=
runs=0
bad=0
long=0
[ "${1:-}" = --long ] && long=1

ctl() { timeout 20 "$SHMQCTL_BIN" --timeout 1s "$@"; }
segments() { find /dev/shm -maxdepth 1 -name "shmq.$instance.*" ! -name '*.registry.*' ! -name '*.board.*' -printf '/%f %s\n' | sort; }

stop_all() {
	[ -n "$daemon" ] && kill -KILL "$daemon" 2>/dev/null
	[ -n "$tracer" ] && wait "$tracer" 2>/dev/null
	[ -n "$daemon" ] && wait "$daemon" 2>/dev/null
	daemon=
	tracer=
}
clean() {
	stop_all
	rm -f /dev/shm/shmq."$instance".*
	rm -rf "$dir"
}
trap clean EXIT
trap 'exit 1' INT TERM

# until_true COMMAND...: at most 10 s
until_true() {
	local i
	for ((i = 0; i < 500; i++)); do
		"$@" && return 0
		sleep 0.02
	done
	return 1
}
answers() { ctl ping -q >/dev/null 2>&1; }

start_daemon() {
	"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" --max-rings 64 --grace 0s 2>>"$dir/log" &
	daemon=$!
	until_true answers
}

# Traced from its first action on, without what the dynamic loader does before.
attach_tracer() {
	strace -f -qq -o "$dir/trace" -e trace=all "$@" -p "$daemon" 2>"$dir/strace.err" &
	tracer=$!
	until_true traced
}
# Or killed already: the first calls come by themselves.
traced() { grep -qs "TracerPid:[[:space:]]*[1-9]" "/proc/$daemon/status" || ! kill -0 "$daemon" 2>/dev/null; }

workload() {
	ctl create a --slots 8 --size 64 --persistent
	ctl create b --slots 16 --size 5000 --linger 0
	printf 'one\ntwo\n' | ctl send a
	ctl recv a -n 1
	ctl purge a
	ctl show b
	ctl list
	ctl destroy a
	ctl create a --slots 8 --size 64
	printf 'x\n' | ctl send b
	ctl recv b -n 1
	ctl destroy b
} >/dev/null 2>&1 </dev/null

complain() {
	echo "not ok: $1"
	bad=$((bad + 1))
}

# Everything whole or absent.
judge() {
	local what=$1 bytes name
	until_true answers || { complain "$what: the daemon does not answer"; tail -3 "$dir/log"; return; }
	until_true settled || complain "$what: segments [$(segments | tr '\n' ' ')] but rings [$(listed_segments | tr '\n' ' ')]"
	for name in $(ctl list -n -r -o NAME 2>/dev/null); do
		printf 'probe\n' | ctl send "$name" >/dev/null 2>&1 || complain "$what: $name can't be sent to"
		ctl recv "$name" -n 1 >/dev/null 2>&1 || complain "$what: $name can't be received from"
		ctl destroy "$name" >/dev/null 2>&1 || complain "$what: $name can't be destroyed"
	done
	until_true no_segments || complain "$what: left after the last destroy: $(segments | tr '\n' ' ')"
	bytes=$(ctl version --json 2>/dev/null | tr "{," "\n" | sed -n 's/^"bytes":\([0-9]*\).*/\1/p' | head -1)
	[ "${bytes:-0}" = 0 ] || complain "$what: $bytes bytes are still accounted for without a ring"
}
listed_segments() { ctl list -n -r -o SEGMENT 2>/dev/null | sort; }
settled() { [ "$(segments | cut -d' ' -f1)" = "$(listed_segments)" ]; }
no_segments() { [ -z "$(segments)" ]; }

# inject SYSCALL N ACTION
inject() {
	local call=$1 n=$2 action=$3
	runs=$((runs + 1))
	start_daemon || { complain "$call $n $action: no daemon to begin with"; stop_all; return; }
	attach_tracer -e "inject=$call:$action:when=$n" || { complain "strace can't attach: $(cat "$dir/strace.err")"; stop_all; return; }
	workload
	if [ "$action" = signal=SIGKILL ]; then
		stop_all
		start_daemon
	else
		kill -0 "$daemon" 2>/dev/null || complain "$call $n $action: the daemon died of it"
		kill "$tracer" 2>/dev/null
		wait "$tracer" 2>/dev/null
		tracer=
	fi
	judge "$call #$n $action"
	stop_all
	rm -f /dev/shm/shmq."$instance".* "$SHMQ_SOCKET"
}

# How often does the workload make the daemon call what?
start_daemon || { echo "shmqd does not start:"; cat "$dir/log"; exit 1; }
attach_tracer || { echo "strace can't attach here: $(cat "$dir/strace.err")"; exit 77; }
workload
stop_all
rm -f /dev/shm/shmq."$instance".* "$SHMQ_SOCKET"
sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$dir/trace" | sort | uniq -c >"$dir/counts"

changing='openat ftruncate fallocate fchmod fsetxattr setxattr unlink unlinkat futex sendmsg pidfd_open'
while read -r count call; do
	step=1
	case " $changing " in
	*" $call "*) [ $long = 1 ] || step=$(((count + 3) / 4)) ;;
	*) [ $long = 1 ] || step=$count ;;
	esac
	[ "$step" -ge 1 ] || step=1
	for ((n = 1; n <= count; n += step)); do
		inject "$call" "$n" signal=SIGKILL
	done
	case $call in
	openat | ftruncate | fallocate | fchmod | fsetxattr | pidfd_open | mmap) errors="ENOSPC ENOMEM EMFILE EINTR" ;;
	recvmsg | sendmsg | accept4 | futex) errors="EINTR ENOMEM" ;;
	epoll_wait | read) errors=EINTR ;;
	*) errors= ;;
	esac
	for error in $errors; do
		[ $long = 1 ] || step=$count
		for ((n = 1; n <= count; n += step)); do
			inject "$call" "$n" "error=$error"
		done
	done
done <"$dir/counts"
echo "$runs injections, $bad not whole afterwards"
[ $bad = 0 ]
