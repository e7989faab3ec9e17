# SPDX-License-Identifier: MIT
# state.sh - what this machine holds of ours; sourced by snapshot.sh and leftovers.sh
# shellcheck shell=sh
#
# Everything the tests make carries "shmq" in its name, and every process they start inherits
# SHMQ_TEST_RUN or runs a program of the build directory.

# shellcheck disable=SC2034
state_file=$TOP_BUILDDIR/tests/check/snapshot.state

# One line per object: "file PATH" or "process PID START-TIME COMMAND".
state_print()
{
	for path in /dev/shm/*shmq* /run/*shmq* /run/user/*/*shmq* /tmp/*shmq* \
		"${TMPDIR:-/tmp}"/*shmq*; do
		[ ! -e "$path" ] && [ ! -L "$path" ] || echo "file $path"
	done
	state_processes
}

# Processes of this run, except this shell, what it started, and its ancestors. A zombie has neither
# environment nor program left: there it is its parent, who fails to wait for it, that is found.
state_processes()
{
	{
		grep -lzFx "SHMQ_TEST_RUN=$TOP_BUILDDIR" /proc/[0-9]*/environ 2>/dev/null
		find /proc/[0-9]*/exe -maxdepth 0 -lname "$TOP_BUILDDIR/*" 2>/dev/null
	} | sed 's|^/proc/\([0-9]*\)/.*|\1|' | sort -u | while read -r pid; do
		if process_descends "$pid" $$ || process_descends $$ "$pid"; then
			continue
		fi
		started=$(process_field "$pid" 20)
		[ -z "$started" ] ||
			echo "process $pid $started $(process_command "$pid")"
	done
}

# process_descends PID ANCESTOR: or is the same
process_descends()
{
	walk=$1
	while [ "$walk" != "$2" ]; do
		[ "$walk" -gt 1 ] || return 1
		walk=$(process_field "$walk" 2)
		walk=${walk:-0}
	done
}

process_is_ours()
{
	case $(readlink "/proc/$1/exe" 2>/dev/null) in
	"$TOP_BUILDDIR"/*) return 0 ;;
	esac
	grep -qzFx "SHMQ_TEST_RUN=$TOP_BUILDDIR" "/proc/$1/environ" 2>/dev/null
}

# Field N of /proc/PID/stat, counted from the state (1), behind the name in parentheses.
process_field()
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f "$2"
}

process_command()
{
	cat "/proc/$1/cmdline" 2>/dev/null | tr '\0' ' '
}

# Somebody else's business: a living process that is not of this run uses the file (or names it on
# its command line). Another build's tests may be running at the same time.
file_is_foreign()
{
	for dir in /proc/[0-9]*; do
		! process_is_ours "${dir#/proc/}" || continue
		if grep -qF "$1" "$dir/maps" 2>/dev/null ||
			process_command "${dir#/proc/}" | grep -qF "$1" ||
			find "$dir/fd" "$dir/cwd" -lname "$1*" 2>/dev/null | grep -q .; then
			return 0
		fi
	done
	return 1
}
