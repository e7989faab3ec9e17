/* SPDX-License-Identifier: MIT */
/*
 * test_base_cleanup.c - ownership ends with the scope, unless it was taken
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

TestSuite(cleanup, .timeout = 10);

struct thing {
	int *n_freed;
};

static struct thing *thing_free(struct thing *thing)
{
	++*thing->n_freed;
	free(thing);
	return NULL;
}
DEFINE_CLEANUP(struct thing *, thing_free);

static struct thing *thing_new(int *n_freed)
{
	struct thing *thing = malloc(sizeof(*thing));

	cr_assert_not_null(thing);
	thing->n_freed = n_freed;
	return thing;
}

static struct thing *make_and_keep(int *n_freed, bool keep)
{
	_cleanup_(thing_freep) struct thing *thing = thing_new(n_freed);

	return keep ? TAKE_PTR(thing) : NULL;
}

Test(cleanup, frees_at_the_end_of_the_scope)
{
	int n_freed = 0;

	cr_assert_null(make_and_keep(&n_freed, false));
	cr_assert_eq(n_freed, 1);
}

Test(cleanup, spares_what_was_taken)
{
	int n_freed = 0;
	struct thing *thing = make_and_keep(&n_freed, true);

	cr_assert_not_null(thing);
	cr_assert_eq(n_freed, 0);
	thing_free(thing);
	cr_assert_eq(n_freed, 1);
}

Test(cleanup, is_content_with_null)
{
	_cleanup_(thing_freep) struct thing *thing = NULL;
	_cleanup_(freep) char *text = NULL;

	cr_assert_null(thing);
	cr_assert_null(text);
}

static int open_null(bool keep)
{
	_cleanup_fd_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	return keep ? TAKE_FD(fd) : fd;
}

Test(cleanup, closes_descriptors_at_the_end_of_the_scope)
{
	cr_assert_eq(fcntl(open_null(false), F_GETFD), -1);
}

Test(cleanup, spares_descriptors_that_were_taken)
{
	int fd = open_null(true);

	cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}
