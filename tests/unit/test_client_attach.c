/* SPDX-License-Identifier: MIT */
/*
 * test_client_attach.c - answers to Attach that don't fit what they speak of
 *
 * Whatever is wrong behind the daemon's answer, the role is given back.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/fd.h"
#include "client/client.h"
#include "tests/unit/client_fake.h"

#define PASS_S	 30
#define SHORT_NS INT64_C(50000000)

enum note { NOTE_DETACHED, NOTE_NONCE, NOTE_NONCES_EQUAL, NOTE_WANTED };

/* Spoils the right answer; set before the client asks. */
static void (*spoil)(struct fake *fake, struct control_attach *attach);

static void answer_attach(struct fake *fake, int fd, const struct control_request *request)
{
	struct control_reply reply = { .id = request->id, .text = "", .body = CONTROL_BODY_ATTACH };
	_cleanup_fd_ int segment_fd = -1;

	reply.attach = fake->attach;
	if (request->want_descriptor) {
		fake->notes[NOTE_WANTED]++;
		fake->notes[NOTE_NONCES_EQUAL] = fake->notes[NOTE_NONCE] == request->nonce;
		segment_fd = shm_open(fake->segment, O_RDWR, 0);
	}
	fake->notes[NOTE_NONCE] = request->nonce;
	if (spoil)
		spoil(fake, &reply.attach);
	fake_reply(fd, &reply, segment_fd);
}

static void serve_attach(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		struct control_reply reply = { .id = request.request.id, .text = "" };

		if (request.request.op == CONTROL_ATTACH) {
			answer_attach(fake, fd, &request.request);
		} else {
			if (request.request.op == CONTROL_DETACH)
				fake->notes[NOTE_DETACHED] = request.request.attachment;
			fake_reply(fd, &reply, -1);
		}
		wire_request_release(&request);
	}
}

static struct shmq_client *attachable(struct fake *fake, fake_script script)
{
	struct shmq_client *client = NULL;

	cr_assert(eq(int, fake_start(fake, script, NULL), 0));
	cr_assert(eq(int, fake_segment(fake, "r"), 0));
	cr_assert(eq(int, shmq_connect(&client, fake->socket), 0), "%s", shmq_error_detail());
	return client;
}

Test(client_attach, a_right_answer_gives_both_ends, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = attachable(&fake, serve_attach);
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	char buf[64];

	cr_assert(eq(int, shmq_attach_producer(client, "r", &producer), 0), "%s",
		  shmq_error_detail());
	cr_assert(eq(int, shmq_attach_consumer(client, "r", &consumer), 0), "%s",
		  shmq_error_detail());
	for (unsigned i = 0; i < 10; i++) {
		cr_assert(eq(int, shmq_push(producer, "hello", 5, 0), 0));
		cr_assert(eq(long, shmq_pop(consumer, buf, sizeof(buf), 0), 5));
	}
	cr_assert(eq(ptr, shmq_producer_detach(producer), NULL));
	cr_assert(eq(u64, fake.notes[NOTE_DETACHED], 77));
	cr_assert(eq(ptr, shmq_producer_detach(NULL), NULL));
	cr_assert(eq(ptr, shmq_consumer_detach(NULL), NULL));
	shmq_disconnect(client); /* with an open handle */
	fake_stop(&fake);
}

/* Attach against an answer made wrong by @how: refused, and given back. */
static void refuse(void (*how)(struct fake *fake, struct control_attach *attach), int expected,
		   const char *word)
{
	struct fake fake;
	struct shmq_client *client = attachable(&fake, serve_attach);
	struct shmq_consumer *consumer = NULL;

	spoil = how;
	cr_assert(eq(int, shmq_attach_consumer(client, "r", &consumer), expected), "%s",
		  shmq_error_detail());
	cr_assert(eq(ptr, consumer, NULL));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), word), NULL), "%s", shmq_error_detail());
	cr_assert(eq(u64, fake.notes[NOTE_DETACHED], 77));
	shmq_disconnect(client);
	fake_stop(&fake);
	spoil = NULL;
}

static void other_segment(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->segment = "/shmq.elsewhere";
}

static void path_in_segment(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->segment = "/../etc/passwd";
}

static void other_generation(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->generation[0] ^= 1;
}

Test(client_attach, a_segment_that_is_not_the_rings_is_not_opened, .timeout = PASS_S)
{
	refuse(other_segment, -EPROTO, "names a segment");
	refuse(path_in_segment, -EPROTO, "names a segment");
	refuse(other_generation, -EPROTO, "names a segment");
}

static void odd_slots(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->geometry.slots = 3;
}

static void short_stride(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->geometry.stride_bytes = 64;
}

static void small_segment(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->geometry.segment_bytes = 2 * attach->geometry.region_bytes;
}

static void small_region(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->geometry.region_bytes = 2048;
}

Test(client_attach, a_wrong_geometry_is_eproto, .timeout = PASS_S)
{
	refuse(odd_slots, -EPROTO, "geometry");
	refuse(short_stride, -EPROTO, "geometry");
	refuse(small_segment, -EPROTO, "geometry");
	refuse(small_region, -EPROTO, "geometry");
}

static void beyond_the_board(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->board_index = FAKE_RINGS;
}

Test(client_attach, a_record_beyond_the_board_is_eproto, .timeout = PASS_S)
{
	refuse(beyond_the_board, -EPROTO, "record");
}

static void other_inode(struct fake *fake, struct control_attach *attach)
{
	(void)fake;
	attach->inode++;
}

Test(client_attach, another_file_under_the_name_is_ebadmsg, .timeout = PASS_S)
{
	refuse(other_inode, -EBADMSG, "inode");
}

static void shrink(struct fake *fake, struct control_attach *attach)
{
	int fd = shm_open(fake->segment, O_RDWR, 0);

	(void)attach;
	if (ftruncate(fd, 4096) < 0)
		fake->notes[NOTE_DETACHED] = 0;
	fd_close(fd);
}

Test(client_attach, a_segment_that_was_cut_is_ebadmsg, .timeout = PASS_S)
{
	refuse(shrink, -EBADMSG, "bytes");
}

static void give_away(struct fake *fake, struct control_attach *attach)
{
	int fd = shm_open(fake->segment, O_RDWR, 0);

	(void)attach;
	if (fchown(fd, 65534, (gid_t)-1) < 0)
		fake->notes[NOTE_WANTED] = 99;
	fd_close(fd);
}

/* Perhaps the owner's number is another one here, perhaps it is a trap: the daemon knows. */
Test(client_attach, a_segment_of_another_user_is_asked_of_the_daemon, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client;
	struct shmq_producer *producer;

	if (geteuid() != 0)
		cr_skip_test("only root can give a file away");
	client = attachable(&fake, serve_attach);
	spoil = give_away;
	cr_assert(eq(int, shmq_attach_producer(client, "r", &producer), 0), "%s",
		  shmq_error_detail());
	cr_assert(eq(u64, fake.notes[NOTE_WANTED], 1));
	cr_assert(eq(u64, fake.notes[NOTE_NONCES_EQUAL], 1));
	shmq_disconnect(client);
	fake_stop(&fake);
}

/* The name can't be seen here: the descriptor is asked for, with the same nonce. */
static void serve_nameless(struct fake *fake, int fd, unsigned n)
{
	_cleanup_fd_ int segment_fd = shm_open(fake->segment, O_RDWR, 0);
	struct wire_request request;

	(void)n;
	shm_unlink(fake->segment);
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		bool wanted = request.request.want_descriptor;
		struct control_reply reply = {
			.id = request.request.id,
			.text = "",
			.body = CONTROL_BODY_ATTACH,
			.attach = fake->attach,
		};

		if (wanted)
			fake->notes[NOTE_NONCES_EQUAL] =
				fake->notes[NOTE_NONCE] == request.request.nonce;
		fake->notes[NOTE_NONCE] = request.request.nonce;
		fake->notes[NOTE_WANTED] += wanted;
		fake_reply(fd, &reply, wanted ? segment_fd : -1);
		wire_request_release(&request);
	}
}

Test(client_attach, where_the_name_is_of_no_use_the_descriptor_is, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client;
	struct shmq_producer *producer;

	cr_assert(eq(int, fake_start(&fake, serve_nameless, NULL), 0));
	cr_assert(eq(int, fake_segment(&fake, "r"), 0));
	cr_assert(eq(int, shmq_connect(&client, fake.socket), 0), "%s", shmq_error_detail());
	cr_assert(eq(int, shmq_attach_producer(client, "r", &producer), 0), "%s",
		  shmq_error_detail());
	cr_assert(eq(int, shmq_push(producer, "x", 1, 0), 0));
	cr_assert(eq(u64, fake.notes[NOTE_WANTED], 1));
	cr_assert(eq(u64, fake.notes[NOTE_NONCES_EQUAL], 1));
	shmq_disconnect(client);
	fake_stop(&fake);
}

/* Silent at the first Attach; the second one must bring the same nonce. */
static void answer_the_second(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;
	unsigned n_attaches = 0;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		struct control_reply reply = { .id = request.request.id, .text = "" };

		if (request.request.op == CONTROL_ATTACH && n_attaches++ == 0) {
			fake->notes[NOTE_NONCE] = request.request.nonce;
		} else if (request.request.op == CONTROL_ATTACH) {
			fake->notes[NOTE_NONCES_EQUAL] =
				fake->notes[NOTE_NONCE] == request.request.nonce;
			/* the late answer and the new one */
			reply.body = CONTROL_BODY_ATTACH;
			reply.attach = fake->attach;
			reply.id--;
			fake_reply(fd, &reply, -1);
			reply.id++;
			fake_reply(fd, &reply, -1);
		} else {
			if (request.request.op == CONTROL_DETACH)
				fake->notes[NOTE_DETACHED] = request.request.attachment;
			fake_reply(fd, &reply, -1);
		}
		wire_request_release(&request);
	}
}

Test(client_attach, an_unanswered_attach_is_asked_again_with_its_nonce, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = attachable(&fake, answer_the_second);
	struct shmq_producer *producer;

	cr_assert(eq(int, shmq_set_control_timeout(client, SHORT_NS), 0));
	cr_assert(eq(int, shmq_attach_producer(client, "r", &producer), -ETIMEDOUT));
	cr_assert(eq(int, shmq_set_control_timeout(client, SHMQ_FOREVER), 0));
	cr_assert(eq(int, shmq_attach_producer(client, "r", &producer), 0), "%s",
		  shmq_error_detail());
	cr_assert(eq(u64, fake.notes[NOTE_NONCES_EQUAL], 1));
	/* the late answer named the same attachment: it is in use, and not given back */
	cr_assert(ge(i64, shmq_ping(client), 0));
	cr_assert(eq(u64, fake.notes[NOTE_DETACHED], 0));
	cr_assert(eq(int, shmq_push(producer, "x", 1, 0), 0));
	shmq_disconnect(client);
	fake_stop(&fake);
}

/* The answer to the first Attach comes before the answer to the next request. */
static void answer_late(struct fake *fake, int fd, unsigned n)
{
	struct control_reply late = { .text = "", .body = CONTROL_BODY_ATTACH };
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		struct control_reply reply = { .id = request.request.id, .text = "" };

		if (request.request.op == CONTROL_ATTACH) {
			late.id = request.request.id;
			late.attach = fake->attach;
		} else {
			if (late.id)
				fake_reply(fd, &late, -1);
			late.id = 0;
			if (request.request.op == CONTROL_DETACH)
				fake->notes[NOTE_DETACHED] = request.request.attachment;
			fake_reply(fd, &reply, -1);
		}
		wire_request_release(&request);
	}
}

Test(client_attach, a_role_that_is_granted_too_late_is_given_back, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = attachable(&fake, answer_late);
	struct shmq_producer *producer;

	cr_assert(eq(int, shmq_set_control_timeout(client, SHORT_NS), 0));
	cr_assert(eq(int, shmq_attach_producer(client, "r", &producer), -ETIMEDOUT));
	cr_assert(eq(int, shmq_set_control_timeout(client, SHMQ_FOREVER), 0));
	cr_assert(ge(i64, shmq_ping(client), 0), "%s", shmq_error_detail());
	cr_assert(ge(i64, shmq_ping(client), 0), "%s", shmq_error_detail());
	cr_assert(eq(u64, fake.notes[NOTE_DETACHED], 77));
	shmq_disconnect(client);
	fake_stop(&fake);
}
