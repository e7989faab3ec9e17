/* SPDX-License-Identifier: MIT */
/*
 * findings.h - a list of findings, each with its remedy, for people and as JSON
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ctl/ctl.h"

enum finding_kind { FINDING_FINE, FINDING_NOTE, FINDING_PROBLEM };

struct finding {
	enum finding_kind kind;
	char *text;
	char *remedy; /* NULL: none needed */
};

struct findings {
	struct finding *all;
	size_t n, n_problems;
	bool out_of_memory;
};

/* Add one; a failure to allocate is remembered in @findings. @remedy may be NULL. */
__attribute__((format(printf, 4, 5))) void findings_add(struct findings *findings,
							enum finding_kind kind, const char *remedy,
							const char *format, ...);
void findings_print(const struct findings *findings, const struct ctl *ctl);
void findings_release(struct findings *findings);
