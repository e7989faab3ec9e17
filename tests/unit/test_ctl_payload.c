/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_payload.c - only well-formed UTF-8 is text, all else is hex
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/payload.h"

TestSuite(payload, .timeout = 10);

#define IS_TEXT(text) payload_is_text(text, sizeof(text) - 1)

Test(payload, utf8_is_text)
{
	cr_expect(IS_TEXT(""));
	cr_expect(IS_TEXT("hello\tworld\n"));
	cr_expect(IS_TEXT("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82"));
	cr_expect(IS_TEXT("\xf4\x8f\xbf\xbf"), "U+10FFFF");
	cr_expect(IS_TEXT("a\0b"), "JSON can escape a zero");
}

Test(payload, everything_else_is_not)
{
	cr_expect_not(IS_TEXT("\x80"), "a continuation alone");
	cr_expect_not(IS_TEXT("\xc3"), "cut short");
	cr_expect_not(IS_TEXT("\xe2\x82"), "cut short");
	cr_expect_not(IS_TEXT("\xc0\xaf"), "longer than needed");
	cr_expect_not(IS_TEXT("\xe0\x80\xaf"), "longer than needed");
	cr_expect_not(IS_TEXT("\xf0\x80\x80\xaf"), "longer than needed");
	cr_expect_not(IS_TEXT("\xed\xa0\x80"), "a surrogate");
	cr_expect_not(IS_TEXT("\xf4\x90\x80\x80"), "beyond U+10FFFF");
	cr_expect_not(IS_TEXT("\xff"));
	cr_expect_not(IS_TEXT("ok\xfe"));
}

static const char *json_of(const void *data, size_t len, const char *key)
{
	static char text[256];
	struct json_object *root = json_object_new_object(), *value, *again;

	cr_assert_eq(payload_add_json(root, data, len), 0);
	again = json_tokener_parse(json_object_to_json_string(root));
	cr_assert_not_null(again, "not JSON: %s", json_object_to_json_string(root));
	cr_assert(json_object_object_get_ex(again, key, &value), "no %s", key);
	snprintf(text, sizeof(text), "%s", json_object_get_string(value));
	cr_assert_eq(json_object_object_length(again), 1);
	json_object_put(root);
	json_object_put(again);
	return text;
}

Test(payload, json_has_text_or_hex)
{
	cr_expect_str_eq(json_of("say \"hi\"\n", 9, "text"), "say \"hi\"\n");
	cr_expect_str_eq(json_of("", 0, "text"), "");
	cr_expect_str_eq(json_of("\x00\xff", 2, "hex"), "00ff");
}
