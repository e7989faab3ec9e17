/* SPDX-License-Identifier: MIT */
/*
 * shmq.h - everything: named shared-memory rings that somebody owns
 *
 *	struct shmq_client *client;
 *	struct shmq_producer *producer;
 *
 *	if (shmq_connect(&client, NULL) < 0 || shmq_open_producer(client, "ticks", NULL, &producer) < 0)
 *		return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
 *	shmq_push(producer, "hello", 5, SHMQ_FOREVER);
 *	shmq_disconnect(client);
 */
#ifndef SHMQ_SHMQ_H
#define SHMQ_SHMQ_H

#include <shmq/client.h>
#include <shmq/consumer.h>
#include <shmq/producer.h>
#include <shmq/stats.h>
#include <shmq/types.h>

#endif
