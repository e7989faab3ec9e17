/* SPDX-License-Identifier: MIT */
/*
 * test_client_fork.c - a forked child has no handles, and can't disturb the parent's
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "client/client.h"
#include "client/handle.h"
#include "tests/harness/process.h"
#include "tests/unit/client_fake.h"

#define PASS_S 30

enum note { NOTE_DETACHES };

static void serve(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		struct control_reply reply = { .id = request.request.id, .text = "" };

		if (request.request.op == CONTROL_ATTACH) {
			reply.body = CONTROL_BODY_ATTACH;
			reply.attach = fake->attach;
		}
		fake->notes[NOTE_DETACHES] += request.request.op == CONTROL_DETACH;
		fake_reply(fd, &reply, -1);
		wire_request_release(&request);
	}
}

struct family {
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	void *slots; /* where the parent has them */
};

#define check(number, condition)                                                                   \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return number;                                                             \
	} while (0)

static int use_handles(struct family *family)
{
	struct shmq_ring_info info;
	const void *message;
	void *slot;
	char byte;

	check(1, shmq_try_push(family->producer, "x", 1) == -ECHILD);
	check(2, shmq_push(family->producer, "x", 1, SHMQ_FOREVER) == -ECHILD);
	check(3, shmq_reserve(family->producer, &slot) == -ECHILD);
	check(4, shmq_commit(family->producer, 1) == -ECHILD);
	check(5, shmq_try_pop(family->consumer, &byte, 1) == -ECHILD);
	check(6, shmq_pop(family->consumer, &byte, 1, SHMQ_FOREVER) == -ECHILD);
	check(7, shmq_peek(family->consumer, &message, NULL, NULL) == -ECHILD);
	check(8, shmq_release(family->consumer) == -ECHILD);
	check(9, shmq_consumer_wait(family->consumer, SHMQ_FOREVER) == -ECHILD);
	check(10, shmq_producer_depth(family->producer) == 0);
	check(11, shmq_ping(family->client) == -ECHILD);
	check(12, strstr(shmq_error_detail(), "forked"));
	check(13, shmq_show(family->client, "r", &info) == -ECHILD);
	check(14, shmq_attach_producer(family->client, "r", &family->producer) == -ECHILD);
	return 0;
}

/* Something else now lies where the parent's slots are: it must survive the child's goodbye. */
static int child_disconnects(void *arg)
{
	struct family *family = arg;
	char *mine = mmap(family->slots, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	int r;

	check(20, mine == family->slots); /* free: the mapping was not inherited */
	mine[0] = 'm';
	r = use_handles(family);
	if (r)
		return r;
	check(21, shmq_producer_detach(family->producer) == NULL);
	check(22, shmq_disconnect(family->client) == NULL);
	check(23, mine[0] == 'm');
	return 0;
}

static int child_just_exits(void *arg)
{
	return use_handles(arg);
}

Test(client_fork, a_childs_handles_answer_echild_and_its_end_changes_nothing, .timeout = PASS_S)
{
	struct family family;
	struct fake fake;
	char byte;

	cr_assert(eq(int, fake_start(&fake, serve, NULL), 0));
	cr_assert(eq(int, fake_segment(&fake, "r"), 0));
	cr_assert(eq(int, shmq_connect(&family.client, fake.socket), 0));
	cr_assert(eq(int, shmq_attach_producer(family.client, "r", &family.producer), 0), "%s",
		  shmq_error_detail());
	cr_assert(eq(int, shmq_attach_consumer(family.client, "r", &family.consumer), 0));
	family.slots = family.producer->handle.map.slots.memory;
	cr_assert(eq(int, shmq_push(family.producer, "a", 1, 0), 0));

	cr_assert(eq(int, child_wait(child_start(child_just_exits, &family)), 0));
	cr_assert(eq(int, child_wait(child_start(child_disconnects, &family)), 0));

	cr_assert(eq(u64, fake.notes[NOTE_DETACHES], 0));
	cr_assert(eq(int, shmq_push(family.producer, "b", 1, 0), 0));
	cr_assert(eq(long, shmq_pop(family.consumer, &byte, 1, 0), 1));
	cr_assert(eq(int, byte, 'a'));
	cr_assert(ge(i64, shmq_ping(family.client), 0), "%s", shmq_error_detail());
	shmq_disconnect(family.client);
	fake_stop(&fake);
	cr_assert(eq(u64, fake.notes[NOTE_DETACHES], 2));
}

static int child_connects(void *arg)
{
	const struct fake *fake = arg;
	struct shmq_client *client;

	check(1, shmq_connect(&client, fake->socket) == 0);
	check(2, shmq_ping(client) >= 0);
	shmq_disconnect(client);
	return 0;
}

static void hang_up_unless_first(struct fake *fake, int fd, unsigned n)
{
	/* one connection at a time: the parent's must not keep the child's waiting */
	if (n == 0)
		fake_greet(fake, fd);
	else
		serve(fake, fd, n);
}

Test(client_fork, a_child_may_connect_by_itself, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct fake fake;

	cr_assert(eq(int, fake_start(&fake, hang_up_unless_first, NULL), 0));
	cr_assert(eq(int, shmq_connect(&client, fake.socket), 0));
	cr_assert(eq(int, child_wait(child_start(child_connects, &fake)), 0));
	shmq_disconnect(client);
	fake_stop(&fake);
}
