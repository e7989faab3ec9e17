/* SPDX-License-Identifier: MIT */
/*
 * typed_send.c - for decode.sh: two typed messages, and one that is none
 */
#include <stdio.h>

#include <shmq/archive.h>
#include <shmq/shmq.h>

SHMQ_MESSAGE(note, (u64, id), (utf8, text), (vector(u32), parts));

static int send_note(struct shmq_producer *producer, uint64_t id)
{
	const uint32_t parts[] = { 1, 2, 3 };
	struct shmq_builder builder;
	struct note *note;
	void *slot;
	int r = shmq_reserve(producer, &slot);

	if (r == 0)
		r = note_build(&builder, slot, shmq_producer_size(producer), &note);
	if (r < 0)
		return r;
	note->id = id;
	r = note_set_text(&builder, note, "h\xc3\xa9llo");
	if (r == 0)
		r = note_put_parts(&builder, note, parts, 3);
	if (r == 0)
		r = note_finish(&builder);
	return r < 0 ? r : shmq_commit(producer, (size_t)r);
}

int main(int argc, char **argv)
{
	struct shmq_ring_config config = { .slots = 8, .size_bytes = 256,
					   .lifetime = SHMQ_PERSISTENT };
	struct shmq_producer *producer;
	struct shmq_client *client;
	char text[512];

	if (argc != 2 || shmq_archive_describe(note_archive_type(), &config, text, sizeof(text)) < 0 ||
	    shmq_connect(&client, NULL) < 0 ||
	    shmq_open_producer(client, argv[1], &config, &producer) < 0 ||
	    send_note(producer, 7) < 0 || send_note(producer, 8) < 0 ||
	    shmq_push(producer, "no archive", 10, 0) < 0)
		return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
	shmq_disconnect(client);
	return 0;
}
