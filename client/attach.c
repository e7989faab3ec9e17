/* SPDX-License-Identifier: MIT */
/*
 * attach.c - the attach transaction, seen from the client; see attach.h
 *
 * The role is taken by the daemon's answer, and may only get lost from there on by giving it back:
 * every failure behind the answer ends in a Detach, and an answer that never came is asked for
 * again with the same nonce by the next attach to the same role.
 */
#include "client/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/probe.h"
#include "base/random.h"
#include "client/board.h"
#include "client/call.h"
#include "client/create.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/guard.h"
#include "shm/ring.h"

/* ---- answers that never came ---- */

/* Take the nonce of an attach to the same role that was not answered. Return: 0 if there is none.
 */
static uint64_t unanswered_take(struct shmq_client *client, const struct control_request *request)
{
	for (size_t i = 0; i < client->n_unanswered; i++) {
		struct client_unanswered *entry = &client->unanswered[i];
		uint64_t nonce = entry->nonce;

		if (entry->role != request->role || strcmp(entry->name, request->name) != 0)
			continue;
		*entry = client->unanswered[--client->n_unanswered];
		return nonce;
	}
	return 0;
}

static void unanswered_put(struct shmq_client *client, const struct control_request *request)
{
	struct client_unanswered *entry;

	if (client->n_unanswered == CLIENT_UNANSWERED_MAX)
		client->n_unanswered--; /* this role stays taken until the process ends */
	entry = &client->unanswered[client->n_unanswered++];
	entry->request_id = request->id;
	entry->nonce = request->nonce;
	entry->role = request->role;
	snprintf(entry->name, sizeof(entry->name), "%s", request->name);
}

static int ask(struct shmq_client *client, struct control_request *request,
	       struct client_reply *ret_reply)
{
	int r = call(client, request, CONTROL_BODY_ATTACH, ret_reply);

	if (r == -ETIMEDOUT || r == -EHOSTDOWN)
		unanswered_put(client, request);
	return r;
}

/* ---- judging the answer ---- */

static int bad_answer(const char *name, const char *what)
{
	return error_set(-EPROTO, "shmqd's answer for ring '%s' %s", name, what);
}

/* "/shmq.<instance>.<ring>.<16 hex of the generation>" and nothing else is opened. */
static bool is_segment_name(const struct shmq_client *client, const char *ring,
			    const struct control_attach *attach)
{
	char expected[CONTROL_SEGMENT_MAX], generation[17];

	hex_encode(attach->generation, 8, generation);
	snprintf(expected, sizeof(expected), "/shmq.%s.%s.%s", client->instance, ring, generation);
	return strcmp(attach->segment, expected) == 0;
}

static struct shmq_geometry geometry_of(const struct control_geometry *from)
{
	return (struct shmq_geometry){
		.slots = from->slots,
		.size_bytes = from->size_bytes,
		.stride_bytes = from->stride_bytes,
		.lead_bytes = from->lead_bytes,
		.region_bytes = from->region_bytes,
		.segment_bytes = from->segment_bytes,
	};
}

static bool geometry_is_right(const struct control_geometry *from)
{
	struct shmq_geometry geometry = geometry_of(from);

	/* regions are mapped one by one: they must begin on pages of ours */
	return geometry_check(&geometry) == 0 &&
	       geometry.region_bytes % (uint32_t)sysconf(_SC_PAGESIZE) == 0;
}

static int judge(const struct shmq_client *client, const char *name,
		 const struct control_attach *attach)
{
	if (!is_segment_name(client, name, attach))
		return bad_answer(name, "names a segment that is not its own");
	if (!geometry_is_right(&attach->geometry))
		return bad_answer(name, "has a geometry that no ring has");
	if (!client_board_ring(client->board, attach->board_index))
		return bad_answer(name, "names a record that the board does not have");
	return 0;
}

/* ---- the segment ---- */

/* By its name, if that leads to the file that the daemon made. Return: -errno: it does not, here.
 */
static int obtain_by_name(const struct shmq_client *client, const struct control_attach *attach,
			  int *ret_fd)
{
	_cleanup_fd_ int fd = segment_open(attach);
	int r;

	if (fd < 0)
		return fd;
	r = segment_check(attach, fd, client->owner_uid, false);
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

/* Destroyed since the daemon gave the role, so that there is nothing left to hand out? */
static bool is_destroyed(const struct shmq_client *client, const struct control_attach *attach)
{
	const struct shmq_board_ring *ring = client_board_ring(client->board, attach->board_index);

	/* [A1] relaxed: this word decides, and nothing is read because of it */
	return ring && __atomic_load_n(&ring->state, __ATOMIC_RELAXED) !=
			       SHMQ_BOARD_WORD(attach->use_count, SHMQ_RING_LIVE);
}

/* Are these the descriptors that @attach spoke of? */
static int check_descriptors(const struct shmq_client *client, const struct control_attach *attach,
			     enum shmq_role role, const struct segment_fds *fds)
{
	bool complete = fds->producer >= 0 && (!attach->sealed || fds->consumer >= 0);

	if (!complete && is_destroyed(client, attach))
		return error_set(-ESTALE, "%s was destroyed just now", attach->segment);
	if (!complete)
		return error_set(-EMFILE,
				 "no descriptor came for %s: is none left in this process?",
				 attach->segment);
	return attach->sealed ? segment_check_sealed(attach, role, fds)
			      : segment_check(attach, fds->producer, client->owner_uid, true);
}

/* From the daemon, with the same nonce: a container, no ACL, somebody else's file by that name, or
 * a sealed ring, which has none. @ret_fds: the second is -1 unless it is sealed. */
static int obtain_from_daemon(struct shmq_client *client, struct control_request *request,
			      const struct control_attach *attach, struct segment_fds *ret_fds)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct segment_fds fds;
	int r;

	request->want_descriptor = true;
	r = call(client, request, CONTROL_BODY_ATTACH, &reply);
	if (r < 0)
		return r;
	if (reply.packet.reply.attach.attachment != attach->attachment ||
	    reply.packet.reply.attach.sealed != attach->sealed)
		return bad_answer(request->name, "changed while it was given");
	fds = (struct segment_fds){ reply.fd, reply.second_fd };
	r = check_descriptors(client, attach, request->role, &fds);
	if (r < 0)
		return r;
	reply.fd = reply.second_fd = -1; /* handed on */
	*ret_fds = fds;
	return 0;
}

/* Map @fds and become the ring's end. */
static int take_over(struct client_handle *handle, const struct control_attach *attach,
		     enum shmq_role role, const struct segment_fds *fds)
{
	struct ring_parts parts = {
		.geometry = geometry_of(&attach->geometry),
		.board = client_board_ring(handle->board, attach->board_index),
		.state_expected = SHMQ_BOARD_WORD(attach->use_count, SHMQ_RING_LIVE),
		.wake = (enum ring_wake)attach->wake,
		.registered = handle_process_init(),
	};
	int r = segment_map(&handle->map, attach, role, fds);

	if (r == 0 && handle->client->lock_memory)
		r = segment_lock(&handle->map, handle->name);
	if (r < 0)
		return r;
	guard_add(&handle->map, &handle->hot);
	parts.own = handle->map.own.memory;
	parts.peer = handle->map.peer.memory;
	parts.slots = handle->map.slots.memory;
	r = role == SHMQ_ROLE_PRODUCER ? ring_attach_producer(&parts, &handle->hot)
				       : ring_attach_consumer(&parts, &handle->hot);
	if (r < 0)
		return error_set(r,
				 "ring '%s' holds what no correct program leaves there: destroy it "
				 "with 'shmqctl destroy --force %s'",
				 handle->name, handle->name);
	return 0;
}

static int handle_make(struct shmq_client *client, struct control_request *request,
		       const struct control_attach *attach, struct client_handle **ret_handle)
{
	_cleanup_(handle_freep) struct client_handle *handle = NULL;
	_cleanup_fd_ int fd = -1, second_fd = -1;
	struct segment_fds fds = { -1, -1 };
	int r = judge(client, request->name, attach);

	if (r == 0 && (attach->sealed || obtain_by_name(client, attach, &fds.producer) < 0))
		r = obtain_from_daemon(client, request, attach, &fds);
	if (r < 0)
		return r;
	fd = fds.producer;
	second_fd = fds.consumer;
	if (!attach->sealed)
		fds.consumer = fds.producer;
	handle = handle_new(client, request->name, attach->attachment);
	if (!handle)
		return error_set(-ENOMEM, "%s", shmq_strerror(-ENOMEM));
	r = take_over(handle, attach, request->role, &fds);
	if (r < 0)
		return r;
	*ret_handle = TAKE_PTR(handle);
	return 0;
}

/* A ring that lives with its creator: is that us? */
static void own_ring(struct shmq_client *client, const char *name)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_SHOW, .name = name };

	if (call(client, &request, CONTROL_BODY_RING, &reply) == 0)
		create_own(client, &reply.packet.reply.ring);
	error_clear(); /* not known: the ring ends with the process, and not with the client */
}

static int request_make(struct control_request *request, struct shmq_client *client,
			const char *name, const struct shmq_ring_config *config)
{
	int r = create_check_name(name);

	if (r == 0 && config) {
		r = create_config(config, &request->config);
		request->has_config = true;
		request->exclusive = config->exclusive;
	}
	if (r < 0)
		return r;
	request->name = name;
	request->nonce = unanswered_take(client, request);
	if (request->nonce)
		return 0;
	r = random_u64(&request->nonce);
	return r < 0 ? error_set(r, "getrandom(): %s", shmq_strerror(r)) : 0;
}

int attach(struct shmq_client *client, const char *name, enum shmq_role role, bool create,
	   const struct shmq_ring_config *config, struct client_handle **ret_handle)
{
	_cleanup_(client_reply_release) struct client_reply reply = CLIENT_REPLY_INIT;
	struct control_request request = { .op = CONTROL_ATTACH, .role = role, .create = create };
	const struct control_attach *answer = &reply.packet.reply.attach;
	struct client_handle *handle = NULL;
	_cleanup_(client_unlockp) struct shmq_client *locked = NULL;
	int r = client_lock(client, &locked);

	if (r == 0)
		r = request_make(&request, client, name, config);
	if (r == 0)
		r = ask(client, &request, &reply);
	if (r < 0)
		return r;
	r = handle_make(client, &request, answer, &handle);
	if (r < 0) {
		call_detach(client, answer->attachment);
		return r;
	}
	if (request.config.lifetime == CONTROL_WITH_CREATOR)
		own_ring(client, name);
	fork_add_handle(handle);
	PROBE(shmq, attach, handle, handle->name, role, handle->hot.position);
	*ret_handle = handle;
	return 0;
}
