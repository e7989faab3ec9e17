/* SPDX-License-Identifier: MIT */
/*
 * test_client_error.c - sentences belong to threads, numbers have texts
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <shmq/shmq.h>

#include "client/error.h"

#define PASS_S 10

Test(client_error, set_returns_the_number_and_keeps_the_sentence, .timeout = PASS_S)
{
	struct error_saved saved;

	cr_assert(eq(str, (char *)shmq_error_detail(), ""));
	cr_assert(eq(int, error_set(-ENOENT, "no ring '%s'", "r"), -ENOENT));
	cr_assert(eq(str, (char *)shmq_error_detail(), "no ring 'r'"));
	error_save(&saved);
	error_clear();
	cr_assert(eq(str, (char *)shmq_error_detail(), ""));
	error_restore(&saved);
	cr_assert(eq(str, (char *)shmq_error_detail(), "no ring 'r'"));
}

Test(client_error, a_sentence_that_is_too_long_is_cut, .timeout = PASS_S)
{
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(-EIO, "%s", text);
	cr_assert(eq(sz, strlen(shmq_error_detail()), 511));
}

static void *other_thread(void *arg)
{
	(void)arg;
	error_set(-EIO, "theirs");
	return NULL;
}

Test(client_error, each_thread_has_its_own, .timeout = PASS_S)
{
	pthread_t thread;

	error_set(-EIO, "mine");
	cr_assert(eq(int, pthread_create(&thread, NULL, other_thread, NULL), 0));
	pthread_join(thread, NULL);
	cr_assert(eq(str, (char *)shmq_error_detail(), "mine"));
}

Test(client_error, every_documented_error_has_a_text_of_its_own, .timeout = PASS_S)
{
	static const int errors[] = {
		0,	  EAGAIN, ETIMEDOUT, EPIPE,  EOWNERDEAD,   ESTALE, EBADMSG, EMSGSIZE,
		ECHILD,	  EINVAL, ENOENT,    EEXIST, EBUSY,	   EACCES, ENOSPC,  EDQUOT,
		ENOTCONN, EPROTO, EHOSTDOWN, ENOMEM, ENAMETOOLONG, EIO,
	};
	const size_t n = sizeof(errors) / sizeof(errors[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			cr_assert(ne(str, (char *)shmq_strerror(-errors[i]),
				     (char *)shmq_strerror(-errors[j])));
	cr_assert(eq(str, (char *)shmq_strerror(-123456), "unknown error"));
	cr_assert(gt(sz, strlen(shmq_version()), 0));
}
