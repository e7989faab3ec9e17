/* SPDX-License-Identifier: MIT */
/*
 * archive_stock_2.c - the second version
 */
#include "tests/unit/archive_stock.h"

RANDOM_MESSAGE(stock, STOCK_2);
STOCK_VERSION(2);
