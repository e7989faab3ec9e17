#!/bin/sh
# SPDX-License-Identifier: MIT
# reap.sh - what other programs leak is found, what is held stays, what isn't ours to see is refused
#
# In a pid namespace of its own with a /dev/shm of its own, so that nothing real is touched.
# shellcheck disable=SC2317 # functions are called by check()
set -u
: "${SHMQCTL_BIN:?}"
if [ "${1:-}" != inside ]; then
	own="--mount --pid --fork --mount-proc"
	# In a chroot "/" is not a mount whose propagation could be changed; /dev/shm may be one.
	# shellcheck disable=SC2086 # a list
	unshare $own true 2>/dev/null || {
		own="$own --propagation unchanged"
		unshare $own mount --make-private /dev/shm 2>/dev/null ||
			{ echo "needs root, to make namespaces"; exit 77; }
	}
	export own
	# shellcheck disable=SC2086
	exec unshare $own --kill-child sh "$0" inside
fi

mount --make-private /dev/shm 2>/dev/null || : # it need not be a mount
mount -t tmpfs -o mode=1777 tmpfs /dev/shm || exit 77
failed=0
check() { # check WHAT CONDITION...
	what=$1
	shift
	if "$@"; then echo "ok $what"; else
		echo "not ok $what"
		failed=1
	fi
}
out=$(mktemp)
err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT
ctl() { "$SHMQCTL_BIN" "$@" >"$out" 2>"$err"; }

head -c 100000 /dev/zero >/dev/shm/psm_leaked
head -c 100000 /dev/zero >/dev/shm/psm_held
head -c 100000 /dev/zero >/dev/shm/psm_mapped
head -c 100 /dev/zero >/dev/shm/other
head -c 4096 /dev/zero >/dev/shm/shmq.x.ring.0123456789abcdef
head -c 4096 /dev/zero >/dev/shm/shmq.x.quarantine+ring.0123456789abcdef
ln -s psm_leaked /dev/shm/psm_link
mkdir /dev/shm/psm_directory
sleep 1000 9<>/dev/shm/psm_held &
holder=$!
exists() { [ -e "/dev/shm/$1" ]; }
gone() { ! exists "$1"; }
says() { grep -q "$1" "$2"; }
status() { want=$1; shift; "$@"; [ $? = "$want" ]; }

check "orphans shows a leak" ctl orphans
check "orphans names the leak" says psm_leaked "$out"
check "orphans names the holder" says "held by pid $holder" "$out"
check "orphans touches nothing" exists psm_leaked
check "reap refuses where it can't see everybody" status 7 ctl reap --foreign 'psm_*'
check "and says so" says "pid namespace" "$err"
check "and changes nothing" exists psm_leaked
check "reap wants patterns" status 2 ctl reap --foreign --container
check "dry run" ctl reap --foreign --container --dry-run 'psm_*'
check "dry run touches nothing" exists psm_leaked
check "reap" ctl reap --foreign --container 'psm_*' 'shmq.*'
check "the leak is gone" gone psm_leaked
check "what is open stays" exists psm_held
check "what doesn't match stays" exists other
check "a link stays" test -L /dev/shm/psm_link
check "a directory stays" exists psm_directory
check "rings stay" exists shmq.x.ring.0123456789abcdef
check "quarantine is not foreign" exists shmq.x.quarantine+ring.0123456789abcdef
check "nothing is left aside" test -z "$(find /dev/shm -name '.shmqctl*')"
check "own quarantine, dry run" ctl reap --container --dry-run
check "own quarantine is listed" says 'quarantine+ring' "$out"
check "own quarantine" ctl reap --container
check "own quarantine is gone" gone shmq.x.quarantine+ring.0123456789abcdef
check "rings still stay" exists shmq.x.ring.0123456789abcdef
# shellcheck disable=SC2086 # a list
from_a_container() { unshare $own "$SHMQCTL_BIN" "$@" >"$out" 2>"$err"; }
check "reap, in a container that doesn't see the holder" \
	from_a_container reap --foreign --container 'psm_held'
check "what is open outside stays" exists psm_held
check "and it says why" says "can't be seen from here" "$out"
check "nothing is left aside" test -z "$(find /dev/shm -name '.shmqctl*')"
kill $holder
wait $holder 2>/dev/null
check "held no more" ctl reap --foreign --container 'psm_held'
check "then it goes" gone psm_held
check "doctor finds no daemon" status 1 ctl --socket /nonexistent doctor
check "and says what helps" says "systemctl start shmqd.socket" "$out"
exit $failed
