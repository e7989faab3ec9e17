#!/bin/sh
# SPDX-License-Identifier: MIT
# mutants.sh [SEEDS] - plant one bug at a time in the core and see that the simulator finds it
#
# Each line of the table below: file, a sed script, what it breaks. A mutant that changes nothing, or
# does not compile, is an error of the table. Survivors are listed and make the exit status 1,
# unless the table names the unit test that finds them.
# Not part of 'make check': about two minutes. Needs a C compiler only.
set -eu

src=${TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
seeds=${1:-10}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cc="${CC:-cc} -std=gnu11 -O1 -w -D_GNU_SOURCE -I$build/src -I$src -I$src/shm/include -I$src/client/include"

mutants()
{
	sed 's/^[[:space:]]*//' <<'END'
account.c|s/^\ttype_release(core.*//|types stay in use when their rings are gone
attachment.c|/died ? SHMQ_ROLE_DIED : SHMQ_ROLE_DETACHED/{n;s/words_tell/(void)/;s/(void)(core, ring)/(void)core/}|a role ends and nobody is woken
attachment.c|s/SHMQ_ROLE_HELD);/SHMQ_ROLE_DETACHED);/|a granted role is not held on the board
attachment.c|s/^\tgranted_remove.*//|ended attachments are granted again
attachment.c|s/++ring_at->incarnation/ring_at->incarnation/|incarnations repeat
attachment.c|s/next_attachment_id++/next_attachment_id/|attachment ids repeat
attachment.c|s/^\tprocess_watch(core, connection->process, connection);//|nobody watches who attaches
attachment.c|s/^\taccount_release_attachment.*//|ended attachments stay charged
attachment.c|s/^\twatch_tell(core, died.*/\tif (0) watch_tell(core, CONTROL_EVENT_DIED, ring, \&record->process,/|watchers are not told of ends
adopt.c|s/^\ttell_everybody(core);//|adoption wakes nobody
adopt.c|s/^\tfinish_attachments(core);//|half-ended attachments stay so
adopt.c|s/^\tremove_strays(&adoption);//|strays stay
adopt.c|s/!entry->ours || !adoption->whole/0/|strays of others are removed
adopt.c|s/ || at->entry->inode != record->inode//|any inode is believed (found by test_core_adopt)
adopt.c|s/if (at \&\& at->entry->owned)$/if (0)/|what was half made is not removed
adopt.c|s/^\tverify_processes(core);//|nobody looks whether holders live
adopt.c|s/^\t\tdestroy_go_on(core, ring);//|tombstones stay
adopt.c|s/^\t\tpurge_restart(core, ring);//|purges are not finished
adopt.c|s/^\t\tlifetime_look_later.*/\t\t;/|lifetimes are forgotten at a start
adopt.c|s/^\t\tmend_words.*/\t\t;/|the board is not mended
ask.c|s/^\tlist_append(&ask->connection->asks.*//|waiting requests outlive their connection
attach.c|s/^\tif (granted) {/\tif (0) {/|a repeated attach is a new one
attach.c|s/^\tif (policy_is_peer(core, ask) < 0 || /\tif (/|strangers may attach
connection.c|s/^\twatch_stop(core, connection);//|closed connections watch on
connection.c|s/^\tconnection_free(core, connection);/\tif (!process->has_ended) process_ended(core, process);\n&/|a closed connection is taken for a death
create.c|s/^\tring_asks_refuse.*//|who waits for a ring that fails waits for ever
create.c|s/record->use_count++;//|use counts repeat
create.c|s/^\taccount_charge_ring.*//|rings are not charged
create.c|s/^\twords_tell(core, ring);//|a new ring wakes nobody
destroy.c|s/^\tif (ring_is_attached(ring) || ring->step != RING_IDLE)/\tif (ring->step != RING_IDLE)/|memory is taken from under those attached
destroy.c|s/if (ring_is_attached(ring) \&\& !ask->request.force)/if (0)/|every destroy is by force (found by test_core_destroy)
destroy.c|s/^\tring_name_remove(core, ring);//|names stay taken
destroy.c|s/^\twords_set_state(core, ring, SHMQ_RING_DESTROYED);//|the board does not say destroyed
destroy.c|s/^\tend_owner(core, ring);//|owners stay behind
destroy.c|s/^\tsegment_unlink(core, ring, true);/\tdestroy_unlinked(core, ring, 0);/|destroyed segments are not unlinked
destroy.c|s/registry_ring_set_state(record, REGISTRY_RING_DESTROYING);//|no intent before the unlink
destroy.c|s/^\tsegment_close(core, ring);//|descriptors stay open
detach.c|s/attachment->process != ask->connection->process/0/|anybody may detach anybody
lifetime.c|s/return !ring_is_attached(ring);/return true;/|rings in use are reaped
lifetime.c|s/ring->unread ? core->config.linger_unread_s/0 ? 0/|unread messages do not count
lifetime.c|s/core->grace_end_ns/core->now_ns/|no grace
lifetime.c|s/^\tif (ring->deadline_ns \&\& ring->has_clock)/\tif (0)/|an equal create does not restart the clock
policy.c|s/!ask->is_peer || //|heirs of the socket are believed
policy.c|s/ask->request.echo != connection->echo/0/|any echo will do
process.c|s/^\treturn (a->start_ticks.*/\treturn true;/;s/differ(a->start_ticks, b->start_ticks)/0/;s/differ(a->pidfs_inode, b->pidfs_inode)/0/|a pid is an identity
death.c|s/^\t\tring_left(core, ring);//|nobody looks at the rings of the dead
death.c|s/^\t\tprocess_ended(core, process);/\t\tprocess_put(core, process);/|the dead are found and kept
purge.c|s/record->use_count++;//|a purged ring keeps its use count
purge.c|s/^\tif (ring_is_attached(ring)) {/\tif (0) {/|rings in use are purged
registry_judge.c|s/return ring->state == REGISTRY_RING_LIVE/return ring->state == REGISTRY_RING_CREATING || ring->state == REGISTRY_RING_LIVE/|a failed undoing spoils the registry (found by test_registry)
ring_event.c|s/step_failed(core, ring, event->error))/0)/|errors of the system are ignored
ring_event.c|s/^\tring_undo(core, ring, error);/\tring->step = RING_IDLE;/|failures are not undone
watch.c|s/^\tif (core->n_missed)/\tif (0)/|watchers do not learn that they missed something (found by test_core_query)
END
}

compile() # FILE.c OBJECT
{
	$cc -c "$1" -o "$2"
}

mkdir -p "$build/src/daemon/core" "$build/good"
cp "$src"/daemon/core/*.[ch] "$build/src/daemon/core/"
for file in "$src"/daemon/core/*.c "$src"/tests/sim/*.c "$src"/shm/geometry.c \
	"$src"/base/format.c "$src"/base/random.c "$src"/base/siphash.c \
	"$src"/base/clock.c "$src"/base/parse.c "$src"/base/principal.c "$src"/base/metrics.c; do
	compile "$file" "$build/good/$(basename "$file" .c).o"
done
$cc "$build"/good/*.o -o "$build/sim"
"$build/sim" --seeds "$seeds" --steps 30000 >"$build/log" 2>&1 || {
	echo "the simulator fails without any mutant:"
	cat "$build/log"
	exit 1
}

n=0
n_found=0
mutants >"$build/list"
while IFS= read -r line; do
	file=${line%%|*}
	what=${line##*|}
	script=${line#*|}
	script=${script%|*}
	n=$((n + 1))
	sed "$script" "$src/daemon/core/$file" >"$build/src/daemon/core/$file"
	if cmp -s "$src/daemon/core/$file" "$build/src/daemon/core/$file"; then
		echo "STALE     $file: $what"
	elif ! compile "$build/src/daemon/core/$file" "$build/mutant.o" 2>"$build/log"; then
		echo "BROKEN    $file: $what"
		head -3 "$build/log"
	else
		rest=$(find "$build/good" -name '*.o' ! -name "$(basename "$file" .c).o")
		# shellcheck disable=SC2086 # a list
		$cc "$build/mutant.o" $rest -o "$build/mutant"
		if timeout 60 "$build/mutant" --seeds "$seeds" --steps 30000 >"$build/log" 2>&1; then
			case $what in
			*"(found by "*) n_found=$((n_found + 1)) ;;
			esac
			echo "SURVIVED  $file: $what"
		else
			n_found=$((n_found + 1))
			how=$(grep -aE '^seed [0-9]+, step|Assertion' "$build/log" | head -1)
			echo "found     $file: $what  [${how:-crash or time-out}]"
		fi
	fi
	cp "$src/daemon/core/$file" "$build/src/daemon/core/$file"
done <"$build/list"
echo "$n_found of $n mutants found"
[ "$n_found" = "$n" ]
