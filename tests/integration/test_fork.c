/* SPDX-License-Identifier: MIT */
/*
 * test_fork.c - a client that forks, against the real daemon
 */
#include "tests/integration/fixture.h"

struct family {
	const struct daemon *daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
};

static int meddle(void *arg)
{
	struct family *family = arg;
	struct shmq_consumer *consumer;
	struct shmq_client *own;

	check(1, shmq_try_push(family->producer, "x", 1) == -ECHILD);
	check(2, shmq_destroy(family->client, "r", SHMQ_DESTROY_FORCE) == -ECHILD);
	check(3, shmq_producer_detach(family->producer) == NULL);
	check(4, shmq_disconnect(family->client) == NULL);
	/* by itself it may do what every process may */
	own = child_connect(family->daemon);
	check(5, own);
	check(6, shmq_attach_producer(own, "r", &family->producer) == -EBUSY);
	check(7, shmq_attach_consumer(own, "r", &consumer) == 0);
	check(8, shmq_pop(consumer, &(char){ 0 }, 1, LONG_NS) == 1);
	shmq_disconnect(own);
	return 0;
}

static int just_exit(void *arg)
{
	(void)arg;
	return 0;
}

Test(fork, a_childs_end_does_not_detach_its_parent, .timeout = PASS_S)
{
	struct shmq_ring_info info;
	struct family family;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	family.daemon = &daemon;
	family.client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(family.client, "r", NULL, &family.producer));
	assert_ok(shmq_push(family.producer, "x", 1, 0));
	cr_assert(eq(int, child_wait(child_start(just_exit, NULL)), 0));
	cr_assert(eq(int, child_wait(child_start(meddle, &family)), 0));
	assert_ok(shmq_show(family.client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 1));
	cr_assert(eq(int, info.holders[0].pid, getpid()));
	cr_assert(eq(str, info.state, "live"));
	for (unsigned i = 0; i < 100; i++)
		assert_ok(shmq_push(family.producer, "x", 1, 0));
	shmq_disconnect(family.client);
	fixture_end(&daemon);
}

/* The child lives on after its parent has died: the role is free all the same. */
struct orphan {
	const struct daemon *daemon;
	struct gate attached, child_waits, child_lived;
};

static int attach_and_fork(void *arg)
{
	struct orphan *orphan = arg;
	struct shmq_client *client = child_connect(orphan->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	if (fork() == 0) { /* not child_start(): it must survive its parent */
		if (gate_wait(&orphan->child_waits))
			gate_open(&orphan->child_lived);
		_exit(0);
	}
	gate_open(&orphan->attached);
	return 0;
}

Test(fork, a_surviving_child_does_not_keep_its_parents_role, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct orphan orphan;
	struct daemon daemon;
	char byte;
	pid_t child;

	fixture_start(&daemon, NULL);
	orphan.daemon = &daemon;
	cr_assert(eq(int, gate_init(&orphan.attached), 0));
	cr_assert(eq(int, gate_init(&orphan.child_waits), 0));
	cr_assert(eq(int, gate_init(&orphan.child_lived), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(attach_and_fork, &orphan);
	cr_assert(gate_wait(&orphan.attached));
	cr_assert(eq(int, child_wait(child), 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	assert_ok(shmq_attach_producer(client, "r", &producer));
	gate_open(&orphan.child_waits);
	cr_assert(gate_wait(&orphan.child_lived));
	shmq_disconnect(client);
	gate_deinit(&orphan.attached);
	gate_deinit(&orphan.child_waits);
	gate_deinit(&orphan.child_lived);
	fixture_end(&daemon);
}
