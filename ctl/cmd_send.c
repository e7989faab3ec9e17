/* SPDX-License-Identifier: MIT */
/*
 * cmd_send.c - shmqctl send: standard input into a ring, line by line or as a stream of bytes
 *
 * The end that didn't go well must not look like one that did: after a failure this process ends
 * without detaching, shmqd sees a death, and the receiver is told. A stream of bytes has an end
 * mark of its own besides, a message of length zero.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <shmq/layout.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/lines.h"
#include "ctl/pipe.h"
#include "ctl/stream.h"

static struct {
	struct stream_options stream;
	uint64_t count;
	bool split;
} options;

struct send {
	struct ctl *ctl;
	const char *ring;
	struct shmq_producer *producer;
	size_t size_bytes;
	int64_t timeout_ns;
	uint64_t n_messages, n_bytes;
};

/* Who should read and doesn't, by what the daemon knows. */
static void describe_reader(struct send *send, char *buf, size_t cap_bytes)
{
	struct shmq_ring_info info;
	char comm[64];

	snprintf(buf, cap_bytes, "nobody reads it");
	if (shmq_show(send->ctl->client, send->ring, &info) < 0)
		return;
	for (uint32_t i = 0; i < info.n_holders && i < 3; i++)
		if (info.holders[i].role == SHMQ_ROLE_CONSUMER)
			snprintf(buf, cap_bytes, "consumer pid %d (%s) makes no room",
				 (int)info.holders[i].pid,
				 format_printable(info.holders[i].comm, comm, sizeof(comm)));
}

static int fail_send(struct send *send, int error)
{
	char reader[128], sent[32];

	if (error != -EAGAIN && error != -ETIMEDOUT)
		return fail_call(send->ctl, send->ring, error);
	describe_reader(send, reader, sizeof(reader));
	return fail(send->ctl, CTL_TIMEOUT, "full", send->ring,
		    "Without --timeout it waits until there is room.",
		    "full, %s messages were sent: %s.",
		    format_count(send->n_messages, sent, sizeof(sent)), reader);
}

/* The consumer is gone and the ring full: what is in it waits for the successor, and so do we. */
static void note_missing(struct send *send, int error)
{
	note(send->ctl, send->ring, "full, and the consumer %s; waiting for its successor.",
	     error == -EPIPE ? "has left" : "died");
}

/*
 * Wait for a free slot. Looks at the state of the ring in any case: after a long wait for input it
 * may be destroyed. Return: 0, -EAGAIN or -ETIMEDOUT, or worse.
 */
static int wait_room(struct send *send)
{
	int64_t deadline_ns = deadline_after_ns(send->timeout_ns);

	for (;;) {
		int64_t left_ns = deadline_left_ns(deadline_ns);
		int r = shmq_producer_wait(send->producer, 1,
					   left_ns == DEADLINE_NEVER ? SHMQ_FOREVER : left_ns);

		if (r != -EPIPE && r != -EOWNERDEAD)
			return r;
		note_missing(send, r);
	}
}

static int fail_line(struct send *send, uint64_t line)
{
	return fail(send->ctl, CTL_FAILED, "message_too_long", send->ring,
		    "--split sends it in pieces.  A ring for longer ones: `shmqctl create --size "
		    "SIZE`.",
		    "line %" PRIu64 " is too long: a message has at most %zu bytes.", line,
		    send->size_bytes);
}

static int send_lines(struct send *send)
{
	_cleanup_(lines_deinit) struct lines lines = { 0 };
	const char *line;
	size_t len;
	int r = lines_init(&lines, STDIN_FILENO, send->size_bytes, options.split);

	while (r >= 0 && (!options.count || send->n_messages < options.count)) {
		r = lines_next(&lines, &line, &len);
		if (r == 0)
			return CTL_OK;
		if (r == -EMSGSIZE)
			return fail_line(send, lines.n_lines);
		if (r < 0)
			return fail_file(send->ctl, "standard input", r);
		r = wait_room(send);
		if (r >= 0)
			r = shmq_try_push(send->producer, line, len);
		if (r < 0)
			return fail_send(send, r);
		send->n_messages++;
		send->n_bytes += len;
	}
	return r < 0 ? fail_file(send->ctl, "standard input", r) : CTL_OK;
}

/*
 * Read into the slot itself, until it is full or the input pauses: what is there goes out at once.
 * Return: bytes, less than asked at a pause; -errno. @eof becomes true at the end of the input.
 */
static ssize_t fill(char *slot, size_t size_bytes, bool *eof)
{
	size_t have = 0;

	while (have < size_bytes) {
		ssize_t n = read(STDIN_FILENO, slot + have, size_bytes - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN && have > 0)
			break;
		if (n < 0 && (errno != EAGAIN || pipe_wait_readable(STDIN_FILENO) < 0))
			return -errno;
		if (n < 0)
			continue;
		*eof = n == 0;
		have += (size_t)n;
		if (*eof || (have < size_bytes && !pipe_readable_now(STDIN_FILENO)))
			break;
	}
	return (ssize_t)have;
}

static int send_bytes(struct send *send)
{
	bool eof = false;

	pipe_widen(STDIN_FILENO);
	for (;;) {
		void *slot;
		ssize_t n = 0;
		int r = wait_room(send);

		if (r >= 0)
			r = shmq_reserve(send->producer, &slot);
		if (r < 0)
			return fail_send(send, r);
		if (!eof)
			n = fill(slot, send->size_bytes, &eof);
		if (n < 0)
			return fail_file(send->ctl, "standard input", (int)n);
		if (n == 0 && !eof)
			continue;
		r = shmq_commit(send->producer, (size_t)n);
		if (r < 0)
			return fail_send(send, r);
		if (n == 0) /* that was the end mark */
			return CTL_OK;
		send->n_messages++;
		send->n_bytes += (uint64_t)n;
	}
}

/* What went into a ring that was destroyed meanwhile went nowhere. */
static int check_ring(struct send *send)
{
	int r = shmq_producer_wait(send->producer, 1, 0);

	return r == -ESTALE || r == -EBADMSG ? fail_send(send, r) : CTL_OK;
}

/* Lines have no end mark: that this end was a good one only shmqd can tell the reader, and to shmqd
 * a process that goes without a word has died. So nobody goes while it is away. */
static void wait_for_shmqd(const struct send *send)
{
	struct shmq_client *client = send->ctl->client;

	(void)shmq_set_control_timeout(client, NS_PER_S);
	if (shmq_ping(client) < 0)
		note(send->ctl, send->ring,
		     "everything is in ring '%s', but shmqd is away: waiting to tell it that this "
		     "was all, else the reader would take us for dead (Ctrl-C goes at once).",
		     send->ring);
	(void)shmq_set_control_timeout(client, send->timeout_ns);
}

static void print_summary(const struct send *send)
{
	struct json_object *root = json_root();

	json_add_text(root, "ring", send->ring);
	json_add_count(root, "messages", send->n_messages);
	json_add_count(root, "bytes", send->n_bytes);
	json_print(root, false);
}

static int send_run(struct ctl *ctl, int n_args, char **args)
{
	struct send send = {
		.ctl = ctl,
		.ring = args[0],
		.timeout_ns = ctl_timeout_ns(ctl, SHMQ_FOREVER),
	};
	union stream_end end;
	int exit;

	(void)n_args;
	options.stream.bytes |= ctl->bytes;
	if (options.stream.bytes && (options.count || options.split))
		return fail(
			ctl, CTL_USAGE, "usage", "--bytes", NULL,
			"a stream of bytes has no lines: --count and --split don't go with it.");
	exit = stream_open(ctl, send.ring, SHMQ_ROLE_PRODUCER, &options.stream, &end);
	if (exit != CTL_OK)
		return exit;
	send.producer = end.producer;
	send.size_bytes = shmq_producer_size(send.producer);
	exit = options.stream.bytes ? send_bytes(&send) : send_lines(&send);
	if (exit == CTL_OK)
		exit = check_ring(&send);
	ctl->die_attached = exit != CTL_OK;
	if (exit == CTL_OK && ctl->json)
		print_summary(&send);
	if (exit == CTL_OK && !options.stream.bytes)
		wait_for_shmqd(&send);
	return exit;
}

static const struct option_spec option_specs[] = {
	{ 'b', "bytes", NULL, OPTION_FLAG, &options.stream.bytes, 0,
	  "a stream of bytes, ended by a message of length zero;\n"
	  "for `shmqctl recv --bytes`" },
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many lines" },
	{ 0, "split", NULL, OPTION_FLAG, &options.split, 0,
	  "send a line that is too long as several messages" },
	{ 'x', "existing", NULL, OPTION_FLAG, &options.stream.existing, 0,
	  "fail if there is no such ring, instead of making it" },
	{ 's', "slots", "N", OPTION_COUNT, &options.stream.slots, UINT32_MAX,
	  "of a ring that it makes [1024, with --bytes 64]" },
	{ 'z', "size", "SIZE", OPTION_SIZE, &options.stream.size, UINT32_MAX,
	  "of a ring that it makes [1K, with --bytes 64K]" },
	{ 0 },
};

const struct verb verb_send = {
	.name = "send",
	.args = "RING",
	.summary = "send standard input, one message per line",
	.details =
		"Makes the ring if there is none; takes one that exists as it is. While the\n"
		"ring is full it waits, for a successor too if the consumer has gone; --timeout\n"
		"limits each wait. If it fails or is killed, the receiver is told that the\n"
		"stream is not complete.",
	.examples = "  echo hi | shmqctl send r\n"
		    "  tar c DIR | shmqctl send --bytes r      and: shmqctl recv --bytes r | tar x",
	.n_args_min = 1,
	.n_args_max = 1,
	.flags = VERB_STREAM,
	.options = option_specs,
	.run = send_run,
};
