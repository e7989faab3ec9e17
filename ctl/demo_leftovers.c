/* SPDX-License-Identifier: MIT */
/*
 * demo_leftovers.c - part 4: the rings are destroyed, the daemon ends, and nothing is left
 */
#include <signal.h>

#include "base/clock.h"
#include "ctl/demo.h"
#include "ctl/facts.h"

struct names {
	char names[16][64];
	size_t n;
};

static int names_add(const struct shmq_ring_info *info, void *arg)
{
	struct names *all = arg;

	if (all->n < sizeof(all->names) / sizeof(all->names[0]))
		__builtin_memcpy(all->names[all->n++], info->name, sizeof(info->name));
	return 0;
}

static int destroy_all(struct demo *demo, size_t *ret_n)
{
	struct names all = { .n = 0 };
	int r = shmq_list(demo->client, names_add, &all);

	for (size_t i = 0; i < all.n && r >= 0; i++)
		r = shmq_destroy(demo->client, all.names[i], 0);
	*ret_n = all.n;
	return r;
}

/* A destroyed ring's pages are given back in steps, after the answer. */
static bool await_memory_back(struct demo *demo)
{
	int64_t deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);
	struct shmq_daemon_info info;

	while (shmq_daemon_info(demo->client, &info) == 0 && !demo_interrupted()) {
		if (info.n_rings == 0 && info.bytes == 0)
			return true;
		if (deadline_left_ns(deadline_ns) == 0)
			break;
		demo_nap(5 * NS_PER_MS);
	}
	return false;
}

int demo_leftovers(struct demo *demo)
{
	struct json_object *json = json_object_new_object();
	unsigned before = demo_count_objects(demo), after;
	size_t n_rings = 0;

	demo_title(demo, "4. What is left");
	json_object_object_add(demo->facts, "leftovers", json);
	if (destroy_all(demo, &n_rings) < 0)
		return demo_broken(demo, "a ring can't be destroyed: %s", shmq_error_detail());
	demo_claim(demo, await_memory_back(demo),
		   "%zu rings destroyed, all their memory given back", n_rings);
	demo->client = shmq_disconnect(demo->client);
	if (demo_daemon_end(demo, SIGTERM) < 0)
		return -1;
	after = demo_count_objects(demo);
	json_add_count(json, "rings", n_rings);
	json_add_count(json, "objects_before", before);
	json_add_count(json, "objects_after", after);
	demo_claim(demo, after == 0, "shmqd ended; %u of its %u objects are left in /dev/shm",
		   after, before);
	return 0;
}
