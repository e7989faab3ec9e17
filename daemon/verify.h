/* SPDX-License-Identifier: MIT */
/*
 * verify.h - does a process that an earlier daemon knew still live?
 *
 * Never a guess: DEAD only if the kernel shows that this process can't exist any more, UNKNOWN
 * whenever the evidence could mean something else.
 */
#pragma once

#include "daemon/core/core.h"

/*
 * verify_process() - look for the process of @identity
 * @own_pidns: peer_own_pidns(). @ret_pidfd: of the process when the verdict is ALIVE, else -1.
 * Return: 0; -EMFILE, -ENFILE, -ENOMEM: it can't be looked for just now, ask again.
 */
int verify_process(const struct process_identity *identity, uint32_t own_pidns,
		   enum core_verdict *ret_verdict, int *ret_pidfd);
