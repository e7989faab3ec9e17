/* SPDX-License-Identifier: MIT */
/*
 * signals.c - signals as events; see signals.h
 */
#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>

#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/reload.h"
#include "daemon/shell.h"

static void on_end(evutil_socket_t number, short what, void *arg)
{
	struct shell *shell = arg;

	(void)what;
	log_line(LOG_DEBUG, "signal %d", (int)number);
	shell->is_ending = true;
	event_base_loopbreak(shell->base);
}

static void on_reload(evutil_socket_t number, short what, void *arg)
{
	struct shell *shell = arg;

	(void)number;
	(void)what;
	reload(shell);
	shell_settle(shell);
}

int signals_init(struct shell *shell)
{
	static const struct {
		int number;
		event_callback_fn callback;
	} table[] = { { SIGTERM, on_end }, { SIGINT, on_end }, { SIGHUP, on_reload } };

	_Static_assert(sizeof(table) / sizeof(table[0]) ==
			       sizeof(shell->signals) / sizeof(shell->signals[0]), "one event each");
	signal(SIGPIPE, SIG_IGN); /* a client or the journal hung up: sending says so */
	signal(SIGIO, SIG_IGN);	  /* somebody opened what we asked about: held.h */
	signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes: allocating says so */
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct event *event =
			evsignal_new(shell->base, table[i].number, table[i].callback, shell);

		shell->signals[i] = event;
		if (!event || event_priority_set(event, LOOP_DEATHS) < 0 || event_add(event, NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}

void signals_deinit(struct shell *shell)
{
	for (unsigned i = 0; i < sizeof(shell->signals) / sizeof(shell->signals[0]); i++) {
		if (shell->signals[i])
			event_free(shell->signals[i]);
		shell->signals[i] = NULL;
	}
}
