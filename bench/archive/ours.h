/* SPDX-License-Identifier: MIT */
/*
 * ours.h - the contestants that need nothing but this source tree
 */
#pragma once

#include "bench/archive/contestant.h"

extern const struct contestant flat_copied, flat_in_place, archive_checked, archive_copied,
	archive_unchecked;
