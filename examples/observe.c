/* SPDX-License-Identifier: MIT */
/*
 * observe.c - who has what, and what happens: list, clients, stats, watch, next_event
 *
 * A connection that watches does nothing else, so there are two.
 */
#include "common.h"

static int print_ring(const struct shmq_ring_info *info, void *arg)
{
	printf("%s: %llu of %u slots unread, %llu messages so far\n", info->name,
	       (unsigned long long)info->depth, info->slots, (unsigned long long)info->pushed);
	++*(int *)arg;
	return 0; /* go on */
}

static int print_holder(const struct shmq_holder *holder, void *arg)
{
	printf("%s of %s: pid %d (%s)\n", holder->role == 0 ? "producer" : "consumer", holder->ring,
	       (int)holder->pid, holder->comm);
	(void)arg;
	return 0;
}

static int print_figures(const struct shmq_ring_stats *ring, void *arg)
{
	printf("%s: %llu roles granted, %llu of them ended with their process\n", ring->name,
	       (unsigned long long)ring->values[SHMQ_RING_ATTACHED_METRIC],
	       (unsigned long long)ring->values[SHMQ_RING_DIED_METRIC]);
	(void)arg;
	return 0;
}

static const char *event_name(enum shmq_event_kind kind)
{
	switch (kind) {
	case SHMQ_EVENT_CREATED:
		return "created";
	case SHMQ_EVENT_ATTACHED:
		return "attached";
	case SHMQ_EVENT_DIED:
		return "died";
	case SHMQ_EVENT_DESTROYED:
		return "destroyed";
	default:
		return "something else";
	}
}

int main(void)
{
	struct shmq_ring_config config = { .slots = 16, .size_bytes = 64 };
	struct shmq_client *client, *watcher;
	struct shmq_producer *producer;
	struct shmq_event event;
	int n_rings = 0;

	must(shmq_connect(&watcher, NULL), "connect");
	must(shmq_watch(watcher), "watch");

	must(shmq_connect(&client, NULL), "connect");
	must(shmq_create(client, "seen", &config), "create");
	must(shmq_attach_producer(client, "seen", &producer), "attach");
	must(shmq_push(producer, "look", 4, SHMQ_FOREVER), "push");

	must(shmq_list(client, print_ring, &n_rings), "list");
	must(shmq_clients(client, print_holder, NULL), "clients");
	must(shmq_stats(client, "seen", print_figures, NULL, NULL), "stats");

	must(shmq_destroy(client, "seen", SHMQ_DESTROY_FORCE), "destroy");
	do {
		must(shmq_next_event(watcher, INT64_C(5000000000), &event), "event");
		printf("%s %s\n", event.ring, event_name(event.kind));
	} while (event.kind != SHMQ_EVENT_DESTROYED);

	shmq_disconnect(client);
	shmq_disconnect(watcher);
	return 0;
}
