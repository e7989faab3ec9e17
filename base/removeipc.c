/* SPDX-License-Identifier: MIT */
/*
 * removeipc.c - reading logind's configuration as logind does; see removeipc.h
 *
 * logind.conf first, then the drop-ins of all directories in the order of their names; the last one
 * that sets RemoveIPC= counts. A user who lingers is never logged out.
 */
#include "base/removeipc.h"

#include <dirent.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SYSTEM_UID_MAX 999 /* Debian's SYS_UID_MAX, which its systemd was built with */
#define DROP_INS_MAX   64

static const char *const dirs[] = {
	"/etc/systemd/logind.conf.d", "/run/systemd/logind.conf.d",
	"/usr/local/lib/systemd/logind.conf.d", "/usr/lib/systemd/logind.conf.d",
};

#define N_DIRS (sizeof(dirs) / sizeof(dirs[0]))

static bool exists(const char *root, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return access(full, F_OK) == 0;
}

/* The last setting in a file; what was before if there is none. */
static bool setting_read(const char *path, bool before)
{
	FILE *file = fopen(path, "re");
	bool value = before;
	char line[512];

	if (!file)
		return before;
	while (fgets(line, sizeof(line), file)) {
		char text[16];

		if (sscanf(line, " RemoveIPC = %15s", text) == 1)
			value = !strcasecmp(text, "yes") || !strcasecmp(text, "true") ||
				!strcasecmp(text, "on") || !strcmp(text, "1");
	}
	fclose(file);
	return value;
}

static int is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* Names of drop-ins, each once, sorted. */
static size_t drop_ins_list(const char *root, char names[DROP_INS_MAX][NAME_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < N_DIRS; i++) {
		struct dirent **entries;
		char path[PATH_MAX];
		int n_entries;

		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		n_entries = scandir(path, &entries, is_drop_in, alphasort);
		for (int j = 0; j < n_entries; j++) {
			size_t k = 0;

			while (k < n && strcmp(names[k], entries[j]->d_name) != 0)
				k++;
			if (k == n && n < DROP_INS_MAX)
				strcpy(names[n++], entries[j]->d_name);
			free(entries[j]);
		}
		if (n_entries >= 0)
			free(entries);
	}
	qsort(names, n, sizeof(names[0]), (int (*)(const void *, const void *))strcmp);
	return n;
}

/* The first directory that has the drop-in hides it in the others. */
static bool drop_in_read(const char *root, const char *name, bool before)
{
	for (size_t i = 0; i < N_DIRS; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s%s/%s", root, dirs[i], name);
		if (access(path, F_OK) == 0)
			return setting_read(path, before);
	}
	return before;
}

static bool setting_is_on(const char *root)
{
	static char names[DROP_INS_MAX][NAME_MAX + 1];
	size_t n = drop_ins_list(root, names);
	char path[PATH_MAX];
	bool value = true; /* as logind is built */

	snprintf(path, sizeof(path), "%s/etc/systemd/logind.conf", root);
	value = setting_read(path, value);
	for (size_t i = 0; i < n; i++)
		value = drop_in_read(root, names[i], value);
	return value;
}

static bool user_lingers(const char *root, uid_t uid)
{
	const struct passwd *user = getpwuid(uid);
	char path[PATH_MAX];

	if (!user)
		return false;
	snprintf(path, sizeof(path), "/var/lib/systemd/linger/%s", user->pw_name);
	return exists(root, path);
}

bool removeipc_threatens(const char *root, uid_t uid)
{
	if (uid <= SYSTEM_UID_MAX)
		return false;
	/* where no logind runs, nobody removes anything */
	if (!exists(root, "/run/systemd/users") || user_lingers(root, uid))
		return false;
	return setting_is_on(root);
}
