#!/bin/sh
# SPDX-License-Identifier: MIT
# decode.sh - shmqctl recv --decode prints what examples/typed sent, also after the daemon's restart
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

daemon_start
tests/ctl/typed_send typed
daemon_end KILL
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
ends 1 "$SHMQCTL_BIN" recv --decode -n 1 typed
like "$dir/error" damaged
[ "$("$SHMQCTL_BIN" recv -n 1 typed)" = "no archive" ] || fail "the damaged message is gone"

"$SHMQCTL_BIN" create plain
ends 1 "$SHMQCTL_BIN" recv --decode -n 1 plain
like "$dir/error" 'without a schema'
"$SHMQCTL_BIN" destroy plain typed
