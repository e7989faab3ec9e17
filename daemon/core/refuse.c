/* SPDX-License-Identifier: MIT */
/*
 * refuse.c - replies, and the sentences of refusals that more than one request gives
 *
 * A sentence names the ring, who is in the way, and what helps.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/names.h"
#include "daemon/core/parts.h"

struct core_action *reply_to(struct core *core, uint32_t connection, uint64_t id)
{
	struct core_action *action = action_new(core, CORE_REPLY);

	action->connection = connection;
	action->reply.id = id;
	action->reply.text = action->text;
	return action;
}

struct core_action *reply_new(struct core *core, const struct core_ask *ask)
{
	return reply_to(core, ask->connection->id, ask->request.id);
}

struct core_action *reply_new_tail(struct core *core, const struct core_ask *ask, const char *tail,
				   const char **ret_tail)
{
	size_t bytes = strlen(tail) + 1;
	void *at;
	struct core_action *action = action_new_tail(core, bytes, &at);

	memcpy(at, tail, bytes);
	action->connection = ask->connection->id;
	action->reply.id = ask->request.id;
	action->reply.text = action->text;
	*ret_tail = at;
	return action;
}

void reply_text(struct core_action *reply, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reply->text, sizeof(reply->text), format, args);
	va_end(args);
}

struct core_action *refuse(struct core *core, const struct core_ask *ask, int status,
			   const char *format, ...)
{
	struct core_action *reply = reply_new(core, ask);
	va_list args;

	assert(status < 0);
	count_refusal(core, ask, status);
	reply->reply.status = status;
	va_start(args, format);
	vsnprintf(reply->text, sizeof(reply->text), format, args);
	va_end(args);
	return reply;
}

static void reply_holder(struct core *core, struct core_action *reply,
		  const struct core_attachment *attachment)
{
	describe_attachment(core, attachment, &reply->reply.holders[reply->reply.n_holders++]);
}

int refuse_absent(struct core *core, const struct core_ask *ask)
{
	uint64_t unread;
	char text[CONTROL_TEXT_MAX];

	if (!name_is_valid(ask->request.name)) {
		name_explain(ask->request.name, text, sizeof(text));
		refuse(core, ask, -EINVAL, "%s", text);
		return -EINVAL;
	}
	unread = access_remembered(core, ask->connection, ask->request.name);
	if (unread)
		refuse(core, ask, -ENOENT,
		       "there is no ring '%s': it was removed when its time was over, with %" PRIu64
		       " messages that nobody had read",
		       ask->request.name, unread);
	else if (access_is_trusted(core, ask->connection))
		refuse(core, ask, -ENOENT, "there is no ring '%s'", ask->request.name);
	else
		refuse(core, ask, -ENOENT, "there is no ring '%s' for uid %u", ask->request.name,
		       ask->connection->identity.uid);
	return -ENOENT;
}

int refuse_lost(struct core *core, const struct core_ask *ask, const struct core_ring *ring)
{
	const char *name = ring_record(core, ring)->name;

	refuse(core, ask, -ESTALE,
	       "the memory of ring '%s' was removed from /dev/shm by somebody else: who is attached "
	       "goes on, nobody can join; destroy it ('shmqctl destroy --force %s') and make it anew",
	       name, name);
	return -ESTALE;
}

int refuse_held(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		unsigned role)
{
	const struct core_attachment *attachment = ring->holders[role];
	bool by_itself = attachment->process == ask->connection->process;
	struct core_action *reply;
	char holder[192];

	describe_holder(core, attachment, holder, sizeof(holder));
	reply = refuse(core, ask, -EBUSY,
		       "the %s of ring '%s' is %s: %s", role_name(role),
		       ring_record(core, ring)->name, holder,
		       by_itself ? "that is you; detach first"
				 : "end that process, or destroy the ring with --force");
	reply_holder(core, reply, attachment);
	return -EBUSY;
}

int refuse_attached(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		    const char *verb)
{
	const struct core_attachment *producer = ring->holders[SHMQ_ROLE_PRODUCER];
	const struct core_attachment *consumer = ring->holders[SHMQ_ROLE_CONSUMER];
	char first[192] = "", second[192] = "";
	struct core_action *reply;

	if (producer)
		describe_holder(core, producer, first, sizeof(first));
	if (consumer)
		describe_holder(core, consumer, second, sizeof(second));
	reply = refuse(core, ask, -EBUSY, "ring '%s' is in use, so you can't %s it: %s%s%s%s%s",
		       ring_record(core, ring)->name, verb, producer ? "its producer is " : "",
		       first, producer && consumer ? ", " : "",
		       consumer ? "its consumer is " : "", second);
	if (producer)
		reply_holder(core, reply, producer);
	if (consumer)
		reply_holder(core, reply, consumer);
	return -EBUSY;
}
