/* SPDX-License-Identifier: MIT */
/*
 * archive_stock_1.c - the first version
 */
#include "tests/unit/archive_stock.h"

RANDOM_MESSAGE(stock, STOCK_1);
STOCK_VERSION(1);
