/* SPDX-License-Identifier: MIT */
/*
 * test_shrunk.c - a segment that somebody shrinks: an error for who asked for that, and no signal
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "tests/integration/fixture.h"

#define SLOTS 64

static const struct shmq_ring_config config = { .slots = SLOTS, .size_bytes = 512,
						.lifetime = SHMQ_PERSISTENT };

struct shrink {
	const struct daemon *daemon;
	off_t bytes;
};

static int shrink(const struct shrink *shrink)
{
	char name[256], path[280];

	if (!daemon_segment_name(shrink->daemon, "r", name, sizeof(name)))
		return -ENOENT;
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	return truncate(path, shrink->bytes) < 0 ? -errno : 0;
}

static int consume(void *arg)
{
	const struct shrink *how = arg;
	struct shmq_client *client = child_connect(how->daemon);
	struct shmq_consumer *consumer;
	char buf[512];
	ssize_t n;

	check(1, client && shmq_guard_sigbus() == 0);
	check(2, shmq_attach_consumer(client, "r", &consumer) == 0);
	check(3, shmq_pop(consumer, buf, sizeof(buf), 0) == 1);
	check(4, shrink(how) == 0);
	while ((n = shmq_pop(consumer, buf, sizeof(buf), LONG_NS)) > 0)
		;
	check(5, n == -EBADMSG);
	check(6, shmq_pop(consumer, buf, sizeof(buf), 0) == -EBADMSG);
	shmq_consumer_detach(consumer);
	shmq_disconnect(client);
	return 0;
}

static int produce(void *arg)
{
	const struct shrink *how = arg;
	struct shmq_client *client = child_connect(how->daemon);
	struct shmq_producer *producer;
	unsigned n = 0;
	int r;

	check(1, client && shmq_guard_sigbus() == 0);
	check(2, shmq_attach_producer(client, "r", &producer) == 0);
	check(3, shrink(how) == 0);
	while ((r = shmq_push(producer, "x", 1, 0)) == 0)
		check(4, n++ <= SLOTS);
	check(5, r == -EBADMSG);
	check(6, shmq_push(producer, "x", 1, 0) == -EBADMSG);
	shmq_producer_detach(producer);
	shmq_disconnect(client);
	return 0;
}

static void shrink_under(int (*run)(void *), off_t bytes)
{
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;
	struct shrink how = { &daemon, bytes };

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", &config));
	assert_ok(shmq_attach_producer(client, "r", &producer));
	for (unsigned i = 0; i < SLOTS / 2; i++)
		assert_ok(shmq_push(producer, "m", 1, 0));
	shmq_producer_detach(producer);
	cr_assert(eq(int, child_wait(child_start(run, &how)), 0));
	/* nothing of that concerns the daemon */
	assert_ok(shmq_ping(client));
	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(shrunk, consumer_is_told_when_all_is_gone, .timeout = PASS_S)
{
	shrink_under(consume, 0);
}

Test(shrunk, consumer_is_told_when_the_slots_are_gone, .timeout = PASS_S)
{
	shrink_under(consume, 2 * sysconf(_SC_PAGESIZE));
}

Test(shrunk, producer_is_told_when_all_is_gone, .timeout = PASS_S)
{
	shrink_under(produce, 0);
}

Test(shrunk, producer_is_told_when_the_consumers_page_is_gone, .timeout = PASS_S)
{
	shrink_under(produce, sysconf(_SC_PAGESIZE));
}

/* ---- what isn't ours ---- */

static void *mine;
static volatile sig_atomic_t n_mine;

static void on_mine(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_addr != mine)
		_exit(90);
	n_mine++;
	if (mmap(mine, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != mine)
		_exit(91);
}

static int fault_elsewhere(void *arg)
{
	struct sigaction action = { .sa_sigaction = on_mine, .sa_flags = SA_SIGINFO };
	int fd = memfd_create("shrunk", MFD_CLOEXEC);

	(void)arg;
	check(1, fd >= 0);
	mine = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	check(2, mine != MAP_FAILED);
	check(3, sigaction(SIGBUS, &action, NULL) == 0);
	check(4, shmq_guard_sigbus() == 0 && shmq_guard_sigbus() == 0);
	check(5, *(volatile char *)mine == 0 && n_mine == 1);
	return 0;
}

Test(shrunk, other_faults_are_the_handlers_that_was_there, .timeout = PASS_S)
{
	cr_assert(eq(int, child_wait(child_start(fault_elsewhere, NULL)), 0));
}

static int die_elsewhere(void *arg)
{
	int fd = memfd_create("shrunk", MFD_CLOEXEC);

	(void)arg;
	check(1, fd >= 0);
	mine = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	check(2, signal(SIGBUS, SIG_DFL) != SIG_ERR); /* AddressSanitizer brings a handler */
	check(3, shmq_guard_sigbus() == 0);
	return *(volatile char *)mine + 1;
}

Test(shrunk, without_one_the_process_ends_as_ever, .timeout = PASS_S)
{
	pid_t child = child_start(die_elsewhere, NULL);

	cr_assert(eq(int, child_wait(child), CHILD_SIGNALLED(SIGBUS)));
}
