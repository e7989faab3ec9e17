/* SPDX-License-Identifier: MIT */
/*
 * decode.c - see decode.h
 */
#include "ctl/decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <shmq/archive_decode.h>
#include <shmq/client.h>

#include "base/cleanup.h"
#include "ctl/failure.h"

int decode_open(struct ctl *ctl, const char *ring, struct shmq_archive_type **ret_type)
{
	static char text[SHMQ_ARCHIVE_TEXT_MAX + 1];
	int r = shmq_show_schema(ctl->client, ring, text, sizeof(text));

	if (r < 0)
		return fail_call(ctl, ring, r);
	if (r == 0)
		return fail(ctl, CTL_FAILED, "untyped", ring, "Without --decode they come as they are.",
			    "nothing is known of the type of its messages: it was made without a "
			    "schema.");
	r = shmq_archive_parse(text, ret_type);
	if (r < 0)
		return fail(ctl, CTL_FAILED, "schema", ring, "Without --decode they come as they are.",
			    "its schema can't be read: %s.", shmq_strerror(r));
	return CTL_OK;
}

int decode_message(const struct shmq_archive_type *type, const void *data, size_t len_bytes,
		   char **ret_text)
{
	_cleanup_(freep) char *copy = aligned_alloc(64, (len_bytes / 64 + 1) * 64);
	_cleanup_(freep) char *text = NULL;
	size_t n;
	FILE *file;
	int r;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len_bytes);
	file = open_memstream(&text, &n);
	if (!file)
		return -ENOMEM;
	r = shmq_archive_to_json(type, copy, len_bytes, file);
	if (fclose(file) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		return r;
	*ret_text = TAKE_PTR(text);
	return 0;
}
