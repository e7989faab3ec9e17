/* SPDX-License-Identifier: MIT */
/*
 * drop_ins.h - the *.conf files of several directories, in the order in which they are read
 */
#pragma once

#include <stddef.h>

#define DROP_INS_MAX 256

/* Zero is an empty list. */
struct drop_ins {
	char *names[DROP_INS_MAX], *paths[DROP_INS_MAX];
	size_t n;
};

/* Add those of the directory @path (none if there is no such directory). What has the name of one that
 * is there already is hidden by it: the more important directories come first.
 * Return: 0; -E2BIG more than DROP_INS_MAX; -ENOMEM; -errno of opendir(3). */
int drop_ins_find(struct drop_ins *drop_ins, const char *path);

void drop_ins_free(struct drop_ins *drop_ins);
