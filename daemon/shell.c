/* SPDX-License-Identifier: MIT */
/*
 * shell.c - start, loop, end; see shell.h for who owns what
 *
 * Start: lock, socket (clients may queue up from here on), /dev/shm, registry, what the last daemon
 * left, then the loop. The end undoes our own traces only: rings and clients stay as they are.
 */
#include "daemon/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/random.h"
#include "base/removeipc.h"
#include "daemon/limits.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/metrics_address.h"
#include "daemon/metrics_server.h"
#include "daemon/perform.h"
#include "daemon/reload.h"
#include "daemon/scan.h"
#include "daemon/signals.h"
#include "daemon/systemd.h"

#define CHUNK_BYTES (4u << 20)

/* Until nothing is left to do: what ends a session may ask for more. */
static void perform(struct shell *shell)
{
	do {
		perform_all(shell);
	} while (sessions_sweep(&shell->sessions));
#ifdef HAVE_SYSTEMD
	if (shell->systemd)
		systemd_changed(shell->systemd);
#endif
}

/* ---- start ---- */

static int failed(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(-error));
	return error;
}

static int take_socket(struct shell *shell)
{
#ifdef HAVE_SYSTEMD
	struct systemd_sockets sockets;
	int r = systemd_take_sockets(&sockets);

	if (r < 0)
		return r;
	shell->metrics_fd = sockets.metrics_fd;
	if (sockets.control_fd >= 0)
		return instance_take_socket(&shell->instance, sockets.control_fd);
#endif
	return instance_listen(&shell->instance);
}

static int open_memory(struct shell *shell)
{
	uint8_t boot_id[BOOT_ID_BYTES];
	int r = boot_id_read(boot_id);

	if (r < 0)
		return failed("the kernel's boot id", r);
	r = shm_dir_open(shell->options->instance, &shell->dir);
	if (r < 0)
		return failed("/dev/shm", r);
	r = registry_file_open(&shell->dir, shell->options->max_rings, boot_id, &shell->registry);
	if (r < 0 && r != -EBUSY) /* which was told */
		failed("the registry in /dev/shm", r);
	return r;
}

static int make_core(struct shell *shell, uint64_t open_files)
{
	const struct options *options = shell->options;
	struct core_config config = {
		.instance = options->instance,
		.version = PACKAGE_VERSION,
		.daemon_uid = geteuid(),
		.daemon_pid = getpid(),
		.page_bytes = (uint32_t)sysconf(_SC_PAGESIZE),
		.default_linger_s = options->linger_s,
		.linger_unread_s = options->linger_unread_s,
		.grace_ns = options->grace_ns,
		.allocate_chunk_bytes = CHUNK_BYTES,
		.create_rules = options->create_rules,
		.n_create_rules = options->n_create_rules,
	};
	uint8_t seed[16];
	int r;

	limits_resolve(options, open_files, limits_shm_bytes(shell->dir.fd), &config.limits);
	r = random_bytes(seed, sizeof(seed));
	if (r < 0)
		return r;
	core_seed(seed);
	shell->actions = core_actions_new();
	if (!shell->actions)
		return -ENOMEM;
	return core_new(&shell->core, &shell->registry.registry, shell->registry.board.header,
			&config);
}

static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	/* one thread: libevent needs no locks; the environment doesn't choose our backend */
	if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	if (base && event_base_priority_init(base, LOOP_PRIORITIES) < 0) {
		event_base_free(base);
		return NULL;
	}
	return base;
}

static int make_parts(struct shell *shell)
{
	uint32_t n_rings = shell->registry.registry.header->n_rings;
	int r;

	segment_files_init(&shell->segments, &shell->dir, shell->core, &shell->registry.registry);
	sessions_init(&shell->sessions, shell);
	r = slow_queue_init(&shell->slow, shell->base, n_rings, perform_slow, shell);
	if (r == 0)
		r = ring_timers_init(&shell->timers, shell, n_rings);
	if (r == 0)
		r = process_watches_init(&shell->processes, shell);
	if (r == 0)
		r = watch_shm_init(&shell->watch, shell);
	if (r == 0)
		r = signals_init(shell);
	return r;
}

static int adopt(struct shell *shell)
{
	struct core_scan_entry *entries = NULL;
	size_t n_entries = 0;
	int64_t began_ns = clock_monotonic_ns();
	int r = scan_segments(&shell->dir, &entries, &n_entries);

	if (r < 0)
		return failed("looking through /dev/shm", r);
	r = scan_sealed(&shell->segments, &entries, &n_entries);
	if (r < 0) {
		free(entries);
		return failed("what systemd kept of sealed rings", r);
	}
	core_adopt(shell->core, entries, n_entries, shell->registry.is_adopted,
		   clock_monotonic_ns(), shell->actions);
	free(entries);
	shell_settle(shell);
	core_count(shell->core, SHMQ_DAEMON_ADOPTION_METRIC,
		   (uint64_t)(clock_monotonic_ns() - began_ns));
	return 0;
}

/* A socket that was handed over is as good as being asked, and goes before an address. */
static int serve_metrics(struct shell *shell)
{
	const char *address = shell->options->metrics;
	bool is_given = shell->metrics_fd >= 0;
	int r;

	if (!is_given && !*address)
		return 0;
	r = is_given ? metrics_take(shell->metrics_fd) : metrics_listen(address);
	if (r < 0) {
		log_line(LOG_ERR, "metrics can't be served at %s: %s",
			 is_given ? "the socket handed over" : address, strerror(-r));
		return r;
	}
	shell->metrics_fd = -1;
	shell->metrics_address = is_given ? NULL : address;
	return metrics_server_new(shell, r, &shell->metrics);
}

/* Before anybody is let in: who comes first finds what was declared. */
static int declare(struct shell *shell)
{
	int r;

	if (shell->options->declared.n == 0)
		return 0;
	r = declare_start(shell, &shell->options->declared, reload_declared);
	while (r == 0 && declare_is_busy(shell) && !shell->is_ending)
		if (event_base_loop(shell->base, EVLOOP_ONCE) < 0)
			r = -EIO;
	return r;
}

static int begin(struct shell *shell)
{
	uint64_t open_files = limits_raise_open_files();
	int r = instance_begin(shell->options, &shell->instance);

	if (r == 0)
		r = take_socket(shell);
	if (r == 0)
		r = open_memory(shell);
	if (r < 0)
		return r; /* said already */
	shell->base = make_base();
	r = shell->base ? make_core(shell, open_files) : -ENOMEM;
	if (r == 0)
		r = make_parts(shell);
	if (r == 0)
		r = adopt(shell);
	if (r == 0)
		r = watch_shm_start(&shell->watch);
#ifdef HAVE_SYSTEMD
	if (r == 0) /* so many rings may be declared that the start takes its time */
		r = systemd_new(shell->base, shell->core, &shell->systemd);
#endif
	if (r == 0)
		r = declare(shell);
	if (r == 0)
		r = listener_init(&shell->listener, shell, shell->instance.listen_fd);
	if (r == 0)
		r = serve_metrics(shell);
	return r < 0 ? failed("starting", r) : 0;
}

static void announce(struct shell *shell)
{
	const struct options *options = shell->options;

	if (options->kind == OPTIONS_USER && removeipc_threatens("", geteuid()))
		log_event(SHELL_LOG_LOGOUT, LOG_WARNING, "logind removes your rings from /dev/shm "
			  "when you log out (RemoveIPC=yes): set RemoveIPC=no, run 'loginctl "
			  "enable-linger', or use the system's shmqd");
	log_event(SHELL_LOG_STARTED, LOG_INFO, "shmqd %s serves instance '%s' at %s",
		  PACKAGE_VERSION, options->instance, options->socket);
#ifdef HAVE_SYSTEMD
	systemd_ready(shell->systemd);
#endif
	reload_begun(shell);
}

/* ---- end ---- */

static void stop(struct shell *shell)
{
	struct core_event event = { .type = CORE_STOPPING };

#ifdef HAVE_SYSTEMD
	systemd_stopping(shell->systemd);
#endif
	shell_step(shell, &event);
	shell_settle(shell);
	log_event(SHELL_LOG_STOPPED, LOG_INFO, "stopped; rings and their users stay as they are");
}

static void end(struct shell *shell, bool is_orderly)
{
#ifdef HAVE_SYSTEMD
	shell->systemd = systemd_free(shell->systemd);
#endif
	if (shell->metrics_address)
		metrics_unlisten(shell->metrics_address);
	shell->metrics = metrics_server_free(shell->metrics);
	listener_deinit(&shell->listener);
	declare_deinit(shell);
	reload_deinit(shell);
	sessions_deinit(&shell->sessions);
	watch_shm_deinit(&shell->watch);
	signals_deinit(shell);
	process_watches_deinit(&shell->processes);
	ring_timers_deinit(&shell->timers);
	slow_queue_deinit(&shell->slow);
	if (shell->core)
		segment_files_deinit(&shell->segments);
	shell->actions = core_actions_free(shell->actions);
	shell->core = core_free(shell->core);
	if (shell->base)
		event_base_free(shell->base);
	if (is_orderly && registry_file_is_empty(&shell->registry))
		registry_file_remove(&shell->dir, &shell->registry);
	registry_file_close(&shell->registry);
	shm_dir_close(&shell->dir);
	instance_end(&shell->instance);
}

int shell_run(const struct options *options, int argc, char **argv)
{
	static struct shell shell = {
		.instance = { .lock_fd = -1, .listen_fd = -1 },
		.dir = { .fd = -1 },
		.registry = REGISTRY_FILE_INIT,
		.listener = LISTENER_INIT,
		.metrics_fd = -1,
		.watch = WATCH_SHM_INIT,
		.declare = { .fd = -1 },
	};
	int r;

	shell.options = options;
	shell.perform = perform;
	shell.argc = argc;
	shell.argv = argv;
	r = begin(&shell);
	if (r == 0) {
		announce(&shell);
		if (!shell.is_ending && event_base_dispatch(shell.base) < 0)
			r = failed("the event loop", -EIO);
		else
			stop(&shell);
	}
	end(&shell, r == 0);
	return r;
}
