/* SPDX-License-Identifier: MIT */
/*
 * demo_stream.c - part 1: a directory tree through a ring, and shmqd killed on the way
 *
 *	tar -> copy -> shmqctl send --bytes  = ring =  shmqctl recv --bytes -> count -> SHA-256
 *	         `---> SHA-256
 *
 * Copy and count are children of ours that move pipe pages (tee(2), splice(2)) and count; this
 * process only looks at their counters, and kills.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/demo.h"
#include "ctl/facts.h"
#include "ctl/demo_pump.h"

#define RING "files"

enum { SEND, RECV, TAR, COPY, COUNT, SHA_IN, SHA_OUT, N_PROCESSES };

static const char *const process_names[N_PROCESSES] = {
	"shmqctl send",
	"shmqctl recv",
	"tar",
	"copy",
	"count",
	"the sum of what was sent",
	"the sum of what was received",
};

struct stream {
	struct demo *demo;
	struct demo_tree tree;
	struct demo_counters *counters;
	const char *const *sum; /* the program that makes sums */
	pid_t pids[N_PROCESSES];
	int sha_fds[2]; /* where the sums are read: sent, received */
	char sums[2][65];
	int64_t start_ns, end_ns;
	int64_t killed_ns, back_ns; /* when there was no daemon */
	uint64_t killed_bytes, back_bytes;
};

static int start(struct stream *stream, int process, const char *const *argv, int *in_fd,
		 int *out_fd)
{
	pid_t pid = demo_spawn(stream->demo, argv, in_fd ? *in_fd : -1, out_fd ? *out_fd : -1);

	demo_pipe_close(in_fd);
	demo_pipe_close(out_fd);
	stream->pids[process] = pid;
	return pid < 0 ? (int)pid : 0;
}

static int start_receiver(struct stream *stream)
{
	struct demo *demo = stream->demo;
	const char *const recv[] = { demo->self, "--socket", demo->socket, "recv",
				     "--bytes",	 RING,	     NULL };
	int raw[2], counted[2], sum[2];
	int r = demo_pipe(raw);

	if (r >= 0)
		r = demo_pipe(counted);
	if (r >= 0)
		r = demo_pipe(sum);
	if (r >= 0)
		r = start(stream, RECV, recv, NULL, &raw[1]);
	if (r >= 0)
		r = stream->pids[COUNT] =
			demo_pump_count(demo, stream->counters, &raw[0], &counted[1]);
	if (r >= 0)
		r = start(stream, SHA_OUT, stream->sum, &counted[0], &sum[1]);
	stream->sha_fds[1] = sum[0];
	return r;
}

static int start_sender(struct stream *stream)
{
	struct demo *demo = stream->demo;
	const char *const tar[] = { "tar",
				    "--create",
				    "--absolute-names",
				    "--null",
				    "--no-recursion",
				    "--files-from",
				    stream->tree.list,
				    NULL };
	const char *const send[] = { demo->self, "--socket", demo->socket, "send",
				     "--bytes",	 RING,	     NULL };
	int archive[2], to_send[2], to_sum[2], sum[2];
	int r = demo_pipe(archive);

	if (r >= 0)
		r = demo_pipe(to_send);
	if (r >= 0)
		r = demo_pipe(to_sum);
	if (r >= 0)
		r = demo_pipe(sum);
	if (r >= 0)
		r = start(stream, TAR, tar, NULL, &archive[1]);
	if (r >= 0)
		r = stream->pids[COPY] = demo_pump_copy(demo, &archive[0], &to_send[1], &to_sum[1]);
	if (r >= 0)
		r = start(stream, SHA_IN, stream->sum, &to_sum[0], &sum[1]);
	if (r >= 0)
		r = start(stream, SEND, send, &to_send[0], NULL);
	stream->sha_fds[0] = sum[0];
	return r;
}

static int kill_daemon(struct stream *stream)
{
	struct demo *demo = stream->demo;
	pid_t pid = demo->daemon_pid;
	char done[16];

	stream->killed_bytes = demo_counter_received(stream->counters);
	stream->killed_ns = clock_monotonic_ns();
	demo_counter_phase(stream->counters, DEMO_DOWN);
	if (demo_daemon_end(demo, SIGKILL) < 0)
		return -1;
	demo_line(demo, "%5s  kill -9 shmqd (pid %d)",
		  format_size(stream->killed_bytes, done, sizeof(done)), (int)pid);
	return 0;
}

static int revive_daemon(struct stream *stream)
{
	struct demo *demo = stream->demo;
	struct shmq_ring_info info;
	char done[16];
	int r;

	if (demo_daemon_start(demo) < 0)
		return -1;
	stream->back_ns = clock_monotonic_ns();
	stream->back_bytes = demo_counter_received(stream->counters);
	demo_counter_phase(stream->counters, DEMO_AFTER);
	r = shmq_show(demo->client, RING, &info);
	if (r < 0)
		return demo_broken(demo, "the new shmqd doesn't know the ring: %s",
				   shmq_error_detail());
	demo_line(demo, "%5s  shmqd started again (pid %d), has adopted the ring and %u ends",
		  format_size(stream->back_bytes, done, sizeof(done)), (int)demo->daemon_pid,
		  info.n_holders);
	return 0;
}

static void show(struct stream *stream, uint64_t received)
{
	double spent_s = (double)(clock_monotonic_ns() - stream->start_ns + 1) / 1e9;
	char done[16], all[16], rate[16];

	demo_progress(stream->demo, "%5s of %s  %s/s  %s",
		      format_size(received, done, sizeof(done)),
		      format_size(stream->tree.bytes, all, sizeof(all)),
		      format_size((uint64_t)((double)received / spent_s), rate, sizeof(rate)),
		      stream->killed_ns && !stream->back_ns ? "no shmqd is running" : "");
}

/* Watch it pass; at a third of it kill the daemon, at two thirds start it again. */
static int watch(struct stream *stream)
{
	int64_t deadline_ns = deadline_after_ns(4 * DEMO_PATIENCE_NS);

	for (unsigned n_looks = 0; !demo_counter_finished(stream->counters); n_looks++) {
		uint64_t received = demo_counter_received(stream->counters);
		int r = 0;

		if (demo_interrupted())
			return -1;
		if (deadline_left_ns(deadline_ns) == 0)
			return demo_broken(stream->demo, "the stream stands still");
		if (!stream->killed_ns && received > stream->tree.bytes / 3)
			r = kill_daemon(stream);
		else if (stream->killed_ns && !stream->back_ns &&
			 received > stream->tree.bytes * 2 / 3)
			r = revive_daemon(stream);
		if (r < 0)
			return r;
		if (n_looks % 10 == 0)
			show(stream, received);
		demo_nap(5 * NS_PER_MS);
	}
	stream->end_ns = clock_monotonic_ns();
	if (!stream->killed_ns && kill_daemon(stream) < 0)
		return -1;
	return stream->back_ns ? 0 : revive_daemon(stream);
}

/* All must end well; tar may remark that a file has changed (1). */
static int collect(struct stream *stream)
{
	int64_t deadline_ns = deadline_after_ns(DEMO_PATIENCE_NS);

	for (int i = 0; i < N_PROCESSES; i++) {
		int status = demo_wait(stream->demo, stream->pids[i], deadline_ns);

		if (status != 0 && !(i == TAR && status == 1))
			return demo_broken(stream->demo, "%s failed with status %d",
					   process_names[i], status);
	}
	for (int i = 0; i < 2; i++)
		if (read(stream->sha_fds[i], stream->sums[i], 64) != 64)
			return demo_broken(stream->demo, "there is no sum");
	return 0;
}

static void report(struct stream *stream)
{
	struct demo *demo = stream->demo;
	uint64_t bytes = demo_counter_received(stream->counters);
	int64_t ns = stream->end_ns - stream->start_ns;
	uint64_t rate = (uint64_t)((double)bytes * 1e9 / (double)ns);
	uint64_t alone = stream->back_bytes - stream->killed_bytes;
	struct json_object *json = json_object_new_object();
	char a[16], b[32], c[16];

	demo_claim(demo, alone > 0, "%s went through while there was no shmqd, for %s",
		   format_size(alone, a, sizeof(a)),
		   format_duration_ns(stream->back_ns - stream->killed_ns, b, sizeof(b)));
	demo_claim(demo, !strcmp(stream->sums[0], stream->sums[1]),
		   "SHA-256 of what was sent, and of what was received:");
	demo_line(demo, "  %s", stream->sums[0]);
	demo_line(demo, "  %s", stream->sums[1]);
	demo_line(demo, "%s in %s: %s/s, with tar and both sums on %ld CPUs",
		  format_size(bytes, a, sizeof(a)), format_duration_ns(ns, b, sizeof(b)),
		  format_size(rate, c, sizeof(c)), sysconf(_SC_NPROCESSORS_ONLN));
	demo_line(demo, "longest pause of the stream: %s while shmqd ran, %s while there was none",
		  format_duration_ns(demo_counter_pause_ns(stream->counters, DEMO_BEFORE), a,
				     sizeof(a)),
		  format_duration_ns(demo_counter_pause_ns(stream->counters, DEMO_DOWN), b,
				     sizeof(b)));
	json_add_count(json, "bytes", bytes);
	json_add_count(json, "files", stream->tree.n_files);
	json_add_count(json, "duration_ns", (uint64_t)ns);
	json_add_count(json, "bytes_per_s", rate);
	json_add_count(json, "bytes_without_daemon", alone);
	json_add_text(json, "sha256_sent", stream->sums[0]);
	json_add_text(json, "sha256_received", stream->sums[1]);
	json_object_object_add(demo->facts, "stream", json);
}

/* Both print the same; openssl(1) knows the CPU's own instructions, sha256sum(1) is everywhere. */
static const char *const *sum_program(void)
{
	static const char *const openssl[] = { "openssl", "sha256", "-r", NULL };
	static const char *const coreutils[] = { "sha256sum", NULL };

	return demo_has_program(openssl[0]) ? openssl : coreutils;
}

static int run(struct stream *stream)
{
	struct demo *demo = stream->demo;
	char files[32], bytes[16];
	int r = demo_choose_files(demo, &stream->tree);

	if (r < 0)
		return demo_broken(demo, "no files to send: %s", strerror(-r));
	demo_line(demo, "tar c (%s files of /usr, %s) | shmqctl send --bytes " RING,
		  format_count(stream->tree.n_files, files, sizeof(files)),
		  format_size(stream->tree.bytes, bytes, sizeof(bytes)));
	demo_line(demo, "shmqctl recv --bytes " RING " | %s%s", stream->sum[0],
		  stream->sum[1] ? " sha256" : "");
	stream->start_ns = clock_monotonic_ns();
	r = start_receiver(stream);
	if (r >= 0)
		r = start_sender(stream);
	if (r < 0)
		return demo_broken(demo, "the stream can't be started: %s", strerror(-r));
	if (watch(stream) < 0 || collect(stream) < 0)
		return -1;
	report(stream);
	return 0;
}

int demo_stream(struct demo *demo)
{
	struct stream stream = { .demo = demo, .sum = sum_program(), .sha_fds = { -1, -1 } };
	int r;

	demo_title(demo, "1. A directory tree through a ring, and shmqd killed on the way");
	stream.counters = demo_shared_new(sizeof(*stream.counters));
	r = stream.counters ? run(&stream) : demo_broken(demo, "no memory");
	demo_shared_free(stream.counters, sizeof(*stream.counters));
	demo_pipe_close(&stream.sha_fds[0]);
	demo_pipe_close(&stream.sha_fds[1]);
	return r;
}
