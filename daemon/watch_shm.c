/* SPDX-License-Identifier: MIT */
/*
 * watch_shm.c - inotify and rescans; see watch_shm.h
 *
 * An event is a hint: what counts is whether the name still leads to the inode that the registry
 * recorded. So events about our own removals, late events and replaced files need no special case.
 */
#include "daemon/watch_shm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fd.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/shell.h"

#define RESCAN_GAP_NS	(10 * NS_PER_S)
#define RINGS_PER_SLICE 256u

/* ---- one ring ---- */

static void ring_look(struct shell *shell, uint32_t ring)
{
	const struct registry_ring *record = &shell->registry.registry.rings[ring];
	struct core_event event = { .type = CORE_SEGMENT_GONE, .ring = ring };
	char name[CONTROL_SEGMENT_MAX];
	struct stat st;
	int r;

	/* a sealed ring has no name: whatever comes and goes under it is none of ours */
	if (record->state != REGISTRY_RING_LIVE || record->sealed)
		return;
	core_segment_name(shell->core, ring, name);
	r = shm_dir_stat(&shell->dir, name, &st);
	if (r == -ENOENT || (r == 0 && st.st_ino != record->inode))
		shell_step(shell, &event);
}

/* ---- rescan ---- */

static void rescan_after(struct watch_shm *watch, int64_t delay_ns)
{
	struct timeval delay = timeval_from_ns(delay_ns);

	if (!evtimer_pending(watch->rescan, NULL))
		evtimer_add(watch->rescan, &delay);
}

/* Return: whether none was asked for yet. */
static bool rescan_ask(struct watch_shm *watch)
{
	int64_t due_ns = watch->last_ns ? watch->last_ns + RESCAN_GAP_NS : 0;

	if (watch->is_rescanning) {
		bool is_first = !watch->again;

		watch->again = true; /* what was looked at already may be gone since */
		return is_first;
	}
	if (evtimer_pending(watch->rescan, NULL))
		return false;
	rescan_after(watch, deadline_left_ns(due_ns));
	return true;
}

static void on_rescan(evutil_socket_t fd, short what, void *arg)
{
	struct watch_shm *watch = arg;
	struct shell *shell = watch->shell;
	uint32_t n_rings = shell->registry.registry.header->n_rings;

	(void)fd;
	(void)what;
	if (!watch->is_rescanning) {
		watch->is_rescanning = true;
		watch->next_ring = 0;
		watch->last_ns = clock_monotonic_ns();
	}
	for (unsigned i = 0; i < RINGS_PER_SLICE && watch->next_ring < n_rings; i++)
		ring_look(shell, watch->next_ring++);
	if (watch->next_ring < n_rings) {
		rescan_after(watch, 0);
	} else {
		watch->is_rescanning = false;
		if (watch->again || watch->fd < 0)
			rescan_ask(watch);
		watch->again = false;
	}
	shell_settle(shell);
}

/* ---- inotify ---- */

static void event_look(struct watch_shm *watch, const struct inotify_event *event)
{
	char name[CONTROL_SEGMENT_MAX];
	uint32_t ring;

	if (event->mask & IN_Q_OVERFLOW) {
		/* anybody can make it happen: a line for each rescan, and not for each overflow */
		if (rescan_ask(watch))
			log_line(LOG_NOTICE, "too much happens in /dev/shm: looking at all rings");
		return;
	}
	if (!event->len || shm_dir_kind(&watch->shell->dir, event->name) != SHM_SEGMENT)
		return;
	if (snprintf(name, sizeof(name), "/%s", event->name) < (int)sizeof(name) &&
	    core_ring_by_segment(watch->shell->core, name, &ring) == 0)
		ring_look(watch->shell, ring);
}

static void on_events(evutil_socket_t fd, short what, void *arg)
{
	struct watch_shm *watch = arg;
	union {
		char bytes[16384];
		struct inotify_event align;
	} buf;
	ssize_t n = read(fd, &buf, sizeof(buf));

	(void)what;
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const void *)(buf.bytes + at);

		event_look(watch, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	shell_settle(watch->shell);
}

int watch_shm_init(struct watch_shm *watch, struct shell *shell)
{
	char path[32];

	watch->shell = shell;
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shell->dir.fd);
	if (watch->fd >= 0 && inotify_add_watch(watch->fd, path,
						IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR) < 0)
		watch->fd = fd_close(watch->fd); /* keeps errno */
	if (watch->fd < 0)
		log_line(LOG_WARNING, "/dev/shm can't be watched (%s): rings are looked at every 10 s; "
			 "is fs.inotify.max_user_instances too small?", strerror(errno));
	watch->rescan = evtimer_new(shell->base, on_rescan, watch);
	return watch->rescan ? 0 : -ENOMEM;
}

int watch_shm_start(struct watch_shm *watch)
{
	if (watch->fd < 0) {
		rescan_ask(watch);
		return 0;
	}
	watch->readable = event_new(watch->shell->base, watch->fd, EV_READ | EV_PERSIST, on_events,
				    watch);
	return watch->readable && event_add(watch->readable, NULL) == 0 ? 0 : -ENOMEM;
}

void watch_shm_deinit(struct watch_shm *watch)
{
	if (watch->readable)
		event_free(watch->readable);
	if (watch->rescan)
		event_free(watch->rescan);
	watch->readable = watch->rescan = NULL;
	watch->fd = fd_close(watch->fd);
}
