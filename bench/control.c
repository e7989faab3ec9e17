/* SPDX-License-Identifier: MIT */
/*
 * control.c - the control plane at scale: rates, latencies, listing, adoption, memory
 *
 *	control [RINGS...]		default: 10 1000 10000
 *
 * For each number of rings that exist: create + attach + detach + destroy by one client (p50, p99),
 * a listing of all of them, the daemon's restart until it answers again, and its memory. Last, the
 * raw system calls that a create needs, in the same run, for the ratio.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"

#define OPS 500

struct timings {
	int64_t create[OPS], attach[OPS], detach[OPS], destroy[OPS];
};

static struct daemon daemon_;
static struct timings timings;
static const struct shmq_ring_config small = { .slots = 8,
					       .size_bytes = 64,
					       .lifetime = SHMQ_PERSISTENT };

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *what, int64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), by_value);
	printf("  %-10s p50 %7.1f us  p99 %8.1f us\n", what, (double)ns[n / 2] / 1e3,
	       (double)ns[n * 99 / 100] / 1e3);
}

static int fill(struct shmq_client *client, uint64_t from, uint64_t to)
{
	char name[32];

	for (; from < to; from++) {
		snprintf(name, sizeof(name), "fill%" PRIu64, from);
		if (shmq_create(client, name, &small) < 0)
			return fprintf(stderr, "%s: %s\n", name, shmq_error_detail()), -1;
	}
	return 0;
}

static int measure_calls(struct shmq_client *client)
{
	struct shmq_producer *producer;
	char name[32];

	for (int i = 0; i < OPS; i++) {
		int64_t t[5];

		snprintf(name, sizeof(name), "op%d", i);
		t[0] = clock_monotonic_ns();
		if (shmq_create(client, name, &small) < 0)
			return -1;
		t[1] = clock_monotonic_ns();
		if (shmq_attach_producer(client, name, &producer) < 0)
			return -1;
		t[2] = clock_monotonic_ns();
		shmq_producer_detach(producer);
		t[3] = clock_monotonic_ns();
		if (shmq_destroy(client, name, 0) < 0)
			return -1;
		t[4] = clock_monotonic_ns();
		timings.create[i] = t[1] - t[0];
		timings.attach[i] = t[2] - t[1];
		timings.detach[i] = t[3] - t[2];
		timings.destroy[i] = t[4] - t[3];
	}
	print("create", timings.create, OPS);
	print("attach", timings.attach, OPS);
	print("detach", timings.detach, OPS);
	print("destroy", timings.destroy, OPS);
	return 0;
}

static int count_ring(const struct shmq_ring_info *info, void *arg)
{
	(void)info;
	++*(uint64_t *)arg;
	return 0;
}

static void print_memory(uint64_t n_rings)
{
	char path[64], line[256];
	uint64_t anon_kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)daemon_.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %" SCNu64, &anon_kib) == 1)
			break;
	if (file)
		fclose(file);
	printf("  memory     %" PRIu64 " KiB anonymous, %.0f B per ring\n", anon_kib,
	       n_rings ? (double)anon_kib * 1024 / (double)n_rings : 0);
}

static int measure_restart(struct shmq_client **client)
{
	int64_t start = clock_monotonic_ns();

	*client = shmq_disconnect(*client);
	daemon_kill(&daemon_);
	if (daemon_restart(&daemon_) < 0 || shmq_connect(client, daemon_.socket) < 0 ||
	    shmq_set_control_timeout(*client, 60 * NS_PER_S) < 0 || shmq_ping(*client) < 0)
		return -1;
	printf("  restart    %.1f ms from SIGKILL to the first answer\n",
	       (double)(clock_monotonic_ns() - start) / 1e6);
	return 0;
}

static int measure(uint64_t n_rings, uint64_t *have, struct shmq_client **client)
{
	uint64_t listed = 0;
	int64_t start;

	if (fill(*client, *have, n_rings) < 0)
		return -1;
	*have = n_rings;
	printf("%" PRIu64 " rings\n", n_rings);
	if (measure_calls(*client) < 0)
		return -1;
	start = clock_monotonic_ns();
	if (shmq_list(*client, count_ring, &listed) < 0)
		return -1;
	printf("  list       %.1f ms for %" PRIu64 "\n",
	       (double)(clock_monotonic_ns() - start) / 1e6, listed);
	if (measure_restart(client) < 0)
		return -1;
	print_memory(n_rings);
	return 0;
}

/* What a create can't do without: the same objects, by the same calls. */
static void measure_raw(void)
{
	static int64_t ns[OPS];
	char name[64];

	for (int i = 0; i < OPS; i++) {
		int64_t start = clock_monotonic_ns();
		int fd;

		snprintf(name, sizeof(name), "/shmq.%s.raw%d", daemon_.instance, i);
		fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd < 0 || ftruncate(fd, 12288) < 0 || posix_fallocate(fd, 0, 12288) != 0)
			return;
		close(fd);
		ns[i] = clock_monotonic_ns() - start;
		shm_unlink(name);
	}
	printf("raw system calls of a create\n");
	print("raw", ns, OPS);
}

int main(int argc, char **argv)
{
	static const char *const defaults[] = { "10", "1000", "10000" };
	static const char *const args[] = { "--max-rings", "120000", "--max-rings-per-uid",
					    "120000", NULL };
	int n = argc > 1 ? argc - 1 : 3;
	struct shmq_client *client = NULL;
	uint64_t have = 0;
	int bad;

	if (daemon_start(&daemon_, args) < 0)
		return 1;
	bad = shmq_connect(&client, daemon_.socket) < 0;
	for (int i = 0; i < n && !bad; i++)
		bad = measure(strtoull(argc > 1 ? argv[i + 1] : defaults[i], NULL, 10), &have,
			      &client) < 0;
	if (bad)
		fprintf(stderr, "%s\n", shmq_error_detail());
	else
		measure_raw();
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	return bad;
}
