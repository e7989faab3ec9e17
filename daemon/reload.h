/* SPDX-License-Identifier: MIT */
/*
 * reload.h - the configuration, read again while the daemon serves: all of it or nothing
 *
 * A file with a mistake changes nothing; the mistakes are told. Of a right one everything that can take
 * effect does; what can't is named. Declared rings that are new are made; none is ever removed for it.
 */
#pragma once

struct shell;

/* Read it again. Its end is counted (SHMQ_DAEMON_RELOADS_METRIC, or _RELOADS_REFUSED_), which is what
 * `shmqctl reload` waits for. */
void reload(struct shell *shell);

/* The declared rings were tried, @n_failed in vain: at the start, or as the last part of a reload. */
void reload_declared(struct shell *shell, unsigned n_failed);
/* The start is over: was a reload asked for while the declared rings were made? */
void reload_begun(struct shell *shell);
void reload_deinit(struct shell *shell);
