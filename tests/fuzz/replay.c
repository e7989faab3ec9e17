/* SPDX-License-Identifier: MIT */
/*
 * replay.c - a fuzz target without its engine: every file of the corpus, once
 *
 * Usage: fuzz_<target> [FILE or DIRECTORY ...]; without one, tests/fuzz/corpus/<target> of the source
 * tree. The target's checks abort. A corpus that is not found, or empty, is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_replay(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file || !data) {
		fprintf(stderr, "%s can't be read\n", path);
		exit(1);
	}
	n = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	/* No byte behind the input, so that a sanitizer sees who reads it. */
	data = realloc(data, n ? n : 1);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 1;
}

static int path_replay(const char *path)
{
	struct dirent *entry;
	struct stat st;
	char name[4096];
	int n = 0;
	DIR *dir;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return file_replay(path);
	dir = opendir(path);
	if (!dir) {
		fprintf(stderr, "%s can't be opened\n", path);
		exit(1);
	}
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		n += file_replay(name);
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	const char *top = getenv("TOP_SRCDIR"), *target = strstr(argv[0], "fuzz_");
	char corpus[4096];
	int n = 0;

	if (argc < 2) {
		if (!target)
			return 1;
		while (strstr(target + 1, "fuzz_"))
			target = strstr(target + 1, "fuzz_");
		snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s", top ? top : ".",
			 target + strlen("fuzz_"));
		n = path_replay(corpus);
	}
	for (int i = 1; i < argc; i++)
		n += path_replay(argv[i]);
	printf("%d inputs\n", n);
	return n ? 0 : 1;
}
