/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - what was accepted against what was delivered, in memory that outlives the killed
 *
 * One row per ring, in anonymous shared memory of the storm's parent. The producer writes accepted
 * after push returned, the consumer writes delivered before it releases. A message carries its ring,
 * its position and a sum over both and its filler, so that a lost, doubled, torn or misplaced one is
 * seen when it arrives.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ledger_row {
	uint64_t accepted;   /* positions below were accepted; one writer: the ring's producer */
	uint64_t delivered;  /* positions below were delivered; one writer: the ring's consumer */
	uint64_t redelivered;
	uint64_t violations;
	uint64_t attaches;
	char violation[200]; /* the first one */
};

#define LEDGER_MESSAGE_MAX 256

struct ledger_message {
	uint64_t ring;
	uint64_t position;
	uint64_t sum;
	uint8_t filler[LEDGER_MESSAGE_MAX - 24];
};

/* Fill a message; its length varies with the position. Return: bytes. */
uint32_t ledger_message_fill(struct ledger_message *message, uint64_t ring, uint64_t position);

/* What a consumer does with a message it sees at @seq, before it releases it. */
void ledger_deliver(struct ledger_row *row, uint64_t ring, uint64_t seq, const void *data,
		    uint64_t len);

__attribute__((format(printf, 2, 3))) void ledger_violation(struct ledger_row *row,
							    const char *format, ...);
