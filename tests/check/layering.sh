#!/bin/sh
# SPDX-License-Identifier: MIT
# layering.sh - includes point one way: base <- shm <- client <- ctl, examples, bench;
# base <- proto <- client, daemon; shm <- daemon. The daemon's core makes no system call. No two files
# of a library need each other, be it by way of others.
set -eu

cd "$TOP_SRCDIR"

# includes_print ROOT: "DIRECTORY FILE:LINE LAYER TARGET" for every include of a file of ours
includes_print()
{
	(cd "$1" && find base shm proto client daemon ctl examples bench -name '*.[ch]' \
		-exec grep -Hn '^[[:space:]]*#[[:space:]]*include' {} +) |
	while IFS=: read -r file line text; do
		target=$(echo "$text" | sed 's/^[^"<]*["<]\([^">]*\)[">].*/\1/')
		case $text in
		*'<shmq/'*)
			if [ -e "$1/shm/include/$target" ]; then layer=shm-public; else layer=client-public; fi ;;
		*'"'*/*) layer=${target%%/*} ;;
		*'"'*) layer=${file%%/*} ;;
		*) layer=system ;;
		esac
		echo "${file%%/*} $file:$line $layer $target"
	done
}

allowed() # DIRECTORY
{
	case $1 in
	base) echo "base" ;;
	shm) echo "base shm shm-public" ;;
	proto) echo "base proto shm-public" ;;
	client) echo "base shm shm-public proto client client-public" ;;
	daemon) echo "base shm shm-public proto daemon" ;;
	ctl) echo "base shm-public client-public ctl" ;;
	examples) echo "shm-public client-public examples" ;;
	bench) echo "base shm shm-public client-public bench tests" ;; # the harness: a private daemon
	esac
}

# What daemon/core may include of the system and of base/: nothing that reaches the kernel.
core_system=" assert.h errno.h inttypes.h limits.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h sys/types.h uthash.h "
core_base=" base/cleanup.h base/clock.h base/parse.h base/random.h base/siphash.h "

violations_print()
{
	includes_print "$1" | while read -r dir where layer target; do
		case " $(allowed "$dir") system " in
		*" $layer "*) ;;
		*) echo "$where: $dir must not include $target ($layer)" ;;
		esac
		case $where in daemon/core/*) ;; *) continue ;; esac
		case $layer:$core_system$core_base in
		system:*" $target "* | base:*" $target "* | shm:* | shm-public:* | proto:* | daemon:*) ;;
		*) echo "$where: the core decides, it must not include $target" ;;
		esac
	done
}

# The objects of the core: every symbol they need is memory, text, or a pure function of ours.
core_calls_print()
{
	[ -f "$TOP_BUILDDIR/.libs/libcore.a" ] || return 0
	nm -A "$TOP_BUILDDIR/.libs/libcore.a" 2>/dev/null | awk '
	{ name = $NF; kind = $(NF - 1) }
	kind != "U" { own[name] = 1; next }
	{ need[name] = $1 }
	END {
		pure = "^(mem|str|__mem|__str|__asan_|__ubsan_|__tsan_|__gcov|__sanitizer_|__stack_chk|__start_|__stop_|" \
			"parse_|format_|hex_|name_|geometry_|siphash$|_GLOBAL_OFFSET_TABLE_|" \
			"snprintf$|__snprintf|vsnprintf$|__vsnprintf|__isoc99_sscanf|qsort$|bsearch$|abort$|__assert_fail$|" \
			"malloc$|calloc$|realloc$|reallocarray$|free$|__ctype)"
		for (name in need)
			if (!(name in own) && name !~ pure)
				print need[name] " calls " name
	}'
}

# circles_print: of the output of nm -A, the objects that need each other
circles_print()
{
	awk '
	{ object = $1; sub(/:[0-9a-f]*$/, "", object); sub(/.*:/, "", object); sub(/^lib[a-z]*_la-/, "", object) }
	$(NF - 1) == "U" { need[object, $NF]; next }
	{ home[$NF] = object }
	END {
		for (key in need) {
			split(key, at, SUBSEP)
			if (at[2] in home && home[at[2]] != at[1])
				print at[1], home[at[2]]
		}
	}' | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
}

layered="base shm proto core shmqd client ctl ctltool"

library_circles_print()
{
	for library in $layered; do
		[ -f "$TOP_BUILDDIR/.libs/lib$library.a" ] || continue
		nm -A "$TOP_BUILDDIR/.libs/lib$library.a" 2>/dev/null | grep -v ' [a-z] ' | circles_print
	done
}

# The rules must bite: a tree with every kind of violation, each reported.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
for dir in base shm proto client daemon/core ctl examples bench; do mkdir -p "$probe/$dir"; done
echo '#include "shm/ring.h"' >"$probe/base/a.c"
echo '#include "proto/wire.h"' >"$probe/shm/b.c"
echo '#include "daemon/loop.h"' >"$probe/client/c.c"
echo '#include <shmq/client.h>' >"$probe/daemon/d.c"
echo '#include "client/call.h"' >"$probe/ctl/e.c"
echo '#include <unistd.h>' >"$probe/daemon/core/f.c"
echo '#include "base/fd.h"' >"$probe/daemon/core/g.c"
echo '#include "base/fd.h"' >"$probe/daemon/fine.c"
n=$(violations_print "$probe" | wc -l)
[ "$n" = 7 ] || { echo "layering.sh sees $n of 7 planted violations" >&2; exit 1; }

{
	echo 'a.a:x.o:0 T x' && echo 'a.a:x.o: U y'
	echo 'a.a:y.o:0 T y' && echo 'a.a:y.o: U x'
} | circles_print | grep -q 'y.o' || { echo "layering.sh does not see a planted circle" >&2; exit 1; }

bad=$(violations_print . && core_calls_print && library_circles_print)
[ -z "$bad" ] || { echo "$bad" >&2; exit 1; }
