/* SPDX-License-Identifier: MIT */
/*
 * archive_stock_3.c - the third version, and how it reads messages of the others
 */
#include "tests/unit/archive_stock.h"

RANDOM_MESSAGE(stock, STOCK_3);
STOCK_VERSION(3);

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			return __LINE__;                                                           \
	} while (0)

int stock_3_lacks_2(const void *msg)
{
	const struct stock *o = stock_access_unchecked(msg);

	EXPECT(stock_venue(o) == 7);
	EXPECT(stock_len_note(o) == 0 && stock_note(o)[0] == 0);
	EXPECT(stock_fee(o) == -0.5);
	EXPECT(stock_skew(o) == -3);
	EXPECT(stock_live(o));
	EXPECT(stock_rate(o) == 0);
	return 0;
}

int stock_3_lacks_3(const void *msg)
{
	const struct stock *o = stock_access_unchecked(msg);
	const struct shelf *shelf = stock_shelf(o);

	EXPECT(shelf_n_marks(shelf) == 0 && shelf_n_names(shelf) == 0 && shelf_n_bytes(shelf) == 0);
	EXPECT(mark_text(shelf_ends(shelf) + 1)[0] == 0 && !lamp_lit(shelf_lamps(shelf)));
	EXPECT(stock_n_codes(o) == 4 && stock_codes(o)[0] == 0 && stock_codes(o)[3] == 0);
	EXPECT(stock_n_marks(o) == 0);
	EXPECT(!stock_has_hint(o) && stock_hint(o) == 0);
	EXPECT(!stock_has_more(o) && stock_more(o) == NULL);
	EXPECT(stock_n_pair(o) == 2 && mark_len_text(stock_pair(o) + 1) == 0);
	EXPECT(stock_n_lines(o) == 0 && stock_lines(o, 0)[0] == 0);
	EXPECT(stock_n_sizes(o) == 0);
	EXPECT(!stock_has_alias(o) && stock_alias(o)[0] == 0);
	EXPECT(!lamp_lit(stock_lamp(o)));
	EXPECT(stock_last(o) == 9);
	return 0;
}
