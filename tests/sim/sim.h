/* SPDX-License-Identifier: MIT */
/*
 * sim.h - the simulator: made-up clients against the real core on the fake system, from a seed
 *
 * A step is one thing that happens anywhere: a client asks, dies, reconnects, moves messages; an
 * action is performed; a timer fires; somebody removes a segment; the disk fills; the daemon is
 * killed between two actions or between two stores of one change, and starts again. After each step
 * core_check() must hold, and whenever nothing is under way everything that is promised.
 */
#pragma once

#include <setjmp.h>

#include "base/clock.h"
#include "tests/sim/fake.h"

#define SIM_HELD_MAX	16
#define SIM_NAMES_MAX	512
#define SIM_MIRROR_MAX	8192
#define SIM_LINGER_S	30
#define SIM_UNREAD_S	600
#define SIM_GRACE_S	5

/* What a client believes to hold. */
struct sim_held {
	uint64_t id;
	enum shmq_role role;
	uint32_t ring;
	uint64_t use_count;
	uint32_t slots;
	struct fake_file *file;		/* mapped, NULL: it could not be */
	bool is_leaving;		/* unmapped; the detach is not answered yet */
};

/* A watcher's picture of the world, made of events alone. */
struct sim_mirror {
	bool is_synced;
	uint8_t n_rings[SIM_NAMES_MAX];
	uint32_t n_holders;
	struct sim_mirror_holder {
		uint16_t name;
		uint8_t role;
		int32_t pid;
	} holders[SIM_MIRROR_MAX];
};

struct sim_client {
	struct fake_process *process;	/* NULL: the slot is free */
	uint32_t connection;		/* 0: none */
	bool has_greeted;
	uint64_t echo;
	bool is_asking;			/* there is a request without an answer */
	bool is_sent;			/* on this connection */
	bool as_stranger, wrong_echo;
	uint64_t hello_id;		/* of the greeting on its way, 0: none */
	int64_t sent_ns;
	uint64_t expected_id;		/* of the attachment: it was granted, the reply was lost */
	struct control_request request;
	char name[96];
	struct fake_file *lie;		/* it said it left, and maps it still */
	struct sim_held held[SIM_HELD_MAX];
	unsigned n_held;
	struct sim_mirror *mirror;
};

struct sim {
	struct fake *fake;
	uint64_t seed, n_steps, step;
	uint32_t n_clients, n_names;
	unsigned check_every;		/* steps between two checks of everything */
	unsigned calm;			/* the daemon dies so many times less often */
	struct sim_client *clients;
	bool end_asked[SIM_NAMES_MAX];	/* somebody asked for a destroy or a purge, ever */
	bool is_up;
	bool is_trace;
	int64_t started_ns;		/* the daemon's last start */
	uint64_t last_request;
	jmp_buf death;
	unsigned stores_left, actions_left; /* until the daemon is killed; 0: it is not */
	unsigned n_deaths, n_store_deaths, n_kills, n_requests, n_granted, n_idle, n_quiet,
		n_reaped;
	int64_t *used_ns;		/* per ring: last time it had a reason to be there */
	uint64_t *use_counts;		/* highest seen, per ring */
	uint64_t *inodes;		/* of that use, once it was LIVE */
	uint64_t (*incarnations)[2];
	uint64_t next_attachment_id;
	struct sim_mirror *picture;	/* scratch */
};

static inline uint64_t sim_below(struct sim *sim, uint64_t n)
{
	return fake_below(sim->fake, n);
}

static inline bool sim_chance(struct sim *sim, unsigned percent)
{
	return fake_below(sim->fake, 100) < percent;
}

/* ---- sim_client.c: what clients do ---- */

void client_spawn(struct sim *sim, struct sim_client *client, int32_t pid);
void client_act(struct sim *sim, struct sim_client *client);
void client_kill(struct sim *sim, struct sim_client *client);
void client_disconnect(struct sim *sim, struct sim_client *client);
/* Of a dead one: the socket is closed, its end is told, the slot becomes free. */
void client_bury(struct sim *sim, struct sim_client *client);
void client_unmap(struct sim *sim, struct sim_held *held);
void client_stop_lying(struct sim *sim, struct sim_client *client);
/* The daemon is gone: what was asked must be asked again. */
void client_lost_daemon(struct sim_client *client);
int sim_name_index(const char *name);

/* ---- sim_request.c: requests, at random ---- */

void request_make(struct sim *sim, struct sim_client *client);
void request_greet(struct sim *sim, struct sim_client *client);
void request_send(struct sim *sim, struct sim_client *client);

/* ---- sim_reply.c: are the answers right? ---- */

void sim_on_reply(struct fake *fake, struct core_action *action);
void sim_on_log(struct fake *fake, struct core_action *action);

/* ---- sim_watch.c: do events tell the whole story? ---- */

void sim_on_event(struct fake *fake, struct core_action *action);
void mirror_check_all(struct sim *sim);

/* By the rules as they are documented, and not by the core's code. */
bool sim_sees(const struct sim_client *client, const struct registry_ring *record);

/* ---- sim_judge.c ---- */

/* After every step. */
void judge_step(struct sim *sim);
/* Nothing is under way. */
void judge_quiet(struct sim *sim);

/* ---- sim_world.c ---- */

void world_step(struct sim *sim);
void world_store_hook(void);
extern struct sim *world_sim;
