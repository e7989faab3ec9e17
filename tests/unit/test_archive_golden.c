/* SPDX-License-Identifier: MIT */
/*
 * test_archive_golden.c - layout 1, byte for byte
 *
 * archive_golden.hex is the message of docs/archive-layout.md. If this test fails, messages of older
 * programs can't be read any more: what has to change is the code, or the number of the layout.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <shmq/archive_decode.h>

#include "tests/unit/archive_golden.h"

TestSuite(archive_golden, .timeout = 10);

static _Alignas(8) unsigned char golden[4096], made[4096];

/* "0010: 01 02 ... # remark" */
static size_t golden_load(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096], line[256], *p, *end;
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/unit/archive_golden.hex", top ? top : ".");
	file = fopen(path, "r");
	cr_assert(ne(ptr, file, NULL), "%s", path);
	while (fgets(line, sizeof(line), file)) {
		p = strchr(line, ':');
		if (*line == '#' || !p)
			continue;
		cr_assert(eq(sz, strtoul(line, NULL, 16), n));
		for (p++; n < sizeof(golden); p = end) {
			unsigned long byte = strtoul(p, &end, 16);

			if (end == p)
				break;
			golden[n++] = (unsigned char)byte;
		}
	}
	fclose(file);
	return n;
}

static void hex_print(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i % 8 == 0)
			fprintf(stderr, "%04zx:", i);
		fprintf(stderr, " %02x%s", bytes[i], i % 8 == 7 ? "\n" : "");
	}
}

Test(archive_golden, the_bytes_are_these)
{
	size_t n = golden_load();
	int len = parcel_write(made, sizeof(made));

	cr_assert(gt(int, len, 0));
	if ((size_t)len != n || memcmp(made, golden, n) != 0)
		hex_print(made, (size_t)len);
	cr_assert(eq(sz, (size_t)len, n));
	cr_assert(eq(int, memcmp(made, golden, n), 0));
}

Test(archive_golden, and_they_read_as_they_did)
{
	size_t n = golden_load();

	cr_assert(eq(int, parcel_line_wrong(golden, n), 0));
}

Test(archive_golden, the_schema_is_this)
{
	char text[2048];

	cr_assert(gt(int, shmq_archive_schema(parcel_archive_type(), text, sizeof(text)), 0));
	cr_assert(eq(str, text,
		     "message parcel layout 1\n"
		     "record size\n"
		     "\tu16 width\n"
		     "\tf32 weight\n"
		     "record item\n"
		     "\tutf8 name\n"
		     "\tu8 count\n"
		     "\tstruct size size\n"
		     "fields\n"
		     "\tu64 id\n"
		     "\tutf8 to\n"
		     "\tbool urgent\n"
		     "\ti32 offset\n"
		     "\tarray(u16, 3) route\n"
		     "\tstruct size size\n"
		     "\tvector(u32) codes\n"
		     "\tvector(struct item) items\n"
		     "\tvector(string) tags\n"
		     "\toptional(f64) value\n"
		     "\toptional(string) memo\n"
		     "\toptional(struct size) box\n"
		     "+\tu16 zone = 7\n"
		     "+record stamp\n"
		     "+\t\ti64 at\n"
		     "+\tvector(struct stamp) stamps\n"));
	cr_assert(eq(u64, parcel_archive_fingerprint(), PARCEL_FINGERPRINT));
}
