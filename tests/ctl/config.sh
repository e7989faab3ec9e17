#!/bin/sh
# SPDX-License-Identifier: MIT
# config.sh - shmqd.conf on a real shmqd: declared rings, reload, mistakes; the example that is installed
set -eu

dir=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-config.XXXXXX")
instance=test-config-$$
daemon=
cleanup()
{
	[ -z "$daemon" ] || { kill -KILL "$daemon" && wait "$daemon"; } 2>/dev/null || true
	rm -f "/dev/shm/shmq.$instance."*
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

SHMQ_SOCKET=$dir/control.sock
export SHMQ_SOCKET
start()
{
	"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" --config "$dir/conf" "$@" 2>>"$dir/log" &
	daemon=$!
}
same()
{
	[ "$1" = "$2" ] || { printf '%s\ninstead of\n%s\n' "$1" "$2" >&2; cat "$dir/log" >&2; exit 1; }
}
logged()
{
	grep -qE -- "$1" "$dir/log" || { echo "not logged: $1" >&2; cat "$dir/log" >&2; exit 1; }
}

# The example says what is true: as it is, and with every setting in force.
"$SHMQD_BIN" --check-config --config "$TOP_SRCDIR/systemd/shmqd.conf" >"$dir/out"
grep -q '^The configuration is right: 1 file, 0 declared rings\.$' "$dir/out"
sed 's/^#\([^ ]\)/\1/' "$TOP_SRCDIR/systemd/shmqd.conf" >"$dir/all"
"$SHMQD_BIN" --check-config --config "$dir/all" >"$dir/out"
grep -q '^The configuration is right: 1 file, 1 declared ring\.$' "$dir/out"

# Declared rings are there before the first client is let in.
cat >"$dir/conf" <<EOF
[Daemon]
max-rings=16
max-rings-per-uid=3
[Ring md.ticks]
slots=64
size=256
[Ring other]
EOF
start
"$SHMQCTL_BIN" list --timeout 20s >"$dir/out" || {
	tries=0
	until "$SHMQCTL_BIN" ping --quiet 2>"$dir/error"; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || { cat "$dir/log" >&2; exit 1; }
		sleep 0.05
	done
} 2>"$dir/error"
same "$("$SHMQCTL_BIN" list -n -r -o name,slots | sort)" "$(printf 'md.ticks 64\nother 1024')"

# They survive a restart, with what is in them; one that was made otherwise is left alone.
echo hello | "$SHMQCTL_BIN" send md.ticks --quiet
kill -KILL $daemon
wait $daemon || true
sed -i 's/^slots=64/slots=128/' "$dir/conf"
start
tries=0
until "$SHMQCTL_BIN" ping --quiet 2>"$dir/error"; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || { cat "$dir/log" >&2; exit 1; }
	sleep 0.05
done
same "$("$SHMQCTL_BIN" stat md.ticks -n -r -o slots,depth)" "64 1"
logged '\[Ring md\.ticks\] of the configuration: .*exists and is another one'

# A reload: limits are raised, new rings are made, none is removed; what must wait is named.
"$SHMQCTL_BIN" create third --quiet
status=0
"$SHMQCTL_BIN" create fourth 2>"$dir/error" || status=$?
same $status 8
cat >"$dir/conf" <<EOF
[Daemon]
max-rings=32
max-rings-per-uid=6
[Ring late]
EOF
"$SHMQCTL_BIN" reload
logged 'the configuration was read again'
logged 'max-rings: takes effect at a restart'
"$SHMQCTL_BIN" create fourth --quiet
same "$("$SHMQCTL_BIN" list -n -r -o name | sort | tr '\n' ' ')" "fourth late md.ticks other third "

# A mistake changes nothing.
cat >"$dir/conf" <<EOF
[Daemon]
max-rings-per-uid=20
[Ring never]
slots=three
EOF
status=0
"$SHMQCTL_BIN" reload 2>"$dir/error" || status=$?
same $status 1
grep -q 'has mistakes' "$dir/error"
logged 'conf:4: \[Ring never\] slots=three: must be a number'
"$SHMQCTL_BIN" create sixth --quiet
status=0
"$SHMQCTL_BIN" create seventh 2>"$dir/error" || status=$?
same $status 8
status=0
"$SHMQD_BIN" --check-config --config "$dir/conf" 2>"$dir/error" || status=$?
same $status 2
grep -q "^shmqd: $dir/conf:4: " "$dir/error"

# The command line goes before the files; and with a mistake there is no start.
kill "$daemon"
wait "$daemon"
printf '[Daemon]\nmax-rings-per-uid=6\n' >"$dir/conf"
start --max-rings-per-uid 7
tries=0
until "$SHMQCTL_BIN" ping --quiet 2>"$dir/error"; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || { cat "$dir/log" >&2; exit 1; }
	sleep 0.05
done
"$SHMQCTL_BIN" create seventh --quiet
kill "$daemon"
wait "$daemon"
printf '[Daemon]\nmax-rings=0\n' >"$dir/conf"
status=0
"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" --config "$dir/conf" 2>"$dir/error" || status=$?
same $status 2
grep -q 'conf:2: max-rings=0: must be a number from 1' "$dir/error"
daemon=

# Who asks for a reload while the declared rings of the start are being made gets it when they are.
{
	printf '[Daemon]\nmax-rings=1024\n'
	n=0
	while [ $n -lt 600 ]; do
		n=$((n + 1))
		printf '[Ring r%d]\nslots=8\n' $n
	done
} >"$dir/conf"
rm -f "/dev/shm/shmq.$instance."* # a registry keeps its size while there are rings
: >"$dir/log"
start
# await WORDS: until they are in the log
await()
{
	tries=0
	until grep -q "$1" "$dir/log"; do
		tries=$((tries + 1))
		[ $tries -lt 2000 ] || { echo "not logged: $1" >&2; tail "$dir/log" >&2; exit 1; }
		sleep 0.01
	done
}
await "made ring 'r1'"
kill -HUP "$daemon"
await 'the configuration was read again'
same "$("$SHMQCTL_BIN" list -n -r -o name | grep -c '^r')" 600
kill "$daemon"
wait "$daemon"
daemon=
