/* SPDX-License-Identifier: MIT */
/*
 * test_client_answers.c - answers that don't belong to the question, and questions not worth asking
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

#include <shmq/shmq.h>

#include "client/client.h"
#include "tests/unit/client_fake.h"

#define PASS_S 30

static void send_unasked_descriptor(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;
	struct control_reply reply = { .text = "" };

	(void)n;
	if (!fake_greet(fake, fd) || !fake_receive(fd, &request))
		return;
	reply.id = request.request.id;
	fake_reply(fd, &reply, fake->board_fd);
	wire_request_release(&request);
	fake_wait_for_end(fd);
}

Test(client_answers, a_descriptor_that_nobody_asked_for_is_eproto, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, send_unasked_descriptor);

	cr_assert(eq(i64, shmq_ping(client), -EPROTO));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "nobody asked for"), NULL));
	shmq_disconnect(client);
	fake_stop(&fake);
}

static void answer_with_garbage(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd) || !fake_receive(fd, &request))
		return;
	fake_send(fd, "\xff\xff\xff\xff", 4, NULL, 0);
	wire_request_release(&request);
	fake_wait_for_end(fd);
}

Test(client_answers, garbage_for_an_answer_is_eproto_and_the_connection_is_given_up,
     .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, answer_with_garbage);

	cr_assert(eq(i64, shmq_ping(client), -EPROTO));
	cr_assert(eq(int, client->fd, -1));
	shmq_disconnect(client);
	fake_stop(&fake);
}

static void answer_something_else(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;
	struct control_reply reply = { .text = "", .body = CONTROL_BODY_PURGE, .dropped = 3 };

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		reply.id = request.request.id;
		fake_reply(fd, &reply, -1);
		wire_request_release(&request);
	}
}

Test(client_answers, an_answer_to_another_question_is_eproto, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, answer_something_else);
	struct shmq_ring_info info;

	cr_assert(eq(i64, shmq_purge(client, "r"), 3));
	cr_assert(eq(int, shmq_show(client, "r", &info), -EPROTO));
	shmq_disconnect(client);
	fake_stop(&fake);
}

static int count_ring(const struct shmq_ring_info *info, void *arg)
{
	(void)info;
	++*(unsigned *)arg;
	return 0;
}

static void list_in_circles(struct fake *fake, int fd, unsigned n)
{
	struct control_ring_info ring = { .name = "a", .state = "live" };
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		struct control_reply reply = {
			.id = request.request.id,
			.text = "",
			.body = CONTROL_BODY_LIST,
			.list = { .rings = &ring, .n_rings = 1, .next_cursor = 1 },
		};

		fake_reply(fd, &reply, -1);
		wire_request_release(&request);
	}
}

Test(client_answers, a_list_without_end_is_eproto, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, list_in_circles);
	unsigned n = 0;

	cr_assert(eq(int, shmq_list(client, count_ring, &n), -EPROTO));
	cr_assert(eq(uint, n, 2));
	shmq_disconnect(client);
	fake_stop(&fake);
}

Test(client_answers, arguments_are_judged_before_the_daemon_is_asked, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, fake_greet_and_serve);
	struct shmq_ring_config config = { .struct_size = 8 };
	struct {
		struct shmq_ring_config config;
		uint64_t later;
	} longer = { 0 };
	char name[SHMQ_NAME_MAX + 2];
	struct shmq_ring_info info;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert(eq(int, shmq_create(client, name, NULL), -EINVAL));
	cr_assert(eq(int, shmq_create(client, "", NULL), -EINVAL));
	cr_assert(eq(int, shmq_create(client, NULL, NULL), -EINVAL));
	cr_assert(eq(int, shmq_create(NULL, "r", NULL), -EINVAL));
	cr_assert(eq(int, shmq_show(client, "", &info), -EINVAL));
	cr_assert(eq(int, shmq_destroy(client, "r", 2), -EINVAL));
	cr_assert(eq(int, shmq_create(client, "r", &config), -EINVAL));
	config = (struct shmq_ring_config){ .wake = (enum shmq_wake)3 };
	cr_assert(eq(int, shmq_create(client, "r", &config), -EINVAL));
	config = (struct shmq_ring_config){ .lifetime = (enum shmq_lifetime) - 1 };
	cr_assert(eq(int, shmq_create(client, "r", &config), -EINVAL));
	longer.config.struct_size = sizeof(longer);
	longer.later = 1;
	cr_assert(eq(int, shmq_create(client, "r", &longer.config), -EINVAL));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "does not know"), NULL));
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[FAKE_NOTE_OPS], 0));
}
