#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh - shmqctl(1) has every verb, and it or the verb's own page every option that the program has
set -eu

page=$TOP_SRCDIR/man/shmqctl.1
n_bad=0
n_options=0

verbs=$("$SHMQCTL_BIN" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
[ -n "$verbs" ] || { echo "no verbs in the help" >&2; exit 1; }
for verb in $verbs; do
	grep -q "^\.It Cm $verb\b" "$page" || { echo "verb $verb is not in $page" >&2; n_bad=$((n_bad + 1)); }
	own=$TOP_SRCDIR/man/shmqctl-$verb.1
	[ -e "$own" ] || own=
	for option in $("$SHMQCTL_BIN" "$verb" --help | sed -n 's/^  \(-., \|    \)--\([a-z-]*\).*/\2/p'); do
		n_options=$((n_options + 1))
		# shellcheck disable=SC2086 # it may be absent
		grep -Eq "^\.(It|Op) .*Fl -$option\b|^\.Fl .*-$option\b|Fl . , -$option\b" "$page" $own ||
			{ echo "$verb --$option is not in $page" >&2; n_bad=$((n_bad + 1)); }
	done
done
[ "$n_options" -gt 50 ] || { echo "only $n_options options found in the help" >&2; exit 1; }
[ "$n_bad" = 0 ]
