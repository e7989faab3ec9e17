/* SPDX-License-Identifier: MIT */
/*
 * test_process.c - processes that are not what they seem: without descriptors, undead, replaced by
 * exec, of another pid namespace
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/integration/fixture.h"

static bool role_is_free(void *arg)
{
	struct shmq_ring_info info;

	return shmq_show(arg, "r", &info) == 0 && info.n_holders == 1;
}

/* ---- closefrom(3) ---- */

/* All but those of the cue. */
static void close_descriptors(const struct cue *cue)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != cue->ready.write_fd && fd != cue->go_on.read_fd)
			close(fd);
}

static int lose_descriptors(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);
	struct shmq_producer *producer;
	struct shmq_ring_info info;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	close_descriptors(cue);
	/* somebody else's file may have the number now */
	check(3, open("/dev/null", O_RDWR | O_CLOEXEC) >= 0);
	gate_open(&cue->ready);
	check(4, gate_wait(&cue->go_on));
	check(5, shmq_push(producer, "a", 1, 0) == 0);
	/* the next call connects again and keeps the role */
	check(6, shmq_show(client, "r", &info) == 0);
	check(7, info.n_holders == 2);
	check(8, shmq_push(producer, "b", 1, 0) == 0);
	check(9, shmq_producer_detach(producer) == NULL);
	check(10, shmq_show(client, "r", &info) == 0);
	check(11, info.n_holders == 1);
	return 0;
}

Test(process, a_closed_socket_is_not_an_end, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct cue cue;
	char bytes[2];
	pid_t child;

	fixture_start(&daemon, NULL);
	cue_init(&cue, &daemon);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(lose_descriptors, &cue);
	cr_assert(gate_wait(&cue.ready));
	assert_error(shmq_attach_producer(client, "r", &producer), -EBUSY);
	gate_open(&cue.go_on);
	assert_error(shmq_pop(consumer, &bytes[0], 1, LONG_NS), 1);
	assert_error(shmq_pop(consumer, &bytes[1], 1, LONG_NS), 1);
	cr_assert(eq(int, bytes[0], 'a'));
	cr_assert(eq(int, bytes[1], 'b'));
	assert_error(shmq_pop(consumer, &bytes[0], 1, LONG_NS), -EPIPE);
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

/* ---- a zombie ---- */

static int attach_and_wait(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	gate_open(&cue->ready);
	gate_wait(&cue->go_on);
	return 0;
}

Test(process, a_zombie_is_dead, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	siginfo_t how;
	struct cue cue;
	pid_t child;
	char byte;

	fixture_start(&daemon, NULL);
	cue_init(&cue, &daemon);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(attach_and_wait, &cue);
	cr_assert(gate_wait(&cue.ready));
	kill(child, SIGKILL);
	/* its pid stays taken as long as nobody waits for it */
	cr_assert(eq(int, waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	assert_ok(shmq_attach_producer(client, "r", &producer));
	cr_assert(eq(int, child_wait(child), CHILD_SIGNALLED(SIGKILL)));
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

/* ---- execve(2) ---- */

static int attach_and_exec(void *arg)
{
	struct cue *cue = arg;
	struct shmq_client *client = child_connect(cue->daemon);
	struct shmq_producer *producer;

	check(1, client);
	check(2, shmq_open_producer(client, "r", NULL, &producer) == 0);
	check(3, shmq_push(producer, "m", 1, 0) == 0);
	check(4, dup2(cue->go_on.read_fd, STDIN_FILENO) == STDIN_FILENO);
	check(5, dup2(cue->ready.write_fd, STDOUT_FILENO) == STDOUT_FILENO);
	/* tells that it runs, then waits */
	execl("/bin/sh", "sh", "-c", "echo; read line", (char *)NULL);
	return 6;
}

/* The process is the same one, so the role stays its own until it ends; the mapping is gone, so
 * nobody writes any more. */
Test(process, exec_keeps_the_role_until_the_process_ends, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	struct cue cue;
	pid_t child;
	char byte;

	fixture_start(&daemon, NULL);
	cue_init(&cue, &daemon);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(attach_and_exec, &cue);
	cr_assert(gate_wait(&cue.ready));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	assert_error(shmq_attach_producer(client, "r", &producer), -EBUSY);
	assert_error(shmq_pop(consumer, &byte, 1, 0), -EAGAIN);
	child_kill(child);
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	assert_ok(shmq_attach_producer(client, "r", &producer));
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

/* ---- pid namespaces ---- */

static int attach_from_below(void *arg)
{
	pid_t child;

	check(1, unshare(CLONE_NEWPID) == 0);
	child = child_start(attach_and_wait, arg);
	check(2, child > 0);
	return child_wait(child) == 0 ? 0 : 3;
}

Test(process, one_in_a_pid_namespace_below_is_watched, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_ring_info info;
	struct shmq_client *client;
	struct daemon daemon;
	struct cue cue;
	pid_t child;
	char byte;

	if (geteuid() != 0)
		cr_skip_test("only root can make a pid namespace");
	fixture_start(&daemon, NULL);
	cue_init(&cue, &daemon);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_consumer(client, "r", NULL, &consumer));
	child = child_start(attach_from_below, &cue);
	cr_assert(gate_wait(&cue.ready));
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 2));
	gate_open(&cue.go_on); /* its end without a word is a death */
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	cr_assert(wait_until(role_is_free, client));
	cr_assert(eq(int, child_wait(child), 0));
	shmq_disconnect(client);
	cue_deinit(&cue);
	fixture_end(&daemon);
}

/* LeakSanitizer asks this at the end: it starts a process of its own, which nobody can any more when
 * the first process of the namespace for our children is gone. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
static bool has_left_namespace;

int __lsan_is_turned_off(void)
{
	return has_left_namespace;
}

/* The daemon sees pids of its own namespace and below only: nobody could tell it of our death. */
Test(process, one_that_the_daemon_cannot_see_may_look_but_not_attach, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_ring_info info;
	struct shmq_client *client;
	struct daemon daemon;

	if (geteuid() != 0)
		cr_skip_test("only root can make a pid namespace");
	cr_assert(eq(int, unshare(CLONE_NEWPID), 0));
	has_left_namespace = true;
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	assert_error(shmq_attach_producer(client, "r", &producer), -EACCES);
	assert_detail("namespace");
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(uint, info.n_holders, 0));
	assert_ok(shmq_destroy(client, "r", 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
