#!/bin/sh
# SPDX-License-Identifier: MIT
# quotes.sh - what README and manual quote of the examples stands there, to the letter
#
# README.md:  <!-- examples/x.c --> … <!-- end -->, a fenced block between. Manual: .\" examples/x.c,
# then .Bd -literal … .Ed. A quote is lines of the file that follow each other. Each public function
# has its page, and each page an example.
set -eu
cd "$TOP_SRCDIR"
work=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-quotes.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0
n=0

# is_quoted QUOTE FILE: do the lines of QUOTE stand in FILE, one after the other?
is_quoted()
{
	awk 'NR == FNR { quote[++n_quote] = $0; next }
		{ file[++n_file] = $0 }
		END {
			for (i = 0; n_quote > 0 && i + n_quote <= n_file; i++) {
				for (j = 1; j <= n_quote && file[i + j] == quote[j]; j++)
					;
				if (j > n_quote)
					exit 0
			}
			exit 1
		}' "$1" "$2"
}

# compare PLACE FILE: $work/quote against FILE
compare()
{
	n=$((n + 1))
	is_quoted "$work/quote" "$2" || {
		echo "$1: this does not stand in $2:" >&2
		cat "$work/quote" >&2
		failed=1
	}
}

# a planted mistake, and a gap, must be found
printf 'one\ntwo\nthree\n' >"$work/file"
printf 'one\ntwo\n' >"$work/quote"
is_quoted "$work/quote" "$work/file" || { echo "a quote is not recognised" >&2; exit 1; }
for wrong in 'one\nthree\n' 'one\n2\n' ''; do
	# shellcheck disable=SC2059 # the wrong quotes are formats
	printf "$wrong" >"$work/quote"
	! is_quoted "$work/quote" "$work/file" || { echo "a wrong quote is accepted" >&2; exit 1; }
done

# split_quotes MARK END FILE: the blocks of FILE between a line that begins with MARK and names an
# example and the line END, each into $work/<n>.quote, its example's name into $work/<n>.name
split_quotes()
{
	rm -f "$work"/*.quote "$work"/*.name
	awk -v mark="$1" -v end="$2" -v dir="$work/" '
		!inside && index($0, mark " examples/") == 1 {
			inside = 1
			n++
			name = substr($0, length(mark) + 2)
			sub(/ -->$/, "", name)
			print name >(dir n ".name")
			printf "" >(dir n ".quote")
			next
		}
		inside && index($0, end) == 1 { inside = 0; next }
		inside && !/^```/ && !/^\.Bd/ { print >(dir n ".quote") }' "$3"
	for name in "$work"/*.name; do
		[ -e "$name" ] || return 0
		sed 's/^\\&//; s/\\e/\\/g' "${name%.name}.quote" >"$work/unescaped"
		case $3 in
		*.md) mv "${name%.name}.quote" "$work/quote" ;;
		*) mv "$work/unescaped" "$work/quote" ;;
		esac
		compare "$3" "$(cat "$name")"
	done
}

split_quotes '<!--' '<!-- end' README.md
[ $n -ge 1 ] || { echo "README.md quotes nothing" >&2; exit 1; }
for page in man/shmq_*.3; do
	before=$n
	split_quotes '.\\"' '.Ed' "$page"
	[ $n -gt $before ] || [ "$page" = man/shmq_archive.3 ] ||
		{ echo "$page: has no example" >&2; failed=1; }
done

# Every function of the public headers is named by a page.
sed -n 's/^SHMQ_API .*[ *]\(shmq_[a-z0-9_]*\)(.*/\1/p' client/include/shmq/client.h \
	client/include/shmq/producer.h client/include/shmq/consumer.h client/include/shmq/stats.h client/include/shmq/types.h |
	sort -u >"$work/functions"
[ -s "$work/functions" ] || { echo "no function was found in the headers" >&2; exit 1; }
while read -r function; do
	grep -qx "\.Nm $function\( ,\)\{0,1\}" man/*.3 ||
		{ echo "$function: no page names it" >&2; failed=1; }
done <"$work/functions"
exit $failed
