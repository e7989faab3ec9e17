/* SPDX-License-Identifier: MIT */
/*
 * metrics_server.c - HTTP requests become scrapes, scrapes become replies; see metrics_server.h
 *
 * A request that is being worked on stays alive until it is answered, even if its connection ends
 * meanwhile: that is libevent's promise for asynchronous replies. Scrapes take turns: whichever has
 * waited longest does its next piece.
 */
#include "daemon/metrics_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/fd.h"
#include "daemon/log.h"
#include "daemon/metrics_scrape.h"
#include "daemon/metrics_visitors.h"
#include "daemon/shell.h"

#define SCRAPES_MAX	  4u /* at work at the same time */
#define HEADERS_MAX_BYTES 8192
#define IDLE_S		  10
#define ANY_METHOD                                                                                 \
	(EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

struct work {
	struct evhttp_request *request;
	struct metrics_scrape *scrape;
};

struct metrics_server {
	struct shell *shell;
	struct evhttp *http;
	struct metrics_visitors visitors;
	struct event *turn;
	struct work works[SCRAPES_MAX]; /* the longest waiting first */
	size_t n_works;
};

static void turn_ask(struct metrics_server *server)
{
	static const struct timeval at_once;

	if (server->n_works && !evtimer_pending(server->turn, NULL))
		evtimer_add(server->turn, &at_once);
}

/* ---- answers ---- */

static void header_add(struct evhttp_request *request, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(request), name, value);
}

static void answer_error(struct evhttp_request *request, int code, const char *reason,
			 const char *text)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(request);

	header_add(request, "Content-Type", "text/plain; charset=utf-8");
	header_add(request, "Connection", "close");
	evbuffer_add(body, text, strlen(text));
	evhttp_send_reply(request, code, reason, NULL);
}

static void free_text(const void *data, size_t len_bytes, void *arg)
{
	(void)data;
	(void)len_bytes;
	free(arg);
}

/* The text moves into the reply without a copy. */
static void answer_text(struct evhttp_request *request, struct metrics_scrape *scrape)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(request);

	header_add(request, "Content-Type", metric_media_type(scrape->format));
	header_add(request, "Connection", "close");
	if (evbuffer_add_reference(body, scrape->text, scrape->len_bytes, free_text,
				   scrape->text) == 0)
		scrape->text = NULL;
	evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

/* ---- work ---- */

static void work_do(struct metrics_server *server)
{
	struct work work = server->works[0];
	int r = metrics_scrape_go_on(work.scrape);

	server->n_works--;
	memmove(&server->works[0], &server->works[1], server->n_works * sizeof(work));
	if (r > 0) {
		server->works[server->n_works++] = work;
		return;
	}
	if (r == 0)
		answer_text(work.request, work.scrape);
	else
		answer_error(work.request, HTTP_INTERNAL, "Internal Server Error",
			     "shmqd is out of memory\n");
	metrics_scrape_free(work.scrape);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct metrics_server *server = arg;

	(void)fd;
	(void)what;
	work_do(server);
	turn_ask(server);
}

/* ---- requests ---- */

static enum metric_format format_wanted(struct evhttp_request *request)
{
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");

	return accept && strstr(accept, "application/openmetrics-text") ? METRIC_OPENMETRICS
									: METRIC_PROMETHEUS;
}

static void on_metrics(struct evhttp_request *request, void *arg)
{
	struct metrics_server *server = arg;
	enum evhttp_cmd_type method = evhttp_request_get_command(request);
	struct work work = { .request = request };

	if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
		header_add(request, "Allow", "GET, HEAD");
		answer_error(request, HTTP_BADMETHOD, "Method Not Allowed",
			     "there is GET only\n");
		return;
	}
	if (server->n_works < SCRAPES_MAX)
		work.scrape = metrics_scrape_new(server->shell, format_wanted(request));
	if (!work.scrape) {
		header_add(request, "Retry-After", "1");
		answer_error(request, HTTP_SERVUNAVAIL, "Service Unavailable",
			     "others are being answered: try again\n");
		return;
	}
	server->works[server->n_works++] = work;
	turn_ask(server);
}

static void on_other(struct evhttp_request *request, void *arg)
{
	(void)arg;
	answer_error(request, HTTP_NOTFOUND, "Not Found", "there is /metrics only\n");
}

/* ---- life ---- */

static int serve(struct metrics_server *server, int *fd)
{
	struct event_base *base = server->shell->base;
	struct evconnlistener *listener;

	server->http = evhttp_new(base);
	server->turn = evtimer_new(base, on_turn, server);
	if (!server->http || !server->turn || metrics_visitors_init(&server->visitors, base) < 0)
		return -ENOMEM;
	listener = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE,
				      0, *fd);
	if (!listener)
		return -ENOMEM;
	*fd = -1;
	if (!evhttp_bind_listener(server->http, listener)) {
		evconnlistener_free(listener);
		return -ENOMEM;
	}
	metrics_visitors_attach(&server->visitors, server->http, listener);
	evhttp_set_timeout(server->http, IDLE_S);
	evhttp_set_max_headers_size(server->http, HEADERS_MAX_BYTES);
	evhttp_set_max_body_size(server->http, 0);
	evhttp_set_allowed_methods(server->http, ANY_METHOD); /* to refuse them in our words */
	evhttp_set_gencb(server->http, on_other, server);
	return evhttp_set_cb(server->http, "/metrics", on_metrics, server) < 0 ? -ENOMEM : 0;
}

int metrics_server_new(struct shell *shell, int fd, struct metrics_server **ret_server)
{
	struct metrics_server *server = calloc(1, sizeof(*server));
	int r = -ENOMEM;

	if (server) {
		server->shell = shell;
		r = serve(server, &fd);
	}
	fd_close(fd);
	if (r < 0) {
		metrics_server_free(server);
		return r;
	}
	*ret_server = server;
	return 0;
}

struct metrics_server *metrics_server_free(struct metrics_server *server)
{
	if (!server)
		return NULL;
	for (size_t i = 0; i < server->n_works; i++)
		metrics_scrape_free(server->works[i].scrape);
	if (server->http)
		evhttp_free(server->http); /* with its connections and their requests */
	metrics_visitors_deinit(&server->visitors);
	if (server->turn)
		event_free(server->turn);
	free(server);
	return NULL;
}
