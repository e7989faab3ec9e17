#!/bin/bash
# SPDX-License-Identifier: MIT
# boot.sh - run a script as the only job of a freshly booted systemd
#
#	boot.sh TREE SCRIPT [ARGUMENT...]
#
# The new system is this machine's own root below a writable layer in memory, so that it has every
# program that is installed here, and TREE (what 'make install DESTDIR=' made) on top. systemd is PID 1
# of namespaces of its own: processes, mounts, network, IPC, host name, control groups. What it
# writes is lost, except in a directory for the output. The script runs as a unit
# when the sockets are up, with its directory to read from; when it ends systemd ends, with its status.
#
# Nothing of the machine is in reach: /dev, /dev/shm, /run and /tmp are new, /sys and /proc/sys
# can't be written, there are no devices, and the capabilities that reach through namespaces (clock,
# modules, raw I/O ...) are given up before systemd starts.
#
# Exit status: the script's; 77 with a reason if this machine can't do it; 124 after SHMQ_BOOT_LIMIT_S
# (60) seconds.
set -eu

limit_s=${SHMQ_BOOT_LIMIT_S:-60}
new_unshare=(unshare --pid --fork --kill-child=KILL --mount --propagation private --uts --ipc --net
	--cgroup)

skip()
{
	echo "skipped: $*" >&2
	exit 77
}

# ---- inside the namespaces, before systemd ----

mount_kernel() # ROOT
{
	mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
	mount --bind "$1/proc/sys" "$1/proc/sys"
	mount -o remount,bind,ro "$1/proc/sys"
	if [ -e "$1/proc/sysrq-trigger" ]; then
		mount --bind /dev/null "$1/proc/sysrq-trigger"
	fi
	mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$1/sys"
	mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$1/sys/fs/cgroup"
}

mount_devices() # ROOT
{
	local node

	mount -t tmpfs -o mode=755,nosuid tmpfs "$1/dev"
	for node in null zero full random urandom tty; do
		touch "$1/dev/$node"
		mount --bind "/dev/$node" "$1/dev/$node"
	done
	ln -s /proc/self/fd "$1/dev/fd"
	ln -s fd/0 "$1/dev/stdin"
	ln -s fd/1 "$1/dev/stdout"
	ln -s fd/2 "$1/dev/stderr"
	mkdir "$1/dev/pts" "$1/dev/shm" "$1/dev/mqueue"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$1/dev/pts"
	ln -s pts/ptmx "$1/dev/ptmx"
	mount -t tmpfs -o mode=1777,nosuid,nodev,size=1G tmpfs "$1/dev/shm"
	mount -t mqueue mqueue "$1/dev/mqueue"
}

# Of all that a system starts, what ours needs: the journal, users, directories.
choose_units() # ROOT
{
	local system=$1/usr/lib/systemd/system want

	rm -rf "$1"/etc/systemd/system/*.wants "$1"/etc/systemd/user/*.wants "$system"/*.target.wants
	rm -f "$1/etc/fstab"
	mkdir -p "$system/sysinit.target.wants" "$system/sockets.target.wants"
	for want in systemd-journald.service systemd-sysusers.service systemd-tmpfiles-setup.service; do
		ln -s "../$want" "$system/sysinit.target.wants/$want"
	done
	for want in systemd-journald.socket systemd-journald-dev-log.socket dbus.socket; do
		[ ! -e "$system/$want" ] || ln -s "../$want" "$system/sockets.target.wants/$want"
	done
	for want in usr/local/lib/systemd/system/shmqd.socket usr/lib/systemd/system/shmqd.socket; do
		[ ! -e "$1/$want" ] || ln -sf "/$want" "$system/sockets.target.wants/shmqd.socket"
	done
}

write_job() # ROOT SCRIPT ARGUMENT...
{
	local root=$1 script=$2
	shift 2

	cat >"$root/usr/lib/systemd/system/shmq-job.service" <<-END
		[Unit]
		Requires=sysinit.target sockets.target
		After=sysinit.target sockets.target
		SuccessAction=exit-force
		FailureAction=exit-force
		[Service]
		Type=oneshot
		ExecStart=/bin/bash /shmq/tests/${script##*/}$(printf ' "%s"' "$@")
		Environment=SHMQ_BOOTED=yes
		StandardOutput=append:/shmq/out/log
		StandardError=append:/shmq/out/log
	END
	mkdir -p "$root/etc/systemd/journald.conf.d"
	printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/shmq.conf"
}

inside() # WORK TREE SCRIPT ARGUMENT...
{
	work=$1
	local tree=$2 script=$3 root=$1/root layer=$1/layer
	shift 3

	mount -t tmpfs -o mode=755,size=1G tmpfs "$layer"
	mkdir "$layer/upper" "$layer/work"
	mount -t overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" overlay "$root"
	# /lib and others are symbolic links, which cp would not follow
	tar -C "$tree" -cf - . | tar -C "$root" -xf - --keep-directory-symlink
	mount_kernel "$root"
	mount_devices "$root"
	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
	# not below /tmp: systemd cleans that up
	mkdir -p "$root/shmq/out" "$root/shmq/tests"
	mount --bind "$work/out" "$root/shmq/out"
	mount --bind "${script%/*}" "$root/shmq/tests"
	mount -o remount,bind,ro "$root/shmq/tests"
	choose_units "$root"
	write_job "$root" "$script" "$@"
	ldconfig -r "$root"
	mkdir "$root/oldroot"
	cd "$root"
	pivot_root . oldroot
	umount -l /oldroot
	exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-sys_boot,-syslog,-mknod,-wake_alarm,-audit_control,-audit_read,-mac_admin,-mac_override \
		env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=shmq-test \
		LANG=C.UTF-8 /lib/systemd/systemd --system --unit=shmq-job.service --show-status=no
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
fi

# ---- outside ----

[ $# -ge 2 ] || { echo "usage: boot.sh TREE SCRIPT [ARGUMENT...]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || skip "booting a systemd needs root"
for program in unshare setpriv pivot_root mount systemctl journalctl; do
	command -v $program >/dev/null || skip "$program is not installed"
done
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
grep -qw overlay /proc/filesystems || skip "this kernel has no overlayfs"
grep -qw cgroup2 /proc/filesystems || skip "this kernel has no cgroup2"

work=$(mktemp -d "${TMPDIR:-/tmp}/shmq-boot.XXXXXX")
mkdir "$work/root" "$work/layer" "$work/cgroups" "$work/out"
group=

# The kernel takes a moment to empty a group whose processes were killed.
leave()
{
	local tries=100

	trap - EXIT INT TERM
	if [ -n "$group" ]; then
		[ ! -e "$group/cgroup.kill" ] || echo 1 >"$group/cgroup.kill"
		while [ -d "$group" ] && [ $tries -gt 0 ]; do
			find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.05
			tries=$((tries - 1))
		done
	fi
	umount "$work/cgroups" 2>/dev/null || :
	rm -rf --one-file-system "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

mount -t cgroup2 cgroup2 "$work/cgroups" 2>/dev/null || skip "cgroup2 can't be mounted"
mkdir "$work/cgroups/${work##*/}" 2>/dev/null || skip "no control group can be made"
group=$work/cgroups/${work##*/}
"${new_unshare[@]}" true 2>/dev/null || skip "namespaces can't be made"
# shellcheck disable=SC2016 # for that shell
"${new_unshare[@]}" sh -ec 'mount -t tmpfs tmpfs "$1"; mkdir "$1/upper" "$1/work"
	mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$2"' \
	sh "$work/layer" "$work/root" 2>/dev/null || skip "no layer can be put on the root"

: >"$work/out/log"
status=0
(
	echo "$BASHPID" >"$group/cgroup.procs"
	exec timeout --foreground -s KILL $limit_s "${new_unshare[@]}" \
		/bin/bash "$(realpath "$0")" --inside "$work" "$(realpath "$1")" "$(realpath "$2")" "${@:3}"
) </dev/null >"$work/console" 2>&1 || status=$?
cat "$work/out/log"
if [ $status != 0 ] && [ $status != 77 ]; then
	{ echo "console:"; cat "$work/console"; } >&2
fi
[ $status != 137 ] || exit 124
exit $status
