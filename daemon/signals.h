/* SPDX-License-Identifier: MIT */
/*
 * signals.h - SIGTERM and SIGINT end the loop; those that would end the daemon by accident don't
 */
#pragma once

struct shell;

int signals_init(struct shell *shell);
void signals_deinit(struct shell *shell);
