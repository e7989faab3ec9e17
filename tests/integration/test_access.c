/* SPDX-License-Identifier: MIT */
/*
 * test_access.c - other users: rings that are theirs to use, and rings that aren't
 */
#include <grp.h>
#include <sys/stat.h>

#include "tests/harness/mounts.h"
#include "tests/integration/fixture.h"

#define STRANGER_UID 65533u
#define FRIENDS_GID  65532u

struct stranger {
	const struct daemon *daemon;
	const char *ring;
	gid_t group; /* 0: of no special group */
	int expected;
};

static int visit(void *arg)
{
	const struct stranger *stranger = arg;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	gid_t groups[] = { stranger->group };
	char byte;

	check(1, setgroups(stranger->group ? 1 : 0, groups) == 0);
	check(2, setgid(STRANGER_UID) == 0 && setuid(STRANGER_UID) == 0);
	client = child_connect(stranger->daemon);
	check(3, client);
	check(4, shmq_attach_consumer(client, stranger->ring, &consumer) == stranger->expected);
	if (stranger->expected == 0)
		check(5, shmq_pop(consumer, &byte, 1, 0) == 1);
	else
		check(6, strstr(shmq_error_detail(), stranger->ring));
	/* what he may not see isn't there for him */
	check(7, shmq_destroy(client, stranger->ring, SHMQ_DESTROY_FORCE) ==
			 (stranger->expected ? stranger->expected : -EACCES));
	check(8, shmq_purge(client, stranger->ring) ==
			 (stranger->expected ? stranger->expected : -EACCES));
	shmq_disconnect(client);
	return 0;
}

static void make_ring(struct shmq_client *client, const char *name, uint32_t mode)
{
	struct shmq_ring_config config = {
		.mode = mode,
		.group_set = mode == 0660,
		.gid = FRIENDS_GID,
		.slots = 8,
	};
	struct shmq_producer *producer;

	assert_ok(shmq_open_producer(client, name, &config, &producer));
	assert_ok(shmq_push(producer, "x", 1, 0));
	shmq_producer_detach(producer);
}

Test(access, modes_decide_who_may_attach, .timeout = PASS_S)
{
	static const char *const args[] = { "--socket-mode=0666", NULL };
	struct shmq_client *client;
	struct daemon daemon;

	if (geteuid() != 0)
		cr_skip_test("only root can be other users");
	fixture_start(&daemon, args);
	cr_assert(eq(int, chmod(daemon.dir, 0755), 0));
	client = fixture_connect(&daemon);
	make_ring(client, "own", 0600);
	make_ring(client, "friends", 0660);
	make_ring(client, "all", 0666);

	struct stranger cases[] = {
		{ &daemon, "own", 0, -ENOENT },	    { &daemon, "own", FRIENDS_GID, -ENOENT },
		{ &daemon, "friends", 0, -ENOENT }, { &daemon, "friends", FRIENDS_GID, 0 },
		{ &daemon, "all", 0, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert(eq(int, child_wait(child_start(visit, &cases[i])), 0), "case %zu", i);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int fail_to_connect(void *arg)
{
	const struct daemon *daemon = arg;
	struct shmq_client *client;

	check(1, setgroups(0, NULL) == 0);
	check(2, setgid(STRANGER_UID) == 0 && setuid(STRANGER_UID) == 0);
	check(3, shmq_connect(&client, daemon->socket) == -EACCES);
	check(4, strstr(shmq_error_detail(), daemon->socket));
	return 0;
}

Test(access, a_socket_for_others_is_eacces, .timeout = PASS_S)
{
	struct daemon daemon;

	if (geteuid() != 0)
		cr_skip_test("only root can be other users");
	fixture_start(&daemon, NULL);
	cr_assert(eq(int, chmod(daemon.dir, 0755), 0));
	cr_assert(eq(int, child_wait(child_start(fail_to_connect, &daemon)), 0));
	fixture_end(&daemon);
}

/* As in a container: another /dev/shm, the same socket. */
static int visit_from_elsewhere(void *arg)
{
	struct shmq_consumer *consumer;
	struct shmq_producer *producer;
	struct shmq_client *client;
	char byte;

	check(1, mounts_own_shm("size=64k") == 0);
	client = child_connect(arg);
	check(2, client);
	check(3, shmq_attach_consumer(client, "there", &consumer) == 0);
	check(4, shmq_open_producer(client, "back", NULL, &producer) == 0);
	check(5, shmq_pop(consumer, &byte, 1, LONG_NS) == 1);
	check(6, shmq_push(producer, &byte, 1, 0) == 0);
	check(7, shmq_pop(consumer, &byte, 1, LONG_NS) == -EPIPE);
	shmq_disconnect(client);
	return 0;
}

Test(access, who_has_another_shm_gets_descriptors, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char byte = 0;
	pid_t child;

	if (geteuid() != 0)
		cr_skip_test("only root can mount another /dev/shm");
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "there", NULL, &producer));
	assert_ok(shmq_open_consumer(client, "back", NULL, &consumer));
	child = child_start(visit_from_elsewhere, &daemon);
	assert_ok(shmq_push(producer, "m", 1, 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	cr_assert(eq(int, byte, 'm'));
	shmq_producer_detach(producer);
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
