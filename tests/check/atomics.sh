#!/bin/sh
# SPDX-License-Identifier: MIT
# atomics.sh - every atomic operation says why its order suffices, and its partner exists
#
# Operation: a call of __atomic_*() or atomic_*() in code. On its line or within the 6 lines above
# stands a comment with a label in brackets, as in "[P1] release: ...; pairs with [C1]". A label
# after "pairs with" must be the own label of some operation.
set -eu

cd "$TOP_SRCDIR"

lint()
{
	${AWK:-awk} '
	function labels_add(text, set,    label) {
		while (match(text, /\[[A-Z][A-Za-z0-9]*\]/)) {
			label = substr(text, RSTART, RLENGTH)
			set[label] = FILENAME ":" FNR
			text = substr(text, RSTART + RLENGTH)
		}
	}
	# A comment has ended: keep it for the lines below, and what it says of partners.
	function comment_end(    at, own, rest) {
		at = match(comment, /pairs with/)
		own = at ? substr(comment, 1, at - 1) : comment
		rest = at ? substr(comment, at) : ""
		labels_add(rest, partners)
		if (own ~ /\[[A-Z][A-Za-z0-9]*\]/) {
			near = own
			near_line = FNR
		}
		comment = ""
	}
	FNR == 1 { near_line = -100; inside = 0; comment = "" }
	{
		code = ""
		line = $0
		while (line != "") {
			if (inside) {
				at = index(line, "*/")
				comment = comment " " (at ? substr(line, 1, at - 1) : line)
				line = at ? substr(line, at + 2) : ""
				if (at) { inside = 0; comment_end() }
			} else {
				at = match(line, /\/\*|\/\//)
				code = code (at ? substr(line, 1, at - 1) : line)
				kind = at ? substr(line, at, 2) : ""
				line = at ? substr(line, at + 2) : ""
				if (kind == "//") { comment = line; line = ""; comment_end() }
				if (kind == "/*") { inside = 1; if (line == "") comment = "" }
			}
		}
		if (code ~ /(^|[^A-Za-z0-9_])(__)?atomic_[a-z0-9_]+[ \t]*\(/) {
			n_operations++
			if (FNR - near_line > 6)
				print FILENAME ":" FNR ": atomic operation without a labelled comment"
			else
				labels_add(near, own_labels)
		}
	}
	END {
		for (label in partners)
			if (!(label in own_labels))
				print partners[label] ": pairs with " label ", which no operation is"
		if (!n_operations)
			print "no atomic operation found: is the pattern right?"
	}' "$@"
}

# The lint must bite.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
cat >"$probe/bad.c" <<'END'
/* [A1] release: publishes x; pairs with [A2] */
__atomic_store_n(&x, 1, __ATOMIC_RELEASE);
/* [A2] acquire: pairs with [A1], and
 * with the missing [A3] */
y = __atomic_load_n(&x, __ATOMIC_ACQUIRE);
;
;
;
;
;
;
z = atomic_load_explicit(&x, memory_order_relaxed); /* no label */
END
n=$(lint "$probe/bad.c" | wc -l)
[ "$n" = 2 ] || { echo "atomics.sh sees $n of 2 planted mistakes" >&2; exit 1; }

# shellcheck disable=SC2046 # no blanks in our file names
bad=$(lint $(find shm client daemon -name '*.[ch]' | sort))
[ -z "$bad" ] || { echo "$bad" >&2; exit 1; }
