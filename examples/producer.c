/* SPDX-License-Identifier: MIT */
/* producer.c - the first program: push one message into ring "hello" */
#include <shmq/shmq.h>
#include <stdio.h>

int main(void)
{
	struct shmq_client *client;
	struct shmq_producer *producer;

	if (shmq_connect(&client, NULL) < 0 ||
	    shmq_open_producer(client, "hello", NULL, &producer) < 0 ||
	    shmq_push(producer, "hello, ring", 11, SHMQ_FOREVER) < 0)
		return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
	shmq_disconnect(client);
	return 0;
}
