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

static struct json_object *json_of_daemon(const struct shmq_daemon_info *daemon)
{
	struct json_object *json = json_object_new_object();

	json_add_text(json, "version", daemon->version);
	json_add_text(json, "instance", daemon->instance);
	json_add_count(json, "pid", (uint64_t)daemon->pid);
	json_add_count(json, "protocol", daemon->protocol);
	json_add_count(json, "layout", daemon->layout);
	json_add_count(json, "rings", daemon->n_rings);
	json_add_count(json, "max_rings", daemon->max_rings);
	json_add_count(json, "attachments", daemon->n_attachments);
	json_add_count(json, "max_attachments", daemon->max_attachments);
	json_add_count(json, "connections", daemon->n_connections);
	json_add_count(json, "bytes", daemon->bytes);
	json_add_count(json, "max_bytes", daemon->max_bytes);
	json_add_count(json, "uptime_ns", daemon->uptime_ns);
	return json;
}

static void print_json(const struct shmq_daemon_info *daemon)
{
	struct json_object *root = json_root();

	json_add_text(root, "shmqctl", PACKAGE_VERSION);
	json_add_text(root, "library", shmq_version());
	json_add_count(root, "layout", SHMQ_LAYOUT_VERSION);
	json_object_object_add(root, "daemon", daemon ? json_of_daemon(daemon) : NULL);
	json_print(root, false);
}

static void print_text(const struct shmq_daemon_info *daemon)
{
	char version[64], uptime[32];

	printf("shmqctl %s, library %s, layout %u\n", PACKAGE_VERSION, shmq_version(),
	       SHMQ_LAYOUT_VERSION);
	if (daemon)
		printf("shmqd   %s, protocol %" PRIu32 ", layout %" PRIu32
		       ", instance %s, pid %d, up %s\n",
		       format_printable(daemon->version, version, sizeof(version)),
		       daemon->protocol, daemon->layout, daemon->instance, (int)daemon->pid,
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
