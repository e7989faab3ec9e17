/* SPDX-License-Identifier: MIT */
/*
 * kernel_features.h - whether this kernel, and this process's seccomp filter, let rings work at
 * their best
 */
#pragma once

#include <stdbool.h>

bool kernel_has_futex_waitv(void);	/* Linux 5.16 */
bool kernel_has_membarrier(void);	/* GLOBAL_EXPEDITED, Linux 4.16 */
bool kernel_has_pidfd(void);		/* Linux 5.3 */
