# SPDX-License-Identifier: MIT
# scene.sh - what the tests of shmqctl share; sourced
# shellcheck shell=sh
#
# There are then $dir, which is removed at the end, and a socket in it that SHMQ_SOCKET names.
# daemon_start starts a shmqd of its own there. At the end it is killed, as are $children, the processes
# that a test has started and not waited for.
set -eu
: "${SHMQD_BIN:?}" "${SHMQCTL_BIN:?}"

scene=${0##*/}
scene=${scene%.sh}
dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-$scene.XXXXXX")
instance=test-$scene-$$
SHMQ_SOCKET=$dir/control.sock
export SHMQ_SOCKET
daemon=
children=

scene_end()
{
	for pid in $children $daemon; do
		{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
	done
	rm -f "/dev/shm/shmq.$instance."*
	rm -rf "$dir"
}
trap scene_end EXIT
trap 'exit 1' INT TERM

# fail WORDS [FILE...]: and what stands in the files
fail()
{
	echo "$1" >&2
	shift
	[ $# = 0 ] || cat "$@" >&2
	exit 1
}

# until_true COMMAND...: for at most 20 s
until_true()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 2000 ] || fail "never: $*"
		sleep 0.01
	done
}

daemon_answers()
{
	kill -0 "$daemon" 2>/dev/null || fail "shmqd has ended:" "$dir/log"
	"$SHMQCTL_BIN" ping --socket "$dir/control.sock" --quiet 2>/dev/null
}

# daemon_run ARGUMENT...: without waiting for it
daemon_run()
{
	"$SHMQD_BIN" --socket "$dir/control.sock" --instance "$instance" "$@" 2>>"$dir/log" &
	daemon=$!
}

daemon_start()
{
	daemon_run "$@"
	until_true daemon_answers
}

# daemon_end SIGNAL
daemon_end()
{
	kill "-$1" "$daemon"
	if [ "$1" = TERM ]; then
		wait "$daemon"
	else
		wait "$daemon" 2>/dev/null || true
	fi
	daemon=
}

# same TEXT EXPECTED
same()
{
	[ "$1" = "$2" ] || fail "$1
instead of
$2"
}

# ends STATUS COMMAND...: and what it says is in $dir/out and $dir/error
ends()
{
	expected=$1
	shift
	status=0
	"$@" >"$dir/out" 2>"$dir/error" || status=$?
	[ $status = "$expected" ] || fail "$*: exit status $status" "$dir/out" "$dir/error"
}

# like FILE PATTERN: a line of it is
like()
{
	grep -qE -- "$2" "$1" || fail "no line is like '$2':" "$1"
}
