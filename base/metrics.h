/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - tables of metrics, and writing them as text for Prometheus
 *
 * A table is a list of rows made by METRIC_ROW() from a list such as SHMQ_RING_METRICS; values come
 * beside it, in the table's order. Rows of one family need not be neighbours in the table, but their
 * samples are in the text, as both formats demand.
 *
 * Two formats: OpenMetrics 1.0, and Prometheus' older text format 0.0.4 (node_exporter's textfiles),
 * in which a counter's family carries "_total" and there is neither a unit nor an end mark.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };
enum metric_unit { METRIC_PLAIN, METRIC_MESSAGES, METRIC_BYTES, METRIC_SECONDS, METRIC_NS };
enum metric_format { METRIC_OPENMETRICS, METRIC_PROMETHEUS };

struct metric {
	const char *key;    /* snake_case */
	const char *family; /* without prefix and "_total" */
	const char *label;  /* NAME="VALUE", or "" */
	enum metric_kind kind;
	enum metric_unit unit;
	const char *help;
};

#define METRIC_ROW(symbol_, key_, family_, label_, kind_, unit_, help_)                            \
	{ key_, family_, label_, METRIC_##kind_, METRIC_##unit_, help_ },

struct metric_table {
	const char *prefix; /* of families: "shmq_ring_" */
	const char *label;  /* name of the label that tells objects apart, NULL: there is only one */
	const struct metric *rows;
	size_t n_rows;
};

/* The values of one object, as many as whoever counted knows of. */
struct metric_values {
	const char *object; /* the label's value */
	const uint64_t *values;
	size_t n_values;
};

/* Name of the unit in OpenMetrics, "" for none. */
const char *metric_unit_name(enum metric_unit unit);

/* Is no row before @row of its family? */
bool metric_begins_family(const struct metric_table *table, size_t row);

/* The family that begins at @row: what it is, then its samples, in one piece or in several. */
void metric_write_head(FILE *out, const struct metric_table *table, size_t row,
		       enum metric_format format);
void metric_write_samples(FILE *out, const struct metric_table *table, size_t row,
			  const struct metric_values *objects, size_t n_objects);
/* All families of @table. */
void metric_write_table(FILE *out, const struct metric_table *table,
			const struct metric_values *objects, size_t n_objects,
			enum metric_format format);
/* What ends the text, if anything. */
void metric_write_end(FILE *out, enum metric_format format);

/* The media type of @format. */
const char *metric_media_type(enum metric_format format);
