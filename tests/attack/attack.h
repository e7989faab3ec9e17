/* SPDX-License-Identifier: MIT */
/*
 * attack.h - what hostile clients do to a daemon, for the test and for the bench program
 *
 * An assault is a few processes that repeat one attack until they are killed, as another user if
 * that is possible. They count their blows, so that others can wait for many of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ATTACK_STRANGER_UID 65533u
#define ATTACK_PEERS_MAX    4096u
#define ATTACKERS_MAX	    8u

/* One process of an assault. */
struct attacker {
	const char *socket;
	uint64_t random; /* never 0 */
	unsigned n_peers;
	struct attack_peer {
		int fd;
		uint64_t echo, last_id;
		bool is_full; /* of requests: it answers, and nobody reads */
	} peers[ATTACK_PEERS_MAX];
};

struct attack {
	const char *name;
	const char *what; /* for people */
	void (*strike)(struct attacker *attacker);
};

extern const struct attack attacks[];
extern const unsigned n_attacks;

struct assault {
	uint64_t *n_blows; /* shared with the attackers */
	pid_t pids[ATTACKERS_MAX];
	unsigned n;
};

/* Let @n processes attack the daemon at @socket. Return: 0 or -errno; then nothing is left. */
int assault_start(struct assault *assault, const struct attack *attack, const char *socket,
		  unsigned n);
uint64_t assault_blows(const struct assault *assault);
/* Kill them all. */
void assault_stop(struct assault *assault);
