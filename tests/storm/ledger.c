/* SPDX-License-Identifier: MIT */
/*
 * ledger.c - messages that can be checked, and the account of them
 */
#include "tests/storm/ledger.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t x)
{
	/* splitmix64, S. Vigna: every bit of the input reaches every bit of the output */
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static uint32_t message_len(uint64_t ring, uint64_t position)
{
	return (uint32_t)(24 + mix(ring ^ position) % (LEDGER_MESSAGE_MAX - 24 + 1));
}

static uint64_t sum_of(const struct ledger_message *message, uint32_t len)
{
	uint64_t sum = mix(message->ring) ^ mix(message->position + 1);

	for (uint32_t i = 0; i < len - 24; i++)
		sum = (sum ^ message->filler[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint32_t ledger_message_fill(struct ledger_message *message, uint64_t ring, uint64_t position)
{
	uint32_t len = message_len(ring, position);

	message->ring = ring;
	message->position = position;
	memset(message->filler, (int)(position & 0xff), len - 24);
	message->sum = sum_of(message, len);
	return len;
}

void ledger_violation(struct ledger_row *row, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (row->violations++ == 0)
		vsnprintf(row->violation, sizeof(row->violation), format, args);
	va_end(args);
}

void ledger_deliver(struct ledger_row *row, uint64_t ring, uint64_t seq, const void *data,
		    uint64_t len)
{
	struct ledger_message message;

	if (len < 24 || len > sizeof(message)) {
		ledger_violation(row, "seq %" PRIu64 ": length %" PRIu64, seq, len);
		return;
	}
	memcpy(&message, data, len);
	if (message.ring != ring || message.position != seq || len != message_len(ring, seq) ||
	    message.sum != sum_of(&message, (uint32_t)len))
		ledger_violation(row,
				 "seq %" PRIu64 ": torn or misplaced: ring %" PRIu64
				 " position %" PRIu64,
				 seq, message.ring, message.position);
	if (seq > row->delivered)
		ledger_violation(row, "lost: %" PRIu64 " follows %" PRIu64, seq, row->delivered);
	else if (seq < row->delivered)
		row->redelivered++;
	if (seq >= row->delivered)
		row->delivered = seq + 1;
}
