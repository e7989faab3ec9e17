/* SPDX-License-Identifier: MIT */
/*
 * test_archive_versions.c - old readers and new messages, new readers and old messages, and which
 * schemas fit each other
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include <shmq/archive_decode.h>

#include "base/random.h"
#include "tests/unit/archive_stock.h"

TestSuite(archive_versions, .timeout = 60);

static _Alignas(8) unsigned char buffer[1 << 20];
static char text_1[4096], text_2[4096], text_3[4096];

static uint64_t seed_new(void)
{
	const char *text = getenv("SHMQ_TEST_SEED");
	uint64_t seed = 0;

	cr_assert(eq(int, random_bytes(&seed, sizeof(seed)), 0));
	return text ? strtoull(text, NULL, 0) : seed >> 16;
}

static void texts_write(void)
{
	cr_assert(gt(int, shmq_archive_schema(stock_1.type(), text_1, sizeof(text_1)), 0));
	cr_assert(gt(int, shmq_archive_schema(stock_2.type(), text_2, sizeof(text_2)), 0));
	cr_assert(gt(int, shmq_archive_schema(stock_3.type(), text_3, sizeof(text_3)), 0));
}

Test(archive_versions, an_old_reader_reads_what_it_knows_of_a_new_message)
{
	const struct stock_version *writers[] = { &stock_1, &stock_2, &stock_3 };
	uint64_t seed = seed_new();

	for (int i = 0; i < 200; i++) {
		for (int w = 0; w < 3; w++) {
			int len = writers[w]->write(seed + i, buffer, sizeof(buffer));

			cr_assert(gt(int, len, 0));
			for (int r = 0; r <= w; r++)
				cr_assert(eq(int, writers[r]->meet(seed + i, buffer, (size_t)len), 0),
					  "writer %d, reader %d, seed %" PRIu64, w + 1, r + 1, seed);
		}
	}
}

Test(archive_versions, a_new_reader_sees_defaults_in_an_old_message)
{
	uint64_t seed = seed_new();

	for (int i = 0; i < 200; i++) {
		int len = stock_1.write(seed + i, buffer, sizeof(buffer));

		cr_assert(eq(int, stock_3.access(buffer, (size_t)len), 0), "seed %" PRIu64, seed);
		cr_assert(eq(int, stock_3_lacks_2(buffer), 0));
		cr_assert(eq(int, stock_3_lacks_3(buffer), 0));
		len = stock_2.write(seed + i, buffer, sizeof(buffer));
		cr_assert(eq(int, stock_3.access(buffer, (size_t)len), 0), "seed %" PRIu64, seed);
		cr_assert(eq(int, stock_3_lacks_3(buffer), 0));
	}
}

SHMQ_MESSAGE(offer, (u32, id), (u32, lots, added(5)), (bool, firm, added(true)));

Test(archive_versions, what_nobody_set_reads_as_its_default)
{
	struct shmq_builder b;
	struct offer *o;

	cr_assert(eq(int, offer_build(&b, buffer, sizeof(buffer), &o), 0));
	cr_assert(eq(u32, offer_lots(o), 5));
	cr_assert(offer_firm(o));
	offer_set_lots(o, 0);
	cr_assert(eq(u32, offer_lots(o), 0));
}

Test(archive_versions, a_longer_text_begins_with_the_shorter)
{
	texts_write();
	cr_assert(eq(int, memcmp(text_1, text_2, strlen(text_1)), 0));
	cr_assert(eq(chr, text_2[strlen(text_1)], '+'));
	cr_assert(eq(u64, shmq_archive_family(stock_1.type()), shmq_archive_fingerprint(stock_1.type())));
	cr_assert(eq(u64, shmq_archive_family(stock_1.type()), shmq_archive_family(stock_2.type())));
	cr_assert(ne(u64, shmq_archive_fingerprint(stock_1.type()),
		     shmq_archive_fingerprint(stock_2.type())));
}

Test(archive_versions, versions_fit_each_other_and_nothing_else)
{
	const char *head = "message a layout 1\nfields\n\tu8 x\n", *other;
	char text[256];

	texts_write();
	cr_assert(eq(int, shmq_archive_compatible(text_1, text_1), 1));
	cr_assert(eq(int, shmq_archive_compatible(text_1, text_2), 1));
	cr_assert(eq(int, shmq_archive_compatible(text_2, text_1), 1));
	cr_assert(eq(int, shmq_archive_compatible(text_3, text_2), 1));

	/* Two programs that added different fields. */
	snprintf(text, sizeof(text), "%s+\tu8 y\n", head);
	other = "message a layout 1\nfields\n\tu8 x\n+\tu16 y\n";
	cr_assert(eq(int, shmq_archive_compatible(head, text), 1));
	cr_assert(eq(int, shmq_archive_compatible(head, other), 1));
	cr_assert(eq(int, shmq_archive_compatible(text, other), 0));
	/* Another default is another type: the two would disagree about the same message. */
	cr_assert(eq(int, shmq_archive_compatible(text, "message a layout 1\nfields\n\tu8 x\n"
						       "+\tu8 y = 7\n"), 0));
	/* A field that is just there; half a line; another name; nothing. */
	cr_assert(eq(int, shmq_archive_compatible(head, "message a layout 1\nfields\n\tu8 x\n\tu8 y\n"), 0));
	cr_assert(eq(int, shmq_archive_compatible(text, "message a layout 1\nfields\n\tu8 x\n+\tu8 yy\n"), 0));
	cr_assert(eq(int, shmq_archive_compatible(head, "message a layout 1\nfields\n\tu8 x"), 0));
	cr_assert(eq(int, shmq_archive_compatible(head, "message b layout 1\nfields\n\tu8 x\n"), 0));
	cr_assert(eq(int, shmq_archive_compatible(head, ""), 0));
	cr_assert(eq(int, shmq_archive_compatible("", text), 0));
}

Test(archive_versions, a_root_that_ends_before_the_base_is_refused)
{
	int len = stock_2.write(1, buffer, sizeof(buffer));
	uint32_t base = stock_1.type()->base_bytes, root;

	memcpy(&root, buffer + 8, 4);
	cr_assert(eq(u32, root, stock_2.type()->fields[stock_2.type()->n_fields - 1].end));
	root = base;
	memcpy(buffer + 8, &root, 4);
	cr_assert(eq(int, stock_2.access(buffer, (size_t)len), 0));
	cr_assert(eq(int, stock_3_lacks_2(buffer), 0));
	root = base - 1;
	memcpy(buffer + 8, &root, 4);
	cr_assert(eq(int, stock_2.access(buffer, (size_t)len), -EBADMSG));
	cr_assert(eq(int, shmq_archive_verify(stock_2.type(), buffer, (size_t)len), -EBADMSG));
}
