/* SPDX-License-Identifier: MIT */
/*
 * metrics_visitors.h - how many HTTP connections there are, and for how long
 *
 * libevent's HTTP server of this version has neither a limit for connections nor a time by which one
 * must end: who reads one byte a second stays for ever. So each connection's bufferevent is ours, and
 * a second reference to it is kept. The server takes its callbacks off when it is done with one: then
 * the place is free. While all are taken nobody is accepted, and the kernel lets them wait.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#define METRICS_VISITORS_MAX 16

struct metrics_visitor {
	struct bufferevent *stream; /* NULL: the place is free */
	int64_t deadline_ns;
};

struct metrics_visitors {
	struct event_base *base;
	struct evconnlistener *listener; /* the HTTP server's */
	struct event *look;		 /* every 100 ms while somebody is here */
	struct metrics_visitor places[METRICS_VISITORS_MAX];
	size_t n;
};

int metrics_visitors_init(struct metrics_visitors *visitors, struct event_base *base);
/* After @http was freed. Zeroed memory is fine. */
void metrics_visitors_deinit(struct metrics_visitors *visitors);
/* Give @http its connections from @listener. */
void metrics_visitors_attach(struct metrics_visitors *visitors, struct evhttp *http,
			     struct evconnlistener *listener);
