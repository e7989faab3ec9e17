/* SPDX-License-Identifier: MIT */
/*
 * test_attack.c - the daemon under attack: others are served, it stays bounded, and it recovers
 *
 * Attackers are another user when the test runs as root, and therefore limited; else they are the
 * daemon's own, and not even slowed.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/attack/attack.h"
#include "tests/integration/fixture.h"

#define DEADLINE_S    (4 * PASS_S) /* of all: Criterion leaks where they differ */
#define N_BLOWS	      500u
#define N_ATTACKERS   2u
#define CONNECTIONS   400u
#define SPARE_FDS     200u /* being turned away, segments at work */
#define MEMORY_BYTES  (64u << 20)

static const char *const args[] = { "--socket-mode=0666", "--max-connections=400",
				    "--max-connections-per-uid=300", "--linger=0s", NULL };

/* A daemon, and a client with a stream that never stops working. */
struct scene {
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	uint64_t n_served;
	unsigned n_fds; /* while nobody attacks */
	uint64_t memory_bytes;
};

static bool is_alone(void *arg)
{
	struct scene *scene = arg;
	struct shmq_daemon_info info;

	return shmq_daemon_info(scene->client, &info) == 0 && info.n_connections == 1 &&
	       info.n_rings == 1;
}

/* One less is as good: of segments' descriptors a few are kept for the next time, the victim's or not. */
static bool is_as_before(void *arg)
{
	struct scene *scene = arg;

	return is_alone(arg) && daemon_descriptors(&scene->daemon) <= scene->n_fds &&
	       daemon_segments(&scene->daemon) == 1;
}

static void scene_start(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	fixture_start(&scene->daemon, args);
	cr_assert(eq(int, chmod(scene->daemon.dir, 0755), 0));
	scene->client = fixture_connect(&scene->daemon);
	assert_ok(shmq_open_producer(scene->client, "victim", NULL, &scene->producer));
	assert_ok(shmq_attach_consumer(scene->client, "victim", &scene->consumer));
	cr_assert(wait_until(is_alone, scene));
	scene->n_fds = daemon_descriptors(&scene->daemon);
	scene->memory_bytes = daemon_memory_bytes(&scene->daemon);
}

static void scene_end(struct scene *scene)
{
	shmq_disconnect(scene->client);
	fixture_end(&scene->daemon);
}

/* Everything that a well-behaved client may want. */
static void serve(struct scene *scene)
{
	const struct shmq_ring_config own = { .lifetime = SHMQ_PERSISTENT };
	struct shmq_ring_info info;
	uint64_t number = 0;

	assert_ok(shmq_ping(scene->client));
	assert_ok(shmq_create(scene->client, "own", &own));
	assert_ok(shmq_show(scene->client, "own", &info));
	assert_ok(shmq_destroy(scene->client, "own", 0));
	assert_ok(shmq_push(scene->producer, &scene->n_served, sizeof(uint64_t), LONG_NS));
	assert_error(shmq_pop(scene->consumer, &number, sizeof(number), LONG_NS), sizeof(number));
	cr_assert(eq(u64, number, scene->n_served));
	scene->n_served++;
	if (geteuid() == 0) /* somebody else than the attackers: there is room for him */
		shmq_disconnect(fixture_connect(&scene->daemon));
}

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_OURS false /* what was freed is kept, to see who uses it */
#else
#define MEMORY_IS_OURS true
#endif

static void assert_bounded(struct scene *scene)
{
	cr_assert(le(uint, daemon_descriptors(&scene->daemon),
		     scene->n_fds + 2 * CONNECTIONS + SPARE_FDS));
	if (MEMORY_IS_OURS)
		cr_assert(le(u64, daemon_memory_bytes(&scene->daemon),
			     scene->memory_bytes + MEMORY_BYTES));
}

static void withstand(struct scene *scene, const struct attack *attack)
{
	struct assault assault;
	uint64_t n_before = scene->n_served;

	cr_assert(eq(int, assault_start(&assault, attack, scene->daemon.socket, N_ATTACKERS), 0));
	while (assault_blows(&assault) < N_BLOWS || scene->n_served < n_before + 20) {
		serve(scene);
		assert_bounded(scene);
	}
	assault_stop(&assault);
	cr_assert(wait_until(is_as_before, scene), "%s left its marks: %u descriptors instead of %u, "
		  "%u segments", attack->name, daemon_descriptors(&scene->daemon), scene->n_fds,
		  daemon_segments(&scene->daemon));
	assert_bounded(scene);
	serve(scene);
}

/* ---- the daemon's open files run out ---- */

static void descriptors_limit(const struct daemon *daemon, unsigned n)
{
	struct rlimit limit = { n, n };

	cr_assert(eq(int, prlimit(daemon->pid, RLIMIT_NOFILE, &limit, NULL), 0));
}

static bool ran_out(const struct daemon *daemon)
{
	static char log[65536];

	daemon_log(daemon, log, sizeof(log));
	return strstr(log, "no more clients can be accepted");
}

static const struct attack *attack_named(const char *name)
{
	unsigned i = 0;

	while (strcmp(attacks[i].name, name))
		cr_assert(lt(uint, ++i, n_attacks));
	return &attacks[i];
}

Test(attack, without_a_descriptor_left_whom_it_has_is_served, .timeout = DEADLINE_S)
{
	unsigned n_pings = 0;
	struct assault assault;
	struct scene scene;

	scene_start(&scene);
	descriptors_limit(&scene.daemon, scene.n_fds + 40);
	cr_assert(eq(int, assault_start(&assault, attack_named("crowd"), scene.daemon.socket,
					N_ATTACKERS),
		     0));
	while (n_pings++ < 1000 || !ran_out(&scene.daemon))
		assert_ok(shmq_ping(scene.client));
	assault_stop(&assault);
	cr_assert(wait_until(is_as_before, &scene), "%u descriptors instead of %u",
		  daemon_descriptors(&scene.daemon), scene.n_fds);
	serve(&scene);
	scene_end(&scene);
}

/* ---- one after the other ---- */

Test(attack, others_are_served_meanwhile_and_all_is_as_before, .timeout = DEADLINE_S)
{
	struct scene scene;

	scene_start(&scene);
	for (unsigned i = 0; i < n_attacks; i++)
		withstand(&scene, &attacks[i]);
	scene_end(&scene);
}
