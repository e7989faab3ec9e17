#!/bin/sh
# SPDX-License-Identifier: MIT
# test_archive_cxx.sh - C++17 makes and reads the same bytes as C, without a warning
set -eu

# shellcheck disable=SC2086 # $CC may carry options
if ! echo 'int main() { return 0; }' | $CC -x c++ -fsyntax-only - 2>/dev/null; then
	echo "no C++ compiler" >&2
	exit 77
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/shmq-cxx.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/parcel.cc" <<'END'
#include "tests/unit/archive_golden.h"
#include <cstdio>
#include <type_traits>

static_assert(std::is_standard_layout<parcel>::value && std::is_trivial<parcel>::value, "");

int main(int argc, char **argv)
{
	alignas(8) static unsigned char golden[4096], made[4096];
	const parcel *o;
	unsigned byte;
	size_t n = 0;

	(void)argc;
	for (std::FILE *file = std::fopen(argv[1], "r"); std::fscanf(file, "%x", &byte) == 1;)
		golden[n++] = static_cast<unsigned char>(byte);
	if (int line = parcel_line_wrong(golden, n))
		return std::fprintf(stderr, "line %d of archive_golden.h\n", line), 1;
	if (parcel_access(golden, n, &o) < 0 || o->id != 0x1122334455667788 || o->size.weight != 1.5f)
		return std::fprintf(stderr, "members read differently\n"), 1;
	if (parcel_write(made, sizeof(made)) != static_cast<int>(n) || memcmp(made, golden, n) != 0)
		return std::fprintf(stderr, "C++ makes other bytes\n"), 1;
	return parcel_archive_fingerprint() == PARCEL_FINGERPRINT ? 0 : 1;
}
END

sed -n 's/#.*//; s/^[0-9a-f]*://p' "$TOP_SRCDIR/tests/unit/archive_golden.hex" >"$scratch/golden"
# shellcheck disable=SC2086
$CC -x c++ -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -Wpedantic -Werror -I"$TOP_SRCDIR" \
	-I"$TOP_SRCDIR/client/include" -I"$TOP_SRCDIR/shm/include" \
	-o "$scratch/parcel" "$scratch/parcel.cc"
"$scratch/parcel" "$scratch/golden"
