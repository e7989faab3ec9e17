/* SPDX-License-Identifier: MIT */
/*
 * check_sums.h - the part of core_check() that counts everything again
 */
#pragma once

#include "daemon/core/parts.h"

/* Write a sentence into @text. Return: -EBADMSG. */
int check_fail(char text[CONTROL_TEXT_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int check_sums(const struct core *core, char text[CONTROL_TEXT_MAX]);
