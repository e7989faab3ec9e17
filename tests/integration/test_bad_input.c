/* SPDX-License-Identifier: MIT */
/*
 * test_bad_input.c - names, sizes, quotas, a full /dev/shm: an error of its own for each
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "tests/harness/mounts.h"
#include "tests/integration/fixture.h"

Test(bad_input, names_are_judged, .timeout = PASS_S)
{
	static const char *const bad[] = {
		"/",   "a/b", "../x",	  ".hidden",  "-x",    "_x",	     "a b",
		"a\n", "a:b", "\xc3\xa4", "registry", "board", "registry.x",
	};
	static const char *const good[] = { "a", "A.b_c-9", "0", "registry-2" };
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;
	char longest[SHMQ_NAME_MAX + 1];

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_error(shmq_create(client, bad[i], NULL), -EINVAL);
		assert_detail("name");
		assert_error(shmq_open_producer(client, bad[i], NULL, &producer), -EINVAL);
		assert_error(shmq_attach_producer(client, bad[i], &producer), -EINVAL);
		assert_error(shmq_destroy(client, bad[i], 0), -EINVAL);
	}
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_ok(shmq_create(client, good[i], NULL));
		assert_ok(shmq_destroy(client, good[i], 0));
	}
	memset(longest, 'x', SHMQ_NAME_MAX);
	longest[SHMQ_NAME_MAX] = '\0';
	assert_ok(shmq_open_producer(client, longest, NULL, &producer));
	assert_ok(shmq_push(producer, "x", 1, 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(bad_input, sizes_and_modes_are_judged, .timeout = PASS_S)
{
	static const struct {
		struct shmq_ring_config config;
		int error;
		const char *word;
	} bad[] = {
		{ { .slots = 3 }, -EINVAL, "power of two" },
		{ { .slots = 1u << 21 }, -EINVAL, "1048576" },
		{ { .slots = UINT32_MAX }, -EINVAL, "slots" },
		{ { .size_bytes = (16u << 20) + 1 }, -EINVAL, "16" },
		{ { .size_bytes = UINT32_MAX }, -EINVAL, "bytes" },
		{ { .mode = 0640 }, -EINVAL, "mode" },
		{ { .mode = 0100660 }, -EINVAL, "mode" },
	};
	struct shmq_client *client;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_error(shmq_create(client, "r", &bad[i].config), bad[i].error);
		assert_detail(bad[i].word);
	}
	/* each limit by itself is fine; together it is 16 TiB */
	assert_error(shmq_create(client, "r",
				 &(struct shmq_ring_config){ .slots = 1u << 20,
							     .size_bytes = 16u << 20 }),
		     -EDQUOT);
	assert_detail("16T");
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(bad_input, quotas_hold_and_are_given_back, .timeout = PASS_S)
{
	static const char *const limits[] = {
		"--max-rings=2",
		"--max-bytes=1M",
		"--max-attachments-per-uid=2",
		"--max-connections-per-uid=3",
		NULL,
	};
	struct shmq_ring_config big = { .slots = 1024, .size_bytes = 1024 };
	struct shmq_client *client, *others[2], *refused = NULL;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct daemon daemon;

	fixture_start(&daemon, limits);
	client = fixture_connect(&daemon);
	assert_error(shmq_create(client, "big", &big), -EDQUOT);
	big.slots = 512;
	for (unsigned round = 0; round < 3; round++) {
		assert_ok(shmq_create(client, "a", &big));
		assert_error(shmq_create(client, "b", &big), -EDQUOT);
		assert_ok(shmq_create(client, "b", &(struct shmq_ring_config){ .slots = 2 }));
		assert_error(shmq_create(client, "c", &(struct shmq_ring_config){ .slots = 2 }),
			     -EDQUOT);
		assert_ok(shmq_attach_producer(client, "a", &producer));
		assert_ok(shmq_attach_consumer(client, "a", &consumer));
		assert_error(shmq_attach_consumer(client, "b", &consumer), -EDQUOT);
		shmq_producer_detach(producer);
		assert_ok(shmq_attach_producer(client, "b", &producer));
		assert_ok(shmq_destroy(client, "a", SHMQ_DESTROY_FORCE));
		assert_ok(shmq_destroy(client, "b", SHMQ_DESTROY_FORCE));
		shmq_disconnect(client);
		client = fixture_connect(&daemon);
	}
	others[0] = fixture_connect(&daemon);
	others[1] = fixture_connect(&daemon);
	cr_assert(lt(int, shmq_connect(&refused, daemon.socket), 0));
	assert_detail("connections");
	assert_ok(shmq_ping(client));
	shmq_disconnect(others[0]);
	shmq_disconnect(others[1]);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* A mount namespace of this test's own, with a /dev/shm of @size. */
static void small_shm(const char *size)
{
	char options[64];

	snprintf(options, sizeof(options), "size=%s,mode=1777", size);
	if (mounts_own_shm(options) < 0)
		cr_skip_test("only root can mount a small /dev/shm");
}

Test(bad_input, a_full_shm_is_enospc_and_leaves_nothing, .timeout = PASS_S)
{
	static const char *const args[] = { "--max-rings=8", "--max-bytes=1G", NULL };
	struct shmq_ring_config config = { .slots = 1024, .size_bytes = 1000 };
	struct shmq_ring_config big = { .slots = 8192, .size_bytes = 1000 };
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	static char message[1000];

	small_shm("6m");
	fixture_start(&daemon, args);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "a", &config, &producer));
	assert_ok(shmq_attach_consumer(client, "a", &consumer));
	for (unsigned round = 0; round < 3; round++) {
		assert_error(shmq_create(client, "big", &big), -ENOSPC);
		assert_detail("big");
		assert_detail("/dev/shm");
		cr_assert(eq(uint, daemon_segments(&daemon), 1));
	}
	/* fill it to the brim with rings: what exists has its memory */
	assert_ok(shmq_create(client, "b", &config));
	assert_ok(shmq_create(client, "c", &config));
	assert_ok(shmq_create(client, "d", &config));
	assert_error(shmq_create(client, "e", &big), -ENOSPC);
	for (unsigned i = 0; i < 3000; i++) {
		assert_ok(shmq_push(producer, message, sizeof(message), 0));
		assert_error(shmq_pop(consumer, message, sizeof(message), 0), sizeof(message));
	}
	/* and space that is given back can be used */
	assert_ok(shmq_destroy(client, "b", 0));
	assert_ok(shmq_create(client, "f", &config));
	assert_ok(shmq_ping(client));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* Take all descriptors that this process may have. Return: how many that were. */
static unsigned exhaust_descriptors(int *fds, unsigned max)
{
	struct rlimit limit;
	unsigned n = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = max;
	cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &limit), 0));
	while (n < max && (fds[n] = fcntl(0, F_DUPFD_CLOEXEC, 0)) >= 0)
		n++;
	return n;
}

Test(bad_input, a_client_without_descriptors_gives_the_role_back, .timeout = PASS_S)
{
	struct shmq_consumer *consumer = NULL;
	struct shmq_client *client, *other;
	unsigned n_fds, n_again;
	struct daemon daemon;
	int fds[64], result;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", NULL));
	n_fds = exhaust_descriptors(fds, 64);
	result = shmq_attach_consumer(client, "r", &consumer);
	for (unsigned i = 0; i < n_fds; i++)
		close(fds[i]);
	cr_assert(eq(int, result, -EMFILE));
	cr_assert(eq(ptr, consumer, NULL));
	other = fixture_connect(&daemon);
	assert_ok(shmq_attach_consumer(other, "r", &consumer));
	shmq_disconnect(other);
	/* not one has leaked */
	n_again = exhaust_descriptors(fds, 64);
	for (unsigned i = 0; i < n_again; i++)
		close(fds[i]);
	cr_assert(eq(uint, n_again, n_fds));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(bad_input, a_ring_of_another_type_is_refused, .timeout = PASS_S)
{
	struct shmq_ring_config typed = { .schema = UINT64_C(0x063d871b68a3162a),
					  .schema_text = "message a layout 1\n" };
	struct shmq_ring_config other = { .schema = UINT64_C(0x1bc94c066f5cf993),
					  .schema_text = "message b layout 1\n" };
	struct shmq_ring_config later = { .schema = UINT64_C(0xc9c862176c7fb7fa),
					  .schema_text = "message a layout 1\n+\tu8 more\n" };
	struct shmq_producer *producer;
	struct shmq_consumer *consumer = NULL;
	struct shmq_client *client;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", &typed, &producer));
	/* a daemon that adopts the ring knows what it carries */
	for (int round = 0; round < 2; round++) {
		assert_error(shmq_open_consumer(client, "r", &other, &consumer), -EEXIST);
		cr_assert(eq(ptr, consumer, NULL));
		assert_detail("'a'");
		assert_detail("'b'");
		daemon_kill(&daemon);
		cr_assert(eq(int, daemon_restart(&daemon), 0));
	}
	assert_ok(shmq_open_consumer(client, "r", &typed, &consumer));
	consumer = shmq_consumer_detach(consumer);
	assert_ok(shmq_open_consumer(client, "r", &later, &consumer));
	shmq_disconnect(client);
	fixture_end(&daemon);
}
