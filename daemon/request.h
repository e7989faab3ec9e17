/* SPDX-License-Identifier: MIT */
/*
 * request.h - packets from clients: judged by form, answered if bad, else the core's business
 */
#pragma once

#include "daemon/session.h"
#include "daemon/receive.h"

/* @received describes the packet at session->shell->sessions.in. */
void request_take(struct session *session, const struct received *received);
/* The id of a request in @data, 0 if it can't be read. */
uint64_t request_id(const void *data, size_t len_bytes);
