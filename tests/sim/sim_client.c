/* SPDX-License-Identifier: MIT */
/*
 * sim_client.c - clients: they connect, ask, use what they hold, and end
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int sim_name_index(const char *name)
{
	char *end;
	unsigned long index;

	if (name[0] != 'r')
		return -1;
	index = strtoul(name + 1, &end, 10);
	return *end || index >= SIM_NAMES_MAX ? -1 : (int)index;
}

static uint32_t uid_pick(struct sim *sim)
{
	static const uint32_t uids[] = { 0, 990, 65534 };

	if (sim_chance(sim, 5))
		return uids[sim_below(sim, 3)];
	return sim_chance(sim, 70) ? 1000 : 1001 + (uint32_t)sim_below(sim, 3);
}

void client_spawn(struct sim *sim, struct sim_client *client, int32_t pid)
{
	struct fake_process *process = fake_process_new(sim->fake, pid, uid_pick(sim));

	memset(client, 0, sizeof(*client));
	client->process = process;
	process->user = client;
	process->identity.gid = 100 + (uint32_t)sim_below(sim, 2);
	if (sim_chance(sim, 1))
		process->identity.pid = 0; /* of a pid namespace that we don't see into */
	else if (sim_chance(sim, 3))
		process->is_hidden = true;
	/* an older kernel has no pidfs; procfs may be hidden */
	if (sim_chance(sim, 10))
		process->identity.pidfs_inode = 0;
	else if (sim_chance(sim, 5))
		process->identity.pidns_inode = 0;
}

void client_unmap(struct sim *sim, struct sim_held *held)
{
	if (!held->file)
		return;
	held->file->n_maps--;
	fake_file_put(sim->fake, held->file);
	held->file = NULL;
}

void client_stop_lying(struct sim *sim, struct sim_client *client)
{
	if (!client->lie)
		return;
	client->lie->n_lies--;
	fake_file_put(sim->fake, client->lie);
	client->lie = NULL;
}

void client_lost_daemon(struct sim_client *client)
{
	client->connection = 0;
	client->has_greeted = false;
	client->is_sent = false;
	client->hello_id = 0;
	free(client->mirror);
	client->mirror = NULL;
	/* a stranger's request is not repeated */
	if (client->as_stranger || client->wrong_echo)
		client->is_asking = false;
}

void client_disconnect(struct sim *sim, struct sim_client *client)
{
	uint32_t connection = client->connection;

	client_lost_daemon(client);
	fake_disconnect(sim->fake, connection);
}

void client_kill(struct sim *sim, struct sim_client *client)
{
	sim->n_kills++;
	fake_process_kill(sim->fake, client->process);
	for (unsigned i = 0; i < client->n_held; i++)
		client_unmap(sim, &client->held[i]);
	client_stop_lying(sim, client);
	client->n_held = 0;
	client->is_asking = false;
}

void client_bury(struct sim *sim, struct sim_client *client)
{
	struct fake_process *process = client->process;

	if (client->connection) {
		client_disconnect(sim, client);
	} else if (process->end_is_due) {
		fake_process_report(sim->fake, process);
	} else if (!process->is_hidden) {
		/* its end was told, or nobody had asked for that; its number may be used again */
		if (sim->is_up && (process->id || !fake_is_settled(sim->fake)))
			return;
		fake_process_forget(sim->fake, process);
		client->process = NULL;
	}
}

/* Messages go through what is mapped, daemon or not. */
static void client_use(struct sim *sim, struct sim_client *client)
{
	struct sim_held *held;
	uint64_t room;

	if (!client->n_held)
		return;
	held = &client->held[sim_below(sim, client->n_held)];
	if (!held->file || held->is_leaving)
		return;
	if (held->role == SHMQ_ROLE_PRODUCER) {
		room = held->slots - (held->file->pushed - held->file->popped);
		held->file->pushed += sim_below(sim, room + 1);
	} else {
		held->file->popped += sim_below(sim, held->file->pushed - held->file->popped + 1);
	}
}

void client_act(struct sim *sim, struct sim_client *client)
{
	struct fake_connection *connection;

	if (!client->process->is_alive) {
		client_bury(sim, client);
		return;
	}
	client_use(sim, client);
	if (sim_chance(sim, 1))
		client_stop_lying(sim, client);
	if (!sim->is_up)
		return;
	connection = client->connection ? fake_connection(sim->fake, client->connection) : NULL;
	if (connection && connection->is_closing) {
		client_disconnect(sim, client);
		return;
	}
	if (!client->connection) {
		client->connection = fake_connect(sim->fake, client->process);
		if (sim_chance(sim, 20))
			return;
	}
	if (!client->has_greeted) {
		request_greet(sim, client);
		if (sim_chance(sim, 50))
			fake_drain(sim->fake);
		if (!client->has_greeted)
			return;
	}
	if (client->is_asking && client->is_sent)
		return;
	if (!client->is_asking)
		request_make(sim, client);
	request_send(sim, client);
}
