/* SPDX-License-Identifier: MIT */
/*
 * names.h - what a ring may be called and who else may open it: form, not rights
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/registry.h"

bool name_is_valid(const char *name);
/* A sentence that says what is wrong with an invalid name; @text is always terminated. */
void name_explain(const char *name, char *text, size_t cap_bytes);
bool mode_is_valid(uint32_t mode);

/* "/shmq.<instance>.<ring>.<16 hex of the generation>" */
void segment_name_format(const char *instance, const struct registry_ring *ring,
			 char name[CONTROL_SEGMENT_MAX]);
/* The ring's name inside a segment's, without judging the rest. Return: 0, -EINVAL. */
int segment_name_parse(const char *instance, const char *segment,
		       char ret_name[CONTROL_NAME_MAX + 1]);
/* The registry's or the board's own object of this instance. */
bool segment_is_daemons(const char *instance, const char *segment);
