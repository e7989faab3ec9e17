/* SPDX-License-Identifier: MIT */
/*
 * metrics_visitors.c - places for HTTP connections; see metrics_visitors.h
 */
#include "daemon/metrics_visitors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "daemon/loop.h"

#define STAY_NS (30 * NS_PER_S)
#define LOOK_NS (100 * NS_PER_MS)

static bool has_left(const struct metrics_visitor *visitor)
{
	bufferevent_event_cb on_event;

	bufferevent_getcb(visitor->stream, NULL, NULL, &on_event, NULL);
	return !on_event;
}

static void place_look(struct metrics_visitors *visitors, struct metrics_visitor *visitor)
{
	if (has_left(visitor)) {
		bufferevent_decref(visitor->stream);
		visitor->stream = NULL;
		visitors->n--;
	} else if (deadline_left_ns(visitor->deadline_ns) == 0) {
		/* an end of file, from the server's point of view: it hangs up */
		shutdown(bufferevent_getfd(visitor->stream), SHUT_RDWR);
	}
}

static void look_later(struct metrics_visitors *visitors)
{
	struct timeval gap = timeval_from_ns(LOOK_NS);

	if (!evtimer_pending(visitors->look, NULL))
		evtimer_add(visitors->look, &gap);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct metrics_visitors *visitors = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < METRICS_VISITORS_MAX; i++)
		if (visitors->places[i].stream)
			place_look(visitors, &visitors->places[i]);
	if (visitors->n < METRICS_VISITORS_MAX)
		evconnlistener_enable(visitors->listener);
	if (visitors->n)
		look_later(visitors);
}

/* Somebody was accepted. The listener was off if there were no place. */
static struct bufferevent *on_visitor(struct event_base *base, void *arg)
{
	struct metrics_visitors *visitors = arg;
	struct metrics_visitor *visitor = visitors->places;

	while (visitor->stream)
		visitor++;
	/* The descriptor must outlive the events on it, and these live as long as our reference: the
	 * server hangs up by shutdown(2), and the last reference closes. */
	visitor->stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (!visitor->stream)
		return NULL; /* the server makes its own, or fails as well */
	bufferevent_incref(visitor->stream);
	visitor->deadline_ns = deadline_after_ns(STAY_NS);
	if (++visitors->n == METRICS_VISITORS_MAX)
		evconnlistener_disable(visitors->listener);
	look_later(visitors);
	return visitor->stream;
}

/* Out of descriptors, most likely: the clients of the control socket come first. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct metrics_visitors *visitors = arg;

	evconnlistener_disable(listener);
	look_later(visitors);
}

int metrics_visitors_init(struct metrics_visitors *visitors, struct event_base *base)
{
	visitors->base = base;
	visitors->look = evtimer_new(base, on_look, visitors);
	return visitors->look ? 0 : -ENOMEM;
}

void metrics_visitors_attach(struct metrics_visitors *visitors, struct evhttp *http,
			     struct evconnlistener *listener)
{
	visitors->listener = listener;
	evconnlistener_set_error_cb(listener, on_accept_error);
	evhttp_set_bevcb(http, on_visitor, visitors);
}

void metrics_visitors_deinit(struct metrics_visitors *visitors)
{
	for (size_t i = 0; i < METRICS_VISITORS_MAX; i++)
		if (visitors->places[i].stream)
			bufferevent_decref(visitors->places[i].stream);
	memset(visitors->places, 0, sizeof(visitors->places));
	visitors->n = 0;
	if (visitors->look)
		event_free(visitors->look);
	visitors->look = NULL;
}
