/* SPDX-License-Identifier: MIT */
/*
 * metrics.c - tables of metrics as text; see metrics.h
 */
#include "base/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

const char *metric_unit_name(enum metric_unit unit)
{
	static const char *const names[] = {
		[METRIC_PLAIN] = "",	      [METRIC_MESSAGES] = "messages",
		[METRIC_BYTES] = "bytes",     [METRIC_SECONDS] = "seconds",
		[METRIC_NS] = "seconds",
	};

	return names[unit];
}

const char *metric_media_type(enum metric_format format)
{
	return format == METRIC_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

bool metric_begins_family(const struct metric_table *table, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (!strcmp(table->rows[i].family, table->rows[row].family))
			return false;
	return true;
}

void metric_write_head(FILE *out, const struct metric_table *table, size_t row,
		       enum metric_format format)
{
	const struct metric *metric = &table->rows[row];
	bool is_counter = metric->kind == METRIC_COUNTER;
	const char *total = is_counter && format == METRIC_PROMETHEUS ? "_total" : "";

	fprintf(out, "# TYPE %s%s%s %s\n", table->prefix, metric->family, total,
		is_counter ? "counter" : "gauge");
	if (format == METRIC_OPENMETRICS && metric->unit != METRIC_PLAIN)
		fprintf(out, "# UNIT %s%s %s\n", table->prefix, metric->family,
			metric_unit_name(metric->unit));
	fprintf(out, "# HELP %s%s%s %s.\n", table->prefix, metric->family, total, metric->help);
}

/* A label's value: quote, backslash and newline are escaped. */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void write_labels(FILE *out, const struct metric_table *table, const struct metric *metric,
			 const char *object)
{
	if (!table->label && !*metric->label)
		return;
	fputc('{', out);
	if (table->label) {
		fprintf(out, "%s=\"", table->label);
		write_escaped(out, object);
		fputs(*metric->label ? "\"," : "\"", out);
	}
	fprintf(out, "%s}", metric->label);
}

static void write_sample(FILE *out, const struct metric_table *table, const struct metric *metric,
			 const char *object, uint64_t value)
{
	fprintf(out, "%s%s%s", table->prefix, metric->family,
		metric->kind == METRIC_COUNTER ? "_total" : "");
	write_labels(out, table, metric, object);
	if (metric->unit == METRIC_NS)
		fprintf(out, " %" PRIu64 ".%09" PRIu64 "\n", value / (uint64_t)NS_PER_S,
			value % (uint64_t)NS_PER_S);
	else
		fprintf(out, " %" PRIu64 "\n", value);
}

void metric_write_samples(FILE *out, const struct metric_table *table, size_t row,
			  const struct metric_values *objects, size_t n_objects)
{
	const char *family = table->rows[row].family;

	for (size_t i = 0; i < n_objects; i++)
		for (size_t j = row; j < table->n_rows && j < objects[i].n_values; j++)
			if (!strcmp(table->rows[j].family, family))
				write_sample(out, table, &table->rows[j], objects[i].object,
					     objects[i].values[j]);
}

void metric_write_table(FILE *out, const struct metric_table *table,
			const struct metric_values *objects, size_t n_objects,
			enum metric_format format)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		if (!metric_begins_family(table, i))
			continue;
		metric_write_head(out, table, i, format);
		metric_write_samples(out, table, i, objects, n_objects);
	}
}

void metric_write_end(FILE *out, enum metric_format format)
{
	if (format == METRIC_OPENMETRICS)
		fputs("# EOF\n", out);
}
