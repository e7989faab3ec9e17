/* SPDX-License-Identifier: MIT */
/*
 * sim_world.c - one step: something happens somewhere
 */
#include "tests/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct sim *world_sim;

/* Before each store to registry or board: the daemon may die here. */
void world_store_hook(void)
{
	if (!world_sim->stores_left || --world_sim->stores_left > 0)
		return;
	world_sim->n_store_deaths++;
	longjmp(world_sim->death, 1);
}

static void perform_some(struct sim *sim)
{
	for (uint64_t n = 1 + sim_below(sim, 6); n > 0; n--) {
		if (sim->actions_left && --sim->actions_left == 0)
			longjmp(sim->death, 1);
		if (!fake_perform(sim->fake))
			break;
	}
}

static void settle(struct sim *sim)
{
	while (!fake_is_idle(sim->fake)) {
		if (sim->actions_left && --sim->actions_left == 0)
			longjmp(sim->death, 1);
		if (!fake_perform(sim->fake))
			fake_perform_slow(sim->fake);
	}
}

static void daemon_arm(struct sim *sim)
{
	if (sim_chance(sim, 60))
		sim->stores_left = 1 + (unsigned)sim_below(sim, 12);
	else
		sim->actions_left = 1 + (unsigned)sim_below(sim, 20);
}

static void daemon_stop(struct sim *sim)
{
	struct core_event stopping = { .type = CORE_STOPPING };

	fake_step(sim->fake, &stopping);
	settle(sim);
	longjmp(sim->death, 1);
}

static void daemon_start(struct sim *sim)
{
	if (sim_chance(sim, 30))
		daemon_arm(sim);
	if (sim_chance(sim, 20))
		for (uint32_t i = 0; i < sim->n_clients; i++)
			if (sim->clients[i].process)
				sim->clients[i].process->is_hidden = false;
	sim->is_up = true;
	sim->started_ns = sim->fake->now_ns;
	if (fake_restart(sim->fake) < 0) {
		fake_complain(sim->fake, "the registry was not adopted");
		sim->is_up = false;
	}
}

static void fire_due(struct sim *sim)
{
	uint32_t first = (uint32_t)sim_below(sim, sim->fake->n_rings);

	for (uint32_t n = 0; n < sim->fake->n_rings; n++) {
		uint32_t i = (first + n) % sim->fake->n_rings;

		if (sim->fake->timers[i] && sim->fake->timers[i] <= sim->fake->now_ns) {
			fake_fire(sim->fake, i);
			return;
		}
	}
}

static void time_passes(struct sim *sim)
{
	static const int64_t spans_ns[] = {
		NS_PER_MS, 10 * NS_PER_MS, NS_PER_S, NS_PER_S, 10 * NS_PER_S, 40 * NS_PER_S,
		700 * NS_PER_S,
	};

	sim->fake->now_ns += (int64_t)sim_below(sim, (uint64_t)spans_ns[sim_below(sim, 7)]);
}

static struct fake_file *file_pick(struct sim *sim)
{
	struct fake_file *file = sim->fake->names;

	if (!file)
		return NULL;
	for (uint64_t n = sim_below(sim, fake_files_linked(sim->fake)); n > 0; n--)
		file = file->hh.next;
	return file;
}

static void mischief(struct sim *sim)
{
	static const int errors[] = { -EIO, -ENOSPC, -EMFILE, -ENOMEM };
	struct fake_file *file;
	char name[CONTROL_SEGMENT_MAX];

	switch (sim_below(sim, 6)) {
	case 0:
		file = file_pick(sim);
		if (file && file->is_ours && sim_chance(sim, 10))
			fake_file_remove(sim->fake, file);
		break;
	case 1:
		/* as if a daemon had died between its registry and its segment; or somebody else's */
		if (sim->is_up && sim_chance(sim, 70))
			break;
		snprintf(name, sizeof(name), "/shmq.fake.r%" PRIu64 ".%016" PRIx64,
			 sim_below(sim, sim->n_names), fake_random(sim->fake));
		fake_file_plant(sim->fake, name, 4096, !sim->is_up);
		break;
	case 2:
		file = file_pick(sim);
		if (file && !file->is_ours)
			fake_file_unlink(sim->fake, file);
		break;
	case 3:
		sim->fake->capacity_bytes = sim_chance(sim, 50)
						    ? sim->fake->used_bytes + sim_below(sim, 100000)
						    : UINT64_C(1) << 40;
		break;
	default:
		sim->fake->fail[CORE_SEGMENT_CREATE + sim_below(sim, 7)] = errors[sim_below(sim, 4)];
		break;
	}
}

/* Of thousands a few are busy at a time. */
static struct sim_client *client_pick(struct sim *sim)
{
	uint64_t first = sim->step / 2000 * 7;

	if (sim_chance(sim, 70))
		return &sim->clients[(first + sim_below(sim, 24)) % sim->n_clients];
	return &sim->clients[sim_below(sim, sim->n_clients)];
}

static void client_any(struct sim *sim)
{
	struct sim_client *client = client_pick(sim), *other = client_pick(sim);
	int32_t pid = 0;

	if (!client->process) {
		/* some get the number of one that has just ended, before the daemon heard of it */
		if (other->process && !other->process->is_alive)
			pid = other->process->identity.pid;
		client_spawn(sim, client, pid);
	} else if (client->process->is_alive && sim_chance(sim, 2)) {
		client_kill(sim, client);
	} else if (client->connection && client->process->is_alive && sim_chance(sim, 2)) {
		client_disconnect(sim, client);
	} else {
		client_act(sim, client);
	}
}

void world_step(struct sim *sim)
{
	uint64_t dice = sim_below(sim, 1000);

	if (!sim->is_up) {
		if (dice < 150)
			daemon_start(sim);
		else if (dice < 170)
			mischief(sim);
		else if (dice < 250)
			time_passes(sim);
		else
			client_any(sim);
		return;
	}
	if (dice < 3 && sim_below(sim, sim->calm) == 0)
		daemon_arm(sim);
	else if (dice < 4 && sim_below(sim, sim->calm) == 0)
		daemon_stop(sim);
	else if (dice < 12)
		mischief(sim);
	else if (dice < 40)
		time_passes(sim);
	else if (dice < 90)
		fire_due(sim);
	else if (dice < 140)
		fake_perform_slow(sim->fake);
	else if (dice < 500)
		perform_some(sim);
	else if (dice < 960)
		client_any(sim);
	else
		settle(sim);
	if (fake_is_idle(sim->fake) && sim->n_idle++ % sim->check_every == 0)
		judge_quiet(sim);
}
