/* SPDX-License-Identifier: MIT */
/*
 * test_shell_activation.c - started by a socket, reporting to a service manager
 *
 * systemd-socket-activate is the manager; messages go to a socket of the test's own.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/random.h"
#include "tests/integration/shell_peer.h"

#define ACTIVATE "/usr/bin/systemd-socket-activate"

#define ACCEPTS 0x10000u /* __SO_ACCEPTCON of linux/net.h: what /proc/net/unix shows of a listener */

struct manager {
	const char *config;	/* NULL: none */
	struct daemon daemon;	/* only its names */
	int notify_fd;
	pid_t pid;
};

static void manager_names(struct manager *manager)
{
	struct daemon *daemon = &manager->daemon;
	uint8_t random[6];
	char unique[13], prefix[64];

	if (access(ACTIVATE, X_OK) < 0)
		cr_skip_test(ACTIVATE " is not there");
#ifndef HAVE_SYSTEMD
	cr_skip_test("built without systemd");
#endif
	cr_assert(eq(int, random_bytes(random, sizeof(random)), 0));
	hex_encode(random, sizeof(random), unique);
	snprintf(daemon->dir, sizeof(daemon->dir), "/tmp/shmq-test-%s", unique);
	cr_assert(eq(int, mkdir(daemon->dir, 0700), 0));
	snprintf(daemon->socket, sizeof(daemon->socket), "%s/control.sock", daemon->dir);
	snprintf(daemon->instance, sizeof(daemon->instance), "test-%s", unique);
	snprintf(prefix, sizeof(prefix), "shmq.%s.", daemon->instance);
	cr_assert(eq(int, janitor_start(&daemon->janitor, daemon->dir, prefix), 0));
}

static void notify_open(struct manager *manager, char path[128])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(path, 128, "%s/notify", manager->daemon.dir);
	strcpy(address.sun_path, path);
	manager->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert(eq(int, bind(manager->notify_fd, (struct sockaddr *)&address, sizeof(address)), 0));
}

/* It has its name before somebody listens at it; and to connect would start the daemon. */
static bool socket_listens(void *arg)
{
	const struct manager *manager = arg;
	FILE *sockets = fopen("/proc/net/unix", "re");
	bool listens = false;
	char line[512];

	cr_assert(ne(ptr, sockets, NULL));
	while (!listens && fgets(line, sizeof(line), sockets)) {
		char path[256] = "";
		unsigned flags;

		if (sscanf(line, "%*s %*s %*s %x %*s %*s %*s %255s", &flags, path) == 2)
			listens = (flags & ACCEPTS) && strcmp(path, manager->daemon.socket) == 0;
	}
	fclose(sockets);
	return listens;
}

static _Noreturn void manager_exec(const struct manager *manager, bool as_stream,
				   const char *notify, pid_t parent)
{
	const char *socket = manager->daemon.socket, *config = manager->config;
	const char *argv[] = {
		ACTIVATE, "--fdname=control", "-l", socket, "-E", notify, "-E",
		config ? "WATCHDOG_USEC=1000" : "WATCHDOG_USEC=100000", "-E", "ASAN_OPTIONS",
		"-E", "SHMQ_TEST_RUN",
		as_stream ? "--fdname=control" : "--seqpacket", getenv("SHMQD_BIN"), "--socket",
		socket, "--instance", manager->daemon.instance, config ? "--config" : NULL, config,
		NULL,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(99);
	execv(ACTIVATE, (char *const *)argv);
	_exit(98);
}

static void manager_start(struct manager *manager, bool as_stream, const char *config)
{
	char notify[160], path[128];
	pid_t parent = getpid();

	memset(manager, 0, sizeof(*manager));
	manager->config = config;
	manager_names(manager);
	notify_open(manager, path);
	snprintf(notify, sizeof(notify), "NOTIFY_SOCKET=%s", path);
	manager->pid = fork();
	if (manager->pid == 0)
		manager_exec(manager, as_stream, notify, parent);
	cr_assert(wait_until(socket_listens, manager));
}

static void manager_end(struct manager *manager)
{
	fd_close(manager->notify_fd);
	child_kill(manager->pid);
	fixture_end(&manager->daemon);
}

/* Read messages until one has these words. */
static void assert_notified(struct manager *manager, const char *words)
{
	int64_t deadline_ns = deadline_after_ns(LONG_NS);
	char text[1024];

	for (;;) {
		struct pollfd poll_fd = { .fd = manager->notify_fd, .events = POLLIN };
		ssize_t n;

		cr_assert(gt(int, poll(&poll_fd, 1, deadline_poll_timeout_ms(deadline_ns)), 0),
			  "never heard: %s", words);
		n = recv(manager->notify_fd, text, sizeof(text) - 1, 0);
		cr_assert(ge(long, n, 0));
		text[n] = '\0';
		if (strstr(text, words))
			return;
	}
}

Test(shell_activation, the_first_client_starts_the_daemon_and_is_served, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct manager manager;
	struct stat st;

	manager_start(&manager, false, NULL);
	client = fixture_connect(&manager.daemon);
	assert_notified(&manager, "READY=1");
	assert_ok(shmq_create(client, "r", NULL));
	assert_notified(&manager, "STATUS=1 ring, 1 connection, ");
	assert_notified(&manager, "WATCHDOG=1");
	assert_notified(&manager, "WATCHDOG=1");
	assert_ok(shmq_destroy(client, "r", 0));
	cr_assert(eq(int, kill(manager.pid, SIGTERM), 0));
	assert_notified(&manager, "STOPPING=1");
	cr_assert(eq(int, child_wait(manager.pid), 0));
	manager.pid = 0;
	cr_assert(eq(int, stat(manager.daemon.socket, &st), 0), "it is the manager's");
	cr_assert(daemon_wait_tidy(&manager.daemon));
	shmq_disconnect(client);
	manager_end(&manager);
}

Test(shell_activation, a_socket_of_the_wrong_type_is_refused, .timeout = PASS_S)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct manager manager;
	int fd;

	manager_start(&manager, true, NULL);
	strcpy(address.sun_path, manager.daemon.socket);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(eq(int, connect(fd, (struct sockaddr *)&address, sizeof(address)), 0));
	cr_assert(eq(int, child_wait(manager.pid), 1));
	manager.pid = 0;
	fd_close(fd);
	manager_end(&manager);
}

/* Many declared rings: the manager hears of us while they are made, or it would end the start. */
Test(shell_activation, a_start_that_takes_long_says_so, .timeout = PASS_S)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char config[] = "/tmp/shmqd-test.XXXXXX";
	FILE *file = fdopen(mkstemp(config), "w");
	struct manager manager;
	int fd;

	cr_assert(ne(ptr, file, NULL));
	for (unsigned i = 0; i < 300; i++)
		fprintf(file, "[Ring r%u]\nslots=8\n", i);
	fclose(file);
	manager_start(&manager, false, config);
	strcpy(address.sun_path, manager.daemon.socket);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	cr_assert(eq(int, connect(fd, (struct sockaddr *)&address, sizeof(address)), 0));
	assert_notified(&manager, "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=1000");
	assert_notified(&manager, "READY=1");
	fd_close(fd);
	unlink(config);
	manager_end(&manager);
}
