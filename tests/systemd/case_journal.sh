#!/bin/bash
# SPDX-License-Identifier: MIT
# case_journal.sh - the journal tells the life of a ring, with fields to search by
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

events() # MATCH...: the events of shmqd's, in a line
{
	journalctl --sync
	journalctl -q --no-pager -o json --output-fields=SHMQ_EVENT _SYSTEMD_UNIT=shmqd.service "$@" |
		sed 's/.*"SHMQ_EVENT":"\([a-z-]*\)".*/\1/' | tr '\n' ' '
}

shmqctl create story --slots 64 >/dev/null || fail "create"
systemd-run -q --wait --unit=teller.service bash -c 'echo once | shmqctl send story' || fail "send"
shmqctl recv story --count 1 >/dev/null || fail "recv"
shmqctl recv story --follow --timeout 60s >/dev/null 2>&1 &
victim=$!
attached_twice() { [ "$(events SHMQ_RING=story SHMQ_EVENT=attached | wc -w)" = 3 ]; }
until_true attached_twice || fail "the second consumer has not attached: $(events SHMQ_RING=story)"
kill -KILL $victim
wait $victim 2>/dev/null || :
until_true journal_has SHMQ_RING=story SHMQ_EVENT=died || fail "its death is not told"
shmqctl destroy story >/dev/null || fail "destroy"
shmqctl create other --slots 64 >/dev/null || fail "create"

told=$(events SHMQ_RING=story)
echo "told: $told"
check "the biography of a ring, and of no other" test "$told" = \
	"created attached detached attached detached attached died destroyed "
check "by process" journal_has SHMQ_PID=$victim SHMQ_ROLE=consumer SHMQ_COMM=shmqctl SHMQ_UID=0
check "by unit" journal_has SHMQ_UNIT=teller.service SHMQ_ROLE=producer SHMQ_EVENT=attached
check "by instance" journal_has SHMQ_INSTANCE=sys SHMQ_EVENT=started
check "by kind" journal_has MESSAGE_ID=64cea65417bf40bc949432a3ce97505e SHMQ_PID=$victim
check "with the size" test "$(journalctl -q --no-pager -o json SHMQ_RING=story SHMQ_EVENT=created |
	grep -c '"SHMQ_BYTES":"[0-9][0-9]*"')" = 1
journalctl --update-catalog
check "journalctl -x explains it, with the command that helps" eval \
	"journalctl -q --no-pager -x SHMQ_EVENT=died | grep -q 'coredumpctl info $victim'"

# After a restart the daemon still knows where its clients run.
systemd-run -q --unit=holder.service bash -c 'sleep infinity | shmqctl send held.ring' || fail "send"
until_true journal_has SHMQ_UNIT=holder.service SHMQ_EVENT=attached || fail "holder has not attached"
systemctl restart shmqd.service
systemctl kill --signal=KILL holder.service
check "by unit, of who was there before the daemon" \
	until_true journal_has SHMQ_UNIT=holder.service SHMQ_EVENT=died SHMQ_ROLE=producer

# What one process makes happen again and again is cut short, and that is told.
rings=$(seq -f 'circle.%g' 150)
for ring in $rings; do
	shmqctl create "$ring" --slots 16 >/dev/null || fail "create $ring"
done
# shellcheck disable=SC2086 # a list of names
shmqctl destroy $rings >/dev/null || fail "destroy"
shmqctl create last --slots 16 >/dev/null || fail "create"
n=$(events SHMQ_EVENT=destroyed | wc -w)
echo "one process destroyed 150 rings: $((n - 1)) lines"
check "a process is limited" test "$n" -lt 120
check "not before it told a lot" test "$n" -gt 90
check "how many were left out is told" eval \
	"journalctl -q --no-pager -o cat _SYSTEMD_UNIT=shmqd.service | grep -q 'more events of uid 0'"

systemctl stop shmqd.service 2>/dev/null
check "the end is told" journal_has SHMQ_EVENT=stopped
