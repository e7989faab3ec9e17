# SPDX-License-Identifier: MIT
# inside.sh - what the cases share; they run as root in a system of their own (boot.sh)
# shellcheck shell=bash
set -eu

[ -n "${SHMQ_BOOTED-}" ] || { echo "run it with booted.sh: it would change this system" >&2; exit 2; }

deadline_s=30

fail()
{
	{
		echo "failed: $*"
		systemctl --no-pager --full status shmqd.socket shmqd.service || :
		journalctl --no-pager -o short-monotonic -n 60 || :
	} >&2
	exit 1
}

# check WHAT COMMAND...
check()
{
	local what=$1
	shift
	"$@" >/run/said 2>&1 || fail "$what: $(cat /run/said)"
	echo "ok: $what"
}

# until_true COMMAND...
until_true()
{
	local end=$((SECONDS + deadline_s))

	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

now_us()
{
	echo "${EPOCHREALTIME/[.,]/}"
}

daemon_pid()
{
	systemctl show -P MainPID shmqd.service
}

is_active()
{
	systemctl -q is-active "$1"
}

# Another process than $1 serves.
daemon_is_new()
{
	local pid

	pid=$(daemon_pid)
	[ "$pid" != 0 ] && [ "$pid" != "$1" ] && is_active shmqd.service
}

# drop_in NAME LINE...: of shmqd.service
drop_in()
{
	local file=/run/systemd/system/shmqd.service.d/$1.conf

	shift
	mkdir -p "${file%/*}"
	printf '%s\n' "$@" >"$file"
	systemctl daemon-reload
}

# journal_has FIELD=VALUE...: a record of shmqd's with all of them
journal_has()
{
	journalctl --sync
	[ -n "$(journalctl -q --no-pager -o cat _SYSTEMD_UNIT=shmqd.service "$@")" ]
}

# A stream of numbers through ring $1, checked at its end; stream_position is the last one that came.
stream_start()
{
	stream_file=/run/stream-$1
	echo 0 >"$stream_file"
	seq 1 1000000000 | shmqctl send "$1" >/dev/null 2>"$stream_file.send" &
	shmqctl recv "$1" 2>"$stream_file.recv" | awk -v file="$stream_file" '
		$1 != NR { print "gap at", NR >(file ".bad"); exit 1 }
		NR % 100 == 0 { print NR >file; close(file) }' &
}

stream_position()
{
	local at=''

	while [ -z "$at" ]; do # it may be being written
		at=$(cat "$stream_file")
	done
	echo "$at"
}

stream_is_past()
{
	[ "$(stream_position)" -gt "$1" ]
}

# It moves now.
stream_moves()
{
	local at

	[ ! -e "$stream_file.bad" ] || return 1
	at=$(stream_position)
	until_true stream_is_past "$((at + 200))"
}
