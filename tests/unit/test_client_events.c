/* SPDX-License-Identifier: MIT */
/*
 * test_client_events.c - events between replies, events nobody asks for, the end of a watch
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

#include <shmq/shmq.h>

#include "client/client.h"
#include "tests/unit/client_fake.h"

#define PASS_S 30

/* Events between request and reply, and a reply to a question nobody remembers. */
static void interleave(struct fake *fake, int fd, unsigned n)
{
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd))
		return;
	while (fake_receive(fd, &request)) {
		struct control_event event = { .kind = CONTROL_EVENT_CREATED, .ring = "a" };
		struct control_event later = { .kind = CONTROL_EVENT_UNKNOWN, .ring = "b" };

		fake_answer(fd, request.request.id + 1000, -EIO, "not yours");
		fake_event(fd, &event);
		fake_event(fd, &later);
		event.kind = CONTROL_EVENT_DIED;
		event.role = SHMQ_ROLE_CONSUMER;
		event.pid = 12;
		fake_event(fd, &event);
		fake_answer(fd, request.request.id, 0, "");
		wire_request_release(&request);
	}
}

Test(client_events, events_between_replies_are_kept_in_order, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, interleave);
	struct shmq_event event;

	cr_assert(eq(int, shmq_next_event(client, 0, &event), -EINVAL));
	cr_assert(eq(int, shmq_watch(client), 0), "%s", shmq_error_detail());
	cr_assert(eq(int, shmq_next_event(client, SHMQ_FOREVER, &event), 0));
	cr_assert(eq(int, (int)event.kind, SHMQ_EVENT_CREATED));
	cr_assert(eq(str, event.ring, "a"));
	cr_assert(eq(int, shmq_next_event(client, 0, &event), 0));
	cr_assert(eq(int, (int)event.kind, SHMQ_EVENT_DIED));
	cr_assert(eq(u32, event.role, SHMQ_ROLE_CONSUMER));
	cr_assert(eq(int, event.pid, 12));
	cr_assert(eq(int, shmq_next_event(client, 0, &event), -EAGAIN));
	cr_assert(eq(int, shmq_next_event(client, 1000, &event), -ETIMEDOUT));
	shmq_disconnect(client);
	fake_stop(&fake);
}

static void many_events(struct fake *fake, int fd, unsigned n)
{
	struct control_event event = { .kind = CONTROL_EVENT_CREATED, .ring = "a" };
	struct wire_request request;

	(void)n;
	if (!fake_greet(fake, fd) || !fake_receive(fd, &request))
		return;
	for (unsigned i = 0; i < CLIENT_EVENTS_MAX + 10; i++)
		fake_event(fd, &event);
	fake_answer(fd, request.request.id, 0, "");
	wire_request_release(&request);
}

Test(client_events, events_beyond_the_queue_are_counted_and_the_end_is_told, .timeout = PASS_S)
{
	struct fake fake;
	struct shmq_client *client = fake_connect(&fake, many_events);
	struct shmq_event event;

	cr_assert(eq(int, shmq_watch(client), 0), "%s", shmq_error_detail());
	for (unsigned i = 0; i < CLIENT_EVENTS_MAX; i++) {
		cr_assert(eq(int, shmq_next_event(client, SHMQ_FOREVER, &event), 0));
		cr_assert(eq(int, (int)event.kind, SHMQ_EVENT_CREATED));
	}
	cr_assert(eq(int, shmq_next_event(client, SHMQ_FOREVER, &event), 0));
	cr_assert(eq(int, (int)event.kind, SHMQ_EVENT_MISSED));
	cr_assert(eq(u64, event.count, 10));
	cr_assert(eq(int, shmq_next_event(client, SHMQ_FOREVER, &event), -EHOSTDOWN));
	cr_assert(eq(int, shmq_next_event(client, SHMQ_FOREVER, &event), -EHOSTDOWN));
	shmq_disconnect(client);
	fake_stop(&fake);
}
