#!/bin/bash
# SPDX-License-Identifier: MIT
# case_upgrade.sh - the packages' life in a booted system: installation starts the socket, upgrade,
# removal and purge leave every ring and every attached process alone
# shellcheck source=tests/systemd/inside.sh
. /packages/inside.sh

packages() # VERB WHAT...
{
	DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io "$@" >/run/dpkg 2>&1 ||
		fail "dpkg $*: $(cat /run/dpkg)"
}

version_is() # PACKAGE VERSION
{
	test "$(dpkg-query -W -f '${Version}' "$1")" = "$2"
}

# ---- a stream of numbers whose reader knows when one is missing, and how long none came ----

flow_start() # RING
{
	# a hundred in each ms, not as many as possible: others want to get on, too
	perl -MTime::HiRes=sleep -e '$| = 1; for (;;) { print join("", map { ++$n . "\n" } 1 .. 100); sleep 0.001 }' |
		shmqctl send "$1" >/dev/null 2>/run/send &
	shmqctl recv "$1" 2>/run/recv | perl "${0%/*}/reader.pl" /run/flow 2>/run/reader &
	reader=$!
	until_true test -s /run/flow || fail "the reader has not started"
}

flow_position()
{
	cut -d ' ' -f 1 /run/flow
}

flow_is_past() # NUMBER
{
	[ "$(flow_position)" -gt "$1" ]
}

flow_moves()
{
	kill -0 "$reader" || fail "the reader has ended: $(cat /run/reader /run/recv /run/send)"
	until_true flow_is_past "$(($(flow_position) + 200))"
}

# flow_over WHAT COMMAND...: what the stream did meanwhile
flow_over()
{
	local what=$1 from start
	shift

	kill -USR1 "$reader"
	from=$(flow_position)
	start=$(now_us)
	"$@"
	check "$what: messages flow" flow_moves
	echo "$what: $(($(flow_position) - from)) messages in $((($(now_us) - start) / 1000)) ms," \
		"longest pause $(cut -d ' ' -f 2 /run/flow) ms"
}

# ---- somebody who asks all the time ----

# A line per request in /run/asked: exit status, ms; and what went wrong.
ask_all_the_time()
{
	local start status

	while [ ! -e /run/asked-enough ]; do
		start=$(now_us)
		status=0
		shmqctl show flow >/dev/null 2>/run/ask || status=$?
		echo "$status $((($(now_us) - start) / 1000)) $(head -n 1 /run/ask)"
	done >/run/asked
}

ring_files()
{
	(cd /dev/shm && find . -name 'shmq.sys.*' ! -name '*.registry.*' ! -name '*.board.*' | sort)
}

rm -f /usr/sbin/policy-rc.d # keeps some containers from starting anything
rm -f /var/lib/man-db/auto-update # the index of manual pages takes longer than all the rest
old=$(cat /packages/old/version)
new=$(cat /packages/new/version)

# ---- installation ----

packages -i /packages/old/*.deb
check "installed: $old" version_is shmqd "$old"
check "installed: the socket is there" is_active shmqd.socket
check "installed: also after a boot" test "$(systemctl is-enabled shmqd.socket)" = enabled
check "installed: the daemon waits for a request" test "$(daemon_pid)" = 0
for unit in shmqd-metrics.socket shmqd-metrics-textfile.timer; do
	check "installed: $unit is for who enables it" test \
		"$(systemctl is-enabled $unit || :),$(systemctl is-active $unit || :)" = disabled,inactive
done
check "installed: no user gets a daemon of their own unasked" test \
	"$(systemctl --global is-enabled shmqd.socket || :)" = disabled
packages -i /packages/old/*.deb
check "again: nobody asked, no daemon" test "$(daemon_pid)" = 0
check "a request starts it" shmqctl list

# ---- upgrade ----

shmqctl create flow --slots 1024 >/dev/null || fail "create"
flow_start flow
check "messages flow" flow_moves
shmqctl create sealed.ring --slots 64 --sealed >/dev/null || fail "create"
shmqctl create quiet --slots 64 >/dev/null || fail "create"
shmqctl recv quiet --count 1 --timeout 50s >/run/quiet 2>&1 &
sleeper=$!
attached() { shmqctl clients quiet | grep -q "$sleeper"; }
until_true attached || fail "the sleeping consumer has not attached: $(cat /run/quiet)"
ask_all_the_time &
asker=$!
until_true test -s /run/asked || fail "nobody asks"

before=$(daemon_pid)
attached_before=$(shmqctl clients flow --json)
flow_over "upgrade" packages -i /packages/new/*.deb
check "upgrade: $new" version_is shmqd "$new"
check "upgrade: the new daemon serves" daemon_is_new "$before"
check "upgrade: it is the new program" test -z "$(readlink "/proc/$(daemon_pid)/exe" | grep deleted)"
touch /run/asked-enough
wait $asker
echo "upgrade: $(wc -l </run/asked) requests meanwhile," \
	"the longest took $(cut -d ' ' -f 2 /run/asked | sort -n | tail -n 1) ms"
check "upgrade: every request was answered" eval "! grep -v '^0 ' /run/asked"
check "upgrade: the ends of the stream are the same processes" test \
	"$(grep -o '"pid": *[0-9]*' <<<"$attached_before")" = \
	"$(shmqctl clients flow --json | grep -o '"pid": *[0-9]*')"
check "upgrade: the sealed ring is live" eval "shmqctl show sealed.ring | grep -q live"
echo woken | shmqctl send quiet >/dev/null || fail "send"
wait $sleeper || fail "the sleeping consumer: $(cat /run/quiet)"
check "upgrade: who slept all the while gets the next message" grep -qx woken /run/quiet

# ---- removal ----

printf 'one\ntwo\n' | shmqctl send quiet >/dev/null || fail "send"
rings=$(ring_files)
flow_over "removal" packages -r shmqd
check "removal: no daemon" test "$(systemctl is-active shmqd.service || :)" = inactive
check "removal: every ring is there" test "$(ring_files)" = "$rings"
check "removal: and rings there are" test "$(echo "$rings" | wc -l)" = 2
! shmqctl list 2>/run/refused || fail "removal: somebody answers"

flow_over "new installation" packages -i /packages/new/shmqd_*.deb
check "new installation: the rings are known" shmqctl show flow
check "new installation: with their messages" test \
	"$(shmqctl recv quiet --count 2 | tr '\n' ' ')" = "one two "

flow_over "purge" packages -P shmqd
check "purge: every ring is there" test "$(ring_files)" = "$rings"
check "purge: and that is told, with what helps" grep -q 'stay in /dev/shm.*rm /dev/shm/' /run/dpkg
check "purge: the socket's directory is gone" test ! -e /run/shmqd
check "purge: no link to a unit stays" test -z "$(find /etc/systemd -name 'shmqd*')"
kill -0 $reader || fail "the reader has ended: $(cat /run/reader)"

# ---- and when there is no ring ----

packages -i /packages/new/shmqd_*.deb
check "force ends them" shmqctl destroy --force flow quiet sealed.ring
packages -P shmqd
check "purge without a ring: nothing is left" test -z "$(find /dev/shm /run/shmqd -name 'shmq*' 2>/dev/null)"
check "purge without a ring: and none is spoken of" eval "! grep -q /dev/shm /run/dpkg"
