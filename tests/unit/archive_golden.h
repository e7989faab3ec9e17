/* SPDX-License-Identifier: MIT */
/*
 * archive_golden.h - the message whose bytes are pinned; C and C++ read it
 */
#pragma once

#include <shmq/archive.h>

SHMQ_RECORD(size, (u16, width), (f32, weight));
SHMQ_RECORD(item, (utf8, name), (u8, count), (struct size, size));
SHMQ_RECORD(stamp, (i64, at));
SHMQ_MESSAGE(parcel,
	(u64, id),
	(utf8, to),
	(bool, urgent),
	(i32, offset),
	(array(u16, 3), route),
	(struct size, size),
	(vector(u32), codes),
	(vector(struct item), items),
	(vector(string), tags),
	(optional(f64), value),
	(optional(string), memo),
	(optional(struct size), box),
	(u16, zone, added(7)),
	(vector(struct stamp), stamps, added));

#define PARCEL_FINGERPRINT UINT64_C(0xbfaeb1ccbee437bd)

/* The value in docs/archive-layout.md. Return: its length, or -errno. */
static inline int parcel_write(void *buf, size_t cap)
{
	static const uint32_t codes[] = { 1, 2, 3 };
	struct parcel_items_list items;
	struct parcel_tags_list tags;
	struct shmq_builder b;
	struct parcel *o;
	struct item *item;
	struct size *box;

	if (parcel_build(&b, buf, cap, &o) < 0)
		return -1;
	o->id = 0x1122334455667788;
	o->urgent = true;
	o->offset = -2;
	o->route[0] = 10;
	o->route[1] = 11;
	o->route[2] = 12;
	o->size.width = 300;
	o->size.weight = 1.5f;
	parcel_set_value(o, 0.25);
	parcel_set_to(&b, o, "K\xc3\xb6ln");
	parcel_put_codes(&b, o, codes, 3);
	parcel_begin_items(&b, o, &items);
	if (parcel_add_items(&items, &item) == 0) {
		item->count = 1;
		item_set_name(&b, item, "nut");
	}
	if (parcel_add_items(&items, &item) == 0) {
		item->count = 2;
		item_set_name(&b, item, "bolt");
	}
	parcel_end_items(&items);
	parcel_begin_tags(&b, o, &tags);
	parcel_add_tags(&tags, "a");
	parcel_add_tags(&tags, "");
	parcel_end_tags(&tags);
	parcel_set_memo(&b, o, "");
	if (parcel_new_box(&b, o, &box) == 0)
		box->width = 40;
	return shmq_builder_error(&b) ? shmq_builder_error(&b) : parcel_finish(&b);
}

#define PARCEL_IS(cond)                                                                            \
	do {                                                                                       \
		if (!(cond))                                                                       \
			return __LINE__;                                                           \
	} while (0)

/* Return: 0, or the line of what reads differently. */
static inline int parcel_line_wrong(const void *buf, size_t len)
{
	const struct parcel *o;
	const struct item *items;

	PARCEL_IS(parcel_access(buf, len, &o) == 0);
	items = parcel_items(o);
	PARCEL_IS(parcel_id(o) == 0x1122334455667788 && o->id == parcel_id(o));
	PARCEL_IS(strcmp(parcel_to(o), "K\xc3\xb6ln") == 0 && parcel_len_to(o) == 5);
	PARCEL_IS(parcel_urgent(o) && parcel_offset(o) == -2);
	PARCEL_IS(parcel_n_route(o) == 3 && parcel_route(o)[2] == 12);
	PARCEL_IS(size_width(parcel_size(o)) == 300 && o->size.weight == 1.5f);
	PARCEL_IS(parcel_n_codes(o) == 3 && parcel_codes(o)[1] == 2);
	PARCEL_IS(parcel_n_items(o) == 2 && item_count(items + 1) == 2);
	PARCEL_IS(strcmp(item_name(items), "nut") == 0 && strcmp(item_name(items + 1), "bolt") == 0);
	PARCEL_IS(parcel_n_tags(o) == 2 && strcmp(parcel_tags(o, 0), "a") == 0);
	PARCEL_IS(parcel_len_tags(o, 1) == 0);
	PARCEL_IS(parcel_has_value(o) && parcel_value(o) == 0.25);
	PARCEL_IS(parcel_has_memo(o) && parcel_len_memo(o) == 0);
	PARCEL_IS(parcel_box(o) && size_width(parcel_box(o)) == 40);
	PARCEL_IS(parcel_zone(o) == 7 && parcel_n_stamps(o) == 0);
	return 0;
}
