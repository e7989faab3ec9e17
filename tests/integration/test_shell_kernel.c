/* SPDX-License-Identifier: MIT */
/*
 * test_shell_kernel.c - the same promises on a kernel that names processes by pid and start time only
 */
#include <signal.h>

#include "tests/integration/shell_peer.h"

static void as_on_an_old_kernel(void)
{
	const char *dir = getenv("TOP_BUILDDIR"), *real = getenv("SHMQD_BIN");
	char path[512];

	cr_assert(ne(ptr, (void *)dir, NULL));
	cr_assert(eq(int, setenv("SHMQD_REAL", real, 1), 0));
	snprintf(path, sizeof(path), "%s/tests/integration/old_kernel", dir);
	cr_assert(eq(int, setenv("SHMQD_BIN", path, 1), 0));
}

struct holder {
	struct daemon daemon;
	struct gate holds, end;
};

static int hold_consumer(void *arg)
{
	struct holder *holder = arg;
	struct shmq_consumer *consumer;
	struct shmq_client *client = child_connect(&holder->daemon);

	check(1, client);
	check(2, shmq_open_consumer(client, "r", NULL, &consumer) == 0);
	gate_open(&holder->holds);
	check(3, gate_wait(&holder->end));
	return 0;
}

static void holder_start(struct holder *holder, pid_t *ret_child)
{
	as_on_an_old_kernel();
	fixture_start(&holder->daemon, NULL);
	cr_assert(eq(int, gate_init(&holder->holds), 0));
	cr_assert(eq(int, gate_init(&holder->end), 0));
	*ret_child = child_start(hold_consumer, holder);
	cr_assert(gate_wait(&holder->holds));
}

static void holder_end(struct holder *holder)
{
	gate_deinit(&holder->holds);
	gate_deinit(&holder->end);
	fixture_end(&holder->daemon);
}

static bool can_consume(void *arg)
{
	struct holder *holder = arg;
	struct shmq_client *client = fixture_connect(&holder->daemon);
	struct shmq_consumer *consumer;
	int r = shmq_attach_consumer(client, "r", &consumer);

	shmq_disconnect(client);
	return r == 0;
}

Test(shell_kernel, a_death_is_noticed, .timeout = PASS_S)
{
	struct holder holder;
	pid_t child;

	holder_start(&holder, &child);
	cr_assert(not(can_consume(&holder)));
	child_kill(child);
	cr_assert(wait_until(can_consume, &holder));
	holder_end(&holder);
}

Test(shell_kernel, who_lives_through_a_restart_is_watched_again, .timeout = PASS_S)
{
	struct holder holder;
	pid_t child;

	holder_start(&holder, &child);
	daemon_kill(&holder.daemon);
	cr_assert(eq(int, daemon_restart(&holder.daemon), 0));
	cr_assert(not(can_consume(&holder)));
	child_kill(child);
	cr_assert(wait_until(can_consume, &holder));
	holder_end(&holder);
}

Test(shell_kernel, who_died_meanwhile_is_found_out, .timeout = PASS_S)
{
	struct holder holder;
	pid_t child;

	holder_start(&holder, &child);
	daemon_kill(&holder.daemon);
	child_kill(child);
	cr_assert(eq(int, daemon_restart(&holder.daemon), 0));
	cr_assert(wait_until(can_consume, &holder));
	holder_end(&holder);
}
