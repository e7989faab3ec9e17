/* SPDX-License-Identifier: MIT */
/*
 * test_archive_access.c - one lie at a time: each thing that access() promises to check
 *
 * Both validators are asked. The message lies at the end of a heap block of its size, so that the
 * sanitizers see a step outside.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include <shmq/archive_decode.h>

#include "tests/unit/archive_cases.h"

TestSuite(archive_access, .timeout = 60);

static _Alignas(8) unsigned char buffer[1 << 16];
static struct shmq_builder builder;
static struct sink *msg;
static int len;

static void sink_setup(void)
{
	static const char *const lines[] = { "one", "two" };
	static const struct point cloud[2] = { { 1, 2 }, { 3, 4 } };
	struct mark *marks;
	struct tick *first;

	cr_assert(eq(int, sink_build(&builder, buffer, sizeof(buffer), &msg), 0));
	cr_assert(eq(int, sink_set_words(&builder, msg, "gr\xc3\xbc\xc3\x9f"), 0));
	cr_assert(eq(int, sink_set_bytes(&builder, msg, "\xff\xfe"), 0));
	cr_assert(eq(int, sink_put_lines(&builder, msg, lines, 2), 0));
	cr_assert(eq(int, sink_put_cloud(&builder, msg, cloud, 2), 0));
	cr_assert(eq(int, sink_new_marks(&builder, msg, 3, &marks), 0));
	cr_assert(eq(int, mark_set_text(&builder, marks + 2, "m"), 0));
	cr_assert(eq(int, sink_new_first(&builder, msg, &first), 0));
	cr_assert(eq(int, sink_set_memo(&builder, msg, ""), 0));
	len = sink_finish(&builder);
	cr_assert(gt(int, len, 0));
}

static int sink_judge_at(const void *at, size_t n)
{
	unsigned char *copy = (unsigned char *)malloc(n ? n : 1);
	const struct sink *o;
	int r, generic;

	memcpy(copy, at, n);
	r = sink_access(copy, n, &o);
	generic = shmq_archive_verify(sink_archive_type(), copy, n);
	if (r == 0)
		sink_touch(o);
	free(copy);
	cr_assert(eq(int, generic, r));
	return r;
}

static int sink_judge(void)
{
	return sink_judge_at(buffer, (size_t)len);
}

/* Whether the message is refused while @word is @value. */
static int refused_with(void *word, uint32_t value)
{
	uint32_t was;
	int r;

	memcpy(&was, word, 4);
	memcpy(word, &value, 4);
	r = sink_judge();
	memcpy(word, &was, 4);
	cr_assert(eq(int, sink_judge(), 0));
	return r == -EBADMSG;
}

#define AccessTest(name) Test(archive_access, name, .init = sink_setup)

AccessTest(the_head_must_be_right)
{
	struct shmq_archive_head *head = &msg->head_;

	cr_assert(eq(int, sink_judge(), 0));
	cr_assert(refused_with(&head->bytes, (uint32_t)len + 8));
	cr_assert(refused_with(&head->bytes, (uint32_t)len - 1));
	cr_assert(refused_with(&head->bytes, 0));
	cr_assert(refused_with(&head->bytes, UINT32_MAX - 7));
	cr_assert(refused_with(&head->root_bytes, 0));
	cr_assert(refused_with(&head->root_bytes, (uint32_t)len + 8));
	cr_assert(refused_with(&head->root_bytes, UINT32_MAX));
	head->family ^= 1;
	cr_assert(eq(int, sink_judge(), -EPROTO));
}

AccessTest(every_shorter_message_is_refused)
{
	for (int n = 0; n < len; n++)
		cr_assert(eq(int, sink_judge_at(buffer, (size_t)n), -EBADMSG), "%d bytes", n);
}

AccessTest(a_longer_buffer_is_accepted)
{
	cr_assert(eq(int, sink_judge_at(buffer, (size_t)len + 100), 0));
}

AccessTest(another_type_is_refused)
{
	const struct tree *o;

	cr_assert(eq(int, tree_access(buffer, (size_t)len, &o), -EPROTO));
}

AccessTest(a_misaligned_buffer_is_refused)
{
	static _Alignas(8) unsigned char shifted[sizeof(buffer)];
	const struct sink *o;

	memcpy(shifted + 4, buffer, (size_t)len);
	cr_assert(eq(int, sink_access(shifted + 4, (size_t)len, &o), -EINVAL));
	cr_assert(eq(int, sink_access_copy(shifted + 4, (size_t)len, buffer, sizeof(buffer), &o), 0));
	cr_assert(eq(int, sink_access_copy(shifted + 4, (size_t)len, buffer, (size_t)len - 1, &o),
		     -EMSGSIZE));
}

AccessTest(references_must_lead_inside)
{
	uint32_t at = (uint32_t)((unsigned char *)&msg->cloud - buffer);

	cr_assert(refused_with(&msg->cloud.count, 3 + (uint32_t)len / 16));
	cr_assert(refused_with(&msg->cloud.count, UINT32_MAX));
	cr_assert(refused_with(&msg->cloud.count, 0x10000002));
	cr_assert(refused_with(&msg->cloud.offset, (uint32_t)len - at));
	cr_assert(refused_with(&msg->cloud.offset, 0 - at - 8));
	cr_assert(refused_with(&msg->cloud.offset, INT32_MAX));
	cr_assert(refused_with(&msg->cloud.offset, (uint32_t)INT32_MIN));
	cr_assert(refused_with(&msg->cloud.offset, 0));
	cr_assert(refused_with(&msg->cloud.offset, (uint32_t)msg->cloud.offset + 4));
	cr_assert(refused_with(&msg->marks.count, 4 + (uint32_t)len / sizeof(struct mark)));
}

AccessTest(texts_must_be_texts)
{
	unsigned char *words = (unsigned char *)shmq_ref_at(&msg->words);
	unsigned char *bytes = (unsigned char *)shmq_ref_at(&msg->bytes);
	unsigned char *line = (unsigned char *)shmq_ref_at((const struct shmq_ref *)shmq_ref_at(
		&msg->lines));

	cr_assert(refused_with(&msg->words.count, msg->words.count + 1)); /* a NUL inside */
	cr_assert(refused_with(&msg->words.count, msg->words.count - 1)); /* none behind */
	cr_assert(refused_with(&msg->memo.count, 1));
	words[2] = 0xff;
	cr_assert(eq(int, sink_judge(), -EBADMSG));
	words[2] = 0xc3;
	bytes[0] = 0x80; /* only utf8 fields are UTF-8 */
	cr_assert(eq(int, sink_judge(), 0));
	bytes[2] = 1;
	cr_assert(eq(int, sink_judge(), -EBADMSG));
	bytes[2] = 0;
	line[1] = 0;
	cr_assert(eq(int, sink_judge(), -EBADMSG));
}

AccessTest(flags_must_be_0_or_1)
{
	struct mark *mark = (struct mark *)shmq_ref_at(&msg->marks);

	mark[2].shade.present = 2;
	cr_assert(eq(int, sink_judge(), -EBADMSG));
	mark[2].shade.present = 1;
	cr_assert(eq(int, sink_judge(), 0));
	msg->lamp.before[2] = 2;
	cr_assert(eq(int, sink_judge(), -EBADMSG));
	msg->lamp.before[2] = 1;
	cr_assert(eq(int, sink_judge(), 0));
	msg->walls[1].lamps[1].lit = 0xff;
	cr_assert(eq(int, sink_judge(), -EBADMSG));
}

AccessTest(an_optional_record_is_one_or_none)
{
	cr_assert(refused_with(&msg->first.count, 0));
	cr_assert(refused_with(&msg->first.count, 2));
	cr_assert(refused_with(&msg->first.offset, 0));
}

Test(archive_access, utf8_is_what_the_standard_says)
{
	static const struct {
		const char *text;
		int ok;
	} cases[] = {
		{ "", 1 }, { "ascii only, and long enough", 1 }, { "\x7f", 1 }, { "\xc2\x80", 1 },
		{ "\xdf\xbf", 1 }, { "\xe0\xa0\x80", 1 }, { "\xed\x9f\xbf", 1 }, { "\xee\x80\x80", 1 },
		{ "\xef\xbf\xbf", 1 }, { "\xf0\x90\x80\x80", 1 }, { "\xf4\x8f\xbf\xbf", 1 },
		{ "12345678\xe2\x82\xac" "12345678", 1 },
		{ "\x80", 0 }, { "\xbf", 0 }, { "\xc0\x80", 0 }, { "\xc1\xbf", 0 }, { "\xc2", 0 },
		{ "\xc2\x7f", 0 }, { "\xc2\xc0", 0 }, { "\xe0\x9f\xbf", 0 }, { "\xe0\xa0", 0 },
		{ "\xed\xa0\x80", 0 }, { "\xed\xbf\xbf", 0 }, { "\xe1\x80\xc0", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 }, { "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 },
		{ "\xf0\x90\x80", 0 }, { "\xf1\x80\x80\x7f", 0 }, { "\xff", 0 }, { "\xfe", 0 },
		{ "1234567\xe2\x82", 0 }, { "12345678\xa0", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].text);
		char *exact = (char *)malloc(n ? n : 1);

		memcpy(exact, cases[i].text, n);
		cr_assert(eq(int, shmq_text_ok(exact, n, 1), cases[i].ok), "case %zu", i);
		cr_assert(eq(int, shmq_text_ok(exact, n, 0), 1), "case %zu", i);
		free(exact);
	}
	for (size_t n = 1; n < 30; n++) { /* a NUL anywhere */
		for (size_t at = 0; at < n; at++) {
			char text[30];

			memset(text, 'a', sizeof(text));
			text[at] = 0;
			cr_assert(eq(int, shmq_text_ok(text, n, 0), 0));
			cr_assert(eq(int, shmq_text_ok(text, n, 1), 0));
		}
	}
}

/* A tree in which node i has two children that are both node i + 1: 2^n visits for n nodes, unless
 * every visit is paid for. And one whose only node is its own child. */
Test(archive_access, sharing_and_circles_are_refused_at_once)
{
	struct tree *o;
	struct node *at, *kids;
	const struct tree *got;
	int n;

	cr_assert(eq(int, tree_build(&builder, buffer, sizeof(buffer), &o), 0));
	at = tree_edit_root(o);
	for (int i = 0; i < 30; i++, at = kids) {
		cr_assert(eq(int, node_new_children(&builder, at, 1, &kids), 0));
		at->twin = at->children;
		at->twin.offset += (int32_t)offsetof(struct node, children) -
				   (int32_t)offsetof(struct node, twin);
	}
	n = shmq_builder_finish_(&builder);
	cr_assert(eq(int, tree_access(buffer, (size_t)n, &got), -EBADMSG));
	cr_assert(eq(int, shmq_archive_verify(tree_archive_type(), buffer, (size_t)n), -EBADMSG));

	cr_assert(eq(int, tree_build(&builder, buffer, sizeof(buffer), &o), 0));
	cr_assert(eq(int, node_new_twin(&builder, tree_edit_root(o), &at), 0));
	shmq_ref_set_(&at->twin, (unsigned char *)at, 1);
	n = shmq_builder_finish_(&builder);
	cr_assert(eq(int, tree_access(buffer, (size_t)n, &got), -EBADMSG));
	cr_assert(eq(int, shmq_archive_verify(tree_archive_type(), buffer, (size_t)n), -EBADMSG));
}

/* Many vectors that lead to one place: each is inside, together they are more than there is. */
Test(archive_access, work_is_bounded_by_the_length)
{
	const struct sink *got;
	struct sink *o;
	struct mark *marks;
	const uint32_t n = 500;
	char text[1000];
	int r;

	memset(text, 'x', sizeof(text));
	cr_assert(eq(int, sink_build(&builder, buffer, sizeof(buffer), &o), 0));
	cr_assert(eq(int, sink_new_marks(&builder, o, n, &marks), 0));
	cr_assert(eq(int, mark_put_text(&builder, marks, text, sizeof(text)), 0));
	r = sink_finish(&builder);
	cr_assert(eq(int, sink_access(buffer, (size_t)r, &got), 0));
	for (uint32_t i = 1; i < n; i++)
		shmq_ref_set_(&marks[i].text, (const unsigned char *)mark_text(marks), sizeof(text));
	cr_assert(eq(int, sink_access(buffer, (size_t)r, &got), -EBADMSG));
	cr_assert(eq(int, shmq_archive_verify(sink_archive_type(), buffer, (size_t)r), -EBADMSG));
}
