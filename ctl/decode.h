/* SPDX-License-Identifier: MIT */
/*
 * decode.h - typed messages (shmq/archive.h) as JSON, by the schema text that their ring was made with
 */
#pragma once

#include <stddef.h>

#include "ctl/ctl.h"

struct shmq_archive_type;

/* What this ring carries. @ret_type: to be freed by shmq_archive_type_free(). Return: CTL_OK, or the
 * exit status after it was said why not. */
int decode_open(struct ctl *ctl, const char *ring, struct shmq_archive_type **ret_type);

/* One message as a JSON object. It is copied first: its producer may go on writing.
 * @ret_text: to be freed. Return: 0; -EBADMSG or -EPROTO it is none of this type; -ENOMEM. */
int decode_message(const struct shmq_archive_type *type, const void *data, size_t len_bytes,
		   char **ret_text);
