/* SPDX-License-Identifier: MIT */
/*
 * glutton.c - see glutton.h
 *
 * Rings until one is refused for want of space, then a plain file that takes the rest: whoever now
 * touches memory that was promised and not allocated dies of SIGBUS, and the storm sees it.
 */
#include "tests/storm/glutton.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <shmq/shmq.h>

#define GLUTTON_RINGS 64u
#define CRUMBS	      "/dev/shm/storm-crumbs"

static bool must_stop(const struct glutton *glutton)
{
	/* [T3] relaxed: as [T1] of storm.c, a hint */
	return __atomic_load_n(glutton->stop, __ATOMIC_RELAXED);
}

/* What may come of a call while somebody kills the daemon again and again. */
static bool is_away(int r)
{
	return r == -ENOTCONN || r == -ETIMEDOUT || r == -ECONNRESET || r == -EPIPE;
}

/* Return: how many rings there are now. */
static unsigned eat(const struct glutton *glutton, struct shmq_client *client)
{
	struct shmq_ring_config config = { .slots = 256, .size_bytes = 4096,
					   .lifetime = SHMQ_PERSISTENT };
	char name[32];

	for (unsigned n = 0; n < GLUTTON_RINGS; n++) {
		int r;

		snprintf(name, sizeof(name), "glutton%u", n);
		do
			r = shmq_create(client, name, &config);
		while (is_away(r) && !must_stop(glutton));
		if (r == -ENOSPC) {
			glutton->row->attaches++;
			return n;
		}
		if (r < 0 && !is_away(r))
			ledger_violation(glutton->row, "create: %s", shmq_error_detail());
		if (r < 0)
			return n;
	}
	ledger_violation(glutton->row, "%u rings and no end of /dev/shm", GLUTTON_RINGS);
	return GLUTTON_RINGS;
}

static void lick_the_plate(void)
{
	static const char page[4096];
	int fd = open(CRUMBS, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	while (fd >= 0 && write(fd, page, sizeof(page)) > 0)
		;
	usleep(2000); /* the storm's deaths and restarts fall into this time */
	if (fd >= 0)
		close(fd);
	unlink(CRUMBS);
}

static void give_back(const struct glutton *glutton, struct shmq_client *client, unsigned n_rings)
{
	char name[32];

	for (unsigned n = 0; n < n_rings; n++) {
		int r;

		snprintf(name, sizeof(name), "glutton%u", n);
		do
			r = shmq_destroy(client, name, 0);
		while (is_away(r)); /* the parent starts it again, or kills us */
		/* -ENOENT: done, and the answer was lost */
		if (r < 0 && r != -ENOENT)
			ledger_violation(glutton->row, "destroy: %s", shmq_error_detail());
	}
}

int glutton_run(void *arg)
{
	const struct glutton *glutton = arg;
	struct shmq_client *client;

	while (shmq_connect(&client, glutton->socket) < 0)
		if (must_stop(glutton))
			return 0;
	while (!must_stop(glutton)) {
		unsigned n_rings = eat(glutton, client);

		lick_the_plate();
		give_back(glutton, client, n_rings);
	}
	shmq_disconnect(client);
	return 0;
}
