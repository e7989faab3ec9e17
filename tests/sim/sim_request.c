/* SPDX-License-Identifier: MIT */
/*
 * sim_request.c - requests at random: sensible ones, wrong ones, and ones that others send
 */
#include "tests/sim/sim.h"

#define SCHEMA UINT64_C(0xfa04f4ef1995407e) /* of "text" */

#include <stdio.h>
#include <string.h>

static void name_pick(struct sim *sim, struct sim_client *client)
{
	static const char *const bad[] = { "", ".", "-x", "a/b", "registry", "board.x", "\xc3\xa4" };

	if (sim_chance(sim, 2))
		snprintf(client->name, sizeof(client->name), "%s", bad[sim_below(sim, 7)]);
	else
		snprintf(client->name, sizeof(client->name), "r%" PRIu64,
			 sim_below(sim, sim->n_names));
}

/* Few kinds, so that equal ones meet. */
static void config_pick(struct sim *sim, struct control_ring_config *config)
{
	static const uint32_t modes[] = { 0600, 0660, 0666, 0 };

	*config = (struct control_ring_config){
		.slots = 1u << sim_below(sim, 5),
		.size_bytes = sim_chance(sim, 20) ? 20000 : 64,
		.lifetime = (enum control_lifetime)sim_below(sim, 3),
		.mode = modes[sim_below(sim, 4)],
		.schema_text = sim_chance(sim, 5) ? "text" : "",
	};
	if (sim_chance(sim, 70))
		config->slots = 4;
	if (sim_chance(sim, 3))
		config->slots = 3;
	if (sim_chance(sim, 2))
		config->size_bytes = UINT32_C(16) << 20;
	if (sim_chance(sim, 1)) {
		config->slots = UINT32_C(1) << 20;
		config->size_bytes = UINT32_C(16) << 20;
	}
	if (sim_chance(sim, 1))
		config->mode = 0640;
	config->sealed = sim_chance(sim, 10);
	if (config->schema_text[0])
		config->schema = SCHEMA;
	if (sim_chance(sim, 15))
		config->rules[config->n_rules++] = (struct control_rule){
			.who = sim_below(sim, 2) ? CONTROL_USER : CONTROL_GROUP,
			.id = sim_below(sim, 2) ? 1001 : 101,
			.rights = 1 + (uint32_t)sim_below(sim, 7),
		};
}

static void attach_pick(struct sim *sim, struct control_request *request)
{
	request->op = CONTROL_ATTACH;
	request->role = sim_chance(sim, 4) ? SHMQ_ROLE_OWNER : (enum shmq_role)sim_below(sim, 2);
	request->want_descriptor = sim_chance(sim, 10);
	request->create = sim_chance(sim, 40);
	request->has_config = request->create && sim_chance(sim, 80);
	request->schema_set = sim_chance(sim, 5);
	request->schema = SCHEMA * sim_below(sim, 2);
	if (request->has_config)
		config_pick(sim, &request->config);
}

static void detach_pick(struct sim *sim, struct sim_client *client, struct control_request *request)
{
	struct sim_held *held;

	request->op = CONTROL_DETACH;
	request->attachment = sim_below(sim, sim->fake->registry.header->next_attachment_id + 2);
	if (!client->n_held || sim_chance(sim, 5))
		return;
	held = &client->held[sim_below(sim, client->n_held)];
	request->attachment = held->id;
}

static void op_pick(struct sim *sim, struct sim_client *client, struct control_request *request)
{
	unsigned dice = (unsigned)sim_below(sim, 100);

	if (dice < 18) {
		request->op = CONTROL_CREATE;
		request->has_config = true;
		config_pick(sim, &request->config);
	} else if (dice < 55) {
		attach_pick(sim, request);
	} else if (dice < 80) {
		detach_pick(sim, client, request);
	} else if (dice < 87) {
		request->op = CONTROL_DESTROY;
		request->force = sim_chance(sim, 50);
	} else if (dice < 90) {
		request->op = CONTROL_PURGE;
	} else if (dice < 92) {
		request->op = CONTROL_WATCH;
	} else {
		static const enum control_op rest[] = {
			CONTROL_LIST, CONTROL_SHOW, CONTROL_CLIENTS, CONTROL_PING,
			CONTROL_INFO, CONTROL_UNKNOWN, CONTROL_HELLO,
		};

		request->op = rest[sim_below(sim, 7)];
		request->cursor = sim_below(sim, 4) * sim_below(sim, 1000);
	}
}

void request_make(struct sim *sim, struct sim_client *client)
{
	struct control_request *request = &client->request;

	*request = (struct control_request){ .library = "sim", .name = client->name };
	name_pick(sim, client);
	op_pick(sim, client, request);
	if (request->op == CONTROL_HELLO) {
		request->protocol_min = request->protocol_max = CONTROL_PROTOCOL;
		request->layout = SHMQ_LAYOUT_VERSION;
	}
	request->nonce = sim_chance(sim, 90) ? fake_random(sim->fake) | 1 : 0;
	request->exclusive = sim_chance(sim, 5);
	client->as_stranger = sim_chance(sim, 2);
	client->wrong_echo = sim_chance(sim, 1);
	client->is_asking = true;
	client->is_sent = false;
}

void request_greet(struct sim *sim, struct sim_client *client)
{
	struct control_request hello = {
		.op = CONTROL_HELLO,
		.id = ++sim->last_request,
		.name = "",
		.library = "sim",
		.protocol_min = 1,
		.protocol_max = 1 + (uint32_t)sim_below(sim, 2),
		.layout = SHMQ_LAYOUT_VERSION,
	};

	if (client->hello_id)
		return;
	client->hello_id = hello.id;
	fake_request(sim->fake, client->connection, &hello, true);
}

/* Granted by an earlier daemon, or over an earlier connection: the same answer is due. */
static uint64_t granted_before(struct sim *sim, const struct sim_client *client)
{
	const struct control_request *request = &client->request;
	const struct registry *registry = &sim->fake->registry;

	if (request->op != CONTROL_ATTACH || !request->nonce)
		return 0;
	for (uint32_t i = 0; i < sim->fake->n_attachments; i++) {
		const struct registry_attachment *record = &registry->attachments[i];

		if (record->state == REGISTRY_ATTACHMENT_HELD && record->nonce == request->nonce &&
		    record->role == request->role)
			return record->id;
	}
	return 0;
}

void request_send(struct sim *sim, struct sim_client *client)
{
	struct control_request *request = &client->request;
	int name = sim_name_index(client->name);

	sim->n_requests++;
	request->id = ++sim->last_request;
	request->echo = client->wrong_echo ? client->echo ^ 2 : client->echo;
	client->is_sent = true;
	client->sent_ns = sim->fake->now_ns;
	client->expected_id = granted_before(sim, client);
	if (request->op == CONTROL_DETACH) {
		for (unsigned i = 0; i < client->n_held; i++) {
			if (client->held[i].id != request->attachment || client->as_stranger ||
			    client->wrong_echo)
				continue;
			/* it stops using the ring before it says so, unless it lies */
			if (client->held[i].file && !client->lie && sim_chance(sim, 10)) {
				client->lie = client->held[i].file;
				client->lie->n_lies++;
			}
			client_unmap(sim, &client->held[i]);
			client->held[i].is_leaving = true;
		}
	}
	if (name >= 0 && (request->op == CONTROL_DESTROY || request->op == CONTROL_PURGE))
		sim->end_asked[name] = true;
	fake_request(sim->fake, client->connection, request, !client->as_stranger);
}
