/* SPDX-License-Identifier: MIT */
/*
 * fuzz_schema.c - hostile schema texts, and messages judged by what they say
 *
 * Input: a text, a NUL, a message. A text that is taken must be the text of the type that was made of
 * it; the message gets the family and length that take it past the head.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <shmq/archive_check.h>
#include <shmq/archive_decode.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond);                         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void message_judge(const struct shmq_archive_type *type, const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	size_t len = size & ~(size_t)7;
	struct shmq_archive_head head;
	unsigned char *copy;
	int r;

	if (len < sizeof(head))
		return;
	nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
	copy = malloc(len);
	memcpy(copy, data, len);
	memcpy(&head, copy, sizeof(head));
	head.family = shmq_archive_family(type);
	head.bytes = (uint32_t)len;
	memcpy(copy, &head, sizeof(head));
	r = shmq_archive_verify(type, copy, len);
	MUST(r == 0 || r == -EBADMSG);
	/* A field that is missing is printed empty, however large its type is. */
	if (type->bytes < 65536)
		MUST(shmq_archive_to_json(type, copy, len, nowhere) == r);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char again[SHMQ_ARCHIVE_TEXT_MAX];
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	struct shmq_archive_type *type = NULL;
	char *text = malloc(len + 1);
	int r;

	memcpy(text, data, len);
	text[len] = 0;
	r = shmq_archive_parse(text, &type);
	if (r == 0) {
		MUST(shmq_archive_schema(type, again, sizeof(again)) == (int)len);
		MUST(strcmp(again, text) == 0);
		MUST(shmq_archive_compatible(text, again) == 1);
		if (end)
			message_judge(type, end + 1, size - len - 1);
	} else {
		MUST(r == -EBADMSG || r == -E2BIG);
	}
	shmq_archive_type_free(type);
	free(text);
	return 0;
}
