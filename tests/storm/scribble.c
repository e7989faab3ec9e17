/* SPDX-License-Identifier: MIT */
/*
 * scribble.c - a peer that writes any byte it may, whenever it likes
 *
 *	scribble [--milliseconds N] [--seed N]		of each of eight scenes, at least; default: 400, 1
 *
 * A scene is a victim that produces or consumes, in a named or in a sealed ring, and a scribbler that
 * has the other role: it writes random words, or is honest for a while and writes words that are
 * almost right. All mappings have pages without access around them. A call that returns nonsense or
 * does not end, a fault, a message lost in another ring, or a daemon that is any different afterwards
 * is a failure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"
#include "base/parse.h"
#include "tests/harness/process.h"
#include "tests/storm/scribble.h"

static const struct shmq_ring_config hunted = { .slots = SCRIBBLE_SLOTS,
						.size_bytes = SCRIBBLE_SIZE,
						.lifetime = SHMQ_PERSISTENT };

bool scribble_must_stop(const struct scribble_scene *scene)
{
	/* [S1] relaxed: a hint, nothing is read because of it */
	return __atomic_load_n(&scene->board->stop, __ATOMIC_RELAXED);
}

uint64_t scribble_random(uint64_t *state)
{
	/* xorshift64, G. Marsaglia */
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

int scribble_attach(const struct scribble_scene *scene, struct shmq_client *client,
		    enum shmq_role role, struct shmq_producer **ret_producer,
		    struct shmq_consumer **ret_consumer)
{
	struct shmq_ring_config config = hunted;
	int r;

	config.sealed = scene->sealed;
	r = role == SHMQ_ROLE_PRODUCER
		    ? shmq_open_producer(client, SCRIBBLE_RING, &config, ret_producer)
		    : shmq_open_consumer(client, SCRIBBLE_RING, &config, ret_consumer);
	/* taken, or destroyed by the victim just now */
	return r == -EBUSY || r == -ENOENT || r == -ESTALE ? -EAGAIN : r;
}

/* ---- the parent ---- */

static uint64_t count_load(const uint64_t *count)
{
	/* [S5] relaxed: a child's counter while it counts; how far it is, is all that is asked */
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

/* Something was scribbled, somebody minded, and somebody else did not. */
static bool has_happened(void *arg)
{
	const struct scribble_board *board = arg;

	return count_load(&board->n_words) && count_load(&board->n_others) &&
	       count_load(&board->n_poisoned) + count_load(&board->n_refused);
}

static void scene_run(struct scribble_scene *scene, uint64_t milliseconds, int status[2])
{
	struct timespec nap = timespec_from_ns((int64_t)milliseconds * NS_PER_MS);
	pid_t victim = child_start(scribble_victim, scene);
	pid_t scribbler = child_start(scribble_scribbler, scene);

	nanosleep(&nap, NULL);
	wait_until(has_happened, scene->board); /* on a busy machine that may take longer */
	/* [S2] relaxed: a hint; what the children counted is read after their end */
	__atomic_store_n(&scene->board->stop, 1, __ATOMIC_RELAXED);
	status[0] = child_wait(victim);
	status[1] = child_wait(scribbler);
}

struct daemon_state {
	struct shmq_client *client;
	const struct daemon *daemon;
	unsigned n_descriptors;
};

static bool is_as_before(void *arg)
{
	const struct daemon_state *state = arg;

	return daemon_descriptors(state->daemon) == state->n_descriptors &&
	       daemon_segments(state->daemon) == 0 && shmq_ping(state->client) >= 0;
}

static int scene_judge(const struct scribble_scene *scene, const int status[2],
		       struct daemon_state *state)
{
	const struct scribble_board *board = scene->board;
	int r = 0, n_bad = 0;

	printf("%s ring, %s %s: %" PRIu64 " words, %" PRIu64 " honest calls; %" PRIu64
	       " calls, %" PRIu64 " messages, poisoned %" PRIu64 ", refused %" PRIu64 ", %" PRIu64
	       " messages elsewhere\n",
	       scene->sealed ? "sealed" : "named", scene->honest ? "half-honest" : "random",
	       scene->victim == SHMQ_ROLE_PRODUCER ? "consumer" : "producer", board->n_words,
	       board->n_honest, board->n_calls, board->n_messages, board->n_poisoned,
	       board->n_refused, board->n_others);
	for (int i = 0; i < 2; i++) {
		if (status[i] == 0)
			continue;
		printf("the %s %s (%d)\n", i ? "scribbler" : "victim",
		       status[i] == CHILD_STUCK ? "does not come to an end" : "ended badly",
		       status[i]);
		n_bad++;
	}
	if (!has_happened(scene->board)) {
		printf("nothing happened, or nobody minded\n");
		n_bad++;
	}
	r = shmq_destroy(state->client, SCRIBBLE_RING, SHMQ_DESTROY_FORCE);
	if ((r < 0 && r != -ENOENT) || !wait_until(is_as_before, state)) {
		printf("the daemon is not as before: %u descriptors, not %u; %u segments: %s\n",
		       daemon_descriptors(state->daemon), state->n_descriptors,
		       daemon_segments(state->daemon), shmq_error_detail());
		n_bad++;
	}
	return n_bad;
}

static int scenes_play(struct scribble_scene *scene, uint64_t milliseconds,
		       struct daemon_state *state)
{
	int n_bad = 0;

	for (unsigned i = 0; i < 8; i++) {
		int status[2];

		memset(scene->board, 0, sizeof(*scene->board));
		scene->victim = i & 1 ? SHMQ_ROLE_PRODUCER : SHMQ_ROLE_CONSUMER;
		scene->honest = i & 2;
		scene->sealed = i & 4;
		scribble_random(&scene->seed);
		scene_run(scene, milliseconds, status);
		n_bad += scene_judge(scene, status, state);
		fflush(stdout);
	}
	return n_bad;
}

static int parse_args(int argc, char **argv, uint64_t *milliseconds, uint64_t *seed)
{
	for (int i = 1; i < argc; i += 2) {
		uint64_t *value = strcmp(argv[i], "--seed") == 0	   ? seed
				  : strcmp(argv[i], "--milliseconds") == 0 ? milliseconds
									   : NULL;

		if (!value || i + 1 == argc || parse_u64(argv[i + 1], 1, UINT32_MAX, value) < 0)
			return -EINVAL;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const args[] = { "--grace", "0s", "--linger", "0s", NULL };
	uint64_t milliseconds = 400, seed = 1;
	struct daemon_state state = { 0 };
	struct daemon daemon;
	struct scribble_scene scene = { .daemon = &daemon };
	int n_bad;

	if (parse_args(argc, argv, &milliseconds, &seed) < 0)
		return fprintf(stderr, "usage: scribble [--milliseconds N] [--seed N]\n"), 2;
	scene.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
	scene.board = mmap(NULL, sizeof(*scene.board), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scene.board == MAP_FAILED || daemon_start(&daemon, args) < 0)
		return 1;
	state.daemon = &daemon;
	n_bad = shmq_connect(&state.client, daemon.socket) < 0;
	state.n_descriptors = daemon_descriptors(&daemon);
	if (!n_bad)
		n_bad = scenes_play(&scene, milliseconds, &state);
	if (n_bad)
		printf("seed %" PRIu64 ": %d bad\n", seed, n_bad);
	shmq_disconnect(state.client);
	daemon_deinit(&daemon);
	return n_bad != 0;
}
