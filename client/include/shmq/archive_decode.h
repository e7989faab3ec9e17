/* SPDX-License-Identifier: MIT */
/*
 * archive_decode.h - typed messages for programs that were not compiled with the type
 *
 * A ring's schema text (shmq_archive_schema()) is enough to judge and print its messages. Unlike the
 * rest of archive*.h these are functions of the library. Text and messages may come from anybody.
 */
#ifndef SHMQ_ARCHIVE_DECODE_H
#define SHMQ_ARCHIVE_DECODE_H

#include <stdio.h>

#include <shmq/archive_schema.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHMQ_ARCHIVE_TEXT_MAX 16384u /* bytes of a schema text with its NUL */

/*
 * shmq_archive_parse() - make a type from its schema text
 * Only the one text that shmq_archive_schema() would write for the type is taken.
 * Return: 0; -EBADMSG it is none; -E2BIG longer than SHMQ_ARCHIVE_TEXT_MAX; -ENOMEM.
 */
SHMQ_API int shmq_archive_parse(const char *text, struct shmq_archive_type **ret_type);

/* Free what shmq_archive_parse() made. @type may be NULL. Return: NULL. */
SHMQ_API struct shmq_archive_type *shmq_archive_type_free(struct shmq_archive_type *type);

/* shmq_archive_verify() - what T_access() does. Return: 0; -EBADMSG; -EPROTO; -EINVAL. */
SHMQ_API int shmq_archive_verify(const struct shmq_archive_type *type, const void *msg, size_t len);

/*
 * shmq_archive_to_json() - verify a message, then print it as one JSON object without a line end
 * @msg: must not change meanwhile: take a copy if its producer is not trusted.
 * Fields stand in the order of the schema; what an older writer did not know shows its default.
 * Numbers are exact, also beyond 2^53; NaN, infinities and absent values are null. Bytes of a string
 * that are not UTF-8 are shown as the characters U+0080 to U+00FF.
 * Return: 0; as shmq_archive_verify(); -ENOMEM; -EIO @file does not take it.
 */
SHMQ_API int shmq_archive_to_json(const struct shmq_archive_type *type, const void *msg, size_t len,
				  FILE *file);

#ifdef __cplusplus
}
#endif

#endif
