/* SPDX-License-Identifier: MIT */
/*
 * request.h - packets from clients: judged by form, answered if bad, else the core's business
 */
#pragma once

#include "daemon/session.h"
#include "daemon/receive.h"

/* @received describes the packet at session->shell->sessions.in. */
void request_take(struct session *session, const struct received *received);
