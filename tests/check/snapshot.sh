#!/bin/sh
# SPDX-License-Identifier: MIT
# snapshot.sh - runs before all tests: what was there before them, for leftovers.sh
set -eu
# shellcheck source=tests/check/state.sh
. "$TOP_SRCDIR/tests/check/state.sh"

mkdir -p "$TOP_BUILDDIR/tests/check"
state_print >"$state_file"
cat "$state_file"
