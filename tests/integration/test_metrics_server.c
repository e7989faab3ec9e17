/* SPDX-License-Identifier: MIT */
/*
 * test_metrics_server.c - the HTTP endpoint under visitors that mean no good, and clients beside them
 *
 * What the answers say is read by Prometheus' parsers in tests/ctl/metrics.sh.
 */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/random.h"
#include "tests/integration/fixture.h"

#define VISITORS_MAX 16 /* as many as the server lets in */
#define N_RINGS	     150
#define ANSWER_MAX   (1 << 20)

struct endpoint {
	struct daemon daemon;
	char path[80];
	char option[96];
};

static void endpoint_start(struct endpoint *endpoint)
{
	const char *args[] = { endpoint->option, NULL };
	struct shmq_client *client;
	uint64_t unique;

	cr_assert(eq(int, random_u64(&unique), 0));
	snprintf(endpoint->path, sizeof(endpoint->path), "/tmp/shmq-test-http-%llx",
		 (unsigned long long)unique);
	snprintf(endpoint->option, sizeof(endpoint->option), "--metrics=%s", endpoint->path);
	fixture_start(&endpoint->daemon, args);
	/* the control socket takes clients before there is anybody to serve them */
	client = fixture_connect(&endpoint->daemon);
	shmq_disconnect(client);
}

static void endpoint_end(struct endpoint *endpoint)
{
	cr_assert(eq(int, daemon_stop(&endpoint->daemon), 0));
	cr_assert(ne(int, access(endpoint->path, F_OK), 0));
	daemon_deinit(&endpoint->daemon);
}

static int visit(const struct endpoint *endpoint)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert(ge(int, fd, 0));
	strcpy(address.sun_path, endpoint->path);
	cr_assert(eq(int, connect(fd, (struct sockaddr *)&address, sizeof(address)), 0));
	return fd;
}

static void say(int fd, const char *text)
{
	cr_assert(eq(long, send(fd, text, strlen(text), MSG_NOSIGNAL), (long)strlen(text)));
}

/* All that comes until the other end hangs up. */
static char *hear(int fd)
{
	int64_t deadline_ns = deadline_after_ns(LONG_NS);
	char *text = calloc(1, ANSWER_MAX);
	size_t len = 0;

	cr_assert(text != NULL);
	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		ssize_t n;

		cr_assert(gt(int, poll(&poll_fd, 1, deadline_poll_timeout_ms(deadline_ns)), 0));
		n = recv(fd, text + len, ANSWER_MAX - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	fd_close(fd);
	return text;
}

static void assert_answer(const struct endpoint *endpoint, const char *request, const char *status)
{
	int fd = visit(endpoint);
	char *answer;

	say(fd, request);
	answer = hear(fd);
	cr_assert(eq(int, strncmp(answer, status, strlen(status)), 0), "%s: %.60s", request, answer);
	free(answer);
}

#define GET "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"

/* It may have its hands full with those who have left without a word. */
static bool is_answered(void *arg)
{
	int fd = visit(arg);
	char *answer;
	bool so;

	say(fd, GET);
	answer = hear(fd);
	so = strncmp(answer, "HTTP/1.1 200 ", 13) == 0;
	cr_assert(so || strncmp(answer, "HTTP/1.1 503 ", 13) == 0, "%.60s", answer);
	free(answer);
	return so;
}

static void assert_serves(struct endpoint *endpoint)
{
	struct shmq_client *client = fixture_connect(&endpoint->daemon);

	cr_assert(gt(i64, shmq_ping(client), 0));
	shmq_disconnect(client);
	cr_assert(wait_until(is_answered, endpoint));
}

Test(metrics_server, every_ring_is_in_the_answer, .timeout = PASS_S)
{
	struct shmq_ring_config config = { .slots = 2, .size_bytes = 8 };
	struct endpoint endpoint;
	struct shmq_client *client;
	char name[64];
	char *answer;
	int fd;

	endpoint_start(&endpoint);
	client = fixture_connect(&endpoint.daemon);
	for (unsigned i = 0; i < N_RINGS; i++) {
		snprintf(name, sizeof(name), "ring-%u", i);
		assert_ok(shmq_create(client, name, &config));
	}
	fd = visit(&endpoint);
	say(fd, GET);
	answer = hear(fd);
	for (unsigned i = 0; i < N_RINGS; i++) {
		snprintf(name, sizeof(name), "\nshmq_ring_live{ring=\"ring-%u\"} 1\n", i);
		cr_assert(strstr(answer, name) != NULL, "%s", name);
	}
	free(answer);
	shmq_disconnect(client);
	endpoint_end(&endpoint);
}

Test(metrics_server, what_is_no_scrape_is_refused, .timeout = PASS_S)
{
	static char long_header[20000] = "GET /metrics HTTP/1.1\r\nX: ";
	struct endpoint endpoint;
	size_t len = strlen(long_header);

	endpoint_start(&endpoint);
	memset(long_header + len, 'x', 16000);
	strcpy(long_header + len + 16000, "\r\n\r\n");
	assert_answer(&endpoint, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 ");
	assert_answer(&endpoint, "GET /metrics/../metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 ");
	assert_answer(&endpoint, "DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 ");
	assert_answer(&endpoint, "BREW /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501 ");
	assert_answer(&endpoint, "\x01\x02 nothing\r\n\r\n", "HTTP/1.1 400 ");
	assert_answer(&endpoint, "POST /metrics HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n",
		      "HTTP/1.1 413 ");
	assert_answer(&endpoint, long_header, "HTTP/1.1 400 ");
	assert_serves(&endpoint);
	endpoint_end(&endpoint);
}

/* Their descriptors are few, and the clients of the control socket notice nothing. */
Test(metrics_server, a_crowd_that_says_nothing_waits_outside, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct endpoint endpoint;
	int fds[2 * VISITORS_MAX];
	unsigned before;

	endpoint_start(&endpoint);
	client = fixture_connect(&endpoint.daemon);
	before = daemon_descriptors(&endpoint.daemon);
	/* the kernel keeps as many as the backlog waiting; all others would block here */
	for (unsigned i = 0; i < 2 * VISITORS_MAX; i++)
		fds[i] = visit(&endpoint);
	for (unsigned i = 0; i < 100; i++) {
		cr_assert(gt(i64, shmq_ping(client), 0));
		cr_assert(le(uint, daemon_descriptors(&endpoint.daemon), before + VISITORS_MAX));
	}
	for (unsigned i = 0; i < 2 * VISITORS_MAX; i++)
		fd_close(fds[i]);
	shmq_disconnect(client);
	assert_serves(&endpoint);
	endpoint_end(&endpoint);
}

/* The descriptor of one who has left may be the next client's: that one must not be kept waiting. */
Test(metrics_server, who_asks_and_leaves_disturbs_nobody, .timeout = PASS_S)
{
	struct endpoint endpoint;

	endpoint_start(&endpoint);
	for (unsigned i = 0; i < 60; i++) {
		struct shmq_client *client;
		int fd = visit(&endpoint);

		say(fd, i % 2 ? GET GET GET : "GET /metr");
		fd_close(fd);
		client = fixture_connect(&endpoint.daemon);
		cr_assert(gt(i64, shmq_ping(client), 0));
		shmq_disconnect(client);
	}
	assert_serves(&endpoint);
	endpoint_end(&endpoint);
}
