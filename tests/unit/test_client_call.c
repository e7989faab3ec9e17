/* SPDX-License-Identifier: MIT */
/*
 * test_client_call.c - control calls against a daemon that is silent, late, or restarted
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "client/call.h"
#include "client/client.h"
#include "tests/unit/client_fake.h"

#define PASS_S 30
#define SHORT_NS INT64_C(50000000)

enum note { NOTE_NONCES_EQUAL, NOTE_OPS, NOTE_SEEN };

static struct shmq_client *connected(struct fake *fake, fake_script script)
{
	struct shmq_client *client = NULL;

	cr_assert(eq(int, fake_start(fake, script, NULL), 0));
	cr_assert(eq(int, shmq_connect(&client, fake->socket), 0), "%s", shmq_error_detail());
	return client;
}

static void answer(int fd, uint64_t id, int status, const char *text)
{
	struct control_reply reply = { .id = id, .status = status, .text = text };

	fake_reply(fd, &reply, -1);
}

/* Answer everything with OK until the client goes; remember the operations as hex digits. */
static void serve(struct fake *fake, int fd)
{
	struct wire_request request;

	while (fake_receive(fd, &request)) {
		fake->notes[NOTE_OPS] = fake->notes[NOTE_OPS] << 4 | request.request.op;
		answer(fd, request.request.id, 0, "");
		wire_request_release(&request);
	}
}

static void greet_and_serve(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	if (fake_greet(fake, fd))
		serve(fake, fd);
}

Test(client_call, ping_is_answered, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, greet_and_serve);

	cr_assert(ge(i64, shmq_ping(client), 0), "%s", shmq_error_detail());
	shmq_disconnect(client);
	fake_stop(&fake);
}

static void greet_and_say_nothing(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	if (fake_greet(fake, fd))
		fake_wait_for_end(fd);
}

Test(client_call, silence_ends_at_the_deadline, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, greet_and_say_nothing);

	cr_assert(eq(int, shmq_set_control_timeout(client, SHORT_NS), 0));
	cr_assert(eq(i64, shmq_ping(client), -ETIMEDOUT));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "does not answer"), NULL));
	shmq_disconnect(client);
	fake_stop(&fake);
}

static void refuse_everything(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd) || !fake_receive(fd, &request))
		return;
	answer(fd, request.request.id, -EPERM, "not you");
	wire_request_release(&request);
	if (!fake_receive(fd, &request))
		return;
	answer(fd, request.request.id, -ENOTSUP, "");
	wire_request_release(&request);
	fake_wait_for_end(fd);
}

Test(client_call, statuses_become_the_librarys_errors, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, refuse_everything);

	cr_assert(eq(int, shmq_destroy(client, "r", 0), -EACCES));
	cr_assert(eq(str, (char *)shmq_error_detail(), "not you"));
	cr_assert(eq(int, shmq_destroy(client, "r", 0), -EPROTO));
	cr_assert(eq(str, (char *)shmq_error_detail(), (char *)shmq_strerror(-EPROTO)));
	shmq_disconnect(client);
	fake_stop(&fake);
}

/* The first connection ends in the middle of a Create, the second one answers it. */
static void lose_first_create(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;
	struct control_reply reply = { .text = "", .body = CONTROL_BODY_RING };

	if (!fake_greet(fake, fd) || !fake_receive(fd, &request))
		return;
	if (n == 0) {
		fake->notes[NOTE_SEEN] = request.request.nonce;
	} else {
		fake->notes[NOTE_NONCES_EQUAL] = request.request.op == CONTROL_CREATE &&
						 request.request.nonce == fake->notes[NOTE_SEEN];
		reply.id = request.request.id;
		fake_reply(fd, &reply, -1);
	}
	wire_request_release(&request);
	if (n > 0)
		serve(fake, fd);
}

Test(client_call, a_lost_create_is_asked_again_with_its_nonce, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, lose_first_create);

	cr_assert(eq(int, shmq_create(client, "ticks", NULL), 0), "%s", shmq_error_detail());
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[NOTE_NONCES_EQUAL], 1));
	cr_assert(ne(u64, fake.notes[NOTE_SEEN], 0));
	cr_assert(eq(uint, fake.n_connections, 2));
}

/* The first connection ends in the middle of a Destroy, the second one knows no such ring. */
static void lose_first_destroy(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		if (n == 0) {
			wire_request_release(&request);
			return;
		}
		answer(fd, request.request.id, -ENOENT, "there is no ring ticks");
		wire_request_release(&request);
	}
}

Test(client_call, a_destroy_whose_answer_was_lost_is_a_success, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, lose_first_destroy);

	cr_assert(eq(int, shmq_destroy(client, "ticks", 0), 0), "%s", shmq_error_detail());
	cr_assert(eq(int, shmq_destroy(client, "ticks", 0), -ENOENT));
	cr_assert(eq(str, (char *)shmq_error_detail(), "there is no ring ticks"));
	shmq_disconnect(client);
	fake_stop(&fake);
}

static void serve_one_connection(struct fake *fake, int fd, unsigned n)
{
	if (n == 0)
		fake_greet(fake, fd);
}

Test(client_call, a_daemon_that_does_not_come_back_is_ehostdown, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, serve_one_connection);

	cr_assert(eq(int, shmq_set_control_timeout(client, SHORT_NS), 0));
	cr_assert(eq(i64, shmq_ping(client), -EHOSTDOWN));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), fake.socket), NULL));
	fake_stop(&fake); /* the socket is gone as well */
	cr_assert(eq(i64, shmq_ping(client), -EHOSTDOWN));
	shmq_disconnect(client);
}

static void owe(struct shmq_client *client, uint64_t attachment)
{
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;

	cr_assert(eq(int, client_lock(client, &locked), 0));
	cr_assert(eq(int, client_ids_add(&client->detaches, attachment), 0));
}

/* The first connection is cut before it takes the Detach; the debt is paid on the second. */
static void cut_then_serve(struct fake *fake, int fd, unsigned n)
{
	if (!fake_greet(fake, fd) || n == 0)
		return;
	serve(fake, fd);
}

Test(client_call, debts_are_paid_before_anything_else, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, cut_then_serve);

	owe(client, 7);
	owe(client, 8);
	cr_assert(ge(i64, shmq_ping(client), 0), "%s", shmq_error_detail());
	cr_assert(eq(sz, client->detaches.n, 0));
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[NOTE_OPS],
		     CONTROL_DETACH << 8 | CONTROL_DETACH << 4 | CONTROL_PING));
}

Test(client_call, disconnect_pays_what_is_owed, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, cut_then_serve);

	owe(client, 7);
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[NOTE_OPS], CONTROL_DETACH));
}

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

Test(client_call, a_descriptor_that_nobody_asked_for_is_eproto, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, send_unasked_descriptor);

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

Test(client_call, garbage_for_an_answer_is_eproto_and_the_connection_is_given_up, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, answer_with_garbage);

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

Test(client_call, an_answer_to_another_question_is_eproto, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, answer_something_else);
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
			.id = request.request.id, .text = "", .body = CONTROL_BODY_LIST,
			.list = { .rings = &ring, .n_rings = 1, .next_cursor = 1 },
		};

		fake_reply(fd, &reply, -1);
		wire_request_release(&request);
	}
}

Test(client_call, a_list_without_end_is_eproto, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, list_in_circles);
	unsigned n = 0;

	cr_assert(eq(int, shmq_list(client, count_ring, &n), -EPROTO));
	cr_assert(eq(uint, n, 2));
	shmq_disconnect(client);
	fake_stop(&fake);
}

Test(client_call, arguments_are_judged_before_the_daemon_is_asked, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = connected(&fake, greet_and_serve);
	struct shmq_ring_config config = { .struct_size = 8 };
	struct { struct shmq_ring_config config; uint64_t later; } longer = { 0 };
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
	config = (struct shmq_ring_config){ .lifetime = (enum shmq_lifetime)-1 };
	cr_assert(eq(int, shmq_create(client, "r", &config), -EINVAL));
	longer.config.struct_size = sizeof(longer);
	longer.later = 1;
	cr_assert(eq(int, shmq_create(client, "r", &longer.config), -EINVAL));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "does not know"), NULL));
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[NOTE_OPS], 0));
}
