#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh - 'make install' with DESTDIR gives a stranger all it takes: headers, both libraries,
# pkg-config; the shared one exports the public names only and needs libc and libprotobuf-c only
set -eu

work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
unset MAKEFLAGS MFLAGS MAKELEVEL

fail()
{
	echo "$*" >&2
	exit 1
}

make -C "$TOP_BUILDDIR" install DESTDIR="$root" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
(cd "$root" && find . -type f -o -type l | sort)

# Nothing may stand outside the prefix that configure was given.
prefix=$(sed -n 's/^prefix = //p' "$TOP_BUILDDIR/Makefile")
outside=$(find "$root" -type f ! -path "$root$prefix/*")
[ -z "$outside" ] || fail "installed outside of $prefix: $outside"

pc=$(find "$root" -name shmq-client.pc)
so=$(find "$root" -name 'libshmq-client.so.0')
archive=$(find "$root" -name libshmq-client.a)
[ -n "$pc" ] && [ -n "$so" ] && [ -n "$archive" ] || fail "a library or shmq-client.pc is missing"
for program in shmqd shmqctl; do
	[ -n "$(find "$root" -type f -perm -u+x -name $program)" ] || fail "$program is missing"
done

objdump -p "$so" | grep -q 'SONAME *libshmq-client.so.0$' || fail "the soname is not libshmq-client.so.0"
needed=$(objdump -p "$so" | sed -n 's/^ *NEEDED *//p' |
	grep -vE '^(libc|ld-linux.*|libprotobuf-c)\.so\.[0-9]+$' || :)
[ -z "$needed" ] || fail "the client library needs $needed"
foreign=$(nm -D --defined-only "$so" | awk '{ print $NF }' | grep -vE '^(shmq_.*@@SHMQ_|SHMQ_)' || :)
[ -z "$foreign" ] || fail "exported, and not ours to export: $foreign"
foreign=$(nm --defined-only --extern-only "$archive" | awk 'NF == 3 { print $3 }' | grep -v '^shmq_' || :)
[ -z "$foreign" ] || fail "the static library defines, and not as its own: $foreign"

# Every function that the headers promise is exported.
sed -n 's/^SHMQ_API .*[ *]\(shmq_[a-z0-9_]*\)(.*/\1/p' "$root$prefix"/include/shmq/*.h | sort -u |
	while read -r name; do
		nm -D --defined-only "$so" | grep -q " $name@@" || echo "$name"
	done >"$work/missing"
[ ! -s "$work/missing" ] || fail "declared, not exported: $(cat "$work/missing")"

# And each has a page of the manual by its name.
sed -n 's/^SHMQ_API .*[ *]\(shmq_[a-z0-9_]*\)(.*/\1/p' "$root$prefix"/include/shmq/*.h | sort -u |
	while read -r name; do
		[ -s "$(find "$root" -name "$name.3")" ] || echo "$name"
	done >"$work/missing"
[ ! -s "$work/missing" ] || fail "no manual page: $(cat "$work/missing")"

cat >"$work/user.c" <<'END'
#include <shmq/shmq.h>
#include <stdio.h>

int main(void)
{
	struct shmq_client *client = NULL;

	if (shmq_connect(&client, "/nonexistent/control.sock") != -ENOTCONN)
		return 1;
	printf("%s\n", shmq_error_detail());
	return shmq_disconnect(client) != NULL;
}
END
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$root"
# shellcheck disable=SC2086,SC2046 # lists of arguments
$CC -Wall -Werror "$work/user.c" -o "$work/user" $(pkg-config --cflags --libs shmq-client)
LD_LIBRARY_PATH=${so%/*} "$work/user"
# shellcheck disable=SC2086,SC2046
$CC "$work/user.c" -o "$work/user-static" $(pkg-config --cflags shmq-client) "$archive" \
	$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --libs libprotobuf-c) -pthread
"$work/user-static"
