/* SPDX-License-Identifier: MIT */
/*
 * cmd_tail.c - shmqctl tail: the messages that are unread in a ring, as they come, without taking them
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <shmq/archive_decode.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "ctl/decode.h"
#include "ctl/facts.h"
#include "ctl/failure.h"
#include "ctl/observer.h"
#include "ctl/payload.h"

/* Nobody wakes an observer, so it looks every so often; rarely when it is quiet. */
#define NAP_MIN_NS NS_PER_MS
#define NAP_MAX_NS (32 * NS_PER_MS)
#define LOOK_NS	   NS_PER_S /* is it still the same ring? */

#define HEX_SHOWN  24 /* bytes of a message that is no text */
#define TEXT_SHOWN 1024

static struct {
	uint64_t count;
	bool only_new, hex, decode;
} options;

struct tail {
	struct ctl *ctl;
	const char *ring;
	struct shmq_ring_info info;
	struct observer observer;
	struct shmq_archive_type *type; /* --decode */
	uint64_t n_shown;
};

/* ---- output ---- */

static void print_hex(const unsigned char *data, size_t len_bytes, size_t max)
{
	for (size_t i = 0; i < len_bytes && i < max; i++)
		printf("%s%02x", i ? " " : "", data[i]);
	if (len_bytes > max)
		fputs(" ...", stdout);
}

/* 16 bytes a line, as hexdump(1) does it. */
static void print_dump(const unsigned char *data, size_t len_bytes)
{
	for (size_t at = 0; at < len_bytes; at += 16) {
		size_t n = len_bytes - at < 16 ? len_bytes - at : 16;

		printf("\n  %08zx  ", at);
		print_hex(data + at, n, n);
	}
}

/* What a terminal would obey instead of showing it. */
static bool has_controls(const unsigned char *data, size_t len_bytes)
{
	for (size_t i = 0; i < len_bytes; i++)
		if (data[i] < ' ' || data[i] == 0x7f)
			return true;
	return false;
}

static void print_payload(const struct observed *message)
{
	char text[TEXT_SHOWN + 1], shown[TEXT_SHOWN + 1];
	size_t n = message->len_bytes < TEXT_SHOWN ? message->len_bytes : TEXT_SHOWN;

	if (options.hex) {
		print_dump(message->data, message->len_bytes);
	} else if (payload_is_text(message->data, message->len_bytes) &&
		   !has_controls(message->data, message->len_bytes)) {
		memcpy(text, message->data, n);
		text[n] = '\0';
		fputs(format_printable(text, shown, sizeof(shown)), stdout);
	} else {
		print_hex(message->data, message->len_bytes, HEX_SHOWN);
	}
}

static int print_json(const struct tail *tail, const struct observed *message)
{
	_cleanup_(freep) char *decoded = NULL;
	struct json_object *root;
	int r;

	if (tail->type) {
		r = decode_message(tail->type, message->data, message->len_bytes, &decoded);
		if (r < 0)
			return r == -ENOMEM ? r : -EPROTO;
		printf("{\"schema\":1,\"seq\":%" PRIu64 ",\"bytes\":%zu,\"message\":%s}\n", message->seq,
		       message->len_bytes, decoded);
		return 0;
	}
	root = json_root();
	json_add_count(root, "seq", message->seq);
	json_add_count(root, "bytes", message->len_bytes);
	r = payload_add_json(root, message->data, message->len_bytes);
	json_print(root, true);
	return r;
}

static int print_message(const struct tail *tail, const struct observed *message)
{
	_cleanup_(freep) char *decoded = NULL;
	int r;

	if (tail->ctl->json)
		return print_json(tail, message);
	printf("#%" PRIu64 " %zuB  ", message->seq, message->len_bytes);
	if (tail->type) {
		r = decode_message(tail->type, message->data, message->len_bytes, &decoded);
		if (r == -ENOMEM)
			return r;
		fputs(r < 0 ? "(damaged, or none of its type)" : decoded, stdout);
	} else {
		print_payload(message);
	}
	putchar('\n');
	return 0;
}

static void print_missed(struct tail *tail)
{
	uint64_t missed = observer_missed(&tail->observer);
	struct json_object *root;
	char count[32];

	if (missed == 0)
		return;
	if (!tail->ctl->json) {
		printf("(missed %s)\n", format_count(missed, count, sizeof(count)));
		return;
	}
	root = json_root();
	json_add_count(root, "missed", missed);
	json_print(root, true);
}

/* ---- the ring's end ---- */

/* Return: 0; -ESTALE: the ring is another one or gone. That shmqd is away says nothing. */
static int look_again(struct tail *tail)
{
	struct shmq_ring_info info;
	int r = shmq_show(tail->ctl->client, tail->ring, &info);

	if (r == -ENOENT || (r >= 0 && strcmp(info.generation, tail->info.generation)))
		return -ESTALE;
	return 0;
}

static int fail_tail(struct tail *tail, int error)
{
	switch (error) {
	case -ETIMEDOUT:
		return fail(tail->ctl, CTL_TIMEOUT, "empty", tail->ring,
			    "Without --timeout it waits for the next message.",
			    "nothing new, %" PRIu64 " messages were shown.", tail->n_shown);
	case -ESTALE:
		return fail(tail->ctl, CTL_NO_RING, "gone", tail->ring, NULL,
			    "it was destroyed; %" PRIu64 " messages were shown.", tail->n_shown);
	case -EPROTO:
		return fail(tail->ctl, CTL_FAILED, "damaged", tail->ring, NULL,
			    "here is a message that is damaged, or none of its type.");
	case -EBADMSG:
		return fail(tail->ctl, CTL_FAILED, "corrupt", tail->ring,
			    "`shmqctl show RING` says what differs.",
			    "what is in its memory is no ring: a participant writes what it must not.");
	default:
		return fail_call(tail->ctl, tail->ring, error);
	}
}

static int fail_open(struct tail *tail, int error)
{
	if (error == -EACCES)
		return fail(tail->ctl, CTL_DENIED, "denied", tail->ring,
			    "Who may attach may also look: `shmqctl show RING` says who that is.",
			    "its memory is not for you.");
	if (error == -EOPNOTSUPP)
		return fail(tail->ctl, CTL_DENIED, "sealed", tail->ring,
			    "`shmqctl show RING` and `shmqctl stat RING` tell what can be told.",
			    "a sealed ring is for its two ends alone: there is no name to open.");
	return fail_tail(tail, error == -ENOENT ? -ESTALE : error);
}

/* ---- the loop ---- */

static void nap(int64_t ns)
{
	struct timespec time = timespec_from_ns(ns);

	fflush(stdout); /* whoever reads it sees it now */
	nanosleep(&time, NULL);
}

/* Until the next message. Return: 0; -ETIMEDOUT, -ESTALE, -EBADMSG, -EIO. */
static int await_message(struct tail *tail, struct observed *ret_message)
{
	int64_t deadline_ns = deadline_after_ns(ctl_timeout_ns(tail->ctl, SHMQ_FOREVER));
	int64_t look_ns = deadline_after_ns(LOOK_NS), nap_ns = NAP_MIN_NS;
	int gone = 0;

	for (;;) {
		int64_t left_ns = deadline_left_ns(deadline_ns);
		int r = observer_next(&tail->observer, ret_message);
		print_missed(tail);
		if (r == -EBADMSG && look_again(tail) < 0)
			return -ESTALE; /* its memory was given back: that is all zero */
		if (r != 0)
			return r < 0 ? r : 0;
		if (gone < 0)
			return gone; /* nothing came before its end either */
		if (left_ns == 0)
			return -ETIMEDOUT;
		nap(nap_ns < left_ns ? nap_ns : left_ns);
		nap_ns = nap_ns < NAP_MAX_NS ? 2 * nap_ns : NAP_MAX_NS;
		if (deadline_left_ns(look_ns) == 0) {
			gone = look_again(tail);
			look_ns = deadline_after_ns(LOOK_NS);
		}
	}
}

static int tail_all(struct tail *tail)
{
	struct observed message;
	int r = 0;

	while (r == 0 && (!options.count || tail->n_shown < options.count)) {
		r = await_message(tail, &message);
		if (r == 0)
			r = print_message(tail, &message);
		if (ferror(stdout))
			return CTL_FAILED; /* said at the end */
		tail->n_shown += r == 0;
	}
	fflush(stdout);
	return r < 0 ? fail_tail(tail, r) : CTL_OK;
}

static int tail_run(struct ctl *ctl, int n_args, char **args)
{
	struct tail tail = { .ctl = ctl, .ring = args[0] };
	int exit, r;

	(void)n_args;
	if (options.hex && (ctl->json || options.decode))
		return fail(ctl, CTL_USAGE, "usage", "--hex", NULL,
			    "it goes with neither --json nor --decode.");
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_show(ctl->client, tail.ring, &tail.info);
	if (r < 0)
		return fail_call(ctl, tail.ring, r);
	if (options.decode)
		exit = decode_open(ctl, tail.ring, &tail.type);
	if (exit != CTL_OK)
		return exit;
	r = observer_open(&tail.info, options.only_new, &tail.observer);
	exit = r < 0 ? fail_open(&tail, r) : tail_all(&tail);
	if (r == 0)
		observer_close(&tail.observer);
	shmq_archive_type_free(tail.type);
	return exit;
}

static const struct option_spec option_specs[] = {
	{ 'n', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many messages" },
	{ 0, "new", NULL, OPTION_FLAG, &options.only_new, 0, "begin with what comes from now on" },
	{ 'x', "hex", NULL, OPTION_FLAG, &options.hex, 0, "all bytes, 16 a line" },
	{ 'd', "decode", NULL, OPTION_FLAG, &options.decode, 0,
	  "typed messages as JSON, by the schema of the ring" },
	{ 0 },
};

const struct verb verb_tail = {
	.name = "tail",
	.args = "RING",
	.summary = "show what is unread in a ring, without taking it",
	.details =
		"An observer that disturbs nobody: it reads the ring's memory as a file. What the\n"
		"consumer has released before it could be shown is counted: (missed N). So of a\n"
		"ring whose consumer is quick it shows little. --timeout ends it (exit status 6)\n"
		"when nothing new came for so long.",
	.examples = "  shmqctl tail ticks\n"
		    "  shmqctl tail orders --decode --new -n 10",
	.n_args_min = 1,
	.n_args_max = 1,
	.flags = VERB_STREAM,
	.options = option_specs,
	.run = tail_run,
};
