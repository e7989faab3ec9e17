#!/bin/sh
# SPDX-License-Identifier: MIT
# config.sh - shmqd.conf on a real shmqd: declared rings, reload, mistakes; the example that is installed
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

logged()
{
	like "$dir/log" "$1"
}

# The example says what is true: as it is, and with every setting in force.
"$SHMQD_BIN" --check-config --config "$TOP_SRCDIR/systemd/shmqd.conf" >"$dir/out"
like "$dir/out" '^The configuration is right: 1 file, 0 declared rings\.$'
sed 's/^#\([^ ]\)/\1/' "$TOP_SRCDIR/systemd/shmqd.conf" >"$dir/all"
"$SHMQD_BIN" --check-config --config "$dir/all" >"$dir/out"
like "$dir/out" '^The configuration is right: 1 file, 1 declared ring\.$'

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
daemon_start --config "$dir/conf"
same "$("$SHMQCTL_BIN" list -n -r -o name,slots | sort)" "$(printf 'md.ticks 64\nother 1024')"

# They survive a restart, with what is in them; one that was made otherwise is left alone.
echo hello | "$SHMQCTL_BIN" send md.ticks --quiet
daemon_end KILL
sed -i 's/^slots=64/slots=128/' "$dir/conf"
daemon_start --config "$dir/conf"
same "$("$SHMQCTL_BIN" stat md.ticks -n -r -o slots,depth)" "64 1"
logged '\[Ring md\.ticks\] of the configuration: .*exists and is another one'

# A reload: limits are raised, new rings are made, none is removed; what must wait is named.
"$SHMQCTL_BIN" create third --quiet
ends 8 "$SHMQCTL_BIN" create fourth
cat >"$dir/conf" <<EOF
[Daemon]
max-rings=32
max-rings-per-uid=6
[Ring late]
EOF
"$SHMQCTL_BIN" reload
logged 'the configuration was read again'
logged 'max-rings: takes effect at a start that finds no ring'
"$SHMQCTL_BIN" create fourth --quiet
same "$("$SHMQCTL_BIN" list -n -r -o name | sort | tr '\n' ' ')" "fourth late md.ticks other third "

# A mistake changes nothing.
cat >"$dir/conf" <<EOF
[Daemon]
max-rings-per-uid=20
[Ring never]
slots=three
EOF
ends 1 "$SHMQCTL_BIN" reload
like "$dir/error" 'has mistakes'
logged 'conf:4: \[Ring never\] slots=three: must be a number'
"$SHMQCTL_BIN" create sixth --quiet
ends 8 "$SHMQCTL_BIN" create seventh
ends 2 "$SHMQD_BIN" --check-config --config "$dir/conf"
like "$dir/error" "^shmqd: $dir/conf:4: "

# The journal hears of the first ones only.
{
	n=0
	while [ $n -lt 100 ]; do
		n=$((n + 1))
		echo "[Ring other]"
		echo "slots=wrong"
	done
} >"$dir/conf"
: >"$dir/log"
ends 1 "$SHMQCTL_BIN" reload
same "$(grep -c 'slots=wrong' "$dir/log")" 20
logged 'has mistakes \(80 more; '
{
	n=0
	while [ $n -lt 100 ]; do
		n=$((n + 1))
		echo "[Ring wants.room.$n]"
		echo "slots=8"
	done
} >"$dir/conf"
: >"$dir/log"
"$SHMQCTL_BIN" reload
same "$(grep -c '\[Ring wants\.room\.[0-9]*\] of the configuration' "$dir/log")" 20
logged '[0-9]* more declared rings are not as the configuration says'
for ring in $("$SHMQCTL_BIN" list -n -r -o name | grep '^wants'); do
	"$SHMQCTL_BIN" destroy "$ring" --quiet
done

# The command line goes before the files; and with a mistake there is no start.
daemon_end TERM
printf '[Daemon]\nmax-rings-per-uid=6\n' >"$dir/conf"
daemon_start --config "$dir/conf" --max-rings-per-uid 7
"$SHMQCTL_BIN" create seventh --quiet
daemon_end TERM
printf '[Daemon]\nmax-rings=0\n' >"$dir/conf"
ends 2 "$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" --config "$dir/conf"
like "$dir/error" 'conf:2: max-rings=0: must be a number from 1'

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
daemon_run --config "$dir/conf"
until_true grep -q "made ring 'r1'" "$dir/log"
kill -HUP "$daemon"
until_true grep -q 'the configuration was read again' "$dir/log"
same "$("$SHMQCTL_BIN" list -n -r -o name | grep -c '^r')" 600

# Among many rings the one that was meant is found, too.
"$SHMQCTL_BIN" create ticks --quiet
ends 4 "$SHMQCTL_BIN" show tikcs
like "$dir/error" 'Did you mean ticks'
daemon_end TERM
