/* SPDX-License-Identifier: MIT */
/*
 * probe.h - named points that tracers can look at while a program runs (USDT; docs/probes.md)
 *
 * A probe is one instruction that does nothing, and a note in the file that says where it stands and
 * in which registers its arguments are. It has no semaphore: whether somebody looks is never asked.
 * Arguments are what is at hand; configured without USDT they are not even evaluated. On slow paths
 * only. A text that is told must have been written by this process: what was never touched since the
 * program was loaded can't be read from outside.
 */
#pragma once

#ifdef HAVE_USDT
#define SDT_USE_VARIADIC
#include <sys/sdt.h>
/* PROBE(shmq, full, handle, position) */
#define PROBE(...) STAP_PROBEV(__VA_ARGS__)
#else
#define PROBE(...) ((void)0)
#endif
