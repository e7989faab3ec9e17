#!/bin/bash
# SPDX-License-Identifier: MIT
# case_rights.sh - users, groups and units that systemd made: who may make a name, take a role, see a ring
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

useradd --groups shmq owner || fail "useradd owner"
useradd --groups shmq stranger || fail "useradd stranger"
groupadd feeds || fail "groupadd"
useradd --groups shmq,feeds feeder || fail "useradd feeder"
useradd outsider || fail "useradd outsider"

conf=$(dirname "$(find /etc /usr/local/etc -name shmqd.conf -path '*/shmqd/*' 2>/dev/null | head -1)")
mkdir -p "$conf/shmqd.conf.d"
printf '[Daemon]\ncreate-rule=md.:group=feeds\ncreate-rule=pay.:unit=teller.service\n' \
	>"$conf/shmqd.conf.d/50-test.conf"

as() # USER COMMAND...
{
	runuser -u "$1" -- "${@:2}"
}

# in_unit UNIT USER SHELL-COMMAND: its exit status is the unit's
in_unit()
{
	systemd-run -q --wait --collect --pipe --unit="$1" -p User="$2" bash -c "$3"
}

not()
{
	! "$@"
}

# denied COMMAND...: it ends as the refused do
denied()
{
	local status=0

	"$@" >/run/denied 2>&1 </dev/null || status=$?
	[ $status = 7 ] || { echo "status $status"; cat /run/denied; return 1; }
}

# told_none RING VERB...: what stranger hears of a ring
told_none()
{
	local ring=$1 status=0
	shift

	as stranger shmqctl "$@" "$ring" >/run/told 2>&1 </dev/null || status=$?
	sed "s/$ring/RING/g" /run/told
	[ $status = 4 ]
}

# Word for word what he hears of one that is not there.
says_none() # VERB...
{
	local hidden nothing

	hidden=$(told_none ticks "$@") || { echo "$hidden"; return 1; }
	nothing=$(told_none nosuch "$@") || { echo "$nothing"; return 1; }
	[ "$hidden" = "$nothing" ] || { echo "$hidden / $nothing"; return 1; }
}

# ---- the socket's door ----
check "who is not of the group does not get in" not as outsider shmqctl ping

# ---- whose names ----
check "a feeder makes md.*" as feeder shmqctl create md.one --slots 64
check "others don't" denied as owner shmqctl create md.two --slots 64
check "nor by a longer name" denied as owner shmqctl create md.one.more --slots 64
check "a unit makes pay.*" in_unit teller.service owner 'shmqctl create pay.one --slots 64'
check "another unit of the same user does not" denied in_unit till.service owner \
	'shmqctl create pay.two --slots 64'
check "nor does the user from his shell" denied as owner shmqctl create pay.two --slots 64

# ---- roles ----
check "a ring with rules" as owner shmqctl create ticks --slots 64 --sealed \
	--allow produce:unit=writer.service,consume:group=feeds,see:unit=monitor.service
check "the unit may produce" in_unit writer.service stranger 'echo 1 | shmqctl send ticks'
check "and not consume" denied in_unit writer.service stranger 'shmqctl recv ticks --count 1 --timeout 1s'
check "the group may consume" test "$(as feeder shmqctl recv ticks --count 1)" = 1
check "and not produce" denied as feeder shmqctl send ticks
check "the monitor may see" in_unit monitor.service stranger 'shmqctl show ticks'
check "and take nothing" denied in_unit monitor.service stranger 'echo 3 | shmqctl send ticks'
check "nor destroy" denied in_unit monitor.service stranger 'shmqctl destroy --force ticks'

# ---- strangers ----
for verb in show stat tail destroy purge; do
	check "$verb: a stranger hears what he hears of no ring" says_none "$verb"
done
check "it is in no list of his" not eval 'as stranger shmqctl list | grep -q ticks'
check "it is in the owner's" eval 'as owner shmqctl list | grep -q ticks'

# ---- a unit's name is the system manager's word ----
check "no user calls himself a unit" denied as owner bash -c \
	'exec -a teller.service shmqctl create pay.three --slots 64'
check "the owner destroys it" as owner shmqctl destroy ticks
