#!/bin/sh
# SPDX-License-Identifier: MIT
# catalog.sh - every event of the journal has its paragraph in systemd/shmqd.catalog and no paragraph
# is about an event that is none; what it tells people to type exists; systemd can read it
set -eu

cd "$TOP_SRCDIR"
catalog=systemd/shmqd.catalog
work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-catalog.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail()
{
	echo "$*" >&2
	exit 1
}

# ids_compare TABLE CATALOG: what is in one of them only
ids_compare()
{
	sed -n 's/^\tX(.*"\([0-9a-f]\{32\}\)").*/\1/p' "$1" | sort >"$work/table"
	sed -n 's/^-- \([0-9a-f]\{32\}\)$/\1/p' "$2" | sort >"$work/catalog"
	comm -3 "$work/table" "$work/catalog"
}

# One that is missing on either side must be seen.
last=$(sed -n 's/^-- //p' $catalog | tail -n 1)
sed "s/^-- $last\$/-- 00000000000000000000000000000000/" $catalog >"$work/planted"
[ "$(ids_compare daemon/log_events.h "$work/planted" | wc -l)" = 2 ] ||
	fail "a missing paragraph and one too many are not noticed"

left=$(ids_compare daemon/log_events.h $catalog)
[ -z "$left" ] || fail "only in daemon/log_events.h, or (indented) only in $catalog: $left"
[ "$(wc -l <"$work/table")" -ge 20 ] || fail "the table of events was not read"
[ -z "$(uniq -d "$work/table")" ] || fail "an id is used twice: $(uniq -d "$work/table")"
n_rows=$(grep -c '^	X(' daemon/log_events.h)
[ "$n_rows" = "$(wc -l <"$work/table")" ] || fail "an id of daemon/log_events.h is not 32 hex digits"

# Each has a subject, a manual page, a paragraph and a command.
awk -v RS='\n-- ' 'NR > 1 {
	if ($0 !~ /\nSubject: / || $0 !~ /\nDefined-By: shmqd\n/ || $0 !~ /\nDocumentation: man:/ ||
	    $0 !~ /(shmqctl|shmqd|journalctl|systemctl|loginctl|lsof) [a-z_A-Z\/-]/)
		print substr($0, 1, 32)
}' $catalog >"$work/poor"
[ ! -s "$work/poor" ] || fail "subject, Defined-By, Documentation or command missing: $(cat "$work/poor")"

# What people are told to type is in the manual; the fields are what the journal gets.
grep -o 'shmqctl [a-z][a-z]*' $catalog | sort -u | while read -r _ verb; do
	grep -q "^\.It Cm $verb\>" man/shmqctl.1 || fail "shmqctl has no verb '$verb'"
done
grep -o 'shmqd --[a-z-]*[a-z]' $catalog | sort -u | while read -r _ option; do
	grep -qe "[ -]${option#--}\>" man/shmqd.8 || fail "shmqd has no option '$option'"
done
grep -o '@[A-Z_]*@' $catalog | sort -u | tr -d @ | while read -r field; do
	grep -q "\"$field=" daemon/journal.c || fail "the journal has no field $field"
	grep -q "$field" man/shmqd.8 || fail "man/shmqd.8 does not name the field $field"
done

sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)".*/\1/p' daemon/log_events.h | while read -r event; do
	sed -n '/^\.Ss Journal/,/^\.Sh/p' man/shmqd.8 | grep -q "^\.Li .*\<$event\>\|^\.Li $event\$" ||
		fail "man/shmqd.8 does not name the event $event"
done
command -v journalctl >/dev/null || { echo "journalctl is not installed: not read by it"; exit 0; }
mkdir -p "$work/root/usr/lib/systemd/catalog" "$work/root/var/lib/systemd/catalog"
cp $catalog "$work/root/usr/lib/systemd/catalog/"
journalctl --root="$work/root" --update-catalog >"$work/log" 2>&1 || fail "$(cat "$work/log")"
[ ! -s "$work/log" ] || fail "$(cat "$work/log")"
[ "$(journalctl --root="$work/root" --list-catalog | wc -l)" = "$n_rows" ] ||
	fail "systemd did not read all paragraphs"
