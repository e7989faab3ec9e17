/* SPDX-License-Identifier: MIT */
/*
 * iceoryx.c - peer: iceoryx's untyped publisher and subscriber, polled, in place
 *
 * Its daemon, iox-roudi, runs from the first use to the end of the program. The publisher waits for
 * a slow subscriber, whose queue holds 64.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iceoryx_binding_c/enums.h>
#include <iceoryx_binding_c/publisher.h>
#include <iceoryx_binding_c/runtime.h>
#include <iceoryx_binding_c/subscriber.h>
#include <iceoryx_binding_c/types.h>

#include "bench/loops.h"

#define QUEUE	    64
#define CONNECT_MAX 10000 /* ms */

static const char config[] = "[general]\nversion = 1\n[[segment]]\n"
			     "[[segment.mempool]]\nsize = 128\ncount = 512\n"
			     "[[segment.mempool]]\nsize = 512\ncount = 512\n"
			     "[[segment.mempool]]\nsize = 2048\ncount = 512\n"
			     "[[segment.mempool]]\nsize = 8192\ncount = 512\n"
			     "[[segment.mempool]]\nsize = 66560\ncount = 512\n";

static char config_path[] = "/tmp/shmq-bench-XXXXXX";
static pid_t roudi, owner;
static unsigned n_runs;

static iox_pub_t out;
static iox_sub_t in;

/* ---- its daemon ---- */

static void roudi_stop(void)
{
	if (getpid() != owner || roudi <= 0)
		return;
	kill(roudi, SIGTERM);
	waitpid(roudi, NULL, 0);
	unlink(config_path);
}

static void quiet(void)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null_fd, STDOUT_FILENO);
	dup2(null_fd, STDERR_FILENO);
}

static int roudi_start(void)
{
	int fd;

	if (roudi > 0)
		return waitpid(roudi, NULL, WNOHANG) == 0 ? 0 : -1;
	fd = mkostemp(config_path, O_CLOEXEC);
	if (fd < 0 || write(fd, config, sizeof(config) - 1) != (ssize_t)sizeof(config) - 1)
		return -1;
	close(fd);
	owner = getpid();
	fflush(NULL);
	roudi = fork();
	if (roudi == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		quiet();
		execlp("iox-roudi", "iox-roudi", "-c", config_path, (char *)NULL);
		_exit(127);
	}
	if (roudi < 0 || atexit(roudi_stop) != 0)
		return -1;
	return 0;
}

static void *iox_open(size_t slots, size_t size_bytes)
{
	(void)slots;
	(void)size_bytes;
	n_runs++;
	return roudi_start() == 0 ? &roudi : NULL;
}

static void iox_close(void *rings)
{
	(void)rings;
}

/* ---- both ends, in a half's process ---- */

static void detach(void)
{
	if (!out || !in)
		return;
	iox_pub_deinit(out);
	iox_sub_deinit(in);
	out = NULL;
	in = NULL;
}

static bool is_connected(void)
{
	return iox_pub_has_subscribers(out) &&
	       iox_sub_get_subscription_state(in) == SubscribeState_SUBSCRIBED;
}

static int iox_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	static iox_pub_storage_t pub_storage;
	static iox_sub_storage_t sub_storage;
	iox_pub_options_t pub_options;
	iox_sub_options_t sub_options;
	char name[64];

	(void)run;
	quiet(); /* it talks, and stdout holds our figures */
	snprintf(name, sizeof(name), "shmq-bench-%d", (int)getpid());
	iox_runtime_init(name);
	iox_pub_options_init(&pub_options);
	pub_options.subscriberTooSlowPolicy = ConsumerTooSlowPolicy_WAIT_FOR_CONSUMER;
	iox_sub_options_init(&sub_options);
	sub_options.queueCapacity = QUEUE;
	sub_options.queueFullPolicy = QueueFullPolicy_BLOCK_PRODUCER;
	snprintf(name, sizeof(name), "run%u", n_runs);
	out = iox_pub_init(&pub_storage, "shmq-bench", name, is_a ? "to" : "fro", &pub_options);
	in = iox_sub_init(&sub_storage, "shmq-bench", name, is_a ? "fro" : "to", &sub_options);
	if (!out || !in || atexit(detach) != 0)
		return -1;
	for (int ms = 0; !is_connected(); ms++) {
		if (ms == CONNECT_MAX)
			return -1;
		usleep(1000);
	}
	*ret_ends = (struct bench_ends){ .out = out, .in = in };
	return 0;
}

/* ---- messages ---- */

static void *loaned;
static const void *taken;

static int reserve(void *end, size_t len, void **ret_payload)
{
	if (iox_pub_loan_chunk(end, &loaned, (uint32_t)len) != AllocationResult_SUCCESS)
		return -1;
	*ret_payload = loaned;
	return 0;
}

static int commit(void *end, size_t len)
{
	(void)len;
	iox_pub_publish_chunk(end, loaned);
	return 0;
}

static int peek(void *end, const void **ret_msg)
{
	enum iox_ChunkReceiveResult r = iox_sub_take_chunk(end, &taken);

	if (r == ChunkReceiveResult_SUCCESS)
		*ret_msg = taken;
	return r == ChunkReceiveResult_SUCCESS		  ? 0
	       : r == ChunkReceiveResult_NO_CHUNK_AVAILABLE ? 1
							  : -1;
}

static int release(void *end)
{
	iox_sub_release_chunk(end, taken);
	return 0;
}

static const struct bench_ops ops = {
	.reserve = reserve,
	.commit = commit,
	.peek = peek,
	.release = release,
	.pauses = true,
};

BENCH_HALVES(in_place, ops, iox_attach, true)

extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	{ "iceoryx", "iceoryx libiceoryx-binding-c-dev", iox_open, iox_close, in_place_produce,
	  in_place_consume, BENCH_THROUGHPUT, BENCH_IN_PLACE, BENCH_SPINS, 0, true },
	{ "iceoryx", "iceoryx libiceoryx-binding-c-dev", iox_open, iox_close, in_place_ask,
	  in_place_answer, BENCH_ROUND_TRIP, BENCH_IN_PLACE, BENCH_SPINS, 0, true },
	BENCH_END,
};
