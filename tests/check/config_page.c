/* SPDX-License-Identifier: MIT */
/*
 * config_page.c - prints the sections of shmqd.conf(5) that are made from the tables of the daemon
 */
#include <stdio.h>
#include <string.h>

#include "daemon/declared_ring.h"
#include "daemon/option_table.h"

/* One sentence or phrase a line; what would be a macro at its begin is none. */
static void print_help(const char *help)
{
	for (const char *at = help; *at; at++) {
		if ((at == help || at[-1] == '\n') && (*at == '.' || *at == '\''))
			fputs("\\&", stdout);
		putchar(*at);
	}
	fputs(".\n", stdout);
}

static void print_key(const char *name, const char *argument, const char *initial, bool live)
{
	printf(".It Cm %s Ns = Ns Ar %s\n", name, argument);
	if (initial)
		printf(".Pq Li %s\n.br\n", initial);
	if (!live)
		printf("Takes effect at a start only:\n");
}

int main(void)
{
	printf(".Ss [Daemon]\n.Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < n_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(row->flags & OPTION_FILE))
			continue;
		print_key(row->name, row->argument, row->initial, row->flags & OPTION_RELOAD);
		print_help(row->help);
	}
	printf(".El\n.Ss [Ring NAME]\n.Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < n_declared_keys; i++) {
		print_key(declared_keys[i].name, declared_keys[i].argument, NULL, true);
		print_help(declared_keys[i].help);
	}
	printf(".El\n");
	return 0;
}
