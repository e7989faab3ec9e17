/* SPDX-License-Identifier: MIT */
/*
 * test_archive_json.c - a type from its text, a message as JSON, and texts that are none
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include <shmq/archive_decode.h>

#include "tests/unit/archive_stock.h"

TestSuite(archive_json, .timeout = 60);

static _Alignas(8) unsigned char buffer[1 << 20];

static void assert_same_type(const struct shmq_archive_type *a, const struct shmq_archive_type *b)
{
	cr_assert(eq(str, (char *)a->name, (char *)b->name));
	cr_assert(eq(u32, a->n_fields, b->n_fields));
	cr_assert(eq(u32, a->message, b->message));
	cr_assert(eq(u32, a->bytes, b->bytes), "%s", a->name);
	cr_assert(eq(u32, a->align, b->align), "%s", a->name);
	cr_assert(eq(u32, a->base_bytes, b->base_bytes), "%s", a->name);
	cr_assert(eq(u32, a->flags, b->flags), "%s", a->name);
	for (uint32_t i = 0; i < a->n_fields; i++) {
		const struct shmq_archive_field *f = a->fields + i, *g = b->fields + i;

		cr_assert(eq(str, (char *)f->name, (char *)g->name));
		cr_assert(eq(u32, f->offset, g->offset), "%s.%s", a->name, f->name);
		cr_assert(eq(u32, f->end, g->end), "%s.%s", a->name, f->name);
		cr_assert(eq(u32, f->count, g->count), "%s.%s", a->name, f->name);
		cr_assert(eq(u8, f->shape, g->shape), "%s.%s", a->name, f->name);
		cr_assert(eq(u8, f->element, g->element), "%s.%s", a->name, f->name);
		cr_assert(eq(u8, f->added, g->added), "%s.%s", a->name, f->name);
		cr_assert(eq(u64, f->default_int, g->default_int), "%s.%s", a->name, f->name);
		cr_assert(eq(dbl, f->default_real, g->default_real), "%s.%s", a->name, f->name);
		cr_assert(eq(int, !f->record, !g->record), "%s.%s", a->name, f->name);
		if (f->record)
			assert_same_type(f->record, g->record);
	}
}

static struct shmq_archive_type *reparse(const struct shmq_archive_type *type)
{
	struct shmq_archive_type *parsed = NULL;
	char text[8192];

	cr_assert(gt(int, shmq_archive_schema(type, text, sizeof(text)), 0));
	cr_assert(eq(int, shmq_archive_parse(text, &parsed), 0));
	return parsed;
}

/* The parser lays fields out by the document, the compiler by the ABI of the platform. */
Test(archive_json, a_text_makes_the_type_that_it_came_from)
{
	const struct shmq_archive_type *types[] = { scalars_archive_type(), sink_archive_type(),
						    tree_archive_type(),    stock_1.type(),
						    stock_2.type(),	    stock_3.type() };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct shmq_archive_type *parsed = reparse(types[i]);

		assert_same_type(parsed, types[i]);
		cr_assert(eq(u64, shmq_archive_fingerprint(parsed),
			     shmq_archive_fingerprint(types[i])));
		cr_assert(eq(u64, shmq_archive_family(parsed), shmq_archive_family(types[i])));
		parsed = shmq_archive_type_free(parsed);
		cr_assert(eq(ptr, parsed, NULL));
	}
	shmq_archive_type_free(NULL);
}

Test(archive_json, a_text_needs_room)
{
	char text[8192];
	int n = shmq_archive_schema(sink_archive_type(), text, sizeof(text));

	cr_assert(gt(int, n, 0));
	cr_assert(eq(sz, strlen(text), (size_t)n));
	cr_assert(eq(int, shmq_archive_schema(sink_archive_type(), text, (size_t)n), -EMSGSIZE));
	cr_assert(eq(int, shmq_archive_schema(sink_archive_type(), text, (size_t)n + 1), n));
	cr_assert(eq(int, shmq_archive_schema(&point_type_, text, sizeof(text)), -EINVAL));
}

Test(archive_json, a_ring_can_be_told_what_its_messages_are)
{
	struct shmq_ring_config config = { 0 };
	char text[8192];

	cr_assert(eq(int, shmq_archive_describe(sink_archive_type(), &config, text, 10), -EMSGSIZE));
	cr_assert(eq(u64, config.schema, 0));
	cr_assert(eq(int, shmq_archive_describe(sink_archive_type(), &config, text, sizeof(text)), 0));
	cr_assert(eq(u64, config.schema, sink_archive_fingerprint()));
	cr_assert(eq(ptr, (void *)config.schema_text, text));
}

#define HEAD "message m layout 1\n"

Test(archive_json, what_is_no_schema_is_refused)
{
	static const char *const texts[] = {
		"", "m", "message m layout 2\nfields\n\tu8 a\n", "message m\nfields\n\tu8 a\n", HEAD,
		HEAD "fields\n", HEAD "fields\n\tu8 a", HEAD "fields\n\tu8 a\n\n", HEAD "\tu8 a\n",
		HEAD "fields\nu8 a\n", HEAD "fields\n\tu8  a\n", HEAD "fields\n\tu8 a b\n",
		HEAD "fields\n\tu46 a\n", HEAD "fields\n\tstruct x a\n", HEAD "fields\n\tself a\n",
		HEAD "fields\n\tvector(self) a\n", HEAD "fields\n\tarray(u8, 0) a\n",
		HEAD "fields\n\tarray(u8, 65536) a\n", HEAD "fields\n\tarray(u8) a\n",
		HEAD "fields\n\tarray(u8, 03) a\n", HEAD "fields\n\tarray(string, 3) a\n",
		HEAD "fields\n\tarray(self, 3) a\n", HEAD "fields\n\tvector(vector(u8)) a\n",
		HEAD "fields\n\tvector(u8 a\n", HEAD "fields\n\tvector u8) a\n", HEAD "fields\n\t() a\n",
		HEAD "fields\n\tu8 9a\n", HEAD "fields\n\tu8 a-b\n", HEAD "fields\n\tu8 a\n\tu8 a\n",
		HEAD "fields\n+\tu8 a\n\tu8 b\n", HEAD "fields\n\tu8 a = 3\n",
		HEAD "fields\n\tu8 a\n+\tu8 b = 0\n", HEAD "fields\n\tu8 a\n+\tu8 b = 256\n",
		HEAD "fields\n\tu8 a\n+\ti8 b = 128\n", HEAD "fields\n\tu8 a\n+\tu8 b = x\n",
		HEAD "fields\n\tu8 a\n+\tbool b = 2\n", HEAD "fields\n\tu8 a\n+\tstring b = 1\n",
		HEAD "fields\n\tu8 a\n+\tf64 b = 1.5\n", HEAD "fields\n\tu8 a\n+\tu64 b = 18446744073709551616\n",
		HEAD "record r\nfields\n\tstruct r a\n", HEAD "record r\n\tu8 x\nfields\n\tu8 a\n",
		HEAD "record r\n\tu8 x\nrecord r\n\tu8 x\nfields\n\tstruct r a\n",
		HEAD "record r\n\tstruct r x\nfields\n\tstruct r a\n",
		HEAD "record r\n+\tu8 x\nfields\n\tstruct r a\n",
		HEAD "fields\n\tu8 a\n+record r\n+\t\tu8 x\n", HEAD "fields\n\tu8 a\n+\t\tu8 x\n",
		HEAD "fields\n\tu8 a\nrecord r\n\tu8 x\n\tstruct r b\n", HEAD "fields\n\tu8 a\nfields\n\tu8 b\n",
		/* 65,535 times 64 KiB */
		HEAD "record a\n\tarray(u64, 65535) x\nrecord b\n\tarray(struct a, 65535) x\nfields\n\tstruct b y\n",
	};
	struct shmq_archive_type *type = NULL;
	char *huge;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert(eq(int, shmq_archive_parse(texts[i], &type), -EBADMSG), "%s", texts[i]);
	huge = (char *)malloc(SHMQ_ARCHIVE_TEXT_MAX + 1);
	memset(huge, 'x', SHMQ_ARCHIVE_TEXT_MAX);
	huge[SHMQ_ARCHIVE_TEXT_MAX] = 0;
	cr_assert(eq(int, shmq_archive_parse(huge, &type), -E2BIG));
	free(huge);
	cr_assert(eq(ptr, type, NULL));
}

/* Any text that differs in one place is refused, or is the text of what was made of it. */
Test(archive_json, a_changed_text_is_refused_or_means_something_else)
{
	struct shmq_archive_type *type;
	char text[8192], again[8192];
	int n = shmq_archive_schema(stock_3.type(), text, sizeof(text));

	for (int i = 0; i < n; i++) {
		char was = text[i];

		for (const char *c = "\n\t +a0,)("; *c; c++) {
			text[i] = *c;
			if (shmq_archive_parse(text, &type) < 0)
				continue;
			cr_assert(eq(int, shmq_archive_schema(type, again, sizeof(again)), n));
			cr_assert(eq(str, again, text));
			shmq_archive_type_free(type);
		}
		text[i] = was;
	}
}

static char *json_of(const struct shmq_archive_type *type, int len, int *ret_r)
{
	char *json = NULL;
	size_t size;
	FILE *file = open_memstream(&json, &size);

	cr_assert(ne(ptr, file, NULL));
	*ret_r = shmq_archive_to_json(type, buffer, (size_t)len, file);
	fclose(file);
	return json;
}

SHMQ_RECORD(leg, (string, name), (optional(i8), ratio), (vector(self), legs));
SHMQ_MESSAGE(trade, (u64, id), (i16, delta), (bool, firm), (f32, part), (f64, price), (utf8, note),
	     (array(u8, 3), mac), (struct leg, main), (vector(struct leg), legs), (vector(string), tags),
	     (vector(bool), bits), (optional(struct leg), hedge), (optional(utf8), memo),
	     (optional(f64), stop), (f64, infinite));

static int trade_write(void)
{
	static const char *const tags[] = { "a", "", "\x01\"\\\n\xff" };
	static const uint8_t bits[] = { 1, 0 };
	struct shmq_builder b;
	struct trade *o;
	struct leg *legs;

	cr_assert(eq(int, trade_build(&b, buffer, sizeof(buffer), &o), 0));
	o->id = UINT64_MAX;
	o->delta = -32768;
	o->firm = true;
	o->part = 0.1f;
	o->price = 1e21;
	o->infinite = 1 / (o->infinite * o->infinite);
	o->mac[0] = 7;
	cr_assert(eq(int, trade_set_note(&b, o, "gr\xc3\xbc\xc3\x9f"), 0));
	cr_assert(eq(int, trade_new_legs(&b, o, 2, &legs), 0));
	leg_set_ratio(legs, -1);
	cr_assert(eq(int, leg_set_name(&b, legs + 1, "x"), 0));
	cr_assert(eq(int, leg_new_legs(&b, legs + 1, 1, &legs), 0));
	cr_assert(eq(int, trade_put_tags(&b, o, tags, 3), 0));
	cr_assert(eq(int, trade_put_bits(&b, o, bits, 2), 0));
	cr_assert(eq(int, trade_set_memo(&b, o, ""), 0));
	trade_set_stop(o, -0.25);
	return trade_finish(&b);
}

Test(archive_json, everything_is_printed)
{
	static const char want[] =
		"{\"id\":18446744073709551615,\"delta\":-32768,\"firm\":true,\"part\":0.1,"
		"\"price\":1e+21,\"note\":\"gr\xc3\xbc\xc3\x9f\",\"mac\":[7,0,0],"
		"\"main\":{\"name\":\"\",\"ratio\":null,\"legs\":[]},"
		"\"legs\":[{\"name\":\"\",\"ratio\":-1,\"legs\":[]},"
		"{\"name\":\"x\",\"ratio\":null,\"legs\":[{\"name\":\"\",\"ratio\":null,\"legs\":[]}]}],"
		"\"tags\":[\"a\",\"\",\"\\u0001\\\"\\\\\\n\\u00ff\"],\"bits\":[true,false],"
		"\"hedge\":null,\"memo\":\"\",\"stop\":-0.25,\"infinite\":null}";
	struct shmq_archive_type *parsed = reparse(trade_archive_type());
	int len = trade_write(), r;
	char *json = json_of(parsed, len, &r);

	cr_assert(eq(int, r, 0));
	cr_assert(eq(str, json, (char *)want));
	free(json);
	buffer[offsetof(struct trade, firm)] = 2;
	json = json_of(parsed, len, &r);
	cr_assert(eq(int, r, -EBADMSG));
	cr_assert(eq(str, json, ""));
	free(json);
	shmq_archive_type_free(parsed);
}

Test(archive_json, an_old_message_is_printed_with_defaults)
{
	struct shmq_archive_type *parsed = reparse(stock_3.type());
	int len = stock_1.write(1, buffer, sizeof(buffer)), r;
	char *json = json_of(parsed, len, &r);

	cr_assert(eq(int, r, 0));
	cr_assert(ne(ptr, strstr(json, "\"venue\":7,\"note\":\"\",\"fee\":-0.5,\"skew\":-3,"
				       "\"live\":true,\"rate\":0,\"shelf\":{\"ends\":[{\"text\":\"\","),
		     NULL));
	cr_assert(ne(ptr, strstr(json, "\"codes\":[0,0,0,0],\"marks\":[],\"hint\":null,\"more\":null,"),
		     NULL));
	cr_assert(ne(ptr, strstr(json, "\"last\":9}"), NULL));
	free(json);
	shmq_archive_type_free(parsed);
}

Test(archive_json, a_file_that_takes_nothing_is_an_error)
{
	FILE *full = fopen("/dev/full", "w");
	int len = trade_write();

	cr_assert(ne(ptr, full, NULL));
	setvbuf(full, NULL, _IONBF, 0);
	cr_assert(eq(int, shmq_archive_to_json(trade_archive_type(), buffer, (size_t)len, full), -EIO));
	fclose(full);
}
