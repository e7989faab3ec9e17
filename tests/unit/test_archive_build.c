/* SPDX-License-Identifier: MIT */
/*
 * test_archive_build.c - the builder: where things go, what it refuses, and that it can be resumed
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/archive_cases.h"

TestSuite(archive_build, .timeout = 10);

static _Alignas(8) unsigned char buffer[4096];
static struct shmq_builder builder;

static struct sink *sink_start(size_t cap)
{
	struct sink *o = NULL;

	memset(buffer, 0xee, sizeof(buffer));
	cr_assert(eq(int, sink_build(&builder, buffer, cap, &o), 0));
	return o;
}

static const struct sink *sink_reopen(void)
{
	const struct sink *o = NULL;
	int len = sink_finish(&builder);

	cr_assert(gt(int, len, 0));
	cr_assert(eq(int, len % 8, 0));
	cr_assert(eq(int, sink_access(buffer, (size_t)len, &o), 0));
	return o;
}

Test(archive_build, an_untouched_message_is_empty)
{
	const struct sink *o;

	sink_start(sizeof(buffer));
	o = sink_reopen();
	cr_assert(eq(str, (char *)sink_bytes(o), ""));
	cr_assert(eq(sz, sink_len_words(o), 0));
	cr_assert(eq(sz, sink_n_marks(o), 0));
	cr_assert(eq(str, (char *)sink_lines(o, 0), ""));
	cr_assert(not(sink_has_memo(o)));
	cr_assert(eq(ptr, (void *)sink_first(o), NULL));
	cr_assert(eq(u32, o->head_.bytes, sizeof(struct sink)));
}

Test(archive_build, a_buffer_too_small_or_misaligned_is_refused)
{
	struct sink *o;

	cr_assert(eq(int, sink_build(&builder, buffer, sizeof(*o) - 1, &o), -EMSGSIZE));
	cr_assert(eq(int, sink_build(&builder, buffer + 4, 4000, &o), -EINVAL));
	cr_assert(eq(int, sink_build(&builder, buffer, sizeof(*o), &o), 0));
	cr_assert(eq(int, sink_set_words(&builder, o, "x"), -EMSGSIZE));
	cr_assert(eq(int, sink_finish(&builder), (int)sizeof(*o)));
}

Test(archive_build, running_out_leaves_the_field_as_it_was)
{
	static const struct point cloud[3] = { { 1, 2 }, { 3, 4 }, { 5, 6 } };
	struct sink *o = sink_start(sizeof(struct sink) + 40);
	struct sink_lines_list lines;
	const struct sink *got;

	cr_assert(eq(int, sink_set_words(&builder, o, "first"), 0));
	cr_assert(eq(int, sink_set_words(&builder, o, "what is longer than 40 bytes, clearly so"),
		     -EMSGSIZE));
	cr_assert(eq(int, sink_put_cloud(&builder, o, cloud, 3), -EMSGSIZE));
	cr_assert(eq(int, sink_put_cloud(&builder, o, cloud, SIZE_MAX), -EMSGSIZE));
	cr_assert(eq(int, sink_put_cloud(&builder, o, cloud, 1), 0));
	cr_assert(eq(int, sink_begin_lines(&builder, o, &lines), 0));
	cr_assert(eq(int, sink_add_lines(&lines, "a"), 0));
	cr_assert(eq(int, sink_add_lines(&lines, "b"), -EMSGSIZE));
	cr_assert(eq(int, sink_end_lines(&lines), 0));
	cr_assert(eq(int, shmq_builder_error(&builder), -EMSGSIZE));
	got = sink_reopen();
	cr_assert(eq(str, (char *)sink_words(got), "first"));
	cr_assert(eq(sz, sink_n_cloud(got), 1));
	cr_assert(eq(sz, sink_n_lines(got), 1));
	cr_assert(eq(str, (char *)sink_lines(got, 0), "a"));
}

Test(archive_build, texts_are_checked_where_they_are_written)
{
	struct sink *o = sink_start(sizeof(buffer));
	const char *lines[] = { "fine", NULL };

	cr_assert(eq(int, sink_set_words(&builder, o, "\xc3\x28"), -EILSEQ));
	cr_assert(eq(int, sink_set_bytes(&builder, o, "\xc3\x28"), 0));
	cr_assert(eq(int, sink_put_words(&builder, o, "a\0b", 3), -EILSEQ));
	cr_assert(eq(int, sink_put_bytes(&builder, o, "a\0b", 3), -EILSEQ));
	cr_assert(eq(int, sink_put_lines(&builder, o, lines, 2), -EINVAL));
	cr_assert(eq(sz, sink_n_lines(o), 0));
	lines[1] = "too";
	cr_assert(eq(int, sink_put_lines(&builder, o, lines, 2), 0));
	cr_assert(eq(str, (char *)sink_lines(sink_reopen(), 1), "too"));
}

Test(archive_build, an_empty_text_is_told_from_none)
{
	struct sink *o = sink_start(sizeof(buffer));
	const struct sink *got;

	cr_assert(eq(int, sink_set_memo(&builder, o, ""), 0));
	cr_assert(eq(int, sink_set_title(&builder, o, "x"), 0));
	cr_assert(eq(int, sink_set_title(&builder, o, NULL), 0));
	got = sink_reopen();
	cr_assert(sink_has_memo(got));
	cr_assert(eq(sz, sink_len_memo(got), 0));
	cr_assert(not(sink_has_title(got)));
}

Test(archive_build, only_what_lies_in_the_buffer_can_refer)
{
	struct sink *o = sink_start(sizeof(buffer));
	struct mark elsewhere = { 0 };
	struct sink_ticks_list ticks;
	struct tick *tick;

	cr_assert(eq(int, mark_set_text(&builder, &elsewhere, "x"), -EINVAL));
	cr_assert(eq(int, sink_begin_ticks(&builder, (struct sink *)&elsewhere, &ticks), -EINVAL));
	cr_assert(eq(int, sink_add_ticks(&ticks, &tick), -EBUSY));
	cr_assert(eq(int, sink_end_ticks(&ticks), -EBUSY));
	cr_assert(eq(int, sink_set_words(&builder, o, "x"), 0));
}

Test(archive_build, a_list_of_plain_records_stays_where_it_was_written)
{
	struct sink *o = sink_start(sizeof(buffer));
	struct sink_ticks_list ticks;
	struct tick *tick, *first = NULL;
	const struct sink *got;

	cr_assert(eq(int, sink_set_words(&builder, o, "odd"), 0));
	cr_assert(eq(int, sink_begin_ticks(&builder, o, &ticks), 0));
	for (int i = 0; i < 100; i++) {
		cr_assert(eq(int, sink_add_ticks(&ticks, &tick), 0));
		tick->delta = i;
		first = first ? first : tick;
	}
	cr_assert(eq(int, sink_set_bytes(&builder, o, "x"), -EBUSY));
	cr_assert(eq(int, sink_finish(&builder), -EBUSY));
	cr_assert(eq(int, sink_end_ticks(&ticks), 0));
	cr_assert(eq(int, sink_set_bytes(&builder, o, "x"), 0));
	got = sink_reopen();
	cr_assert(eq(ptr, (void *)sink_ticks(got), first));
	cr_assert(eq(sz, sink_n_ticks(got), 100));
	for (int i = 0; i < 100; i++)
		cr_assert(eq(i32, sink_ticks(got)[i].delta, i));
}

/* Elements with texts, a list in each element, and a buffer so full that nothing can be set aside. */
static void lists_nest(uint32_t n_shelves, size_t cap)
{
	struct sink *o = sink_start(cap);
	struct sink_shelves_list shelves;
	struct shelf_names_list names;
	struct shelf *shelf;
	const struct sink *got;
	char text[16];

	cr_assert(eq(int, sink_begin_shelves(&builder, o, &shelves), 0));
	for (uint32_t i = 0; i < n_shelves; i++) {
		cr_assert(eq(int, sink_add_shelves(&shelves, &shelf), 0));
		cr_assert(eq(int, shelf_begin_names(&builder, shelf, &names), 0));
		cr_assert(eq(int, sink_add_shelves(&shelves, &shelf), -EBUSY));
		for (uint32_t k = 0; k < i % 5; k++) {
			snprintf(text, sizeof(text), "%u.%u", i, k);
			cr_assert(eq(int, shelf_add_names(&names, text), 0));
		}
		cr_assert(eq(int, shelf_end_names(&names), 0));
		cr_assert(eq(int, mark_set_text(&builder, shelf->ends, "left"), 0));
	}
	cr_assert(eq(int, sink_end_shelves(&shelves), 0));
	got = sink_reopen();
	cr_assert(eq(sz, sink_n_shelves(got), n_shelves));
	for (uint32_t i = 0; i < n_shelves; i++) {
		const struct shelf *s = sink_shelves(got) + i;

		cr_assert(eq(sz, shelf_n_names(s), i % 5));
		cr_assert(eq(str, (char *)mark_text(shelf_ends(s)), "left"));
		for (uint32_t k = 0; k < i % 5; k++) {
			snprintf(text, sizeof(text), "%u.%u", i, k);
			cr_assert(eq(str, (char *)shelf_names(s, k), text));
		}
	}
}

Test(archive_build, lists_nest_and_keep_their_order)
{
	size_t full;

	for (uint32_t n = 0; n < 9; n++) {
		lists_nest(n, sizeof(buffer));
		full = builder.low;
		lists_nest(n, full); /* to the last byte: elements are reversed in place */
	}
}

Test(archive_build, a_cancelled_list_leaves_no_trace)
{
	struct sink *o = sink_start(sizeof(buffer));
	struct sink_lines_list lines;
	struct sink_ticks_list ticks;
	struct tick *tick;
	size_t room = shmq_builder_room(&builder);

	cr_assert(eq(int, sink_begin_ticks(&builder, o, &ticks), 0));
	cr_assert(eq(int, sink_add_ticks(&ticks, &tick), 0));
	cr_assert(eq(int, sink_cancel_ticks(&ticks), 0));
	cr_assert(eq(sz, shmq_builder_room(&builder), room));
	cr_assert(eq(int, sink_begin_lines(&builder, o, &lines), 0));
	cr_assert(eq(int, sink_add_lines(&lines, "x"), 0));
	cr_assert(eq(int, sink_cancel_lines(&lines), 0));
	cr_assert(eq(int, sink_cancel_lines(&lines), -EBUSY));
	cr_assert(eq(sz, sink_n_lines(sink_reopen()), 0));
}

Test(archive_build, deeper_than_readers_accept_is_refused)
{
	struct tree *o;
	struct node *at;
	int r = 0;

	cr_assert(eq(int, tree_build(&builder, buffer, sizeof(buffer), &o), 0));
	at = tree_edit_root(o);
	for (uint32_t i = 0; i < SHMQ_ARCHIVE_DEPTH_MAX && r == 0; i++)
		r = node_new_twin(&builder, at, &at);
	cr_assert(eq(int, r, 0));
	cr_assert(gt(int, tree_finish(&builder), 0));
	cr_assert(eq(int, node_new_twin(&builder, at, &at), 0));
	cr_assert(eq(int, tree_finish(&builder), -ELOOP));
}

Test(archive_build, bools_are_nothing_but_0_and_1)
{
	static const uint8_t values[] = { 0, 1, 2 };
	struct shmq_builder b;
	struct scalars *o;

	cr_assert(eq(int, scalars_build(&b, buffer, sizeof(buffer), &o), 0));
	cr_assert(eq(int, scalars_put_c_bool(&b, o, values, 3), -EINVAL));
	cr_assert(eq(int, scalars_put_c_bool(&b, o, values, 2), 0));
	scalars_set_a_bool(o, 256); /* as C converts it */
	cr_assert(eq(u8, o->a_bool, 1));
}
