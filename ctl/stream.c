/* SPDX-License-Identifier: MIT */
/*
 * stream.c - opening one end of a ring as a program's pipe would: made if absent, taken as it is
 */
#include "ctl/stream.h"

#include <errno.h>

#include <shmq/layout.h>

#include "ctl/failure.h"

#define OPEN_TRIES 5

static int open_end(struct ctl *ctl, const char *ring, uint32_t role,
		    const struct shmq_ring_config *config, union stream_end *end)
{
	if (role == SHMQ_ROLE_PRODUCER)
		return config ? shmq_open_producer(ctl->client, ring, config, &end->producer)
			      : shmq_attach_producer(ctl->client, ring, &end->producer);
	return config ? shmq_open_consumer(ctl->client, ring, config, &end->consumer)
		      : shmq_attach_consumer(ctl->client, ring, &end->consumer);
}

/*
 * What exists is taken as it is; what doesn't is made with the defaults of our own. The other end
 * may do the same at this moment, with figures of its own: then it is there, and we look again.
 */
static int open_any(struct ctl *ctl, const char *ring, uint32_t role,
		    const struct shmq_ring_config *config, union stream_end *end)
{
	int r = -ENOENT;

	for (int i = 0; i < OPEN_TRIES; i++) {
		r = open_end(ctl, ring, role, NULL, end);
		if (r != -ENOENT)
			break;
		r = open_end(ctl, ring, role, config, end);
		if (r != -EEXIST)
			break;
	}
	return r;
}

int stream_open(struct ctl *ctl, const char *ring, uint32_t role,
		const struct stream_options *options, union stream_end *ret_end)
{
	bool asked = options->slots || options->size;
	struct shmq_ring_config config = {
		.struct_size = sizeof(config),
		.slots = options->bytes ? STREAM_BYTE_SLOTS : STREAM_LINE_SLOTS,
		.size_bytes = options->bytes ? STREAM_BYTE_SIZE : STREAM_LINE_SIZE,
	};
	union stream_end end = { NULL };
	int exit, r;

	if (asked && options->existing)
		return fail(ctl, CTL_USAGE, "usage", "--existing", NULL,
			    "an existing ring has its own slots and size.");
	if (options->slots)
		config.slots = (uint32_t)options->slots;
	if (options->size)
		config.size_bytes = (uint32_t)options->size;
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	if (options->existing)
		r = open_end(ctl, ring, role, NULL, &end);
	else if (asked)
		r = open_end(ctl, ring, role, &config, &end);
	else
		r = open_any(ctl, ring, role, &config, &end);
	if (r < 0)
		return fail_call(ctl, ring, r);
	*ret_end = end;
	return CTL_OK;
}
