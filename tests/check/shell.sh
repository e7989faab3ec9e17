#!/bin/sh
# SPDX-License-Identifier: MIT
# shell.sh - shellcheck of all our scripts
set -eu

[ -n "$SHELLCHECK" ] || { echo "shellcheck is not installed" >&2; exit 77; }
cd "$TOP_SRCDIR"

# shellcheck disable=SC2016 # the mistake is planted
if printf '#!/bin/sh\nrm $1\n' | "$SHELLCHECK" - >/dev/null; then
	echo "shellcheck accepts an unquoted variable" >&2
	exit 1
fi
find quickstart check .ci tools tests examples bench systemd -type f \
	\( -name '*.sh' -o -name quickstart -o -name check -o -path .ci/run \) -print |
	sort | xargs "$SHELLCHECK" --severity=warning --external-sources
