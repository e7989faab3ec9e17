/* SPDX-License-Identifier: MIT */
/*
 * reload.c - a new configuration compared, applied, told; see reload.h
 */
#include "daemon/reload.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/limits.h"
#include "daemon/log.h"
#include "daemon/option_table.h"
#include "daemon/shell.h"
#include "daemon/systemd.h"

#define TOLD_MAX 20u /* mistakes that have a line each */

static unsigned n_mistakes; /* of this reload */

static void tell(const char *line)
{
	if (n_mistakes++ < TOLD_MAX)
		log_event(SHELL_LOG_CONFIG_REFUSED, LOG_ERR, "%s", line);
}

static void refused(void)
{
	char more[64] = "";

	if (n_mistakes > TOLD_MAX)
		snprintf(more, sizeof(more), " (%u more; 'shmqd --check-config' tells all)",
			 n_mistakes - TOLD_MAX);
	log_event(SHELL_LOG_CONFIG_REFUSED, LOG_ERR,
		  "the configuration has mistakes%s: everything stays as it was", more);
}

static void ended(struct shell *shell, bool is_applied)
{
	core_count(shell->core,
		   is_applied ? SHMQ_DAEMON_RELOADS_METRIC : SHMQ_DAEMON_RELOADS_REFUSED_METRIC, 1);
#ifdef HAVE_SYSTEMD
	systemd_ready(shell->systemd);
#endif
	shell->is_reloading = false;
}

static bool differs(const struct option_row *row, const struct options *a, const struct options *b)
{
	const char *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;

	switch (row->type) {
	case VALUE_SIZE:
	case VALUE_SPAN_NS:
		return memcmp(x, y, sizeof(uint64_t)) != 0;
	case VALUE_ADDRESS:
		return strcmp(x, y) != 0;
	default:
		return memcmp(x, y, sizeof(uint32_t)) != 0;
	}
}

static void tell_what_waits(const struct shell *shell, const struct options *fresh)
{
	for (size_t i = 0; i < n_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->flags != OPTION_FILE || !differs(row, shell->options, fresh))
			continue;
		if (row->offset == offsetof(struct options, max_rings)) /* the registry's size */
			log_line(LOG_NOTICE, "%s: takes effect at a start that finds no ring", row->name);
		else
			log_line(LOG_NOTICE, "%s: takes effect at a restart, which no client notices",
				 row->name);
	}
}

static void apply(struct shell *shell, const struct options *fresh)
{
	struct core_limits limits;

	limits_resolve(fresh, limits_raise_open_files(), limits_shm_bytes(shell->dir.fd), &limits);
	core_reconfigure(shell->core, &limits, fresh->create_rules, fresh->n_create_rules,
			 fresh->linger_s, fresh->linger_unread_s);
	sessions_set_rate(&shell->sessions, fresh->max_requests_per_uid);
	log_set_level(fresh->log_level);
}

void reload(struct shell *shell)
{
	struct options fresh;
	int r;

	if (shell->is_reloading || declare_is_busy(shell)) {
		shell->reload_again = true; /* when that is done */
		return;
	}
	shell->is_reloading = true;
	n_mistakes = 0;
#ifdef HAVE_SYSTEMD
	systemd_reloading();
#endif
	if (options_parse(shell->argc, shell->argv, geteuid(), tell, &fresh) != OPTIONS_RUN) {
		refused();
		ended(shell, false);
		return;
	}
	tell_what_waits(shell, &fresh);
	options_deinit(&shell->fresh);
	shell->fresh = fresh; /* the core has its rules there */
	apply(shell, &shell->fresh);
	r = fresh.declared.n ? declare_start(shell, &shell->fresh.declared, reload_declared) : 0;
	if (r < 0)
		log_line(LOG_ERR, "declared rings can't be made: %s", strerror(-r));
	if (r < 0 || fresh.declared.n == 0)
		reload_declared(shell, r < 0);
}

void reload_declared(struct shell *shell, unsigned n_failed)
{
	if (!shell->is_reloading)
		return; /* that was the start */
	log_event(SHELL_LOG_RELOADED, LOG_NOTICE, "the configuration was read again%s",
		  n_failed ? "; not all declared rings could be made" : "");
	ended(shell, true);
	if (shell->reload_again) {
		shell->reload_again = false;
		reload(shell);
	}
}

void reload_begun(struct shell *shell)
{
	if (!shell->reload_again)
		return;
	shell->reload_again = false;
	reload(shell);
	shell_settle(shell);
}

void reload_deinit(struct shell *shell)
{
	options_deinit(&shell->fresh);
}
