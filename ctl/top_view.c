/* SPDX-License-Identifier: MIT */
/*
 * top_view.c - rings as lines of a given width; see top.h
 *
 * Columns come in the order of their use: what doesn't fit is left out from the end of that order,
 * and what room is left goes to long names first, then to the trend.
 */
#include "ctl/top.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/rate.h"

#define NAME_MIN  8
#define TREND_MIN 6

enum view_column {
	COLUMN_PUSH,
	COLUMN_POP,
	COLUMN_USE,
	COLUMN_TREND,
	COLUMN_DEPTH,
	COLUMN_FULL,
	COLUMN_ENDS,
	COLUMN_DIED,
	COLUMNS
};

static const struct {
	const char *name;
	int width;
} columns[COLUMNS] = {
	[COLUMN_PUSH] = { "PUSH/S", 6 }, [COLUMN_POP] = { "POP/S", 6 },
	[COLUMN_USE] = { "USE%", 4 },	 [COLUMN_TREND] = { "TREND", TREND_MIN },
	[COLUMN_DEPTH] = { "DEPTH", 7 }, [COLUMN_FULL] = { "FULL/S", 6 },
	[COLUMN_ENDS] = { "ENDS", 4 },	 [COLUMN_DIED] = { "DIED", 5 },
};

/* On the screen from left to right, the trend last. */
static const enum view_column order[] = { COLUMN_PUSH, COLUMN_POP,  COLUMN_DEPTH, COLUMN_USE,
					  COLUMN_FULL, COLUMN_ENDS, COLUMN_DIED,  COLUMN_TREND };

struct layout {
	int name, trend;
	bool has[COLUMNS];
};

static void layout_make(const struct top *top, int n_columns, struct layout *layout)
{
	int longest = NAME_MIN;
	int left;

	/* of all rings, so that nothing moves while a filter is typed */
	for (size_t i = 0; i < top->n_rings; i++)
		if ((int)strlen(top->rings[i].stats.name) > longest)
			longest = (int)strlen(top->rings[i].stats.name);
	*layout = (struct layout){ .name = NAME_MIN, .trend = TREND_MIN };
	left = n_columns - 2 - NAME_MIN;
	for (int i = 0; i < COLUMNS && left > columns[i].width; i++) {
		layout->has[i] = true;
		left -= 1 + columns[i].width;
	}
	if (left > 0) {
		int more = longest - NAME_MIN < left ? longest - NAME_MIN : left;

		layout->name += more;
		left -= more;
	}
	if (left > 0)
		layout->trend += left < TOP_HISTORY - TREND_MIN ? left : TOP_HISTORY - TREND_MIN;
}

/* One letter: what is the matter with the ring. */
static char state_of(const struct top_ring *ring)
{
	const uint64_t *values = ring->stats.values;

	if (!values[SHMQ_RING_LIVE_METRIC])
		return '!';
	if (values[SHMQ_RING_DEPTH_METRIC] >= values[SHMQ_RING_SLOTS_METRIC])
		return 'F';
	if (ring->push > 0 || ring->pop > 0)
		return 'R';
	if (!values[SHMQ_RING_PRODUCERS_METRIC] && !values[SHMQ_RING_CONSUMERS_METRIC])
		return '-';
	return 'S';
}

static const char *state_color(char state)
{
	return state == '!' ? "\033[31m" : state == 'F' ? "\033[33m" : state == 'R' ? "\033[32m" : "";
}

static void put_cell(const struct top_ring *ring, enum view_column column,
		     const struct top_style *style, const struct layout *layout, char *buf,
		     size_t cap_bytes)
{
	const uint64_t *values = ring->stats.values;
	size_t n = ring->n_history < (size_t)layout->trend ? ring->n_history : (size_t)layout->trend;

	switch (column) {
	case COLUMN_DEPTH:
		snprintf(buf, cap_bytes, "%llu",
			 (unsigned long long)values[SHMQ_RING_DEPTH_METRIC]);
		break;
	case COLUMN_USE:
		snprintf(buf, cap_bytes, "%u%%", top_use(ring));
		break;
	case COLUMN_ENDS:
		snprintf(buf, cap_bytes, "%c%c", values[SHMQ_RING_PRODUCERS_METRIC] ? 'p' : '-',
			 values[SHMQ_RING_CONSUMERS_METRIC] ? 'c' : '-');
		break;
	case COLUMN_DIED:
		snprintf(buf, cap_bytes, "%llu", (unsigned long long)values[SHMQ_RING_DIED_METRIC]);
		break;
	case COLUMN_TREND:
		sparkline(ring->history + ring->n_history - n, n, style->utf8, buf, cap_bytes);
		break;
	default:
		if (!ring->has_rates)
			snprintf(buf, cap_bytes, "-");
		else
			format_rate(column == COLUMN_PUSH  ? ring->push
				    : column == COLUMN_POP ? ring->pop
							   : ring->full,
				    buf, cap_bytes);
		break;
	}
}

static void draw_ring(FILE *out, const struct top_ring *ring, const struct top_style *style,
		      const struct layout *layout)
{
	const char *name = ring->stats.name;
	char state = state_of(ring);
	const char *color = style->color ? state_color(state) : "";

	fprintf(out, "%s%c%s %-*.*s", color, state, *color ? "\033[0m" : "", layout->name,
		layout->name, name);
	for (size_t i = 0; i < COLUMNS; i++) {
		char cell[4 * TOP_HISTORY];

		if (!layout->has[order[i]])
			continue;
		put_cell(ring, order[i], style, layout, cell, sizeof(cell));
		if (order[i] == COLUMN_TREND)
			fprintf(out, " %s", cell);
		else
			fprintf(out, " %*s", columns[order[i]].width, cell);
	}
	fputc('\n', out);
}

/* Text padded or cut to a width; ASCII only. */
static void draw_line(FILE *out, const struct top_style *style, bool inverse, const char *text)
{
	fprintf(out, "%s%-*.*s%s\n", inverse ? "\033[7m" : "", inverse ? style->n_columns : 0,
		style->n_columns, text, inverse ? "\033[0m" : "");
}

static void draw_summary(FILE *out, const struct top *top, const struct top_style *style)
{
	const uint64_t *values = top->daemon.values;
	time_t now = time(NULL);
	char text[512], up[32], used[16], max[16], clock[16] = "";
	struct tm tm;
	int len;

	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	len = snprintf(text, sizeof(text), "shmqd %s  up %s  %llu ring%s  %llu client%s  %s of %s",
		       top->info.version,
		       format_duration_ns((int64_t)(values[SHMQ_DAEMON_UPTIME_METRIC] /
						    (uint64_t)NS_PER_S) * NS_PER_S, up, sizeof(up)),
		       (unsigned long long)values[SHMQ_DAEMON_RINGS_METRIC],
		       values[SHMQ_DAEMON_RINGS_METRIC] == 1 ? "" : "s",
		       (unsigned long long)values[SHMQ_DAEMON_CONNECTIONS_METRIC],
		       values[SHMQ_DAEMON_CONNECTIONS_METRIC] == 1 ? "" : "s",
		       format_size(values[SHMQ_DAEMON_BYTES_METRIC], used, sizeof(used)),
		       format_size(values[SHMQ_DAEMON_MAX_BYTES_METRIC], max, sizeof(max)));
	if (len + 2 + (int)strlen(clock) <= style->n_columns)
		snprintf(text + len, sizeof(text) - (size_t)len, "%*s", style->n_columns - len,
			 clock);
	draw_line(out, style, false, text);
}

static void draw_heading(FILE *out, const struct top_style *style, const struct layout *layout)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "S %-*s", layout->name, "NAME");

	for (size_t i = 0; i < COLUMNS; i++)
		if (layout->has[order[i]])
			len += snprintf(text + len, sizeof(text) - (size_t)len, " %*s",
					order[i] == COLUMN_TREND ? -TREND_MIN
								 : columns[order[i]].width,
					columns[order[i]].name);
	draw_line(out, style, true, text);
}

static void draw_help(FILE *out, const struct top_style *style)
{
	static const char *const lines[] = {
		"s        sort by another column",
		"r        the other way round",
		"f or /   show only names with this in them",
		"Esc      show all again",
		"+ -      more or less time between two looks",
		"space    stand still, go on",
		"arrows   scroll, as do PgUp, PgDn, Home, End",
		"h or ?   this, and back",
		"q        quit",
		"",
		"S        R messages flow, F full, S silent,",
		"         - nobody attached, ! can't be used",
		"ENDS     p producer, c consumer is attached",
	};
	size_t n = top_page(style);

	for (size_t i = 0; i < n && i < sizeof(lines) / sizeof(lines[0]); i++)
		draw_line(out, style, false, lines[i]);
	for (size_t i = sizeof(lines) / sizeof(lines[0]); i < n; i++)
		fputc('\n', out);
}

size_t top_page(const struct top_style *style)
{
	return style->n_rows > 3 ? (size_t)style->n_rows - 3 : 0;
}

void top_draw(FILE *out, const struct top *top, const struct top_style *style)
{
	size_t n = top_page(style);
	struct layout layout;

	layout_make(top, style->n_columns, &layout);
	draw_summary(out, top, style);
	draw_heading(out, style, &layout);
	if (style->help) {
		draw_help(out, style);
	} else {
		for (size_t i = top->first; i < top->first + n; i++) {
			if (i < top->n_view)
				draw_ring(out, top->view[i], style, &layout);
			else
				fputc('\n', out);
		}
	}
	draw_line(out, style, true, style->bottom);
}
