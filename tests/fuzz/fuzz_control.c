/* SPDX-License-Identifier: MIT */
/*
 * fuzz_control.c - hostile packets and odd sequences of events, against the decoder and the real core
 *
 * Input: records of a kind and its arguments. Clients of several users connect, send packets (bytes as
 * they are, or requests made of a few bytes, so that sense is met often), end, and come again; time
 * passes, segments vanish, the daemon is started anew. After each record the core's invariants and the
 * fake system's must hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "proto/wire.h"
#include "tests/sim/fake.h"

#define CLIENTS	    8
#define RINGS	    12
#define ATTACHMENTS 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t left;
};

struct world {
	struct fake *fake;
	struct world_client {
		struct fake_process *process;
		uint32_t connection;
		uint64_t echo;
	} clients[CLIENTS];
	uint64_t last_id;
};

static uint8_t take(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static void on_reply(struct fake *fake, struct core_action *action)
{
	struct world *world = fake->user;

	if (action->reply.body != CONTROL_BODY_HELLO)
		return;
	for (unsigned i = 0; i < CLIENTS; i++)
		if (world->clients[i].connection == action->connection)
			world->clients[i].echo = action->reply.hello.echo;
}

static void must_hold(const struct world *world)
{
	char text[CONTROL_TEXT_MAX];

	if (core_check(world->fake->core, text) < 0 || world->fake->complaint[0]) {
		fprintf(stderr, "%s\n", world->fake->complaint[0] ? world->fake->complaint : text);
		abort();
	}
}

/* ---- clients ---- */

static void ask(struct world *world, struct world_client *client, struct control_request *request,
		uint8_t flags)
{
	request->id = ++world->last_id;
	if (!(flags & 1))
		request->echo = client->echo;
	fake_request(world->fake, client->connection, request, !(flags & 2));
}

static void client_come(struct world *world, struct world_client *client, uint8_t who)
{
	static const uint32_t uids[] = { 0, 990, 1000, 1000, 1001, 1002, 65534, 1000 };
	struct control_request hello = {
		.op = CONTROL_HELLO, .name = "", .library = "fuzz", .protocol_min = 1,
		.protocol_max = 1, .layout = SHMQ_LAYOUT_VERSION,
	};

	if (client->connection)
		return;
	if (!client->process)
		client->process = fake_process_new(world->fake, 0, uids[who % 8]);
	client->process->unit = who & 8 ? "feed.service" : "";
	client->connection = fake_connect(world->fake, client->process);
	ask(world, client, &hello, 0);
	fake_drain(world->fake);
}

static void client_go(struct world *world, struct world_client *client)
{
	if (client->connection)
		fake_disconnect(world->fake, client->connection);
	client->connection = 0;
}

static void client_die(struct world *world, struct world_client *client)
{
	if (!client->process)
		return;
	fake_process_kill(world->fake, client->process);
	if (client->process->end_is_due)
		fake_process_report(world->fake, client->process);
	client_go(world, client);
	client->process = NULL;
}

/* ---- requests ---- */

static void send_bytes(struct world *world, struct world_client *client, struct input *input)
{
	uint8_t flags = take(input);
	size_t len = take(input) | (size_t)take(input) << 8;
	struct wire_request decoded;

	if (len > input->left)
		len = input->left;
	if (wire_decode_request(input->data, len, &decoded) == 0) {
		if (client->connection)
			ask(world, client, &decoded.request, flags);
		wire_request_release(&decoded);
	}
	input->data += len;
	input->left -= len;
}

static void config_make(struct input *input, struct control_ring_config *config)
{
	static const uint32_t modes[] = { 0600, 0660, 0666, 0, 0640 };
	uint8_t bits = take(input);

	config->slots = 1u << take(input) % 22;
	config->size_bytes = 1u << take(input) % 26;
	config->lifetime = bits % 3;
	config->mode = modes[(bits >> 2) % 5];
	config->sealed = bits >> 7;
	config->schema_text = bits & 32 ? "text" : "";
	config->schema = bits & 32 ? 7 : 0;
	config->n_rules = take(input) % (CONTROL_RULES_MAX + 1);
	for (size_t i = 0; i < config->n_rules; i++) {
		struct control_rule *rule = &config->rules[i];

		bits = take(input);
		rule->who = bits % 3;
		rule->rights = (bits >> 2) % 7 + 1;
		rule->id = rule->who == CONTROL_UNIT ? 0 : 1000 + (bits >> 6);
		if (rule->who == CONTROL_UNIT)
			strcpy(rule->unit, bits & 128 ? "feed.service" : "odd name");
	}
}

static void send_made(struct world *world, struct world_client *client, struct input *input)
{
	static const char *const names[] = { "a", "b", "c", "d", "", "registry", "../x", "e" };
	uint8_t flags = take(input), bits = take(input);
	struct control_request request = {
		.op = 1 + take(input) % CONTROL_STATS,
		.name = names[bits % 8],
		.library = "",
		.role = (bits >> 3) % 3,
		.nonce = flags & 4 ? 7 : 0,
		.create = flags & 8,
		.exclusive = flags & 16,
		.force = flags & 32,
		.want_descriptor = flags & 64,
		.schema_set = flags & 128,
		.attachment = bits,
		.cursor = bits >> 4,
		.config = { .schema_text = "" },
	};

	request.has_config = request.op == CONTROL_CREATE || (request.create && bits & 64);
	if (request.has_config)
		config_make(input, &request.config);
	if (client->connection && request.op != CONTROL_HELLO)
		ask(world, client, &request, flags);
}

/* ---- the rest of the world ---- */

static void start_anew(struct world *world)
{
	fake_crash(world->fake);
	for (unsigned i = 0; i < CLIENTS; i++)
		world->clients[i].connection = 0;
	if (fake_restart(world->fake) < 0)
		abort();
}

static void remove_file(struct world *world, uint8_t n)
{
	struct fake_file *file = world->fake->names;

	while (file && n-- % 4)
		file = file->hh.next;
	if (file)
		fake_file_remove(world->fake, file);
}

static void record_play(struct world *world, struct input *input)
{
	uint8_t kind = take(input);
	struct world_client *client = &world->clients[(kind >> 4) % CLIENTS];

	switch (kind % 16) {
	case 0:
	case 1:
		client_come(world, client, take(input));
		break;
	case 2:
	case 3:
	case 4:
		send_bytes(world, client, input);
		break;
	case 5:
		client_go(world, client);
		break;
	case 6:
		client_die(world, client);
		break;
	case 7:
		fake_sleep_ns(world->fake, NS_PER_MS << take(input) % 24);
		break;
	case 8:
		remove_file(world, take(input));
		break;
	case 9:
		start_anew(world);
		break;
	default:
		send_made(world, client, input);
		break;
	}
	fake_drain(world->fake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct core_config config;
	struct world world = { 0 };

	fake_config(&config);
	config.limits.max_rings_per_uid = RINGS - 4;
	config.limits.fair_shares = size & 1;
	world.fake = fake_new(RINGS, ATTACHMENTS, &config, 1);
	world.fake->capacity_bytes = UINT64_C(64) << 20;
	world.fake->user = &world;
	world.fake->on_reply = on_reply;
	for (unsigned n = 0; input.left && n < 4096; n++) {
		record_play(&world, &input);
		must_hold(&world);
	}
	fake_free(world.fake);
	return 0;
}
