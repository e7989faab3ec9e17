/* SPDX-License-Identifier: MIT */
/*
 * test_pages.c - huge pages where /dev/shm offers them, locked memory where it is asked for
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/harness/mounts.h"
#include "tests/integration/fixture.h"

TestSuite(pages, .timeout = PASS_S);

/* The sanitizers make mlock(2) succeed and do nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAN_LOCK false
#else
#define CAN_LOCK true
#endif

static const struct shmq_ring_config large = { .slots = 8, .size_bytes = 1 << 20 };

struct memory {
	unsigned n_mappings, n_locked;
	uint64_t huge_kib;
};

/* This process's mappings of ring @ring's segment. */
static struct memory memory_of(const char *ring)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	struct memory memory = { 0 };
	char line[512], part[64];
	uint64_t kib, from, to;
	bool inside = false;

	cr_assert(ne(ptr, smaps, NULL));
	snprintf(part, sizeof(part), ".%s.", ring);
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &from, &to) == 2) {
			inside = strstr(line, "/shmq.") && strstr(line, part);
			memory.n_mappings += inside;
		} else if (inside && sscanf(line, "ShmemPmdMapped: %" SCNu64, &kib) == 1) {
			memory.huge_kib += kib;
		} else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			memory.n_locked += strstr(line, " lo") != NULL;
		}
	}
	fclose(smaps);
	return memory;
}

/* Every byte of a large message goes through. */
static void assert_carries(struct shmq_producer *producer, struct shmq_consumer *consumer)
{
	static unsigned char message[1 << 20], buf[1 << 20];

	for (unsigned round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof(message); i++)
			message[i] = (unsigned char)(i * 7 + round + (i >> 12));
		assert_ok(shmq_push(producer, message, sizeof(message), LONG_NS));
		assert_error(shmq_pop(consumer, buf, sizeof(buf), LONG_NS), sizeof(message));
		cr_assert(eq(int, memcmp(buf, message, sizeof(message)), 0));
	}
}

/* What shmqctl says of the ring. */
static void ctl_show(const struct daemon *daemon, const char *ring, char *buf, size_t cap_bytes)
{
	char command[512];
	size_t n;
	FILE *pipe;

	snprintf(command, sizeof(command), "%s --socket=%s show %s", getenv("SHMQCTL_BIN"),
		 daemon->socket, ring);
	pipe = popen(command, "re");
	cr_assert(ne(ptr, pipe, NULL));
	n = fread(buf, 1, cap_bytes - 1, pipe);
	buf[n] = '\0';
	cr_assert(eq(int, pclose(pipe), 0));
}

struct offer {
	char options[32];
	bool is_huge;
};

static struct offer offers[] = {
	{ "huge=never,size=64m", false },
	{ "huge=advise,size=64m", true },
	{ "huge=within_size,size=64m", true },
	{ "huge=always,size=64m", true },
};

ParameterizedTestParameters(pages, huge_where_offered)
{
	return cr_make_param_array(struct offer, offers, sizeof(offers) / sizeof(offers[0]));
}

ParameterizedTest(struct offer *offer, pages, huge_where_offered)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char shown[4096];

	if (mounts_own_shm(offer->options) < 0)
		cr_skip_test("no /dev/shm with %s can be mounted here", offer->options);
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "large", &large, &producer));
	assert_ok(shmq_attach_consumer(client, "large", &consumer));
	if (offer->is_huge)
		cr_assert(gt(u64, memory_of("large").huge_kib, 0));
	else
		cr_assert(eq(u64, memory_of("large").huge_kib, 0));
	assert_carries(producer, consumer);
	ctl_show(&daemon, "large", shown, sizeof(shown));
	cr_assert(eq(int, strstr(shown, "in huge pages") != NULL, offer->is_huge), "%s", shown);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(pages, locked_when_asked_for)
{
	struct shmq_producer *producer, *other;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char shown[4096];

	if (!CAN_LOCK)
		cr_skip_test("a sanitizer keeps mlock(2) from the kernel");
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "before", &large, &other));
	assert_ok(shmq_set_mlock(client, 1));
	if (shmq_open_producer(client, "large", &large, &producer) < 0)
		cr_skip_test("%s", shmq_error_detail());
	assert_ok(shmq_set_mlock(client, 0));
	assert_ok(shmq_attach_consumer(client, "large", &consumer));
	cr_assert(eq(uint, memory_of("before").n_locked, 0));
	cr_assert(eq(uint, memory_of("large").n_mappings, 6));
	cr_assert(eq(uint, memory_of("large").n_locked, 3), "the producer's");
	assert_carries(producer, consumer);
	ctl_show(&daemon, "large", shown, sizeof(shown));
	cr_assert(ne(ptr, strstr(shown, "locked"), NULL), "%s", shown);
	assert_ok(shmq_destroy(client, "before", SHMQ_DESTROY_FORCE));
	assert_ok(shmq_destroy(client, "large", SHMQ_DESTROY_FORCE));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* Root may lock anything unless it gives that up. */
static void forbid_locking(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	struct rlimit none = { 0, 0 };

	cr_assert(eq(int, (int)syscall(SYS_capget, &header, data), 0));
	data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &= ~CAP_TO_MASK(CAP_IPC_LOCK);
	cr_assert(eq(int, (int)syscall(SYS_capset, &header, data), 0));
	cr_assert(eq(int, setrlimit(RLIMIT_MEMLOCK, &none), 0));
}

Test(pages, who_may_not_lock_does_not_keep_the_role)
{
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;
	int r;

	if (!CAN_LOCK)
		cr_skip_test("a sanitizer keeps mlock(2) from the kernel");
	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	forbid_locking();
	assert_ok(shmq_set_mlock(client, 1));
	r = shmq_attach_producer(client, "r", &producer);
	cr_assert(r == -EPERM || r == -ENOMEM, "%d: %s", r, shmq_error_detail());
	assert_detail("ulimit -l");
	assert_ok(shmq_set_mlock(client, 0));
	assert_ok(shmq_attach_producer(client, "r", &producer));
	assert_ok(shmq_destroy(client, "r", SHMQ_DESTROY_FORCE));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
