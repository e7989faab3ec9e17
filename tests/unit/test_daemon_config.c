/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_config.c - configuration files: which are read, in which order, and what is wrong with them
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config_file.h"
#include "daemon/option_table.h"

static char dir[64], told[8192];
static unsigned n_told;
static struct options options;

static void tell(const char *line)
{
	strncat(told, line, sizeof(told) - strlen(told) - 2);
	strcat(told, "\n");
	n_told++;
}

static void setup(void)
{
	strcpy(dir, "/tmp/shmq-test-config.XXXXXX");
	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	option_set_defaults(&options);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void teardown(void)
{
	options_deinit(&options);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(config, .init = setup, .fini = teardown, .timeout = 20);

/* A file below dir, with the directories on its way. Return: its path. */
static const char *put_bytes(const char *name, const char *text, size_t len_bytes)
{
	static char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *slash = path + strlen(dir); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert(eq(sz, (size_t)write(fd, text, len_bytes), len_bytes));
	close(fd);
	return path;
}

static const char *put(const char *name, const char *text)
{
	return put_bytes(name, text, strlen(text));
}

static int read_one(const char *text)
{
	struct config_place place = { .file = put("a.conf", text) };

	return config_read(&place, tell, &options);
}

static int read_three(void)
{
	char etc[96], run[96], lib[96];
	struct config_place place = { .dirs = { etc, run, lib } };

	snprintf(etc, sizeof(etc), "%s/etc", dir);
	snprintf(run, sizeof(run), "%s/run", dir);
	snprintf(lib, sizeof(lib), "%s/lib", dir);
	return config_read(&place, tell, &options);
}

static void assert_told(const char *words)
{
	cr_assert(ne(ptr, strstr(told, words), NULL), "not told: %s\nbut:\n%s", words, told);
}

/* ---- what is right ---- */

Test(config, every_key_of_the_daemon_can_be_set)
{
	cr_assert(eq(int, read_one("[Daemon]\nsocket-mode=0666\nmax-rings=10\nmax-rings-per-uid=5\n"
				   "max-bytes=1G\nmax-bytes-per-uid=1M\nmax-attachments-per-uid=7\n"
				   "max-connections=8\nmax-connections-per-uid=9\n"
				   "max-watches-per-uid=3\nmax-requests-per-uid=11\n"
				   "create-rule=a.:user=root\ncreate-rule=b.:user=root\nlinger=2s\n"
				   "linger-unread=3min\ngrace=40ms\nmetrics=127.0.0.1:9464\n"
				   "log-level=debug\n"), 1), "%s", told);
	cr_assert(eq(u32, options.socket_mode, 0666));
	cr_assert(eq(u32, options.max_rings, 10));
	cr_assert(eq(u32, options.max_rings_per_uid, 5));
	cr_assert(eq(u64, options.max_bytes, 1 << 30));
	cr_assert(eq(u64, options.max_bytes_per_uid, 1 << 20));
	cr_assert(eq(u32, options.max_requests_per_uid, 11));
	cr_assert(eq(sz, options.n_create_rules, 2));
	cr_assert(eq(u32, options.linger_unread_s, 180));
	cr_assert(eq(i64, options.grace_ns, 40000000));
	cr_assert(eq(str, options.metrics, "127.0.0.1:9464"));
}

Test(config, rings_are_declared_with_all_that_they_can_have)
{
	const struct declared_ring *ring;

	cr_assert(eq(int, read_one("[Ring md.ticks]\nslots = 64\nsize=1K\nwake=fence\nlinger=1h\n"
				   "group=root\nallow=produce:user=root\n"
				   "allow = consume+see:group=root ; said later\nalign=yes\n"
				   "# a comment\n[Ring plain]\n[Ring sealed]\nsealed=yes\n"), 1), "%s", told);
	cr_assert(eq(sz, options.declared.n, 3));
	ring = &options.declared.rings[0];
	cr_assert(eq(str, (char *)ring->name, "md.ticks"));
	cr_assert(eq(u32, ring->config.slots, 64));
	cr_assert(eq(u32, ring->config.size_bytes, 1024));
	cr_assert(ring->config.wake == CONTROL_WAKE_FENCE);
	cr_assert(ring->config.lifetime == CONTROL_LINGER);
	cr_assert(eq(u32, ring->config.linger_s, 3600));
	cr_assert(eq(u32, ring->config.mode, 0660));
	cr_assert(eq(sz, ring->config.n_rules, 2));
	cr_assert(eq(u32, ring->config.rules[1].rights, CONTROL_CONSUME | CONTROL_SEE));
	cr_assert(ring->config.align_payload && !ring->config.sealed);
	ring = &options.declared.rings[1];
	cr_assert(ring->config.lifetime == CONTROL_PERSISTENT);
	cr_assert(eq(u32, ring->config.slots, 0));
	cr_assert(options.declared.rings[2].config.sealed);
}

Test(config, an_empty_value_takes_back_what_a_list_had)
{
	cr_assert(eq(int, read_one("[Daemon]\ncreate-rule=a.:user=root\ncreate-rule=\n"
				   "create-rule=b.:user=root\n[Ring r]\nallow=produce:user=root\n"
				   "[Ring r]\nallow=\nallow=see:user=root\n[Ring s]\nallow=\n"), 1),
		  "%s", told);
	cr_assert(eq(sz, options.n_create_rules, 1));
	cr_assert(eq(str, (char *)options.create_rules[0].prefix, "b."));
	cr_assert(eq(sz, options.declared.rings[0].config.n_rules, 1));
	cr_assert(eq(u32, options.declared.rings[0].config.rules[0].rights, CONTROL_SEE));
	cr_assert(eq(sz, options.declared.rings[1].config.n_rules, 0));
}

/* libinih keeps 49 bytes of a section's name: a ring's may have 63. */
Test(config, the_longest_name_is_kept)
{
	char text[128], name[64];

	memset(name, 'n', 63);
	name[63] = '\0';
	snprintf(text, sizeof(text), "[Ring %s]\nslots=8\n", name);
	cr_assert(eq(int, read_one(text), 1), "%s", told);
	cr_assert(eq(str, options.declared.rings[0].name, name));
	cr_assert(eq(u32, options.declared.rings[0].config.slots, 8));
}

/* ---- which files ---- */

Test(config, the_first_main_file_and_all_drop_ins_by_name)
{
	put("run/shmqd.conf", "[Daemon]\nmax-rings=1\nmax-rings-per-uid=1\n");
	put("lib/shmqd.conf", "[Daemon]\nmax-rings=2\nmax-connections=2\n");
	put("lib/shmqd.conf.d/10-a.conf", "[Daemon]\nmax-connections=10\n");
	put("etc/shmqd.conf.d/50-b.conf", "[Daemon]\nmax-connections=50\n");
	put("run/shmqd.conf.d/40-c.conf", "[Daemon]\nmax-connections=40\nmax-watches-per-uid=4\n");
	put("run/shmqd.conf.d/50-b.conf", "this one is hidden");
	put("lib/shmqd.conf.d/README", "this is none");
	put("lib/shmqd.conf.d/.hidden.conf", "nor this");
	cr_assert(eq(int, read_three(), 4), "%s", told);
	cr_assert(eq(u32, options.max_rings, 1));
	cr_assert(eq(u32, options.max_connections, 50));
	cr_assert(eq(u32, options.max_watches_per_uid, 4));
}

Test(config, an_empty_file_hides_what_lies_below)
{
	char path[128];

	put("etc/shmqd.conf", "");
	put("run/shmqd.conf", "nonsense");
	put("lib/shmqd.conf.d/10-a.conf", "nonsense");
	put("etc/shmqd.conf.d/x", "");
	snprintf(path, sizeof(path), "%s/etc/shmqd.conf.d/10-a.conf", dir);
	cr_assert(eq(int, symlink("/dev/null", path), 0));
	cr_assert(eq(int, read_three(), 2), "%s", told);
}

Test(config, no_files_are_fine_but_the_one_that_was_named)
{
	struct config_place place = { .file = "/nonexistent/x.conf" };

	cr_assert(eq(int, read_three(), 0));
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("/nonexistent/x.conf: can't be read: No such file");
}

Test(config, a_named_file_has_drop_ins_of_its_own)
{
	put("a.conf.d/2.conf", "[Ring r]\nslots=16\n");
	put("a.conf.d/1.conf", "[Ring r]\nslots=8\nsize=64\n");
	cr_assert(eq(int, read_one("[Ring r]\nslots=4\n"), 3), "%s", told);
	cr_assert(eq(sz, options.declared.n, 1));
	cr_assert(eq(u32, options.declared.rings[0].config.slots, 16));
	cr_assert(eq(u32, options.declared.rings[0].config.size_bytes, 64));
}

/* ---- what is wrong ---- */

Test(config, every_mistake_is_told_with_its_line)
{
	cr_assert(eq(int, read_one("slots=1\n[Rings]\nignored=1\n[Daemon]\nmax-ring=3\nlinger=1.5s\n"
				   "instance=x\n[Ring a/b]\nslots=8\n[Ring z]\nslot=4\nsealed=maybe\n"
				   "allow=consume:user=nobody-at-all\n"), -EINVAL));
	assert_told("a.conf:1: slots: it must stand below");
	assert_told("a.conf:2: [Rings]: there is no such section");
	assert_told("a.conf:5: max-ring: there is no such setting: did you mean max-rings?");
	assert_told("a.conf:6: linger=1.5s: must be a span of time");
	assert_told("a.conf:7: instance: there is no such setting");
	assert_told("a.conf:8: [Ring a/b]: a ring's name is");
	assert_told("a.conf:11: slot: there is no such setting: did you mean slots?");
	assert_told("a.conf:12: [Ring z] sealed=maybe: must be yes or no");
	assert_told("a.conf:13: [Ring z] allow=consume:user=nobody-at-all: must be");
	cr_assert(eq(uint, n_told, 9), "%s", told);
}

Test(config, mistakes_of_all_files_are_told)
{
	put("etc/shmqd.conf", "[Daemon]\nx=1\n");
	put("etc/shmqd.conf.d/1.conf", "[Daemon]\ny=1\n");
	put("run/shmqd.conf.d/2.conf", "z\n");
	cr_assert(eq(int, read_three(), -EINVAL));
	assert_told("/etc/shmqd.conf:2: x: ");
	assert_told("/etc/shmqd.conf.d/1.conf:2: y: ");
	assert_told("/run/shmqd.conf.d/2.conf:1: neither [Section] nor key=value");
}

Test(config, what_is_no_text_or_too_long_is_told_and_harmless)
{
	static char text[5000];
	struct config_place place;

	place = (struct config_place){ .file = put_bytes("nul", "[Daemon]\nmax-\0rings=1\n", 22) };
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("nul:2: a NUL byte");
	memset(text, 'x', sizeof(text) - 1);
	place.file = put("long", text);
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("long:1: this line is longer than");
	place.file = put("escape", "[Daemon]\nmax-rings=\033[2J\n");
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	cr_assert(eq(ptr, strchr(told, '\033'), NULL), "what a terminal obeys is not passed on");
}

Test(config, each_line_that_is_none_is_told)
{
	cr_assert(eq(int, read_one("[Daemon]\ngarbage\nmore of it\n[Daemon] x\n[Daemon\n[Daemon] # fine\n"
				   "metrics=/\xff\n\tmax-rings=3\r\n"), -EINVAL));
	assert_told("a.conf:2: neither");
	assert_told("a.conf:3: neither");
	assert_told("a.conf:4: [Daemon] x: this is no [Section]");
	assert_told("a.conf:5: [Daemon: this is no [Section]");
	assert_told("a.conf:7: control characters or broken UTF-8");
	cr_assert(eq(uint, n_told, 5), "%s", told);
	cr_assert(eq(u32, options.max_rings, 3));
}

Test(config, a_ring_that_can_not_be_is_told)
{
	cr_assert(eq(int, read_one("[Ring odd]\nslots=100\n[Ring large]\nsize=17M\n[Ring fine]\n"
				   "slots=100\nslots=128\n"), -EINVAL));
	assert_told("a.conf:1: [Ring odd]: ");
	assert_told("a.conf:3: [Ring large]: ");
	cr_assert(eq(uint, n_told, 2), "%s", told);
}

Test(config, what_is_no_file_is_told_at_once)
{
	struct config_place place = { .file = "/dev/zero" };
	char path[128];

	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("/dev/zero: can't be read");
	snprintf(path, sizeof(path), "%s/fifo", dir);
	cr_assert(eq(int, mkfifo(path, 0600), 0));
	place.file = path;
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("/fifo: can't be read");
	place.file = dir;
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("Is a directory");
}

Test(config, a_file_beyond_all_measure_is_told)
{
	struct config_place place = { .file = put("big", "") };

	cr_assert(eq(int, truncate(place.file, 2 << 20), 0));
	cr_assert(eq(int, config_read(&place, tell, &options), -EINVAL));
	assert_told("File too large");
}

Test(config, more_rings_than_there_can_be_are_told)
{
	size_t len = 0, cap = 64 * (DECLARED_RINGS_MAX + 1);
	char *text = malloc(cap);

	for (unsigned i = 0; i <= DECLARED_RINGS_MAX; i++)
		len += (size_t)snprintf(text + len, cap - len, "[Ring r%u]\n", i);
	cr_assert(eq(int, read_one(text), -EINVAL));
	assert_told(":1025: [Ring r1024]: no room for more than 1024 rings");
	free(text);
}
