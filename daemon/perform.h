/* SPDX-License-Identifier: MIT */
/*
 * perform.h - doing what the core decided
 */
#pragma once

#include "daemon/core/core.h"

struct shell;

/* Do one action now; its answer goes to the core at once. */
void perform_action(struct shell *shell, const struct core_action *action);
/* Do all that waits, in order, until the core wants nothing more. Chunks go to the slow queue. */
void perform_all(struct shell *shell);
