/* SPDX-License-Identifier: MIT */
/*
 * reply.h - the core's replies, completed with what only the kernel knows: figures, descriptors
 */
#pragma once

#include "daemon/session.h"

/* CORE_REPLY, CORE_REPLY_RING, CORE_REPLY_LIST. */
void reply_perform(struct shell *shell, struct session *session,
		   const struct core_action *action);
