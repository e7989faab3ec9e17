/* SPDX-License-Identifier: MIT */
/*
 * help.h - help texts, generated from the tables of verbs and options
 */
#pragma once

#include <stdio.h>

#include "ctl/ctl.h"

void help_print_all(FILE *out, const struct verb *const *verbs, size_t n_verbs,
		    const struct option_spec *common);
/* @tables: the option tables that @verb takes, its own first, NULL ends the list. */
void help_print_verb(FILE *out, const struct verb *verb, const struct option_spec *const *tables);
