/* SPDX-License-Identifier: MIT */
/*
 * allow.h - rules of access as people write them: RIGHT[+RIGHT]:WHO[,…]
 *
 * RIGHT is produce, consume or see; WHO is user=NAME, group=NAME or unit=NAME.
 */
#pragma once

#include "ctl/ctl.h"

/* Fill config->rules, which point to memory of this file until the next call. Return: CTL_OK or
 * CTL_USAGE, said. */
int allow_parse(struct ctl *ctl, const char *text, struct shmq_ring_config *config);

/* "produce+see user bob" */
const char *allow_format(const struct shmq_rule *rule, char *text, size_t cap_bytes);
