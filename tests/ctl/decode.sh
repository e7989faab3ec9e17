#!/bin/sh
# SPDX-License-Identifier: MIT
# decode.sh - shmqctl recv --decode prints what examples/typed sent, also after the daemon's restart
set -eu
: "${SHMQCTL_BIN:?}" "${SHMQD_BIN:?}"
dir=$(mktemp -d "${TMPDIR:-/tmp}/shmq-decode.XXXXXX")
instance=decode-$$
export SHMQ_SOCKET="$dir/control.sock"
daemon=

finish()
{
	[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || :
	rm -rf "$dir"
	rm -f /dev/shm/shmq."$instance".*
}
trap finish EXIT

fail()
{
	echo "$*" >&2
	exit 1
}

daemon_start()
{
	"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" 2>"$dir/log" &
	daemon=$!
	tries=0
	until "$SHMQCTL_BIN" ping --timeout 1s >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || fail "shmqd does not answer: $(cat "$dir/log")"
		sleep 0.1
	done
}

daemon_start
tests/ctl/typed_send typed
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || :
daemon_start
"$SHMQCTL_BIN" show typed | grep -q 'Type: note, fingerprint [0-9a-f]\{16\}' || fail "show: no type"
got=$("$SHMQCTL_BIN" recv --decode -n 1 typed)
[ "$got" = '{"id":7,"text":"h\u00e9llo","parts":[1,2,3]}' ] ||
	[ "$got" = '{"id":7,"text":"héllo","parts":[1,2,3]}' ] || fail "one message: $got"
got=$("$SHMQCTL_BIN" --json recv --decode -n 1 typed)
case $got in
'{"schema":1,"seq":1,"bytes":'*',"message":{"id":8,'*'}}') ;;
*) fail "with --json: $got" ;;
esac
# the third is no message of this type: it is not lost
status=0
"$SHMQCTL_BIN" recv --decode -n 1 typed 2>"$dir/err" || status=$?
[ $status = 1 ] || fail "status $status for a damaged message"
grep -q damaged "$dir/err" || fail "$(cat "$dir/err")"
[ "$("$SHMQCTL_BIN" recv -n 1 typed)" = "no archive" ] || fail "the damaged message is gone"

"$SHMQCTL_BIN" create plain
status=0
"$SHMQCTL_BIN" recv --decode -n 1 plain 2>"$dir/err" || status=$?
[ $status = 1 ] || fail "status $status for a ring without a type"
grep -q 'without a schema' "$dir/err" || fail "$(cat "$dir/err")"
"$SHMQCTL_BIN" destroy plain typed
