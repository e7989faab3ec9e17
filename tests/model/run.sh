#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs ring.pml as designed and with elements taken away. Each mutation must be found, each design
# must pass; a run that gave no verdict (out of memory, model error) is a failure.
#   run.sh          what ./check runs
#   run.sh --long   also the configurations with millions of states
set -u
here=$(cd "$(dirname "$0")" && pwd)
command -v spin >/dev/null && command -v gcc >/dev/null || { echo "spin or gcc is missing"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/shmqd-model.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
long=0
[ "${1:-}" = --long ] && long=1
wrong=0
runs=0

# verdict MODEL FLAGS... -> "ok STATES", "found STATES" or "broken REASON"
verdict() {
	local model=$1 dir out errors states
	shift
	dir=$(mktemp -d "$work/run.XXXXXX")
	cd "$dir" || exit 1
	# shellcheck disable=SC2048,SC2086
	spin $* -a "$here/$model" >gen.log 2>&1 || { echo "broken $(tail -1 gen.log)"; return; }
	gcc -O1 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 -DMEMLIM=3000 -o pan pan.c >cc.log 2>&1 ||
		{ echo "broken $(tail -1 cc.log)"; return; }
	out=$(timeout 600 ./pan -m2000000 2>&1)
	errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' <<<"$out")
	states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' <<<"$out")
	if grep -qE 'out of memory|max search depth too small|reached -DMEMLIM' <<<"$out" || [ -z "$errors" ]; then
		echo "broken $(head -1 <<<"$out")"
	elif [ "$errors" = 0 ]; then
		echo "ok $states"
	else
		echo "found $states"
	fi
}

# expect ok|found MODEL "FLAGS" ...
expect() {
	local want=$1 model=$2 flags got mark
	shift 2
	for flags in "$@"; do
		got=$(verdict "$model" "$flags")
		runs=$((runs + 1))
		mark=' '
		[ "${got%% *}" = "$want" ] || { mark='!'; wrong=$((wrong + 1)); }
		printf '%s %-9s %-42s %s states\n' "$mark" "${got%% *}" "${flags:-as designed}" "${got#* }"
	done
}

echo "ring as designed: fence, membarrier, weak stores, batches, wrap, timeouts"
expect ok ring.pml "" "-DMEMBAR" "-DMEMBAR -DMIXED" "-DPSO" "-DPSO -DMEMBAR" "-DN=6 -DSM=3" \
	"-DB=2" "-DSM=2 -DSTART=1" "-DSPUR=2" "-DSPUR=2 -DMEMBAR" "-DMEMBAR -DFRESH" \
	"-DSTAY -DSPUR=2" "-DSTAY -DSPUR=2 -DMEMBAR"
echo "ring as designed: deaths at every step, successors, the daemon dies too"
expect ok ring.pml "-DKILLP -DB=2 -DN=3" "-DKILLC -DN=2" "-DKILLP -DNOSUCC" \
	"-DKILLP -DNOSUCC -DDKILL" "-DKILLP -DNOSUCC -DB=2 -DPSO -DN=3"
echo "ring with an element taken away"
expect found ring.pml "-DNO_P3F" "-DNO_C3F" "-DMEMBAR -DNO_C_ARM" "-DMEMBAR -DNO_P_ARM" \
	"-DMEMBAR -DC_LOOK_FIRST" "-DMEMBAR -DP_LOOK_FIRST" "-DNO_KERNEL_WAIT_FENCE -DNO_C_ARM" \
	"-DNO_KERNEL_WAIT_FENCE -DNO_P_ARM" "-DNO_KERNEL_WAKE_FENCE -DMEMBAR" \
	"-DB=2 -DWAKE_AT_FIRST" "-DPSO -DHEADER_RELAXED" "-DHEADER_FIRST" "-DHEADER_NO_ACQUIRE" \
	"-DRELEASE_EARLY" "-DSM=1" "-DFM=CAP" "-DKILLP -DPPOS_FIRST -DNO_GHOST -DN=3" \
	"-DKILLP -DB=2 -DHEADER_REVERSE -DNO_GHOST -DN=3" "-DKILLP -DNO_STEP -DN=3" "-DKILLP -DCHECK_EARLY -DN=3" \
	"-DKILLP -DNOSUCC -DNO_C_LOOK" "-DKILLC -DNO_P_LOOK -DN=3" "-DKILLP -DNOSUCC -DROLE_BEFORE_BUMP" \
	"-DKILLP -DNOSUCC -DNO_BUMP" "-DKILLP -DNOSUCC -DNO_DAEMON_WAKE" "-DKILLP -DNOSUCC -DBUMP_FIRST" \
	"-DKILLP -DNOSUCC -DPSO -DBUMP_RELAXED" "-DKILLC -DNO_DAEMON_WAKE -DN=3" \
	"-DKILLP -DNOSUCC -DDKILL -DNO_ADOPT_BUMP" "-DMEMBAR -DFRESH -DREGISTER_NO_FENCE" \
	"-DMEMBAR -DFRESH -DREGISTER_LATE" "-DSTAY -DSPUR=2 -DMEMBAR -DNO_C_ARM"
echo "without store buffers the same model is blind to a missing fence"
expect ok ring.pml "-DSC -DNO_P3F" "-DSC -DMEMBAR -DNO_C_ARM"
if [ -e "$here/registry.pml" ]; then
	echo "registry as designed, then with an element taken away"
	# shellcheck disable=SC1091
	. "$here/registry.list"
fi
if [ $long = 1 ]; then
	echo "the long ones"
	expect ok ring.pml "-DKILLP -DN=3" "-DKILLP -DMEMBAR -DN=3" "-DKILLC -DN=3" \
		"-DKILLC -DMEMBAR -DN=3" "-DCAP=4 -DN=6" "-DCAP=4 -DN=6 -DFREEW=2" "-DCAP=4 -DN=6 -DB=2" \
		"-DCAP=4 -DN=6 -DB=2 -DMEMBAR" "-DCAP=4 -DN=6 -DB=2 -DPSO" "-DKILLP" "-DKILLP -DPSO -DN=3" \
		"-DKILLP -DB=2 -DSM=3 -DSTART=2" "-DKILLC" "-DKILLC -DPSO -DN=3" "-DKILLP -DDKILL -DN=3" \
		"-DKILLC -DDKILL -DN=3" "-DKILLP -DKILLC -DN=3" "-DMEMBAR -DFRESH -DKILLP -DN=3"
fi
echo "$runs models, $wrong not as expected"
[ $wrong = 0 ]
