#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh - weakens each memory order and fence of the ring and of the board in turn; each must be caught
#
# A mutant is the source with one release or acquire made relaxed, or one full fence made a compiler
# barrier. What may catch it, tried in this order:
#   tsan    the stress programs of tests/stress under ThreadSanitizer, both ends on one mapping
#   model   tests/model/ring.pml with the same element taken away, by the label that the
#           operation carries in the source (models.list): an acquire that lets a later look come
#           first is a look left out; x86 itself can't show these
# A survivor must stand in survivors.list with its reason. Takes minutes: not part of ./check.
#   run.sh [LABEL...]
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-mutants.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
CC=${CC:-gcc}
caught=0
survived=0
listed=0

flags=(-std=gnu11 -D_GNU_SOURCE -pthread -O1 -g -w)
programs=(stream_threads farewell any)
support=(tests/stress/stream.c)
mapfile -t helpers < <(cd "$top" && ls tests/stress/ring_memory.c base/clock.c base/fd.c base/random.c base/process.c base/parse.c tests/harness/process.c 2>/dev/null)

# sites: FILE:LINE of every order that can be weakened, with its labels
sites() {
	cd "$top" || exit 1
	grep -nE '__ATOMIC_(ACQUIRE|RELEASE|SEQ_CST)' shm/include/shmq/hot.h shm/*.c daemon/core/words.c |
		grep -v 'signal_fence' | cut -d: -f1,2
}
# The labels in the comment that belongs to the operation: at most 8 lines above it.
labels() {
	local from=$(($2 > 8 ? $2 - 8 : 1))
	sed -n "${from},${2}p" "$top/$1" | awk '/\/\*/ { text = "" } { text = text $0 } END { print text }' |
		sed 's/pairs with.*//' | grep -oE '\[[A-Z][0-9][a-z]?\]' | tr -d '[]' | sort -u | tr '\n' ' '
}
mutate() { # mutate FILE LINE: in $work/tree
	sed -i "${2}s/__atomic_thread_fence(__ATOMIC_SEQ_CST)/__atomic_signal_fence(__ATOMIC_SEQ_CST)/; ${2}s/__ATOMIC_\(ACQUIRE\|RELEASE\)/__ATOMIC_RELAXED/" "$work/tree/$1"
}

by_tsan() {
	local program
	for program in "${programs[@]}"; do
		(cd "$work/tree" && "$CC" "${flags[@]}" -fsanitize=thread -I. -Ishm/include -Iclient/include \
			-o "$work/program" "tests/stress/$program.c" "${support[@]}" "${helpers[@]}" shm/*.c 2>"$work/cc.log") ||
			{ echo "# $program does not compile: $(head -1 "$work/cc.log")"; return 1; }
		TSAN_OPTIONS="halt_on_error=1 exitcode=66" timeout 120 "$work/program" >"$work/out" 2>&1 || return 0
	done
	return 1
}
by_model() { # LABEL...
	local label model expected
	for label in "$@"; do
		while read -r l model expected; do
			[ "$l" = "$label" ] || continue
			# shellcheck disable=SC2086
			(cd "$work" && spin $expected -a "$top/tests/model/$model" >/dev/null 2>&1 &&
				"$CC" -O1 -w -DSAFETY -DCOLLAPSE -DMEMLIM=3000 -o pan pan.c &&
				timeout 300 ./pan -m2000000) >"$work/pan.out" 2>&1
			grep -qE 'errors: [1-9]' "$work/pan.out" && return 0
		done <"$here/models.list"
	done
	return 1
}

baseline() {
	rm -rf "$work/tree"
	mkdir "$work/tree" && (cd "$top" && cp -r base shm client proto tests daemon "$work/tree")
}
baseline
if by_tsan; then
	echo "the programs fail without any mutation:"
	cat "$work/out"
	exit 1
fi
while read -r site; do
	file=${site%:*} line=${site##*:}
	read -ra names <<<"$(labels "$file" "$line")"
	if [ $# -gt 0 ]; then
		wanted=0
		for label in "$@"; do [[ " ${names[*]} " == *" $label "* ]] && wanted=1; done
		[ $wanted = 1 ] || continue
	fi
	baseline
	mutate "$file" "$line"
	if by_tsan; then
		verdict=tsan caught=$((caught + 1))
	elif by_model "${names[@]}"; then
		verdict=model caught=$((caught + 1))
	elif grep -q "^$file ${names[*]:-none}:" "$here/survivors.list"; then
		verdict="listed: $(sed -n "s|^$file ${names[*]:-none}: ||p" "$here/survivors.list" | head -1)"
		listed=$((listed + 1))
	else
		verdict=SURVIVED survived=$((survived + 1))
	fi
	printf '%-28s %-14s %s\n' "$file:$line" "${names[*]}" "$verdict"
done < <(sites)
echo "$caught caught, $listed survive with a reason, $survived without"
[ $survived = 0 ]
