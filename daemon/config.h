/* SPDX-License-Identifier: MIT */
/*
 * config.h - the configuration: files in, checked settings and declared rings out
 *
 * config_files.c says which files there are and in which order, config.c reads them by the tables of
 * setting.h. Nothing in a file is trusted: each fault is told with file, line, section and key, all
 * of them are told, and with a single one nothing of the configuration counts.
 */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/core.h"

#define CONFIG_FILES_MAX 256
#define CONFIG_RINGS_MAX 1024
#define CONFIG_BYTES_MAX (1u << 20) /* of a file */
#define CONFIG_FAULT_MAX 1024

struct options;

/* A section [Ring NAME]. */
struct declared_ring {
	char name[CONTROL_NAME_MAX + 1];
	char where[512];	/* "FILE:LINE" of the section's last mention */
	uint32_t group;		/* gid + 1; 0: none */
	struct control_ring_config config;
};

struct declared_rings {
	struct declared_ring *rings;
	size_t n;
};

void declared_rings_release(struct declared_rings *declared);

struct config_faults {
	unsigned n;
	void (*tell)(const char *text); /* once per fault: "FILE:LINE: …" */
};

void config_fault(struct config_faults *faults, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct config_files {
	char *paths[CONFIG_FILES_MAX];	/* in the order of reading: the later beats the earlier */
	size_t n;
};

/*
 * config_files_find() - what is to be read
 * @dirs: @n_dirs directories, the one that beats the others first. Of the files 'shmqd.conf' the first
 * counts; of the files 'shmqd.conf.d/x.conf' the first of each name, in the order of their names. One
 * that is empty or a link to /dev/null hides those of its name behind it.
 */
void config_files_find(const char *const *dirs, size_t n_dirs, struct config_faults *faults,
		       struct config_files *ret_files);
/* A single file, which must exist. */
void config_files_set(const char *path, struct config_faults *faults,
		      struct config_files *ret_files);
void config_files_release(struct config_files *files);

/* The files of an instance of this kind: --config, or where they lie. None for a private instance. */
void config_files_of(const struct options *options, struct config_faults *faults,
		     struct config_files *ret_files);

/* Read all; @options gets the settings and the declared rings, on top of what it has. */
void config_read(const struct config_files *files, struct options *options,
		 struct config_faults *faults);
