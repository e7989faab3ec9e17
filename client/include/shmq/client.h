/* SPDX-License-Identifier: MIT */
/*
 * client.h - a connection to shmqd: rings are made, found, watched and destroyed here
 *
 * Everything in this file talks to the daemon over its control socket; nothing here is needed for
 * moving messages. When the daemon was restarted, the next call reconnects by itself and keeps its
 * attachments. Every call below ends after the client's control timeout (5 s unless set) and may
 * return -ENOTCONN, -EHOSTDOWN, -ETIMEDOUT, -EPROTO, -ECHILD or -ENOMEM besides what it lists.
 */
#ifndef SHMQ_CLIENT_H
#define SHMQ_CLIENT_H

#include <stddef.h>

#include <shmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * shmq_connect() - connect to a daemon and greet it
 * @socket: path of its control socket. NULL: $SHMQ_SOCKET, else the user's own daemon
 *          ($XDG_RUNTIME_DIR/shmqd/control.sock) if there is one, else the system's.
 * Return: 0; -ENOTCONN nobody listens there; -EACCES; -EPROTO; -ENAMETOOLONG.
 */
SHMQ_API int shmq_connect(struct shmq_client **ret_client, const char *socket);

/* The same with another control timeout than 5 s, for this call and those that follow. */
SHMQ_API int shmq_connect_timeout(struct shmq_client **ret_client, const char *socket,
				  int64_t timeout_ns);

/* shmq_disconnect() - detach everything and close. All handles made from @client are gone with it.
 * Messages stay where they are. @client may be NULL. Return: NULL. */
SHMQ_API struct shmq_client *shmq_disconnect(struct shmq_client *client);

/* Limit for each control call, in ns; SHMQ_FOREVER is allowed. */
SHMQ_API int shmq_set_control_timeout(struct shmq_client *client, int64_t timeout_ns);

/* How long blocking pushes and pops spin before they sleep, in ns (default 50 us; 0: never spin). */
SHMQ_API int shmq_set_spin(struct shmq_client *client, int64_t spin_ns);

/* 1: lock the memory of rings attached from now on (mlock(2)), so that none of it is ever swapped out.
 * Attaching then also fails with -ENOMEM or -EPERM where the process may not lock as much. */
SHMQ_API int shmq_set_mlock(struct shmq_client *client, int on);

/*
 * shmq_guard_sigbus() - let no other user of a ring end this process
 * Whoever may write a ring with a name in /dev/shm may shrink it, and who touches what is gone gets
 * SIGBUS. This installs a handler for the whole process that turns faults in rings' memory into
 * -EBADMSG of their handles, and passes all others on to the handler that was there before. A
 * producer is told after at most as many messages as the ring has slots. Call it once, early; sealed
 * rings don't need it. Return: 0, -errno.
 */
SHMQ_API int shmq_guard_sigbus(void);

/*
 * shmq_create() - make a ring; its memory is allocated now, so it can't fail later
 * @config: NULL: all defaults.
 * An equal ring that exists is success (unless config->exclusive).
 * Return: 0; -EEXIST differs, the detail says in what; -EINVAL name or config; -ENOSPC; -EDQUOT;
 * -EACCES.
 */
SHMQ_API int shmq_create(struct shmq_client *client, const char *name,
			 const struct shmq_ring_config *config);

#define SHMQ_DESTROY_FORCE 1u /* even while somebody is attached: they drain, then get -ESTALE */

/* Return: 0; -ENOENT; -EBUSY attached, the detail names whom; -EACCES. */
SHMQ_API int shmq_destroy(struct shmq_client *client, const char *name, unsigned flags);

/* Drop all messages of a ring that nobody is attached to.
 * Return: how many were dropped, or -ENOENT, -EBUSY, -EACCES. */
SHMQ_API int64_t shmq_purge(struct shmq_client *client, const char *name);

/* Measure one round trip to the daemon, in ns. */
SHMQ_API int64_t shmq_ping(struct shmq_client *client);

/* ---- what there is ---- */

struct shmq_daemon_info {
	char version[32];
	char instance[64];
	pid_t pid;
	uint32_t protocol;
	uint32_t layout;
	uint32_t n_rings, max_rings;
	uint32_t n_attachments, max_attachments;
	uint32_t n_connections;
	uint64_t bytes, max_bytes;
	uint64_t uptime_ns;
};
SHMQ_API int shmq_daemon_info(struct shmq_client *client, struct shmq_daemon_info *ret_info);

/* Who holds a role. comm is as the kernel knows it, cut to 15 characters. */
struct shmq_holder {
	uint64_t id;	       /* attachment id */
	pid_t pid;	       /* as the daemon sees it */
	uid_t uid;
	uint32_t role;	       /* enum shmq_role of layout.h: producer 0, consumer 1, owner 2 */
	uint32_t unverified;   /* 1: the daemon can't tell whether the process still lives */
	uint64_t since_s;      /* seconds since the epoch */
	uint64_t incarnation;
	char comm[16];
	char ring[64];
};

struct shmq_ring_info {
	char name[64];
	char generation[33];   /* hex */
	char segment[256];     /* name in /dev/shm, with the leading slash */
	char state[16];	       /* "live", "creating", "destroyed", "lost" */
	uint32_t slots, size_bytes, stride_bytes;
	enum shmq_wake wake;
	enum shmq_lifetime lifetime;
	uint32_t linger_s;
	uint32_t mode;
	uint32_t align_payload;
	uid_t uid;
	gid_t gid;
	pid_t creator_pid;
	char creator_comm[16];
	uint64_t created_s;    /* seconds since the epoch */
	uint64_t bytes;	       /* of memory */
	uint64_t pushed;       /* messages, ever */
	uint64_t popped;
	uint64_t depth;	       /* unread now */
	uint64_t n_full, n_dry, n_sleeps, n_wakes;
	uint64_t linger_left_ns; /* 0: the clock does not run */
	uint64_t schema;
	uint32_t n_holders;
	struct shmq_holder holders[3]; /* producer, consumer, owner: as many as n_holders */
	char remark[256];	       /* what differs from what the kernel says, "" if nothing */
	uint32_t sealed;	       /* 1: no name in /dev/shm */
	uint32_t n_rules;	       /* of shmq_show() only */
	struct shmq_rule rules[SHMQ_RULES_MAX];
};

/* Called once per ring, in no particular order, until it returns non-zero, which is then the result. */
typedef int (*shmq_ring_fn)(const struct shmq_ring_info *info, void *arg);
SHMQ_API int shmq_list(struct shmq_client *client, shmq_ring_fn fn, void *arg);

/* Return: 0; -ENOENT. The daemon looks at the kernel again before it answers. */
SHMQ_API int shmq_show(struct shmq_client *client, const char *name, struct shmq_ring_info *ret_info);

/*
 * shmq_show_schema() - the text of what a typed ring carries, for shmq_archive_parse()
 * @buf: gets the text with a NUL. Room for SHMQ_ARCHIVE_TEXT_MAX + 1 bytes is always enough.
 * Return: its length in bytes without the NUL; 0 none is known; -ENOENT; -EMSGSIZE.
 */
SHMQ_API int shmq_show_schema(struct shmq_client *client, const char *name, char *buf, size_t cap);

typedef int (*shmq_holder_fn)(const struct shmq_holder *holder, void *arg);
SHMQ_API int shmq_clients(struct shmq_client *client, shmq_holder_fn fn, void *arg);

/* ---- events ---- */

enum shmq_event_kind {
	SHMQ_EVENT_CREATED = 1,
	SHMQ_EVENT_DESTROYED,
	SHMQ_EVENT_LOST,
	SHMQ_EVENT_ATTACHED,
	SHMQ_EVENT_DETACHED,
	SHMQ_EVENT_DIED,
	SHMQ_EVENT_REAPED,
	SHMQ_EVENT_MISSED, /* count: so many events were dropped because nobody read them */
};

struct shmq_event {
	enum shmq_event_kind kind;
	uint32_t role;	  /* attached, detached, died */
	pid_t pid;
	uid_t uid;
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint64_t count;	  /* missed: events; reaped, destroyed: messages that were unread */
	char comm[16];
	char ring[64];
};

/* Subscribe this connection; a connection that watches should do nothing else. */
SHMQ_API int shmq_watch(struct shmq_client *client);
/* Return: 0; -EAGAIN / -ETIMEDOUT none; -EHOSTDOWN the daemon is gone (call shmq_watch() again). */
SHMQ_API int shmq_next_event(struct shmq_client *client, int64_t timeout_ns,
			     struct shmq_event *ret_event);

#ifdef __cplusplus
}
#endif

#endif
