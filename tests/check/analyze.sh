#!/bin/sh
# SPDX-License-Identifier: MIT
# analyze.sh - gcc's analyzer, cppcheck and clang-tidy have nothing to say of our sources
#
#	make analyze [ANALYZERS="gcc cppcheck tidy"]
#
# Not part of 'make check', but of ./check: clang-tidy takes minutes. What is switched off here, and why:
#   analyzer-malloc-leak: what hangs in a list or hash table is not lost; sanitizers look for leaks
#   analyzer-double-free: gcc 12 takes reallocarray() for a second free()
#   analyzer-use-of-uninitialized-value: gcc 12 overlooks initialisers before a cleanup in a loop
# and of cppcheck:
#   memleak, resourceLeak: it does not know __attribute__((cleanup))
#   nullPointer of two files: accept4(), scandir(): NULL is what their manual offers
#   zerodivcond of format.c: a table of constants; leakReturnValNotUsed: mmap() at a fixed address
set -eu

analyzers=${ANALYZERS:-gcc cppcheck tidy}
n_jobs=$(nproc)
cd "$TOP_SRCDIR"
flags="-std=gnu11 -include $TOP_BUILDDIR/config.h -I. -Ishm/include -Iclient/include -I$TOP_BUILDDIR
	$ANALYZE_CFLAGS"
sources=$(find base shm proto client daemon ctl -name '*.c' ! -name '*.pb-c.c' | sort)
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
bad=0

# A division by what may be 0, and the use of what was freed: each analyzer must see one of them.
cat >"$probe/planted.c" <<'END'
#include <stdlib.h>
int planted(int n);
int planted(int n)
{
	char *text = malloc(1);
	int zero = 0;

	if (text)
		*text = (char)n;
	free(text);
	if (n > 7)
		return text[0];
	return n / zero;
}
END

say()
{
	echo "$1: what is named above" >&2
	bad=1
}

# shellcheck disable=SC2016,SC2317 # expanded by the inner shell; called by name
gcc_analyze()
{
	printf '%s\n' "$@" | xargs -P "$n_jobs" -n 8 sh -c '
		flags=$1; shift
		for file; do
			gcc $flags -fanalyzer -Werror -O1 -Wno-analyzer-malloc-leak \
				-Wno-analyzer-double-free -Wno-analyzer-use-of-uninitialized-value \
				-include tests/check/analyze.h -c -o /dev/null "$file" || exit 1
		done' sh "$flags"
}

# shellcheck disable=SC2317
cppcheck_analyze()
{
	cppcheck -j "$n_jobs" --quiet --error-exitcode=1 --std=c11 --enable=warning,performance \
		--inline-suppr --library=posix --library=gnu -I. -Ishm/include -Iclient/include \
		-D__GNUC__=12 -D__BYTE_ORDER__=1234 -D__ORDER_LITTLE_ENDIAN__=1234 \
		--include=/usr/include/uthash.h \
		--suppress=missingIncludeSystem --suppress=memleak --suppress=resourceLeak \
		--suppress=nullPointer:daemon/listener.c --suppress=nullPointer:daemon/removeipc.c \
		--suppress=zerodivcond:base/format.c --suppress=leakReturnValNotUsed:client/guard.c \
		--suppress='*:/usr/include/*' "$@"
}

# shellcheck disable=SC2016,SC2317
tidy_analyze()
{
	printf '%s\n' "$@" | xargs -P "$n_jobs" -n 8 sh -c '
		flags=$1; shift
		clang-tidy --quiet --config-file=.clang-tidy "$@" -- $flags' sh "$flags"
}

for analyzer in $analyzers; do
	case $analyzer in
	gcc) tool=gcc ;;
	cppcheck) tool=cppcheck ;;
	tidy) tool=clang-tidy ;;
	*) echo "$analyzer: not one of gcc, cppcheck, tidy" >&2; exit 2 ;;
	esac
	command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 77; }
	if "${analyzer}_analyze" "$probe/planted.c" >/dev/null 2>&1; then
		echo "$analyzer does not see a planted mistake" >&2
		exit 1
	fi
	# shellcheck disable=SC2086
	"${analyzer}_analyze" $sources || say "$analyzer"
done
exit $bad
