#!/bin/sh
# SPDX-License-Identifier: MIT
# completion.sh - the completions of bash, and of zsh and fish where they are installed, as one types
bash=$(command -v bash) || { echo "bash is not installed" >&2; exit 77; }
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

# The daemon is at a place that only --socket tells.
unset SHMQ_SOCKET
socket=$dir/control.sock
XDG_RUNTIME_DIR=$dir
export XDG_RUNTIME_DIR
daemon_start
for ring in md.ticks md.trades orders; do
	"$SHMQCTL_BIN" create --socket "$socket" --quiet $ring
done
mkdir "$dir/bin"
printf '#!/bin/sh\nexec %s "$@"\n' "$SHMQCTL_BIN" >"$dir/bin/shmqctl"
chmod +x "$dir/bin/shmqctl"
PATH=$dir/bin:$PATH
export PATH
for shell in bash zsh fish; do
	shmqctl completion $shell >"$dir/$shell"
done

ends 2 shmqctl completion csh
! shmqctl --help | grep -q completion || fail "it is not hidden"

cat >"$dir/ask.bash" <<'BASH'
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_shmqctl
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
BASH

# ask SHELL WORD...: what may stand for the last word, in one line
ask()
{
	shell=$1
	shift
	case $shell in
	bash) "$bash" --norc "$dir/ask.bash" "$dir/bash" "$@" ;;
	fish) fish --no-config -c "source $dir/fish; complete -C '$*'" | cut -f 1 ;;
	esac 2>"$dir/error" | sort | tr '\n' ' '
}
# expect EXPECTED SHELL WORD...
expect()
{
	expected=$1
	shift
	got=$(ask "$@")
	[ "$got" = "$expected" ] || fail "$*: '$got', not '$expected'" "$dir/error"
}

shells=bash
for shell in zsh fish; do
	if command -v $shell >/dev/null; then
		shells="$shells $shell"
	else
		echo "$shell is not installed: only its script's text is looked at" >&2
	fi
done

# Every verb and every option, and nothing else: by --help.
verbs=$(shmqctl --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
n_options=0
for verb in $verbs; do
	options=$(shmqctl "$verb" --help | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p' | sort -u | tr '\n' ' ')
	for option in $options; do
		n_options=$((n_options + 1))
		sed -n "/^		$verb)\$/,/;;/p" "$dir/zsh" | grep -qE -e "${option}=?('\[|})" ||
			fail "zsh: no $option of $verb"
	done
	for shell in $shells; do
		[ "$shell" = zsh ] || expect "$options" "$shell" shmqctl "$verb" --
	done
	grep -q "^		'$verb:" "$dir/zsh" || fail "zsh: no $verb"
done
[ $n_options -gt 150 ] || fail "only $n_options options in all the helps"

for shell in $shells; do
	[ "$shell" != zsh ] || continue
	expect "send show stat " "$shell" shmqctl s
	expect "send show stat " "$shell" shmqctl help s
	expect "send show stat " "$shell" shmqctl --socket list -t 1s s
	expect "md.ticks md.trades " "$shell" shmqctl --socket "$socket" show md.
	expect "md.ticks md.trades orders " "$shell" shmqctl stat --socket "$socket" orders ''
	expect "orders " "$shell" shmqctl recv -n 1 --socket "$socket" o
	expect "" "$shell" shmqctl recv --socket "$socket" -n ''
	expect "" "$shell" shmqctl create --socket "$socket" ''
	expect "" "$shell" shmqctl show ''
	expect "always auto " "$shell" shmqctl list --color a
	expect "pid " "$shell" shmqctl clients -o p
	expect "generation " "$shell" shmqctl list --output g
	expect "name,segment name,size name,slots name,state " "$shell" shmqctl list -o name,s
	expect "depth detached/s died/s dry/s " "$shell" shmqctl top -o d
done
expect "orders " bash shmqctl recv --socket = "$socket" o
expect "+generation " bash shmqctl list --output = +g
expect "" bash shmqctl --output g
touch "$dir/some file"
expect "$dir/some file " bash shmqctl list --socket "$dir/some"

# zsh completes in its line editor only: on a terminal of its own, with Tab and Enter.
cat >"$dir/ask.zsh" <<'ZSH'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "cd $1; fpath=($1/site \$fpath); autoload -Uz compinit; compinit -u -D; PS1=; setopt no_list_beep"
zpty -w shell "preexec() { print -r -- \"\$1\" >$1/line }; print ready >$1/ready"
for i in {1..200}; do [[ -e $1/ready ]] && break; sleep 0.05; done
zpty -w -n shell "$2"$'\t\n'
for i in {1..200}; do [[ -s $1/line ]] && break; sleep 0.05; done
zpty -d shell
cat $1/line
ZSH
case $shells in *zsh*)
	mkdir "$dir/site"
	cp "$dir/zsh" "$dir/site/_shmqctl"
	for pair in "shmqctl sho=shmqctl show" "shmqctl list --nohe=shmqctl list --noheadings" \
		"shmqctl create --sea=shmqctl create --sealed" "shmqctl help purg=shmqctl help purge" \
		"shmqctl show --socket $socket orde=shmqctl show --socket $socket orders" \
		"shmqctl --socket $socket show md.ti=shmqctl --socket $socket show md.ticks" \
		"shmqctl list --color al=shmqctl list --color always" \
		"shmqctl clients -o name,incar=shmqctl clients -o name,incarnation"; do
		rm -f "$dir/line" "$dir/ready"
		got=$(timeout 60 zsh -f "$dir/ask.zsh" "$dir" "${pair%=*}" 2>"$dir/error" | sed 's/ *$//')
		[ "$got" = "${pair#*=}" ] || fail "zsh: '$got', not '${pair#*=}'" "$dir/error"
	done ;;
esac
