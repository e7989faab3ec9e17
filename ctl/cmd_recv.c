/* SPDX-License-Identifier: MIT */
/*
 * cmd_recv.c - shmqctl recv: messages of a ring to standard output, as lines, JSON or bytes
 *
 * Peek, write, release, in this order: a message that could not be written stays in the ring, and
 * one that was written when this process was killed comes again (the sequence number tells).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <shmq/archive_decode.h>
#include <shmq/layout.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "ctl/decode.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/payload.h"
#include "ctl/pipe.h"
#include "ctl/stream.h"

#define BATCH 64

static struct {
	struct stream_options stream;
	uint64_t count;
	bool follow, decode;
} options;

struct recv {
	struct ctl *ctl;
	const char *ring;
	struct shmq_consumer *consumer;
	int64_t timeout_ns;
	uint64_t n_messages, n_bytes;
	bool ended; /* the end mark came */
	struct shmq_archive_type *type; /* --decode */
};

static void count_taken(struct recv *recv, const struct shmq_view *views, size_t n)
{
	for (size_t i = 0; i < n; i++)
		recv->n_bytes += views[i].len;
	recv->n_messages += n;
}

/*
 * Write messages, each with @tail behind it, and release those that were written whole.
 * Return: 0, or -errno of the write.
 */
static int write_and_release(struct recv *recv, const struct shmq_view *views, size_t n,
			     const char *tail)
{
	size_t tail_bytes = strlen(tail), written, n_whole = 0;
	struct iovec iov[2 * BATCH];
	int r, released;

	for (size_t i = 0; i < n; i++) {
		iov[2 * i] = (struct iovec){ (void *)views[i].data, views[i].len };
		iov[2 * i + 1] = (struct iovec){ (void *)tail, tail_bytes };
	}
	r = pipe_writev(STDOUT_FILENO, iov, 2 * (int)n, &written);
	/* Without a tail no message is empty: take_bytes() sees to that. */
	while (n_whole < n && written >= views[n_whole].len + tail_bytes)
		written -= views[n_whole++].len + tail_bytes;
	count_taken(recv, views, n_whole);
	released = n_whole > 0 ? shmq_release_n(recv->consumer, n_whole) : 0;
	return r < 0 ? r : released;
}

/* A typed message as one line of JSON. */
static int take_decoded(struct recv *recv, const struct shmq_view *view)
{
	_cleanup_(freep) char *text = NULL;
	char before[96] = "";
	struct iovec iov[3];
	size_t written;
	int r = decode_message(recv->type, view->data, view->len, &text);

	if (r < 0)
		return r == -EPROTO ? -EBADMSG : r;
	if (recv->ctl->json)
		snprintf(before, sizeof(before), "{\"schema\":1,\"seq\":%" PRIu64 ",\"bytes\":%zu,"
			 "\"message\":", view->seq, view->len);
	iov[0] = (struct iovec){ before, strlen(before) };
	iov[1] = (struct iovec){ text, strlen(text) };
	iov[2] = recv->ctl->json ? (struct iovec){ "}\n", 2 } : (struct iovec){ "\n", 1 };
	r = pipe_writev(STDOUT_FILENO, iov, 3, &written);
	if (r < 0)
		return r;
	count_taken(recv, view, 1);
	return shmq_release(recv->consumer);
}

/* {"schema":1,"seq":…,"bytes":…,"text":"…"}, or "hex" where the message is no text. */
static int take_json(struct recv *recv, const struct shmq_view *view)
{
	struct json_object *root = json_root();
	const char *line;
	struct iovec iov[2];
	size_t written;
	int r;

	json_add_count(root, "seq", view->seq);
	json_add_count(root, "bytes", view->len);
	r = payload_add_json(root, view->data, view->len);
	if (r >= 0) {
		line = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN |
								    JSON_C_TO_STRING_NOSLASHESCAPE);
		iov[0] = (struct iovec){ (void *)line, strlen(line) };
		iov[1] = (struct iovec){ "\n", 1 };
		r = pipe_writev(STDOUT_FILENO, iov, 2, &written);
	}
	json_object_put(root);
	if (r < 0)
		return r;
	count_taken(recv, view, 1);
	return shmq_release(recv->consumer);
}

/* Bytes up to the end mark, which is released too: what follows is the next stream. */
static int take_bytes(struct recv *recv, const struct shmq_view *views, size_t n)
{
	size_t n_data = 0;
	int r;

	while (n_data < n && views[n_data].len > 0)
		n_data++;
	r = write_and_release(recv, views, n_data, "");
	if (r < 0 || n_data == n)
		return r;
	recv->ended = true;
	return shmq_release(recv->consumer);
}

static int take(struct recv *recv, const struct shmq_view *views, size_t n)
{
	if (options.stream.bytes)
		return take_bytes(recv, views, n);
	if (recv->type)
		return take_decoded(recv, views);
	return recv->ctl->json ? take_json(recv, views) : write_and_release(recv, views, n, "\n");
}

static int fail_take(struct recv *recv, int error)
{
	char count[32];

	if (error == -EPIPE)
		return fail(
			recv->ctl, CTL_FAILED, "output_closed", recv->ring, NULL,
			"nobody reads standard output any more: %s messages were written, the rest "
			"stays in the ring.",
			format_count(recv->n_messages, count, sizeof(count)));
	if (error == -EBADMSG && recv->type && shmq_consumer_depth(recv->consumer) > 0)
		return fail(recv->ctl, CTL_FAILED, "damaged", recv->ring,
			    "`shmqctl recv -n 1 RING` takes it as it is.",
			    "after %s messages comes one that is damaged, or none of its type.",
			    format_count(recv->n_messages, count, sizeof(count)));
	if (error == -EBADMSG || error == -ECHILD || error == -ESTALE)
		return fail_call(recv->ctl, recv->ring, error);
	return fail_file(recv->ctl, "standard output", error);
}

static int fail_recv(struct recv *recv, int error)
{
	char count[32], bytes[16];

	format_count(recv->n_messages, count, sizeof(count));
	format_size(recv->n_bytes, bytes, sizeof(bytes));
	switch (error) {
	case -EAGAIN:
	case -ETIMEDOUT:
		return fail(recv->ctl, CTL_TIMEOUT, "empty", recv->ring,
			    "Without --timeout it waits for the next message.",
			    "empty, %s messages were received.", count);
	case -EOWNERDEAD:
		return fail(
			recv->ctl, CTL_FAILED, "sender_died", recv->ring,
			"All that it had sent was written. --follow waits for its successor.",
			"the sender died before it had finished: %s messages (%s) were received.",
			count, bytes);
	case -EPIPE:
		return fail(recv->ctl, CTL_FAILED, "sender_left", recv->ring,
			    "Was it started with --bytes, too?",
			    "the sender left without the end mark: %s messages (%s) were received.",
			    count, bytes);
	default:
		return fail_call(recv->ctl, recv->ring, error);
	}
}

/*
 * The next messages, waiting for them. A sender that had gone before we came, and left nothing to
 * read, is no news: the library doesn't tell. Return: how many; 0 the sender ended well; -errno.
 */
static ssize_t next_views(struct recv *recv, struct shmq_view *views, size_t max)
{
	for (;;) {
		ssize_t n = shmq_peek_n(recv->consumer, views, max);

		if (n == -EAGAIN)
			n = shmq_consumer_wait(recv->consumer, recv->timeout_ns);
		if (n > 0)
			return n;
		if (n == -EOWNERDEAD && options.follow)
			note(recv->ctl, recv->ring, "the sender died; waiting for its successor.");
		else if (n == -EPIPE && !options.follow && !options.stream.bytes)
			return 0;
		else if (n < 0 && !(n == -EPIPE && options.follow))
			return n;
	}
}

static int recv_all(struct recv *recv)
{
	size_t slots = shmq_consumer_slots(recv->consumer);
	size_t max_batch = slots < BATCH ? slots : BATCH;
	struct shmq_view views[BATCH];

	while (!recv->ended && (!options.count || recv->n_messages < options.count)) {
		size_t max = recv->ctl->json || recv->type ? 1 : max_batch;
		ssize_t n;
		int r;

		if (options.count && options.count - recv->n_messages < max)
			max = options.count - recv->n_messages;
		n = next_views(recv, views, max);
		if (n == 0)
			break;
		if (n < 0)
			return fail_recv(recv, (int)n);
		r = take(recv, views, (size_t)n);
		if (r < 0)
			return fail_take(recv, r);
	}
	return CTL_OK;
}

static int recv_run(struct ctl *ctl, int n_args, char **args)
{
	struct recv recv = {
		.ctl = ctl,
		.ring = args[0],
		.timeout_ns = ctl_timeout_ns(ctl, SHMQ_FOREVER),
	};
	union stream_end end;
	int exit;

	(void)n_args;
	options.stream.bytes |= ctl->bytes;
	if (options.stream.bytes && (options.count || options.follow || ctl->json || options.decode))
		return fail(ctl, CTL_USAGE, "usage", "--bytes", NULL,
			    "a stream of bytes ends at its end mark: --count, --follow, --json and "
			    "--decode don't go with it.");
	options.stream.existing |= options.decode; /* what we would make has no type */
	exit = stream_open(ctl, recv.ring, SHMQ_ROLE_CONSUMER, &options.stream, &end);
	if (exit != CTL_OK)
		return exit;
	recv.consumer = end.consumer;
	if (options.stream.bytes)
		pipe_widen(STDOUT_FILENO);
	if (options.decode)
		exit = decode_open(ctl, recv.ring, &recv.type);
	if (exit == CTL_OK)
		exit = recv_all(&recv);
	shmq_archive_type_free(recv.type);
	return exit;
}

static const struct option_spec option_specs[] = {
	{ 'b', "bytes", NULL, OPTION_FLAG, &options.stream.bytes, 0,
	  "the stream of bytes of `shmqctl send --bytes`" },
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many messages" },
	{ 'f', "follow", NULL, OPTION_FLAG, &options.follow, 0,
	  "go on with the next sender when one has ended" },
	{ 'd', "decode", NULL, OPTION_FLAG, &options.decode, 0,
	  "typed messages as JSON, by the schema of the ring" },
	{ 'x', "existing", NULL, OPTION_FLAG, &options.stream.existing, 0,
	  "fail if there is no such ring, instead of making it" },
	{ 's', "slots", "N", OPTION_COUNT, &options.stream.slots, UINT32_MAX,
	  "of a ring that it makes [1024, with --bytes 64]" },
	{ 'z', "size", "SIZE", OPTION_SIZE, &options.stream.size, UINT32_MAX,
	  "of a ring that it makes [1K, with --bytes 64K]" },
	{ 0 },
};

const struct verb verb_recv = {
	.name = "recv",
	.args = "RING",
	.summary = "write the messages of a ring to standard output",
	.details =
		"One message per line; with --json one object per line, with its sequence\n"
		"number. It ends when the sender has ended, and fails if that died before it had\n"
		"finished. --timeout limits the wait for each message. What could not be written\n"
		"stays in the ring.",
	.examples = "  shmqctl recv jobs -n 1 --timeout 2s\n"
		    "  shmqctl recv --bytes r | sha256sum",
	.n_args_min = 1,
	.n_args_max = 1,
	.flags = VERB_STREAM,
	.options = option_specs,
	.run = recv_run,
};
