/* SPDX-License-Identifier: MIT */
/*
 * control.c - the control plane at scale: rates, latencies, listing, adoption, memory
 *
 *	control [RINGS...]		default: 10 1000 10000 100000
 *
 * For each number of rings that exist: create, attach, detach, destroy, over and over, by one client
 * and by 16 at once (cycles per second; p50 and p99 of each call); a listing of all rings; the
 * daemon's restart from SIGKILL to its first answer; and its memory. In the same run, for the ratio,
 * what a create can't do without: the system calls that make a segment, at the other end of a socket
 * like the daemon's. 100,000 rings need 1.2 GB in /dev/shm and about a minute.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"

#define OPS	    1600 /* of all clients together */
#define CLIENTS_MAX 16
#define N_CALLS	    4
#define PATIENCE_NS (60 * NS_PER_S)
#define RING_BYTES  12288 /* of the small ring's segment: what the raw calls allocate */

static const char *const call_names[N_CALLS] = { "create", "attach", "detach", "destroy" };

/* What all clients of a measurement share. */
struct meeting {
	unsigned n_ready;
	unsigned go;
	int64_t ns[N_CALLS][OPS];
};

static struct daemon daemon_;
static uint64_t anon_before_kib; /* of a daemon without rings */
static const struct shmq_ring_config small = { .slots = 8,
					       .size_bytes = 64,
					       .lifetime = SHMQ_PERSISTENT };

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void print_percentiles(const char *what, int64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), by_value);
	printf("  %-22s p50 %7.1f us  p99 %8.1f us", what, (double)ns[n / 2] / 1e3,
	       (double)ns[n * 99 / 100] / 1e3);
}

static int client_connect(struct shmq_client **ret_client)
{
	int r = shmq_connect(ret_client, daemon_.socket);

	return r < 0 ? r : shmq_set_control_timeout(*ret_client, PATIENCE_NS);
}

/* Rings that were used: one that nobody ever attached to is listed without looking at its memory. */
static int fill(struct shmq_client *client, uint64_t from, uint64_t to)
{
	struct shmq_producer *producer;
	char name[32];
	int r = 0;

	for (; from < to && r >= 0; from++) {
		snprintf(name, sizeof(name), "fill%" PRIu64, from);
		r = shmq_open_producer(client, name, &small, &producer);
		if (r < 0)
			return r;
		r = shmq_try_push(producer, name, sizeof(name));
		shmq_producer_detach(producer);
	}
	return r;
}

/* ---- calls, by one client and by many ---- */

static int cycle(struct shmq_client *client, const char *name, int64_t t[N_CALLS + 1])
{
	struct shmq_producer *producer;
	int r;

	t[0] = clock_monotonic_ns();
	r = shmq_create(client, name, &small);
	t[1] = clock_monotonic_ns();
	if (r == 0)
		r = shmq_attach_producer(client, name, &producer);
	t[2] = clock_monotonic_ns();
	if (r < 0)
		return r;
	shmq_producer_detach(producer);
	t[3] = clock_monotonic_ns();
	r = shmq_destroy(client, name, 0);
	t[4] = clock_monotonic_ns();
	return r;
}

/* Operations [first, first + n) of the meeting, in a process of its own. */
static int client_run(struct meeting *meeting, size_t first, size_t n)
{
	struct shmq_client *client = NULL;
	char name[32];
	int r = client_connect(&client);

	/* relaxed: a gate and a counter; what is measured comes back through waitpid() */
	__atomic_fetch_add(&meeting->n_ready, 1, __ATOMIC_RELAXED);
	/* relaxed: the same */
	while (!__atomic_load_n(&meeting->go, __ATOMIC_RELAXED))
		usleep(1000);
	for (size_t i = first; i < first + n && r == 0; i++) {
		int64_t t[N_CALLS + 1];

		snprintf(name, sizeof(name), "op%zu", i);
		r = cycle(client, name, t);
		for (int call = 0; call < N_CALLS && r == 0; call++)
			meeting->ns[call][i] = t[call + 1] - t[call];
	}
	if (r < 0)
		fprintf(stderr, "a client failed: %s\n", shmq_error_detail());
	shmq_disconnect(client);
	return r < 0;
}

static pid_t client_fork(struct meeting *meeting, size_t first, size_t n)
{
	pid_t parent = getpid(), child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(getppid() != parent ? 1 : client_run(meeting, first, n));
}

static int clients_wait(const pid_t *clients, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		int status = 0;

		if (clients[i] < 0 || waitpid(clients[i], &status, 0) < 0 || status != 0)
			bad = -ECHILD;
	}
	return bad;
}

static int measure_clients(struct meeting *meeting, size_t n_clients)
{
	size_t each = OPS / n_clients;
	pid_t clients[CLIENTS_MAX];
	int64_t start;
	int r;

	memset(meeting, 0, sizeof(*meeting));
	fflush(stdout);
	for (size_t i = 0; i < n_clients; i++)
		clients[i] = client_fork(meeting, i * each, each);
	/* relaxed: see client_run() */
	while (__atomic_load_n(&meeting->n_ready, __ATOMIC_RELAXED) < n_clients)
		usleep(1000);
	start = clock_monotonic_ns();
	/* relaxed: see client_run() */
	__atomic_store_n(&meeting->go, 1, __ATOMIC_RELAXED);
	r = clients_wait(clients, n_clients);
	if (r < 0)
		return r;
	printf("  %zu client%s: %.0f cycles of four calls a second\n", n_clients,
	       n_clients > 1 ? "s" : "",
	       (double)(each * n_clients) * 1e9 / (double)(clock_monotonic_ns() - start));
	for (int call = 0; call < N_CALLS; call++) {
		print_percentiles(call_names[call], meeting->ns[call], each * n_clients);
		printf("\n");
	}
	return 0;
}

/* ---- what a create can't do without ---- */

static int raw_create(const char *name, int log_fd)
{
	struct stat st;
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int bad;

	if (fd < 0)
		return -errno;
	bad = ftruncate(fd, RING_BYTES) < 0 || fstat(fd, &st) < 0 ||
	      fallocate(fd, 0, 0, RING_BYTES) < 0 || fchmod(fd, 0600) < 0;
	close(fd);
	return bad || write(log_fd, name, strlen(name)) < 0 ? -EIO : 0;
}

/* A server with an event loop that makes segments, notes them in a log, and does nothing else. */
static _Noreturn void raw_serve(int socket_fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	FILE *log = tmpfile();
	char name[96];

	if (!log || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, socket_fd, &event) < 0)
		_exit(1);
	while (epoll_wait(epoll_fd, &event, 1, -1) == 1 &&
	       recv(socket_fd, name, sizeof(name), 0) > 0)
		if (raw_create(name, fileno(log)) < 0 ||
		    send(socket_fd, name, sizeof(name), MSG_NOSIGNAL) < 0)
			_exit(1);
	_exit(0);
}

static int raw_calls(int socket_fd, int64_t *ns)
{
	char name[96], answer[96];

	for (int i = 0; i < OPS; i++) {
		int64_t start;

		snprintf(name, sizeof(name), "/dev/shm/shmq.%s.raw%d", daemon_.instance, i);
		start = clock_monotonic_ns();
		if (send(socket_fd, name, sizeof(name), MSG_NOSIGNAL) < 0 ||
		    recv(socket_fd, answer, sizeof(answer), 0) <= 0)
			return -EPIPE;
		ns[i] = clock_monotonic_ns() - start;
		unlink(name);
	}
	return 0;
}

static int measure_raw(struct meeting *meeting)
{
	int64_t *ns = meeting->ns[0];
	int sockets[2], status = 0, r;
	pid_t server;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	fflush(stdout);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(sockets[0]);
		raw_serve(sockets[1]);
	}
	close(sockets[1]);
	r = server < 0 ? -errno : raw_calls(sockets[0], ns);
	close(sockets[0]);
	if (server > 0 && (waitpid(server, &status, 0) < 0 || status != 0) && r == 0)
		r = -ECHILD;
	if (r < 0)
		return r;
	print_percentiles("the bare calls of it", ns, OPS);
	printf("   (open, ftruncate, fstat, fallocate, fchmod, close; a line of a log; "
	       "epoll_wait, request and reply)\n");
	return 0;
}

/* ---- all rings at once ---- */

static int count_ring(const struct shmq_ring_info *info, void *arg)
{
	(void)info;
	++*(uint64_t *)arg;
	return 0;
}

static int measure_list(struct shmq_client *client)
{
	int64_t start = clock_monotonic_ns();
	uint64_t listed = 0;
	int r = shmq_list(client, count_ring, &listed);

	if (r < 0)
		return r;
	printf("  %-22s %.1f ms for %" PRIu64 " rings\n", "list",
	       (double)(clock_monotonic_ns() - start) / 1e6, listed);
	return 0;
}

static int measure_restart(struct shmq_client **client)
{
	int64_t start = clock_monotonic_ns();
	int r;

	*client = shmq_disconnect(*client);
	daemon_kill(&daemon_);
	r = daemon_restart(&daemon_);
	if (r == 0)
		r = client_connect(client);
	if (r == 0)
		r = shmq_ping(*client) < 0 ? -EHOSTDOWN : 0;
	if (r < 0)
		return r;
	printf("  %-22s %.1f ms from SIGKILL to the first answer\n", "restart",
	       (double)(clock_monotonic_ns() - start) / 1e6);
	return 0;
}

static uint64_t anon_kib(void)
{
	char path[64], line[256];
	uint64_t kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)daemon_.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static void print_memory(const char *when, uint64_t n_rings)
{
	uint64_t kib = anon_kib();

	printf("  %-22s %" PRIu64 " KiB anonymous, %.0f B per ring (registry and board: shared)\n",
	       when, kib,
	       n_rings && kib > anon_before_kib
		       ? (double)(kib - anon_before_kib) * 1024 / (double)n_rings
		       : 0);
}

static int measure(uint64_t n_rings, uint64_t *have, struct shmq_client **client,
		   struct meeting *meeting)
{
	int r = fill(*client, *have, n_rings);

	if (r < 0)
		return r;
	*have = n_rings;
	printf("%" PRIu64 " rings\n", n_rings);
	print_memory("memory", n_rings);
	r = measure_clients(meeting, 1);
	if (r == 0)
		r = measure_raw(meeting);
	if (r == 0)
		r = measure_clients(meeting, CLIENTS_MAX);
	if (r == 0)
		r = measure_list(*client);
	if (r == 0)
		r = measure_restart(client);
	if (r == 0)
		print_memory("memory, adopted", n_rings);
	return r;
}

int main(int argc, char **argv)
{
	static const char *const defaults[] = { "10", "1000", "10000", "100000" };
	static const char *const args[] = { "--max-rings", "120000", "--max-rings-per-uid",
					    "120000", NULL };
	int n = argc > 1 ? argc - 1 : 4;
	struct meeting *meeting = mmap(NULL, sizeof(*meeting), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct shmq_client *client = NULL;
	uint64_t have = 0;
	int r;

	if (meeting == MAP_FAILED || daemon_start(&daemon_, args) < 0)
		return 1;
	r = client_connect(&client);
	anon_before_kib = anon_kib();
	for (int i = 0; i < n && r == 0; i++)
		r = measure(strtoull(argc > 1 ? argv[i + 1] : defaults[i], NULL, 10), &have,
			    &client, meeting);
	if (r < 0)
		fprintf(stderr, "%s: %s\n", strerror(-r), shmq_error_detail());
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	return r < 0;
}
