/* SPDX-License-Identifier: MIT */
/*
 * hint.h - the remedy: which command helps after a call of the library has failed
 */
#pragma once

#include "ctl/ctl.h"

/* Write lines for people into @buf, "" when there is nothing to advise. May ask the daemon which
 * rings there are, to find the one that was meant. */
void hint_for(struct ctl *ctl, const char *object, int error, char *buf, size_t cap_bytes);
