/* SPDX-License-Identifier: MIT */
/* consumer.c - the first program, other end: pop until the producer has gone */
#include <shmq/shmq.h>
#include <stdio.h>

int main(void)
{
	struct shmq_client *client;
	struct shmq_consumer *consumer;
	char text[256];
	ssize_t n;

	if (shmq_connect(&client, NULL) < 0 ||
	    shmq_open_consumer(client, "hello", NULL, &consumer) < 0)
		return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
	while ((n = shmq_pop(consumer, text, sizeof(text), SHMQ_FOREVER)) >= 0)
		printf("%.*s\n", (int)n, text);
	shmq_disconnect(client);
	return 0;
}
