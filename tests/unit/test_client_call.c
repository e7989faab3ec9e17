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

#define PASS_S	 30
#define SHORT_NS INT64_C(50000000)

enum note { NOTE_NONCES_EQUAL, NOTE_SEEN };

Test(client_call, ping_is_answered, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, fake_greet_and_serve);

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
	struct shmq_client *client = fake_connect(&fake, greet_and_say_nothing);

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
	fake_answer(fd, request.request.id, -EPERM, "not you");
	wire_request_release(&request);
	if (!fake_receive(fd, &request))
		return;
	fake_answer(fd, request.request.id, -ENOTSUP, "");
	wire_request_release(&request);
	fake_wait_for_end(fd);
}

Test(client_call, statuses_become_the_librarys_errors, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, refuse_everything);

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
		fake_serve(fake, fd);
}

Test(client_call, a_lost_create_is_asked_again_with_its_nonce, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, lose_first_create);

	cr_assert(eq(int, shmq_create(client, "ticks", NULL), 0), "%s", shmq_error_detail());
	cr_assert(eq(str, (char *)shmq_error_detail(), ""));
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
		fake_answer(fd, request.request.id, -ENOENT, "there is no ring ticks");
		wire_request_release(&request);
	}
}

Test(client_call, a_destroy_whose_answer_was_lost_is_a_success, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, lose_first_destroy);

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
	struct shmq_client *client = fake_connect(&fake, serve_one_connection);

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
	fake_serve(fake, fd);
}

Test(client_call, debts_are_paid_before_anything_else, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, cut_then_serve);

	owe(client, 7);
	owe(client, 8);
	cr_assert(ge(i64, shmq_ping(client), 0), "%s", shmq_error_detail());
	cr_assert(eq(sz, client->detaches.n, 0));
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[FAKE_NOTE_OPS],
		     CONTROL_DETACH << 8 | CONTROL_DETACH << 4 | CONTROL_PING));
}

Test(client_call, disconnect_pays_what_is_owed, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, cut_then_serve);

	owe(client, 7);
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[FAKE_NOTE_OPS], CONTROL_DETACH));
}

/* "Not now" a few times on the first connection, which then ends; the second one answers. */
static void stop_then_serve(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	if (!fake_greet(fake, fd))
		return;
	for (unsigned i = 0; n == 0 && i < 3 && fake_receive(fd, &request); i++) {
		fake->notes[NOTE_SEEN]++;
		fake_answer(fd, request.request.id, -EAGAIN, "shmqd is stopping");
		wire_request_release(&request);
	}
	if (n > 0)
		fake_serve(fake, fd);
}

Test(client_call, a_daemon_that_is_stopping_is_asked_again, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, stop_then_serve);

	cr_assert(eq(int, shmq_destroy(client, "r", 0), 0), "%s", shmq_error_detail());
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[NOTE_SEEN], 3));
}

static void never_now(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		fake_answer(fd, request.request.id, -EAGAIN, "too much is waiting");
		wire_request_release(&request);
	}
}

Test(client_call, not_now_until_the_deadline_is_ehostdown_in_the_daemons_words, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, never_now);

	cr_assert(eq(int, shmq_set_control_timeout(client, SHORT_NS), 0));
	cr_assert(eq(int, shmq_destroy(client, "r", 0), -EHOSTDOWN));
	cr_assert(eq(str, (char *)shmq_error_detail(), "too much is waiting"));
	shmq_disconnect(client);
	fake_stop(&fake);
}

/* The second connection is to a daemon that knows nothing of the first one's. */
static void other_daemon(struct fake *fake, int fd, unsigned n)
{
	if (n == 1) {
		fake->epoch[0] ^= 1;
		fake->board->epoch[0] ^= 1;
	}
	cut_then_serve(fake, fd, n);
}

Test(client_call, what_was_owed_to_another_registry_is_forgotten, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, other_daemon);

	owe(client, 7);
	cr_assert(ge(i64, shmq_ping(client), 0), "%s", shmq_error_detail());
	shmq_disconnect(client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[FAKE_NOTE_OPS], CONTROL_PING));
}
