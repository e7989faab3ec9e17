/* SPDX-License-Identifier: MIT */
/*
 * systemd.c - talking to the service manager; see systemd.h
 *
 * The watchdog's message comes from a timer of the loop at the priority of ordinary work, so it says
 * that the loop turns, not just that the process exists. The status line is written once a second at
 * most, and only when it differs.
 */
#ifdef HAVE_SYSTEMD

#include "daemon/systemd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/parse.h"
#include "daemon/core/core.h"
#include "daemon/fd_store.h"
#include "daemon/log.h"
#include "daemon/loop.h"

#define STATUS_GAP_NS	     NS_PER_S
#define SYSTEMD_METRICS_NAME "metrics"

struct systemd {
	const struct core *core;
	struct event *watchdog;		/* NULL: nobody asks for it */
	uint64_t watchdog_usec;
	struct timeval watchdog_period;
	bool is_ready;
	struct event *status_timer;
	bool has_manager;		/* somebody listens to what we notify */
	char status[128];		/* as last told */
};

int systemd_take_sockets(struct systemd_sockets *ret_sockets)
{
	struct systemd_sockets sockets = { -1, -1 };
	char **names = NULL;
	int n = sd_listen_fds_with_names(1, &names);
	int r = 0;

	if (n < 0)
		log_line(LOG_ERR, "sockets handed over: %s", strerror(-n));
	for (int i = 0; i < n; i++) {
		bool is_ring = fd_store_came_back(names[i], SD_LISTEN_FDS_START + i);
		bool is_metrics = strcmp(names[i], SYSTEMD_METRICS_NAME) == 0;
		int *fd = is_metrics ? &sockets.metrics_fd : &sockets.control_fd;

		free(names[i]);
		if (is_ring)
			continue;
		if (*fd >= 0) {
			log_line(LOG_ERR, "%d sockets were handed over: there is one for clients, and "
				 "one with the name '%s'", n, SYSTEMD_METRICS_NAME);
			r = -EINVAL;
		}
		*fd = SD_LISTEN_FDS_START + i;
	}
	free(names);
	if (n < 0 || r < 0)
		return n < 0 ? n : r;
	*ret_sockets = sockets;
	return 0;
}

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	struct systemd *systemd = arg;

	(void)fd;
	(void)what;
	if (systemd->is_ready)
		sd_notify(0, "WATCHDOG=1");
	else /* the start goes on: it isn't the watchdog that ends it then, but its timeout */
		sd_notifyf(0, "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=%" PRIu64, systemd->watchdog_usec);
	evtimer_add(systemd->watchdog, &systemd->watchdog_period);
}

static void status_format(const struct systemd *systemd, char *text, size_t cap_bytes)
{
	struct control_info info;
	char size[16];

	core_daemon_info(systemd->core, clock_monotonic_ns(), &info);
	snprintf(text, cap_bytes, "STATUS=%" PRIu32 " ring%s, %" PRIu32 " connection%s, %s",
		 info.n_rings, info.n_rings == 1 ? "" : "s", info.n_connections,
		 info.n_connections == 1 ? "" : "s", format_size(info.bytes, size, sizeof(size)));
}

static void on_status(evutil_socket_t fd, short what, void *arg)
{
	struct systemd *systemd = arg;
	char text[sizeof(systemd->status)];

	(void)fd;
	(void)what;
	status_format(systemd, text, sizeof(text));
	if (strcmp(text, systemd->status) == 0)
		return;
	strcpy(systemd->status, text);
	sd_notify(0, text);
}

static int watchdog_start(struct systemd *systemd, struct event_base *base)
{
	uint64_t usec;
	int r = sd_watchdog_enabled(0, &usec);

	if (r <= 0)
		return r;
	systemd->watchdog = evtimer_new(base, on_watchdog, systemd);
	if (!systemd->watchdog)
		return -ENOMEM;
	systemd->watchdog_usec = usec;
	systemd->watchdog_period = timeval_from_ns((int64_t)(usec / 2) * NS_PER_US);
	return evtimer_add(systemd->watchdog, &systemd->watchdog_period) < 0 ? -ENOMEM : 0;
}

int systemd_new(struct event_base *base, const struct core *core, struct systemd **ret_systemd)
{
	struct systemd *systemd = calloc(1, sizeof(*systemd));
	int r = systemd ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	systemd->core = core;
	systemd->has_manager = getenv("NOTIFY_SOCKET");
	systemd->status_timer = evtimer_new(base, on_status, systemd);
	r = systemd->status_timer ? watchdog_start(systemd, base) : -ENOMEM;
	if (r < 0) {
		systemd_free(systemd);
		return r;
	}
	*ret_systemd = systemd;
	return 0;
}

struct systemd *systemd_free(struct systemd *systemd)
{
	if (!systemd)
		return NULL;
	if (systemd->watchdog)
		event_free(systemd->watchdog);
	if (systemd->status_timer)
		event_free(systemd->status_timer);
	free(systemd);
	return NULL;
}

void systemd_ready(struct systemd *systemd)
{
	char text[sizeof(systemd->status) + 16];

	status_format(systemd, systemd->status, sizeof(systemd->status));
	systemd->is_ready = true;
	snprintf(text, sizeof(text), "READY=1\n%s", systemd->status);
	sd_notify(0, text);
}

void systemd_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_ns() / NS_PER_US);
}

void systemd_stopping(struct systemd *systemd)
{
	struct control_info info;

	core_daemon_info(systemd->core, clock_monotonic_ns(), &info);
	sd_notifyf(0, "STOPPING=1\nSTATUS=leaving %" PRIu32 " ring%s as they are", info.n_rings,
		   info.n_rings == 1 ? "" : "s");
}

void systemd_changed(struct systemd *systemd)
{
	struct timeval gap = timeval_from_ns(STATUS_GAP_NS);

	if (systemd->has_manager && !evtimer_pending(systemd->status_timer, NULL))
		evtimer_add(systemd->status_timer, &gap);
}

#endif
