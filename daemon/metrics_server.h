/* SPDX-License-Identifier: MIT */
/*
 * metrics_server.h - GET /metrics for Prometheus, by libevent's HTTP server; off unless asked for
 *
 * It lives in the daemon's loop and must not harm it: few visitors at a time, each for a limited
 * time; nothing but GET and HEAD of /metrics; an answer is put together a piece per turn of the
 * loop (metrics_scrape.c).
 */
#pragma once

#include <stdint.h>

struct metrics_server;
struct shell;

/* Serve on @fd, which listens, and is closed in any case. Return: 0, -ENOMEM. */
int metrics_server_new(struct shell *shell, int fd, struct metrics_server **ret_server);
struct metrics_server *metrics_server_free(struct metrics_server *server);
