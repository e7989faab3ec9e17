/* SPDX-License-Identifier: MIT */
/*
 * cmd_top.c - shmqctl top: what all rings do, live
 *
 * Where there is no terminal it is `stat --interval`. A daemon that goes away is said at the bottom,
 * and waited for: the last figures stay.
 */
#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/screen.h"
#include "ctl/stat.h"
#include "ctl/stat_table.h"
#include "ctl/top.h"

#define INTERVAL_MIN_NS	  (100 * NS_PER_MS)
#define INTERVAL_MAX_NS	  (60 * NS_PER_S)
#define CALL_TIMEOUT_NS	  NS_PER_S /* keys wait for the daemon no longer than this */

static struct {
	int64_t interval_ns;
	uint64_t count;
} options = { .interval_ns = NS_PER_S };

struct session {
	struct ctl *ctl;
	char **names;
	int n_names;
	struct screen screen;
	struct top top;
	int64_t interval_ns;
	uint64_t n_looks;
	bool help, paused, typing;
	char typed[sizeof(((struct top *)0)->filter)];
	char trouble[256]; /* "" none */
};

/* ---- figures ---- */

static void look(struct session *session)
{
	_cleanup_(snapshot_release) struct snapshot snapshot = { 0 };
	const char *name;
	int r = snapshot_take(session->ctl, session->names, session->n_names, &snapshot, &name);

	if (r == 0 && (!*session->top.info.version || *session->trouble))
		r = shmq_daemon_info(session->ctl->client, &session->top.info);
	if (r == 0)
		r = top_update(&session->top, &snapshot);
	session->n_looks++;
	if (r < 0)
		format_printable(r == -ENOMEM ? "out of memory" : shmq_error_detail(),
				 session->trouble, sizeof(session->trouble));
	else
		session->trouble[0] = '\0';
}

/* ---- the picture ---- */

static void format_bottom(const struct session *session, char *text, size_t cap_bytes)
{
	const struct top *top = &session->top;
	char every[32];

	if (session->typing) {
		snprintf(text, cap_bytes, "show: %s_   Enter: so be it, Esc: all", session->typed);
		return;
	}
	if (*session->trouble) {
		snprintf(text, cap_bytes, "%s", session->trouble);
		return;
	}
	format_duration_ns(session->interval_ns, every, sizeof(every));
	snprintf(text, cap_bytes, "h help  q quit  s %s%s  f %s  %s%s", top_sort_name(top->sort),
		 top->reverse ? " reversed" : "", *top->filter ? top->filter : "all",
		 session->paused ? "stopped" : "every ", session->paused ? "" : every);
}

static void draw(struct session *session)
{
	char bottom[512];
	const struct top_style style = {
		.n_rows = session->screen.n_rows,
		.n_columns = session->screen.n_columns,
		.color = session->ctl->color,
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.bottom = bottom,
		.help = session->help,
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	format_bottom(session, bottom, sizeof(bottom));
	top_draw(out, &session->top, &style);
	if (fclose(out) == 0)
		screen_show(&session->screen, text);
	free(text);
}

/* ---- keys ---- */

static void key_typed(struct session *session, int key)
{
	size_t len = strlen(session->typed);

	if (key == SCREEN_ESCAPE)
		session->typed[0] = '\0';
	else if ((key == 127 || key == '\b') && len > 0)
		session->typed[len - 1] = '\0';
	else if (key < 127 && isgraph(key) && len + 1 < sizeof(session->typed))
		memcpy(session->typed + len, (char[]){ (char)key, '\0' }, 2);
	if (key == SCREEN_ESCAPE || key == '\n' || key == '\r')
		session->typing = false;
	strcpy(session->top.filter, session->typed);
	session->top.first = 0;
	top_arrange(&session->top);
}

static void scroll(struct session *session, int key)
{
	const struct top_style style = { .n_rows = session->screen.n_rows };
	size_t page = top_page(&style), n = session->top.n_view;
	size_t last = n > page ? n - page : 0;
	size_t first = session->top.first;

	switch (key) {
	case SCREEN_UP:
		first -= first > 0;
		break;
	case SCREEN_DOWN:
		first++;
		break;
	case SCREEN_PAGE_UP:
		first -= first < page ? first : page;
		break;
	case SCREEN_PAGE_DOWN:
		first += page;
		break;
	default:
		first = key == SCREEN_HOME ? 0 : last;
		break;
	}
	session->top.first = first < last ? first : last;
}

static void change_interval(struct session *session, bool longer)
{
	int64_t ns = longer ? 2 * session->interval_ns : session->interval_ns / 2;

	if (ns >= INTERVAL_MIN_NS && ns <= INTERVAL_MAX_NS)
		session->interval_ns = ns;
}

/* Return: false to quit. */
static bool key_pressed(struct session *session, int key)
{
	struct top *top = &session->top;

	switch (key) {
	case 'q':
		return false;
	case 's':
		top->sort = (top->sort + 1) % TOP_SORTS;
		break;
	case 'r':
		top->reverse = !top->reverse;
		break;
	case 'f':
	case '/':
		session->typing = true;
		session->typed[0] = '\0';
		break;
	case SCREEN_ESCAPE:
		top->filter[0] = '\0';
		session->help = false;
		break;
	case 'h':
	case '?':
		session->help = !session->help;
		break;
	case ' ':
		session->paused = !session->paused;
		break;
	case '+':
	case '-':
		change_interval(session, key == '+');
		break;
	case SCREEN_UP:
	case SCREEN_DOWN:
	case SCREEN_PAGE_UP:
	case SCREEN_PAGE_DOWN:
	case SCREEN_HOME:
	case SCREEN_END:
		scroll(session, key);
		break;
	default:
		break;
	}
	top_arrange(top);
	return true;
}

/* ---- the loop ---- */

static void run(struct session *session)
{
	int64_t next_ns = clock_monotonic_ns();

	look(session);
	for (;;) {
		int key;

		draw(session);
		if (options.count && session->n_looks > options.count)
			return;
		/* the second look soon, for the first rates */
		if (deadline_left_ns(next_ns) == 0)
			next_ns = deadline_after_ns(session->n_looks == 1 ? INTERVAL_MIN_NS
									  : session->interval_ns);
		key = screen_wait(&session->screen, next_ns);
		if (key == SCREEN_ENDED)
			screen_die(&session->screen);
		if (key == SCREEN_TIMEOUT && !session->paused)
			look(session);
		else if (key != SCREEN_TIMEOUT && session->typing)
			key_typed(session, key);
		else if (key != SCREEN_TIMEOUT && !key_pressed(session, key))
			return;
	}
}

static int top_run(struct ctl *ctl, int n_args, char **args)
{
	static struct session session;
	int exit, r;

	if (options.interval_ns < INTERVAL_MIN_NS || options.interval_ns > INTERVAL_MAX_NS)
		return fail(ctl, CTL_USAGE, "usage", "--interval", NULL,
			    "it must be from 100ms to 60s.");
	if (ctl->json || !screen_is_there())
		return stat_repeat(ctl, args, n_args, options.interval_ns, options.count);
	session = (struct session){
		.ctl = ctl, .names = args, .n_names = n_args, .interval_ns = options.interval_ns,
	};
	exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_set_control_timeout(ctl->client, ctl_timeout_ns(ctl, CALL_TIMEOUT_NS));
	if (r == 0)
		r = screen_open(&session.screen);
	if (r < 0)
		return fail_file(ctl, "the terminal", r);
	run(&session);
	screen_close(&session.screen);
	top_release(&session.top);
	return CTL_OK;
}

static const struct option_spec option_specs[] = {
	{ 'i', "interval", "TIME", OPTION_DURATION, &options.interval_ns, 0,
	  "time between two looks, 100ms to 60s [1s]" },
	{ 'c', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many looks" },
	{ 0 },
};

const struct verb verb_top = {
	.name = "top",
	.args = "[RING...]",
	.summary = "show live what all rings do",
	.details = "Keys: s sort, r reverse, f filter, space stand still, + - interval, h help, q quit.\n"
		   "Where there is no terminal it prints plain tables, as `stat --interval` does.",
	.examples = "  shmqctl top\n"
		    "  shmqctl top --interval 500ms\n"
		    "  shmqctl top | grep -v ' 0 *0 '",
	.n_args_max = 1000,
	.flags = VERB_TABLE,
	.columns = stat_rates,
	.n_columns = STAT_COLUMNS,
	.options = option_specs,
	.run = top_run,
};
