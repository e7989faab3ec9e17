/* SPDX-License-Identifier: MIT */
/*
 * test_roles.c - who holds what: taken roles, rings that are gone, made again, destroyed in use
 */
#include "tests/integration/fixture.h"

struct holder {
	const struct daemon *daemon;
	struct gate holds, leave;
};

static int hold_producer(void *arg)
{
	struct holder *holder = arg;
	struct shmq_client *client = child_connect(holder->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_open_producer(client, "ticks", NULL, &producer) == 0);
	check(3, shmq_push(producer, "1", 1, 0) == 0);
	gate_open(&holder->holds);
	check(4, gate_wait(&holder->leave));
	shmq_disconnect(client);
	return 0;
}

static void holder_init(struct holder *holder, const struct daemon *daemon)
{
	holder->daemon = daemon;
	cr_assert(eq(int, gate_init(&holder->holds), 0));
	cr_assert(eq(int, gate_init(&holder->leave), 0));
}

static void holder_deinit(struct holder *holder)
{
	gate_deinit(&holder->holds);
	gate_deinit(&holder->leave);
}

Test(roles, a_taken_role_names_pid_and_command, .timeout = PASS_S)
{
	struct shmq_producer *producer = NULL;
	struct daemon daemon;
	struct shmq_client *client;
	struct holder holder;
	char pid[16], comm[16];
	FILE *file;
	pid_t child;

	fixture_start(&daemon, NULL);
	holder_init(&holder, &daemon);
	child = child_start(hold_producer, &holder);
	cr_assert(gate_wait(&holder.holds));
	client = fixture_connect(&daemon);

	assert_error(shmq_attach_producer(client, "ticks", &producer), -EBUSY);
	cr_assert(eq(ptr, producer, NULL));
	snprintf(pid, sizeof(pid), "%d", (int)child);
	assert_detail(pid);
	file = fopen("/proc/self/comm", "re");
	cr_assert(eq(int, fscanf(file, "%15s", comm), 1));
	fclose(file);
	assert_detail(comm);
	assert_detail("ticks");
	assert_error(shmq_open_producer(client, "ticks", NULL, &producer), -EBUSY);
	/* the other role is free */
	struct shmq_consumer *consumer;
	assert_ok(shmq_attach_consumer(client, "ticks", &consumer));
	shmq_consumer_detach(consumer);

	gate_open(&holder.leave);
	cr_assert(eq(int, child_wait(child), 0));
	assert_ok(shmq_attach_producer(client, "ticks", &producer));
	cr_assert(eq(u64, shmq_producer_position(producer), 1));
	shmq_disconnect(client);
	holder_deinit(&holder);
	fixture_end(&daemon);
}

Test(roles, one_process_may_hold_both_ends_but_no_end_twice, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client, *other;
	struct shmq_producer *producer, *again = NULL;
	struct shmq_consumer *consumer;
	char byte;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	other = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(other, "r", &consumer));
	assert_ok(shmq_push(producer, "x", 1, 0));
	assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	assert_error(shmq_attach_producer(client, "r", &again), -EBUSY);
	assert_error(shmq_attach_producer(other, "r", &again), -EBUSY);
	shmq_producer_detach(producer);
	assert_ok(shmq_attach_producer(other, "r", &again));
	shmq_disconnect(client);
	shmq_disconnect(other);
	fixture_end(&daemon);
}

Test(roles, a_ring_that_is_not_there_is_enoent, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer = NULL;
	struct shmq_consumer *consumer = NULL;
	struct shmq_ring_info info;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_error(shmq_attach_producer(client, "nothing", &producer), -ENOENT);
	assert_detail("nothing");
	assert_error(shmq_attach_consumer(client, "nothing", &consumer), -ENOENT);
	assert_error(shmq_destroy(client, "nothing", 0), -ENOENT);
	assert_error(shmq_purge(client, "nothing"), -ENOENT);
	assert_error(shmq_show(client, "nothing", &info), -ENOENT);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(roles, a_ring_in_use_is_destroyed_by_force_only, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	char pid[16], buf[8];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_push(producer, "one", 3, 0));
	assert_ok(shmq_push(producer, "two", 3, 0));
	assert_error(shmq_destroy(client, "r", 0), -EBUSY);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_detail(pid);

	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	/* what was pushed is drained, then both are told, for good */
	assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), 3);
	assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), 3);
	cr_assert(eq(int, memcmp(buf, "two", 3), 0));
	assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), -ESTALE);
	assert_error(shmq_try_pop(consumer, buf, sizeof(buf)), -ESTALE);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(roles, a_running_producer_learns_of_a_forced_destroy, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	char byte;
	int r = 0;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	/* the ring is never full, and still: within a lap, or 1,024 messages, both see it */
	for (unsigned i = 0; i < 5000 && r == 0; i++) {
		r = shmq_try_push(producer, "x", 1);
		if (r == 0)
			cr_assert(eq(long, shmq_try_pop(consumer, &byte, 1), 1));
	}
	cr_assert(eq(int, r, -ESTALE));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int sleep_in_pop(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_consumer *consumer;
	char byte;

	check(1, client);
	check(2, shmq_set_spin(client, 0) == 0);
	check(3, shmq_open_consumer(client, "r", NULL, &consumer) == 0);
	check(4, shmq_pop(consumer, &byte, 1, LONG_NS) == 1);
	check(5, shmq_pop(consumer, &byte, 1, LONG_NS) == -ESTALE);
	shmq_disconnect(client);
	return 0;
}

static bool is_consumed(void *arg)
{
	struct shmq_ring_info info;

	return shmq_show(arg, "r", &info) == 0 && info.popped == 1;
}

Test(roles, a_sleeper_is_woken_by_a_forced_destroy, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	pid_t child;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	child = child_start(sleep_in_pop, &daemon);
	assert_ok(shmq_push(producer, "x", 1, LONG_NS));
	cr_assert(wait_until(is_consumed, client));
	cr_assert(child_wait_asleep(child));
	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(roles, a_ring_made_again_is_another_ring, .timeout = PASS_S)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *old, *new;
	struct shmq_consumer *old_consumer, *new_consumer;
	char buf[8];
	int r = 0;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &old));
	assert_ok(shmq_attach_consumer(client, "r", &old_consumer));
	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	/* the name is free at once, although the old ring is still mapped */
	assert_ok(shmq_open_producer(client, "r", NULL, &new));
	assert_ok(shmq_attach_consumer(client, "r", &new_consumer));
	for (unsigned i = 0; i < 5000 && r == 0; i++)
		r = shmq_try_push(old, "old", 3);
	cr_assert(eq(int, r, -ESTALE));
	assert_error(shmq_try_push(old, "old", 3), -ESTALE);
	assert_error(shmq_pop(new_consumer, buf, sizeof(buf), 0), -EAGAIN);
	assert_ok(shmq_push(new, "new", 3, 0));
	assert_error(shmq_pop(new_consumer, buf, sizeof(buf), LONG_NS), 3);
	cr_assert(eq(int, memcmp(buf, "new", 3), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(roles, an_equal_ring_is_success_and_a_different_one_is_eexist, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .slots = 16, .size_bytes = 64 };
	struct daemon daemon;
	struct shmq_client *client;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", &config));
	assert_ok(shmq_create(client, "r", &config));
	config.slots = 32;
	assert_error(shmq_create(client, "r", &config), -EEXIST);
	assert_detail("16");
	assert_detail("32");
	config.slots = 16;
	config.exclusive = 1;
	assert_error(shmq_create(client, "r", &config), -EEXIST);
	config.exclusive = 0;
	config.lifetime = SHMQ_PERSISTENT;
	assert_error(shmq_create(client, "r", &config), -EEXIST);
	cr_assert(eq(uint, daemon_segments(&daemon), 1));
	assert_ok(shmq_destroy(client, "r", 0));
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
