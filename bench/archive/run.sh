#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [--quick] - structures through a ring: shmq/archive.h and everybody else, one table
#
# Run in a build directory (TOP_BUILDDIR, else the current one). Competitors whose Debian packages are
# missing are left out: libprotobuf-c-dev protobuf-c-compiler; capnproto libcapnp-dev g++;
# flatbuffers-compiler libflatbuffers-dev g++.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${TOP_BUILDDIR:-$PWD}
source=$top/bench/archive
plugins=$build/bench/archive/plugins
flags="-O2 -g -fPIC -shared -Wall -Wextra -I$top -I$plugins"

[ -f "$build/config.status" ] || { echo "run.sh: $build is no build directory" >&2; exit 2; }
make -C "$build" -s bench/archive/archive
mkdir -p "$plugins"

have()
{
	for tool; do
		command -v "$tool" >/dev/null || { echo "# without: $tool is not installed"; return 1; }
	done
}

# plugin NAME COMMAND...: compile it; a competitor that does not compile is left out, and told
plugin()
{
	name=$1
	shift
	if "$@" -o "$plugins/$name.so" 2>"$plugins/$name.log"; then
		loaded="$loaded $plugins/$name.so"
	else
		echo "# without $name: see $plugins/$name.log"
	fi
}

loaded=
# shellcheck disable=SC2086 # lists of options
{
	if have protoc-c; then
		protoc-c --c_out="$plugins" -I"$source" "$source/messages.proto"
		plugin protobuf_c ${CC:-gcc} $flags "$source/protobuf_c.c" "$plugins/messages.pb-c.c" \
			-lprotobuf-c
	fi
	if have capnp "${CXX:-g++}"; then
		(cd "$source" && capnp compile -oc++:"$plugins" messages.capnp)
		mv "$plugins/messages.capnp.c++" "$plugins/messages.capnp.cc"
		plugin capnp ${CXX:-g++} -std=c++17 $flags "$source/capnp.cc" \
			"$plugins/messages.capnp.cc" -lcapnp -lkj
	fi
	if have flatc "${CXX:-g++}"; then
		flatc --cpp -o "$plugins" "$source/messages.fbs"
		plugin flatbuffers ${CXX:-g++} -std=c++17 $flags "$source/flatbuffers.cc"
	fi
	exec "$build/bench/archive/archive" "$@" $loaded
}
