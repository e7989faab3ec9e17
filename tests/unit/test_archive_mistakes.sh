#!/bin/sh
# SPDX-License-Identifier: MIT
# test_archive_mistakes.sh - a wrong declaration or use does not compile, and the compiler says why
set -eu

scratch=$(mktemp -d "${TMPDIR:-/tmp}/shmq-mistakes.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
n_bad=0

# compile SOURCE-TEXT: its messages are in $scratch/log
compile()
{
	printf '#include <shmq/archive.h>\nSHMQ_RECORD(plain, (u32, a));\n' >"$scratch/x.c"
	printf 'SHMQ_RECORD(deep, (string, s));\n%s\n' "$1" >>"$scratch/x.c"
	# shellcheck disable=SC2086 # $CC may carry options
	LC_ALL=C $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$TOP_SRCDIR/client/include" \
		-I"$TOP_SRCDIR/shm/include" -c -o "$scratch/x.o" "$scratch/x.c" 2>"$scratch/log"
}

fails() # EXPECTED-MESSAGE SOURCE-TEXT
{
	if compile "$2"; then
		echo "compiles: $2" >&2
	elif tr -d '\\' <"$scratch/log" | grep -F 'error:' | grep -qF "$1"; then
		return 0
	else
		echo "not said: $1" >&2
		cat "$scratch/log" >&2
	fi
	n_bad=$((n_bad + 1))
}

# What is right compiles, or all of this proves nothing.
compile 'SHMQ_MESSAGE(m, (u32, a), (vector(struct deep), b), (array(bool, 3), c), (u8, d, added(1)));
int f(struct shmq_builder *b, struct m *o) { return m_set_d(o, 2), m_new_b(b, o, 0, NULL); }' || {
	cat "$scratch/log" >&2
	exit 1
}

fails "m.a: unknown type 'u46'" 'SHMQ_MESSAGE(m, (u46, a));'
fails "m.a: unknown type 'char *'" 'SHMQ_MESSAGE(m, (char *, a));'
fails "m.a: unknown type 'vector(vector(u8))'" 'SHMQ_MESSAGE(m, (vector(vector(u8)), a));'
fails "m.a: unknown type 'array(string, 3)'" 'SHMQ_MESSAGE(m, (array(string, 3), a));'
fails "m.a: unknown type 'self'" 'SHMQ_RECORD(m, (self, a));'
fails 'm.(u64 a): a field is (type, name)' 'SHMQ_MESSAGE(m, (u64 a));'
fails 'm.u64 a: a field is (type, name)' 'SHMQ_MESSAGE(m, u64 a);'
fails 'm.(u8, a, added, 3): a field is (type, name)' 'SHMQ_MESSAGE(m, (u8, a, added, 3));'
fails 'm.a: an array has 1 to 65535 elements' 'SHMQ_MESSAGE(m, (array(u8, 0), a));'
fails "m.b: 'since(3)' is no mark" 'SHMQ_MESSAGE(m, (u32, a), (u32, b, since(3)));'
fails 'm.a: added fields come after all others' 'SHMQ_MESSAGE(m, (u32, a, added), (u32, b));'
fails 'm.b: only fields of a SHMQ_MESSAGE can be added' 'SHMQ_RECORD(m, (u32, a), (u32, b, added));'
fails 'nope_is_a_SHMQ_RECORD' 'SHMQ_MESSAGE(m, (struct nope, a));'
fails 'nope_is_a_SHMQ_RECORD' 'SHMQ_MESSAGE(m, (vector(struct nope), a));'
fails 'k_is_a_SHMQ_RECORD' 'SHMQ_MESSAGE(k, (u32, a)); SHMQ_MESSAGE(m, (struct k, a));'
fails 'm_is_a_SHMQ_RECORD' 'SHMQ_MESSAGE(m, (vector(self), a));'
fails 'more than 64 fields' "SHMQ_MESSAGE(m, $(seq -s , 1 65 | sed 's/[0-9]*/(u8, f&)/g'));"
# An added field may be missing: its plain name must not reach it.
fails "no member named 'a'" 'SHMQ_MESSAGE(m, (u32, a, added)); int f(struct m *o) { return o->a; }'
fails "put_ can't copy records that hold" 'SHMQ_MESSAGE(m, (vector(struct deep), v));
int f(struct shmq_builder *b, struct m *o, struct deep *r) { return m_put_v(b, o, r, 1); }'
# The list of one vector does not take another's elements.
fails 'incompatible' 'SHMQ_MESSAGE(m, (vector(u8), v), (vector(u16), w));
int f(struct m_v_list *list) { return m_add_w(list, 1); }'

[ "$n_bad" = 0 ]
