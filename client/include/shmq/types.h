/* SPDX-License-Identifier: MIT */
/*
 * types.h - handles, ring configuration, errors: what all of the library's headers share
 *
 * Conventions of every call
 *   Result   0 or a count, else a negative errno value; errno itself is never used. Outputs come
 *            last, are called ret_*, and are written on success only.
 *   Time     timeouts are relative nanoseconds: 0 does not wait, SHMQ_FOREVER does not end.
 *   Threads  a struct shmq_client may be used by several threads; a producer or consumer handle by
 *            one thread at a time. shmq_error_detail() is per thread.
 *   fork     in a forked child every handle answers -ECHILD, and disconnecting or exiting there
 *            changes nothing for the parent. A child that wants to talk connects by itself.
 *   Signals  a call that sleeps goes on sleeping after a signal handler returned. No call is
 *            async-signal-safe.
 *
 * Errors, with one meaning each
 *   -EAGAIN      nothing there (consumer), no room (producer), and the call was not to wait
 *   -ETIMEDOUT   the same at the end of the timeout; control calls: the daemon did not answer
 *   -EPIPE       the peer has detached in good order; said once, after the last message
 *   -EOWNERDEAD  the peer's process has ended without; said once, after the last message
 *   -ESTALE      the ring was destroyed, or destroyed and made again; said after the last message
 *   -EBADMSG     the shared memory holds what no correct peer writes; for good, on this handle
 *   -EMSGSIZE    the message is longer than the ring's slots, or longer than the buffer given
 *   -ECHILD      the handle belongs to the process that this one was forked from
 *   -EINVAL      an argument no call could make sense of
 *   -ENOENT      no such ring               -EEXIST   it exists, and differently
 *   -EBUSY       the role is held, or the ring is in use      -EACCES   not permitted
 *   -ENOSPC      shared memory is full      -EDQUOT   a limit of the daemon is reached
 *   -ENOTCONN    no daemon at the socket    -EPROTO   it is not shmqd, or speaks another version
 *   -EHOSTDOWN   the daemon went away during the call and was not back by the deadline
 */
#ifndef SHMQ_TYPES_H
#define SHMQ_TYPES_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SHMQ_API __attribute__((visibility("default")))
#else
#define SHMQ_API
#endif

#define SHMQ_FOREVER INT64_C(-1)

struct shmq_client;
struct shmq_producer;
struct shmq_consumer;

/* How a waker learns that its peer sleeps; see shmq(7). */
enum shmq_wake {
	SHMQ_WAKE_MEMBARRIER = 0, /* default: nothing on the hot path, the sleeper pays */
	SHMQ_WAKE_FENCE = 1,	  /* a full fence per push: for neighbours that must not be interrupted */
	SHMQ_WAKE_NEVER = 2,	  /* both ends spin or nap; nobody is woken */
};

/* When a ring ends. */
enum shmq_lifetime {
	SHMQ_LINGER = 0,       /* linger_s after the last one left it empty; a library's default */
	SHMQ_PERSISTENT = 1,   /* when it is destroyed */
	SHMQ_WITH_CREATOR = 2, /* when the process that made it ends or disconnects */
};

/* Whom a rule of a ring is about. */
enum shmq_principal {
	SHMQ_USER = 0,
	SHMQ_GROUP = 1,
	SHMQ_UNIT = 2, /* a unit of the system's systemd, such as "feed.service" */
};

#define SHMQ_MAY_PRODUCE 1u
#define SHMQ_MAY_CONSUME 2u
#define SHMQ_MAY_SEE	 4u /* the other two include it */

#define SHMQ_RULES_MAX	 8u
#define SHMQ_UNIT_MAX	 64 /* with NUL */

/* Somebody besides the owner, and what he may. A ring with a name in /dev/shm can't tell its users
 * apart: there a right to produce or to consume lets its holder write all of the ring's memory. */
struct shmq_rule {
	enum shmq_principal who;
	uint32_t rights;	  /* SHMQ_MAY_… */
	uint32_t id;		  /* uid or gid */
	char unit[SHMQ_UNIT_MAX]; /* of SHMQ_UNIT */
};

/*
 * What a ring is made of. Zero-initialise, then set what matters: 0 means the default, which is in
 * brackets. Fields are only ever added at the end; struct_size says which ones the program knows.
 */
struct shmq_ring_config {
	uint32_t struct_size;	     /* sizeof(struct shmq_ring_config), or 0 */
	uint32_t slots;		     /* messages the ring holds: a power of two, 1 to 2^20 [1024] */
	uint32_t size_bytes;	     /* largest message, 1 to 16 MiB [256] */
	uint32_t align_payload;	     /* 1: payloads start on a 64-byte line */
	enum shmq_wake wake;	     /* [membarrier] */
	enum shmq_lifetime lifetime; /* [linger] */
	uint32_t linger_s;	     /* seconds; with SHMQ_LINGER [30] */
	uint32_t exclusive;	     /* 1: an existing ring is -EEXIST even if it is equal */
	uint32_t mode;		     /* 0600, 0660 or 0666: who else may use it [0600] */
	uint32_t group_set;	     /* 1: gid below says which group 0660 means, else the creator's */
	gid_t gid;
	uint32_t pad0;
	uint64_t schema;	     /* fingerprint of a typed ring's messages, 0: untyped (archive.h) */
	const char *schema_text;     /* its description, for shmqctl recv --decode; may be NULL */
	const struct shmq_rule *rules; /* who may besides the owner and those of mode [nobody] */
	uint32_t n_rules;	     /* at most SHMQ_RULES_MAX */
	uint32_t sealed;	     /* 1: no name in /dev/shm; each end can write its own part only */
};

/* A sentence for people about the last failed call of this thread: which ring, who holds it, and
 * the command that helps. Valid until this thread's next shmq call. Calls that move messages without
 * waiting leave it as it is: shmq_strerror() says what their errors mean. Never NULL. */
SHMQ_API const char *shmq_error_detail(void);

/* A short text for a negative errno value as this library uses it ("the ring is full", …).
 * Thread-safe; never NULL. */
SHMQ_API const char *shmq_strerror(int error);

/* "0.1.0" */
SHMQ_API const char *shmq_version(void);

#ifdef __cplusplus
}
#endif

#endif
