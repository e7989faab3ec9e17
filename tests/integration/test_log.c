/* SPDX-License-Identifier: MIT */
/*
 * test_log.c - lines on stderr where no journal is: the life of a ring, and not without an end
 */
#include "tests/integration/fixture.h"

TestSuite(log, .timeout = PASS_S);

#define N_ROUNDS 300u

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void read_log(const struct daemon *daemon, char *log, size_t cap_bytes)
{
	memset(log, 0, cap_bytes);
	daemon_log(daemon, log, cap_bytes);
}

Test(log, tells_the_life_of_a_ring)
{
	static const char *const parts[] = {
		"made ring 'r'", "the producer of ring 'r'", "has attached", "has detached",
		"removed ring 'r' because pid",
	};
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	char log[65536];
	const char *at = log;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	shmq_producer_detach(producer);
	assert_ok(shmq_destroy(client, "r", 0));
	shmq_disconnect(client);
	read_log(&daemon, log, sizeof(log));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		at = strstr(at, parts[i]);
		cr_assert(ne(ptr, (void *)at, NULL), "'%s' is not told, or too early: %s", parts[i],
			  log);
	}
	fixture_end(&daemon);
}

Test(log, one_process_can_not_fill_it)
{
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_producer *producer;
	static char log[1 << 20];
	unsigned n;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	for (unsigned i = 0; i < N_ROUNDS; i++) {
		assert_ok(shmq_open_producer(client, "r", NULL, &producer));
		shmq_producer_detach(producer);
	}
	assert_ok(shmq_destroy(client, "r", 0));
	shmq_disconnect(client);
	read_log(&daemon, log, sizeof(log));
	n = count(log, "has attached") + count(log, "has detached");
	cr_assert(ge(uint, n, 90));
	cr_assert(lt(uint, n, 2 * N_ROUNDS));
	fixture_end(&daemon);
}
