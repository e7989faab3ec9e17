/* SPDX-License-Identifier: MIT */
/*
 * systemd.h - what the service manager hands over and is told: sockets, readiness, watchdog
 *
 * Where no systemd runs there is nothing to take and nobody to tell; configured without it, all of
 * this is absent.
 */
#pragma once

#include <event2/event.h>

#ifdef HAVE_SYSTEMD

struct core;
struct systemd;

struct systemd_sockets {
	int control_fd, metrics_fd; /* -1: none */
};

/* What was handed over: the socket whose name (FileDescriptorName=) is "metrics", and another one.
 * Return: 0; -EINVAL: one too many (logged); -errno (logged). */
int systemd_take_sockets(struct systemd_sockets *ret_sockets);

/* Keeps the manager informed from now on: the watchdog's timer, the status line. Return: 0, -errno. */
int systemd_new(struct event_base *base, const struct core *core, struct systemd **ret_systemd);
struct systemd *systemd_free(struct systemd *systemd);
void systemd_ready(struct systemd *systemd);
/* What was ready is being changed; systemd_ready() follows. */
void systemd_reloading(void);
void systemd_stopping(struct systemd *systemd);
/* Something changed that the status line may mention. Cheap. */
void systemd_changed(struct systemd *systemd);

#endif
