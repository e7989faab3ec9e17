/* SPDX-License-Identifier: MIT */
/*
 * test_fd_store.c - sealed rings under a manager that keeps descriptors while no daemon runs
 *
 * The test is the manager: it gets the messages, keeps what comes with them, and hands it to the
 * next daemon.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/un.h>

#include "tests/integration/shell_peer.h"

#define KEPT_MAX 8
#define FIRST_FD 3 /* of those handed over */

struct manager {
	struct daemon daemon;
	char notify[128];
	int notify_fd;
	char names[KEPT_MAX][256];
	int fds[KEPT_MAX];
	unsigned n_kept;
};

static void manager_start(struct manager *manager)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(manager, 0, sizeof(*manager));
#ifndef HAVE_SYSTEMD
	cr_skip_test("built without systemd");
#endif
	/* its own notices go nowhere yet: this only makes the names */
	fixture_start(&manager->daemon, NULL);
	daemon_kill(&manager->daemon);
	snprintf(manager->notify, sizeof(manager->notify), "%s/notify", manager->daemon.dir);
	strcpy(address.sun_path, manager->notify);
	manager->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert(eq(int, bind(manager->notify_fd, (struct sockaddr *)&address, sizeof(address)), 0));
}

/* Put what is kept where sd_listen_fds(3) looks for it. */
static void hand_over(struct manager *manager)
{
	char names[KEPT_MAX * 256] = "", number[16];
	int moved[KEPT_MAX];

	for (unsigned i = 0; i < manager->n_kept; i++)
		moved[i] = fcntl(manager->fds[i], F_DUPFD, FIRST_FD + KEPT_MAX);
	for (unsigned i = 0; i < manager->n_kept; i++) {
		dup2(moved[i], FIRST_FD + (int)i);
		close(moved[i]);
		strcat(strcat(names, i ? ":" : ""), manager->names[i]);
	}
	snprintf(number, sizeof(number), "%u", manager->n_kept);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
}

static _Noreturn void daemon_exec(struct manager *manager, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(99);
	setenv("NOTIFY_SOCKET", manager->notify, 1);
	if (manager->n_kept)
		hand_over(manager);
	execl(getenv("SHMQD_BIN"), "shmqd", "--socket", manager->daemon.socket, "--instance",
	      manager->daemon.instance, NULL);
	_exit(98);
}

/* Take one message, and what it says to keep or to drop. */
static void message_take(struct manager *manager, char text[1024])
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = text, .iov_len = 1023 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct pollfd poll_fd = { .fd = manager->notify_fd, .events = POLLIN };
	struct cmsghdr *cmsg;
	ssize_t n;

	cr_assert(gt(int, poll(&poll_fd, 1, (int)(LONG_NS / NS_PER_MS)), 0), "nothing was said");
	n = recvmsg(manager->notify_fd, &message, MSG_CMSG_CLOEXEC);
	cr_assert(ge(long, n, 0));
	text[n] = '\0';
	cmsg = CMSG_FIRSTHDR(&message);
	if (!cmsg)
		return;
	cr_assert(lt(uint, manager->n_kept, KEPT_MAX));
	memcpy(&manager->fds[manager->n_kept], CMSG_DATA(cmsg), sizeof(int));
	cr_assert(eq(int, sscanf(text, "FDSTORE=1\nFDNAME=%255s", manager->names[manager->n_kept]),
		     1));
	manager->n_kept++;
}

static void wait_for(struct manager *manager, const char *words)
{
	char text[1024];

	do {
		message_take(manager, text);
	} while (!strstr(text, words));
}

static void daemon_run(struct manager *manager)
{
	pid_t parent = getpid();

	manager->daemon.pid = fork();
	if (manager->daemon.pid == 0)
		daemon_exec(manager, parent);
	wait_for(manager, "READY=1");
}

static void manager_end(struct manager *manager)
{
	fd_close(manager->notify_fd);
	for (unsigned i = 0; i < manager->n_kept; i++)
		fd_close(manager->fds[i]);
	fixture_end(&manager->daemon);
}

Test(fd_store, sealed_rings_survive_the_daemon, .timeout = PASS_S)
{
	const struct shmq_ring_config config = { .slots = 8, .sealed = 1,
						 .lifetime = SHMQ_PERSISTENT };
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct manager manager;
	char byte = 0;

	manager_start(&manager);
	daemon_run(&manager);
	client = fixture_connect(&manager.daemon);
	assert_ok(shmq_create(client, "s", &config));
	wait_for(&manager, ".p");
	wait_for(&manager, ".c");
	cr_assert(eq(uint, manager.n_kept, 2));
	assert_ok(shmq_attach_producer(client, "s", &producer));
	assert_ok(shmq_push(producer, "m", 1, 0));
	daemon_kill(&manager.daemon);
	assert_ok(shmq_push(producer, "n", 1, 0));
	daemon_run(&manager);
	assert_ok(shmq_attach_consumer(client, "s", &consumer));
	assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	cr_assert(eq(int, byte, 'm'));
	assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	assert_ok(shmq_push(producer, "o", 1, 0));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	cr_assert(eq(int, byte, 'o'));
	shmq_producer_detach(producer);
	shmq_consumer_detach(consumer);
	assert_ok(shmq_destroy(client, "s", 0));
	wait_for(&manager, "FDSTOREREMOVE=1");
	shmq_disconnect(client);
	manager_end(&manager);
}

/* Somebody else's descriptors under our names are no ring's memory. */
Test(fd_store, what_was_not_made_for_the_ring_is_refused, .timeout = PASS_S)
{
	const struct shmq_ring_config config = { .slots = 8, .sealed = 1,
						 .lifetime = SHMQ_PERSISTENT };
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct manager manager;
	int other;

	manager_start(&manager);
	daemon_run(&manager);
	client = fixture_connect(&manager.daemon);
	assert_ok(shmq_create(client, "s", &config));
	wait_for(&manager, ".c");
	daemon_kill(&manager.daemon);
	other = open("/dev/null", O_RDWR | O_CLOEXEC);
	cr_assert(ge(int, dup2(other, manager.fds[0]), 0));
	fd_close(other);
	daemon_run(&manager);
	assert_error(shmq_attach_consumer(client, "s", &consumer), -ESTALE);
	shmq_disconnect(client);
	manager_end(&manager);
}
