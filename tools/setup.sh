# SPDX-License-Identifier: MIT
# setup.sh - what quickstart and check share: Debian packages, configure, make
# shellcheck shell=sh
#
# Sourced with $top set to the source tree and inside it. Every function ends the script with a
# sentence when it can't go on. Nothing is done twice: what is installed, configured or up to date
# is left alone.

# shellcheck disable=SC2034 # used by whoever sources this
build_packages="gcc libc6-dev make autoconf automake libtool pkg-config
	protobuf-c-compiler libprotobuf-c-dev libevent-dev libinih-dev libsystemd-dev libacl1-dev
	libsmartcols-dev libjson-c-dev uthash-dev systemtap-sdt-dev"
# shellcheck disable=SC2034
test_packages="g++ libcriterion-dev clang clang-tidy cppcheck shellcheck mandoc python3-prometheus-client spin strace zsh fish systemd dbus libpam-systemd bpftrace abigail-tools"

say()
{
	printf '==> %s\n' "$*"
}

die()
{
	printf '%s\n' "$*" >&2
	exit 1
}

# shellcheck disable=SC2154 # $top: see above
case $top in
*[[:space:]\\\"\#\$\&\'\`]*)
	die "make can't build in '$top', because of a blank or quote in the path: clone it elsewhere." ;;
esac

# packages_install PACKAGE...: those that dpkg does not know as installed
packages_install()
{
	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian system: what is missing will be named by configure"
		return 0
	fi
	missing=
	for package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" = 0 ]; then
		as_root="env"
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		as_root=sudo
	else
		die "these packages are missing, and neither root nor sudo is at hand. Run as root:
apt-get install$missing"
	fi
	say "installing$missing"
	$as_root apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null ||
		die "apt-get update failed. Run as root when it works: apt-get install$missing"
	# shellcheck disable=SC2086 # a list of names
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends $missing </dev/null ||
		die "installation failed. Run as root: apt-get install$missing"
}

# quiet LOG COMMAND...: its output goes to LOG, and to the terminal when it failed
quiet()
{
	log=$1
	shift
	mkdir -p "$(dirname "$log")"
	if "$@" >"$log" 2>&1 </dev/null; then
		return 0
	fi
	tail -n 60 "$log" >&2
	printf 'failed: %s (all of it: %s)\n' "$*" "$log" >&2
	return 1
}

# What a configured tree depends on: its arguments, and which packages configure could find.
configure_key()
{
	echo "$*"
	# shellcheck disable=SC2086 # two lists of names
	dpkg-query -W -f '${Package} ${Version}\n' $build_packages $test_packages 2>/dev/null || :
}

# tree_configure DIRECTORY CONFIGURE-ARGUMENT...: an out-of-tree build; again only if something
# changed that it depends on: ./check installs what ./quickstart had no need of
# shellcheck disable=SC2154 # $top: see above
tree_configure()
{
	dir=$1
	shift
	if [ ! -x configure ]; then
		say "generating configure"
		quiet "$dir/autoreconf.log" autoreconf -fi || return 1
	fi
	if [ -f "$dir/Makefile" ] && configure_key "$@" | cmp -s - "$dir/configured-with"; then
		return 0
	fi
	say "configuring $dir${*:+ with $*}"
	mkdir -p "$dir"
	(cd "$dir" && quiet "$PWD/configure.log" "$top/configure" "$@") || return 1
	configure_key "$@" >"$dir/configured-with"
}

# The plain build, the same one for quickstart and check. Warnings are errors with the compiler
# that we know; another one may know more of them.
plain_arguments()
{
	case $(gcc -dumpversion) in
	12*) echo --enable-werror ;;
	esac
}

n_jobs()
{
	nproc 2>/dev/null || echo 2
}
