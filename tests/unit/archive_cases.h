/* SPDX-License-Identifier: MIT */
/*
 * archive_cases.h - message types that between them have every type of field in every place
 *
 * scalars: each scalar alone, in an array, a vector, an optional. sink: everything else, nested.
 * tree: a record that holds itself.
 */
#pragma once

#include "tests/unit/archive_touch.h"
#include "tests/unit/archive_random.h"

RANDOM_RECORD(point, (f64, x), (f64, y));
RANDOM_RECORD(tick, (u16, kind), (i32, delta), (u8, flags));
RANDOM_RECORD(lamp, (bool, lit), (array(bool, 3), before));
RANDOM_RECORD(mark, (utf8, text), (u8, weight), (optional(i16), shade), (struct point, at));
RANDOM_RECORD(shelf, (array(struct mark, 2), ends), (vector(struct mark), marks),
	      (vector(utf8), names), (vector(u8), bytes), (array(struct lamp, 2), lamps));
RANDOM_RECORD(node, (string, name), (i8, balance), (vector(self), children), (optional(self), twin),
	      (struct tick, last));

RANDOM_MESSAGE(scalars,
	(u8, a_u8), (u64, a_u64), (u16, a_u16), (i64, a_i64), (i8, a_i8), (u32, a_u32), (bool, a_bool),
	(i16, a_i16), (f32, a_f32), (i32, a_i32), (f64, a_f64),
	(array(u8, 3), b_u8), (array(u16, 1), b_u16), (array(u32, 5), b_u32), (array(u64, 2), b_u64),
	(array(i8, 7), b_i8), (array(i16, 3), b_i16), (array(i32, 2), b_i32), (array(i64, 3), b_i64),
	(array(f32, 3), b_f32), (array(f64, 2), b_f64), (array(bool, 9), b_bool),
	(vector(u8), c_u8), (vector(u16), c_u16), (vector(u32), c_u32), (vector(u64), c_u64),
	(vector(i8), c_i8), (vector(i16), c_i16), (vector(i32), c_i32), (vector(i64), c_i64),
	(vector(f32), c_f32), (vector(f64), c_f64), (vector(bool), c_bool),
	(optional(u8), d_u8), (optional(u16), d_u16), (optional(u32), d_u32), (optional(u64), d_u64),
	(optional(i8), d_i8), (optional(i16), d_i16), (optional(i32), d_i32), (optional(i64), d_i64),
	(optional(f32), d_f32), (optional(f64), d_f64), (optional(bool), d_bool));

RANDOM_MESSAGE(sink,
	(string, bytes), (utf8, words), (struct point, at), (struct mark, sign), (struct lamp, lamp),
	(array(struct point, 3), path), (array(struct shelf, 2), walls), (vector(string), lines),
	(vector(utf8), titles), (vector(struct point), cloud), (vector(struct tick), ticks),
	(vector(struct lamp), lamps), (vector(struct mark), marks), (vector(struct shelf), shelves),
	(optional(string), memo), (optional(utf8), title), (optional(struct tick), first),
	(optional(struct shelf), top), (optional(struct node), roots), (struct node, tree));

RANDOM_MESSAGE(tree, (u32, id), (struct node, root));
