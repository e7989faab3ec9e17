#!/bin/sh
# SPDX-License-Identifier: MIT
# quotes.sh - programs quoted in README and manual are the examples, to the letter
#
# README.md:  <!-- examples/x.c --> … <!-- end -->, a fenced block between; man: .\" examples/x.c, then
# .Bd -literal … .Ed. What is quoted is the file from its first #include on.
set -eu
cd "$TOP_SRCDIR"
work=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-quotes.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0
n=0

compare() { # compare PLACE FILE: $work/quote against the file
	n=$((n + 1))
	sed -n '/^#include/,$p' "$2" >"$work/file"
	diff -u "$work/file" "$work/quote" || { echo "$1: differs from $2" >&2; failed=1; }
}

for file in $(sed -n 's/^<!-- \(examples\/.*\) -->$/\1/p' README.md); do
	sed -n "\\|^<!-- $file -->|,/^<!-- end -->/p" README.md | sed '/^<!--/d; /^```/d' >"$work/quote"
	compare README.md "$file"
done
for page in man/*.3; do
	for file in $(sed -n 's/^\.\\" \(examples\/.*\)$/\1/p' "$page"); do
		sed -n "\\|^\\.\\\\\" $file|,/^\\.Ed/p" "$page" |
			sed '/^\./d; s/^\\&//; s/\\e/\\/g' >"$work/quote"
		compare "$page" "$file"
	done
done
[ $n -ge 3 ] || { echo "only $n quotes were found" >&2; exit 1; }
exit $failed
