/* SPDX-License-Identifier: MIT */
/*
 * cmd_version.c - shmqctl version: this tool, its library, and the daemon if there is one
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <shmq/layout.h>

#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"

static void print_json(const struct shmq_daemon_info *daemon)
{
	struct json_object *root = json_root();
	struct json_object *json = NULL;

	json_object_object_add(root, "shmqctl", json_object_new_string(PACKAGE_VERSION));
	json_object_object_add(root, "library", json_object_new_string(shmq_version()));
	json_object_object_add(root, "layout", json_object_new_int((int)SHMQ_LAYOUT_VERSION));
	if (daemon) {
		json = json_object_new_object();
		json_object_object_add(json, "version", json_text(daemon->version));
		json_object_object_add(json, "instance", json_text(daemon->instance));
		json_object_object_add(json, "pid", json_object_new_int(daemon->pid));
		json_object_object_add(json, "protocol", json_object_new_uint64(daemon->protocol));
		json_object_object_add(json, "layout", json_object_new_uint64(daemon->layout));
		json_object_object_add(json, "rings", json_object_new_uint64(daemon->n_rings));
		json_object_object_add(json, "max_rings", json_object_new_uint64(daemon->max_rings));
		json_object_object_add(json, "attachments", json_object_new_uint64(daemon->n_attachments));
		json_object_object_add(json, "connections", json_object_new_uint64(daemon->n_connections));
		json_object_object_add(json, "bytes", json_object_new_uint64(daemon->bytes));
		json_object_object_add(json, "max_bytes", json_object_new_uint64(daemon->max_bytes));
		json_object_object_add(json, "uptime_ns", json_object_new_uint64(daemon->uptime_ns));
	}
	json_object_object_add(root, "daemon", json);
	json_print(root, false);
}

static void print_text(const struct shmq_daemon_info *daemon)
{
	char version[64], uptime[32];

	printf("shmqctl %s, library %s, layout %u\n", PACKAGE_VERSION, shmq_version(),
	       SHMQ_LAYOUT_VERSION);
	if (daemon)
		printf("shmqd   %s, protocol %" PRIu32 ", layout %" PRIu32 ", instance %s, pid %d, up %s\n",
		       format_printable(daemon->version, version, sizeof(version)), daemon->protocol,
		       daemon->layout, daemon->instance, (int)daemon->pid,
		       format_duration_ns((int64_t)daemon->uptime_ns, uptime, sizeof(uptime)));
}

/* That no daemon runs is a fact here and no failure; that one runs which doesn't fit is one. */
static int version_run(struct ctl *ctl, int n_args, char **args)
{
	struct shmq_daemon_info daemon;
	int r;

	(void)n_args;
	(void)args;
	r = ctl_try_connect(ctl);
	if (r >= 0)
		r = shmq_daemon_info(ctl->client, &daemon);
	if (ctl->json)
		print_json(r >= 0 ? &daemon : NULL);
	else
		print_text(r >= 0 ? &daemon : NULL);
	if (r >= 0)
		return CTL_OK;
	if (r == -ENOTCONN) {
		if (!ctl->json)
			printf("shmqd   not reachable\n");
		return CTL_OK;
	}
	return fail_call(ctl, ctl_socket(ctl), r);
}

const struct verb verb_version = {
	.name = "version",
	.args = "",
	.summary = "show the versions of tool, library and daemon",
	.run = version_run,
};
