/* SPDX-License-Identifier: MIT */
/*
 * error.c - errors in words: a sentence per thread, a short text per number
 */
#include "client/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <shmq/types.h>

#include "proto/control.h"

static __thread char detail[CONTROL_TEXT_MAX];

_Static_assert(sizeof(((struct error_saved *)0)->text) == sizeof(detail),
	       "a saved sentence is whole");

int error_set(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	return error;
}

void error_clear(void)
{
	detail[0] = '\0';
}

void error_save(struct error_saved *ret_saved)
{
	memcpy(ret_saved->text, detail, sizeof(detail));
}

void error_restore(const struct error_saved *saved)
{
	memcpy(detail, saved->text, sizeof(detail));
}

const char *shmq_error_detail(void)
{
	return detail;
}

static const struct {
	int error;
	const char *text;
} texts[] = {
	{ 0, "success" },
	{ EAGAIN, "nothing there, or no room, and the call was not to wait" },
	{ ETIMEDOUT, "the time given was not enough" },
	{ EPIPE, "the peer has detached in good order" },
	{ EOWNERDEAD, "the peer's process has ended without detaching" },
	{ ESTALE, "the ring was destroyed" },
	{ EBADMSG, "the shared memory holds what no correct peer writes" },
	{ EMSGSIZE, "the message is longer than the ring's slots or the buffer" },
	{ ECHILD, "the handle belongs to the process that this one was forked from" },
	{ EINVAL, "an argument makes no sense" },
	{ ENOENT, "there is no such ring" },
	{ EEXIST, "the ring exists, and differs" },
	{ EBUSY, "the role is held, or the ring is in use" },
	{ EACCES, "not permitted" },
	{ ENOSPC, "shared memory is full" },
	{ EDQUOT, "a limit of the daemon is reached" },
	{ ENOTCONN, "no daemon listens at the socket" },
	{ EPROTO, "the other end is not shmqd, or speaks another version" },
	{ EHOSTDOWN, "the daemon went away and was not back in time" },
	{ ENOMEM, "out of memory" },
	{ ENAMETOOLONG, "the socket's path is too long" },
	{ EMFILE, "too many open files in this process" },
};

const char *shmq_strerror(int error)
{
	const char *name;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == -error)
			return texts[i].text;
	/* strerror() may write into memory that threads share; this one never does */
	name = strerrordesc_np(-error);
	return name ? name : "unknown error";
}

const char *shmq_version(void)
{
	return PACKAGE_VERSION;
}
