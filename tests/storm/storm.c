/* SPDX-License-Identifier: MIT */
/*
 * storm.c - random SIGKILL and SIGSTOP of clients and of the daemon, with a ledger of every message
 *
 *	storm [--seconds N] [--rings N] [--seed N] [--daemon-every N] [--shm-mib N] [--stop]
 *
 * Every ring has a producer and a consumer process that work as fast as they can. The parent kills
 * (or stops and continues) one of them at random, again and again, and starts a successor; each
 * N-th time it is the daemon. At the end the producers stop, the consumers drain, and accepted must
 * equal delivered: nothing lost, nothing torn, only unreleased messages seen twice, nothing left.
 * --shm-mib (root only): all of it in a /dev/shm of that size, which one more process fills to the
 * brim again and again.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "base/parse.h"
#include "tests/harness/daemon.h"
#include "tests/harness/mounts.h"
#include "tests/harness/process.h"
#include "tests/storm/glutton.h"
#include "tests/storm/ledger.h"

#define RINGS_MAX 64
#define STEP_NS	  (50 * NS_PER_MS)

struct shared {
	uint32_t producers_stop; /* written by the parent, read by all */
	uint32_t consumers_stop;
	struct ledger_row rows[RINGS_MAX];
	struct ledger_row glutton_row;
};

struct storm {
	struct daemon daemon;
	struct shared *shared;
	pid_t pids[RINGS_MAX][2]; /* producer, consumer */
	pid_t glutton_pid;
	uint64_t n_rings, seconds, seed, daemon_every, shm_mib, random;
	bool stop;
	uint64_t n_kills, n_stops, n_restarts;
};

static struct storm storm = { .n_rings = 4, .seconds = 6, .seed = 1, .daemon_every = 40 };

struct client_arg {
	uint64_t ring;
};

static uint32_t flag(const uint32_t *word)
{
	/* [T1] relaxed: only a hint to stop, the ledger is read after the processes ended */
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static void ring_name(uint64_t ring, char name[64])
{
	snprintf(name, 64, "storm%" PRIu64, ring);
}

/* Until the predecessor's death has been noticed, the role is taken; until the daemon is back, it
 * can't be asked. Both within the deadline, or the storm has found something. */
static int attach(struct shmq_client **client, uint64_t ring, struct shmq_producer **producer,
		  struct shmq_consumer **consumer)
{
	int64_t deadline = deadline_after_ns(HARNESS_DEADLINE_NS);
	struct shmq_ring_config config = { .slots = 16,
					   .size_bytes = LEDGER_MESSAGE_MAX,
					   .lifetime = SHMQ_PERSISTENT };
	char name[64];
	int r;

	ring_name(ring, name);
	do {
		r = *client ? 0 : shmq_connect(client, storm.daemon.socket);
		if (r == 0)
			r = producer ? shmq_open_producer(*client, name, &config, producer)
				     : shmq_open_consumer(*client, name, &config, consumer);
		if (r == 0)
			return 0;
		usleep(200);
	} while (deadline_left_ns(deadline) > 0);
	ledger_violation(&storm.shared->rows[ring], "%s can't attach: %s",
			 producer ? "producer" : "consumer", shmq_error_detail());
	return r;
}

static int produce(void *arg)
{
	uint64_t ring = ((struct client_arg *)arg)->ring;
	struct ledger_row *row = &storm.shared->rows[ring];
	struct shmq_client *client = NULL;
	struct shmq_producer *producer;
	struct ledger_message message;

	if (attach(&client, ring, &producer, NULL) < 0)
		return 1;
	row->attaches++;
	if (shmq_producer_position(producer) < row->accepted)
		ledger_violation(row, "position %" PRIu64 " is before %" PRIu64 " accepted",
				 shmq_producer_position(producer), row->accepted);
	while (!flag(&storm.shared->producers_stop)) {
		uint64_t position = shmq_producer_position(producer);
		uint32_t len = ledger_message_fill(&message, ring, position);
		int r = shmq_push(producer, &message, len, STEP_NS);

		if (r == 0)
			row->accepted = position + 1;
		else if (r != -EAGAIN && r != -ETIMEDOUT && r != -EPIPE && r != -EOWNERDEAD)
			return ledger_violation(row, "push: %s", shmq_strerror(r)), 1;
	}
	shmq_disconnect(client);
	return 0;
}

static int consume(void *arg)
{
	uint64_t ring = ((struct client_arg *)arg)->ring;
	struct ledger_row *row = &storm.shared->rows[ring];
	struct shmq_client *client = NULL;
	struct shmq_consumer *consumer;

	if (attach(&client, ring, NULL, &consumer) < 0)
		return 1;
	row->attaches++;
	for (;;) {
		const void *data;
		uint64_t seq;
		size_t len;
		int r = shmq_consumer_wait(consumer, STEP_NS);

		if (r == 0)
			r = shmq_peek(consumer, &data, &len, &seq);
		if (r == 0) {
			ledger_deliver(row, ring, seq, data, len);
			r = shmq_release(consumer);
		} else if (flag(&storm.shared->consumers_stop)) {
			break;
		}
		if (r < 0 && r != -EAGAIN && r != -ETIMEDOUT && r != -EPIPE && r != -EOWNERDEAD)
			return ledger_violation(row, "pop: %s", shmq_strerror(r)), 1;
	}
	shmq_disconnect(client);
	return 0;
}

static pid_t start_client(uint64_t ring, int role)
{
	struct client_arg arg = { .ring = ring };

	return child_start(role == 0 ? produce : consume, &arg);
}

static uint64_t next_random(void)
{
	/* xorshift64, G. Marsaglia */
	storm.random ^= storm.random << 13;
	storm.random ^= storm.random >> 7;
	storm.random ^= storm.random << 17;
	return storm.random;
}

/* A nap of up to 3 ms, so that deaths fall anywhere; time is what the storm is made of. */
static void nap(void)
{
	usleep((useconds_t)(next_random() % 3000));
}

static int strike(uint64_t n)
{
	uint64_t ring = next_random() % storm.n_rings;
	int role = (int)(next_random() & 1);
	pid_t *pid = &storm.pids[ring][role];

	if (storm.daemon_every && n % storm.daemon_every == storm.daemon_every - 1) {
		daemon_kill(&storm.daemon);
		nap();
		storm.n_restarts++;
		return daemon_restart(&storm.daemon);
	}
	if (storm.stop && (next_random() & 3) == 0) {
		kill(*pid, SIGSTOP);
		nap();
		kill(*pid, SIGCONT);
		storm.n_stops++;
		return 0;
	}
	child_kill(*pid);
	storm.n_kills++;
	*pid = start_client(ring, role);
	return *pid < 0 ? (int)*pid : 0;
}

static int finish_role(int role)
{
	int bad = 0;

	/* [T2] relaxed: as [T1] */
	__atomic_store_n(role == 0 ? &storm.shared->producers_stop : &storm.shared->consumers_stop,
			 1, __ATOMIC_RELAXED);
	for (uint64_t i = 0; i < storm.n_rings; i++) {
		int status = child_wait(storm.pids[i][role]);

		if (status != 0) {
			printf("ring %" PRIu64 ": its %s ended with %d\n", i,
			       role ? "consumer" : "producer", status);
			bad++;
		}
	}
	return bad;
}

/* It stops with the producers. */
static int finish_glutton(void)
{
	const struct ledger_row *row = &storm.shared->glutton_row;
	int status = child_wait(storm.glutton_pid);

	printf("/dev/shm was full %" PRIu64 " times\n", row->attaches);
	if (row->violations)
		printf("the glutton: %" PRIu64 " violations, first: %s\n", row->violations,
		       row->violation);
	return status != 0 || row->violations || row->attaches == 0;
}

static int judge(void)
{
	uint64_t accepted = 0, redelivered = 0, attaches = 0;
	int bad = 0;

	for (uint64_t i = 0; i < storm.n_rings; i++) {
		struct ledger_row *row = &storm.shared->rows[i];

		/* The very last message of a killed producer may be in the ring without having been
		 * noted. */
		if (row->delivered < row->accepted)
			ledger_violation(row, "accepted %" PRIu64 ", delivered %" PRIu64,
					 row->accepted, row->delivered);
		if (row->violations) {
			printf("ring %" PRIu64 ": %" PRIu64 " violations, first: %s\n", i,
			       row->violations, row->violation);
			bad++;
		}
		accepted += row->accepted;
		redelivered += row->redelivered;
		attaches += row->attaches;
	}
	if (redelivered > storm.n_kills) {
		printf("%" PRIu64 " redelivered by %" PRIu64 " deaths\n", redelivered,
		       storm.n_kills);
		bad++;
	}
	printf("seed %" PRIu64 ": %" PRIu64 " clients killed, %" PRIu64 " stopped, %" PRIu64
	       " daemon restarts, %" PRIu64 " attaches, %" PRIu64 " messages, %" PRIu64
	       " delivered twice, %d bad\n",
	       storm.seed, storm.n_kills, storm.n_stops, storm.n_restarts, attaches, accepted,
	       redelivered, bad);
	return bad;
}

static int destroy_all(void)
{
	struct shmq_client *client;
	int bad = shmq_connect(&client, storm.daemon.socket) < 0;
	char name[64];

	for (uint64_t i = 0; !bad && i < storm.n_rings; i++) {
		ring_name(i, name);
		if (shmq_destroy(client, name, 0) < 0) {
			printf("%s\n", shmq_error_detail());
			bad++;
		}
	}
	if (!bad)
		shmq_disconnect(client);
	if (daemon_segments(&storm.daemon) != 0) {
		printf("%u segments are left\n", daemon_segments(&storm.daemon));
		bad++;
	}
	return bad;
}

static int parse_args(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t *value, max;
	} options[] = { { "--seconds", &storm.seconds, 1000000 },
			{ "--rings", &storm.n_rings, RINGS_MAX },
			{ "--seed", &storm.seed, UINT64_MAX },
			{ "--daemon-every", &storm.daemon_every, 1000000 },
			{ "--shm-mib", &storm.shm_mib, 1024 } };
	const size_t n_options = sizeof(options) / sizeof(options[0]);

	for (int i = 1; i < argc; i++) {
		size_t o = 0;

		if (!strcmp(argv[i], "--stop")) {
			storm.stop = true;
			continue;
		}
		while (o < n_options && strcmp(argv[i], options[o].name))
			o++;
		if (o == n_options || i + 1 == argc ||
		    parse_u64(argv[++i], 0, options[o].max, options[o].value) < 0)
			return -EINVAL;
	}
	return storm.n_rings ? 0 : -EINVAL;
}

static int own_shm(void)
{
	char options[64];
	int r;

	snprintf(options, sizeof(options), "size=%" PRIu64 "m,mode=1777", storm.shm_mib);
	r = mounts_own_shm(options);
	if (r < 0)
		printf("no /dev/shm of %" PRIu64 " MiB: %s\n", storm.shm_mib, strerror(-r));
	return r;
}

static void start_everybody(void)
{
	static struct glutton glutton;

	for (uint64_t i = 0; i < storm.n_rings; i++)
		for (int role = 0; role < 2; role++)
			storm.pids[i][role] = start_client(i, role);
	glutton.socket = storm.daemon.socket;
	glutton.stop = &storm.shared->producers_stop;
	glutton.row = &storm.shared->glutton_row;
	if (storm.shm_mib)
		storm.glutton_pid = child_start(glutton_run, &glutton);
}

int main(int argc, char **argv)
{
	static const char *const args[] = { "--grace", "0s", "--max-rings", "256", "--max-bytes", "1G", NULL };
	int64_t end;
	int bad = 0;

	if (parse_args(argc, argv) < 0)
		return fprintf(stderr, "usage: storm [--seconds N] [--rings N] [--seed N] "
				       "[--daemon-every N] [--shm-mib N] [--stop]\n"),
		       2;
	storm.random = storm.seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	storm.shared = mmap(NULL, sizeof(*storm.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm.shm_mib && own_shm() < 0)
		return 77;
	if (storm.shared == MAP_FAILED || daemon_start(&storm.daemon, args) < 0)
		return 1;
	start_everybody();
	end = deadline_after_ns((int64_t)storm.seconds * NS_PER_S);
	for (uint64_t n = 0; deadline_left_ns(end) > 0 && !bad; n++) {
		nap();
		bad = strike(n) < 0;
	}
	bad += finish_role(0);
	if (storm.shm_mib)
		bad += finish_glutton();
	bad += finish_role(1);
	bad += judge();
	bad += destroy_all();
	daemon_deinit(&storm.daemon);
	return bad ? 1 : 0;
}
