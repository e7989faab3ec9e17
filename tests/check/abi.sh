#!/bin/sh
# SPDX-License-Identifier: MIT
# abi.sh - programs that were built with the library of the last tag run with this one: abidiff finds
# no function gone or changed, no structure of the public headers changed
#
# The library of the tag is built once, in abi/ of the build directory.
set -eu

skip()
{
	echo "skipped: $*" >&2
	exit 77
}

work=$TOP_BUILDDIR/abi
new=$TOP_BUILDDIR/.libs/libshmq-client.so
unset MAKEFLAGS MFLAGS MAKELEVEL

command -v abidiff >/dev/null || skip "abidiff is not installed. On Debian: apt-get install abigail-tools"
command -v git >/dev/null && [ -e "$TOP_SRCDIR/.git" ] || skip "no clone, so no tag to compare with"
tag=$(git -C "$TOP_SRCDIR" describe --tags --abbrev=0 2>/dev/null) || skip "there is no tag to compare with"

soname()
{
	objdump -p "$1" | awk '$1 == "SONAME" { print $2 }'
}

# differ OLD-LIBRARY OLD-HEADERS NEW-LIBRARY NEW-HEADERS: status and words of abidiff
differ()
{
	abidiff --no-added-syms --drop-private-types --headers-dir1 "$2" --headers-dir2 "$4" "$1" "$3"
}

# It sees a function that has one argument more, and a structure that has one member more.
planted()
{
	mkdir -p "$work/planted/one" "$work/planted/two"
	cat >"$work/planted/one/x.h" <<-'END'
		struct shmq_x { int a; };
		int shmq_f(struct shmq_x *x);
	END
	sed 's/int a;/int a, b;/' "$work/planted/one/x.h" >"$work/planted/two/x.h"
	for which in one two; do
		printf '#include "x.h"\nint shmq_f(struct shmq_x *x) { return x->a; }\n' \
			>"$work/planted/$which/x.c"
		(cd "$work/planted/$which" && $CC -g -shared -fPIC x.c -o libx.so)
	done
	! differ "$work/planted/one/libx.so" "$work/planted/one" "$work/planted/two/libx.so" \
		"$work/planted/two" >"$work/planted/said"
}

# headers NAME SOURCES: the public ones, all in one directory
headers()
{
	mkdir -p "$work/$1"
	cp "$2"/client/include/shmq/*.h "$2"/shm/include/shmq/*.h "$work/$1/"
}

rm -rf "$work/planted" "$work/new-headers" "$work/old-headers"
mkdir -p "$work"
planted || { echo "abidiff does not see a changed structure" >&2; cat "$work/planted/said" >&2; exit 1; }

commit=$(git -C "$TOP_SRCDIR" rev-parse "$tag^{commit}")
old=$work/$commit/build/.libs/libshmq-client.so
if [ ! -e "$old" ]; then
	rm -rf "${work:?}/$commit"
	mkdir -p "$work/$commit/src" "$work/$commit/build"
	git -C "$TOP_SRCDIR" archive "$commit" | tar -x -C "$work/$commit/src"
	if ! (cd "$work/$commit/src" && autoreconf -fi && cd ../build && ../src/configure &&
		make libshmq-client.la) >"$work/log" 2>&1; then
		tail -n 40 "$work/log" >&2
		skip "the library of $tag can't be built here"
	fi
fi
headers old-headers "$work/$commit/src"
headers new-headers "$TOP_SRCDIR"

if [ "$(soname "$old")" != "$(soname "$new")" ]; then
	skip "$tag has $(soname "$old"), this is $(soname "$new"): meant to be another one"
fi
echo "against $tag:"
differ "$old" "$work/old-headers" "$new" "$work/new-headers"
echo "nothing that a program could notice"
