#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh - each installed header compiles alone, as C11 and as C++17, and all are installed
set -eu

n_bad=0

compile() # LANGUAGE STANDARD HEADER
{
	# shellcheck disable=SC2086 # $CC may carry options
	printf '#include <shmq/%s>\n#include <shmq/%s>\n' "$3" "$3" |
		$CC -x "$1" -std="$2" -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
			-I"$TOP_SRCDIR/client/include" -I"$TOP_SRCDIR/shm/include" -
}

has_cxx=yes
# shellcheck disable=SC2086
echo 'int main() { return 0; }' | $CC -x c++ -fsyntax-only - 2>/dev/null || has_cxx=no

# A header that needs another one first, or a C++ keyword, must not pass.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
mkdir -p "$probe/client/include/shmq"
echo 'static inline size_t f(void *new) { return (size_t)new; }' >"$probe/client/include/shmq/bad.h"
if (TOP_SRCDIR=$probe; compile c c11 bad.h) 2>/dev/null; then
	echo "headers.sh would accept a header that lacks an include" >&2
	exit 1
fi

for path in "$TOP_SRCDIR"/client/include/shmq/*.h "$TOP_SRCDIR"/shm/include/shmq/*.h; do
	header=${path##*/}
	compile c c11 "$header" || { echo "$header: not C11 by itself" >&2; n_bad=$((n_bad + 1)); }
	if [ $has_cxx = yes ]; then
		compile c++ c++17 "$header" ||
			{ echo "$header: not C++17 by itself" >&2; n_bad=$((n_bad + 1)); }
	fi
	if ! grep -q "include/shmq/$header" "$TOP_SRCDIR/client/local.mk"; then
		echo "$header: not installed by client/local.mk" >&2
		n_bad=$((n_bad + 1))
	fi
done
[ "$n_bad" = 0 ] || exit 1
[ $has_cxx = yes ] || { echo "no C++ compiler: only C was tried" >&2; exit 77; }
