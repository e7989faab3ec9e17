/* SPDX-License-Identifier: MIT */
/*
 * test_planted.c - what another user puts under our names in /dev/shm before the daemon starts
 *
 * In a /dev/shm of the test's own, which everybody may write as the real one. The stranger is a real
 * other uid.
 */
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "tests/harness/mounts.h"
#include "tests/integration/fixture.h"

#define STRANGER_UID 65533u
#define SECRET	     "/dev/shm/secret"
#define FOREIGN_BYTES 20000

static const char *const stems[] = { "registry", "board", "r", "new" };
static const char *const kinds[] = { "symlink", "dangling", "fifo", "directory", "file" };

#define N_STEMS (sizeof(stems) / sizeof(stems[0]))
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void planted_path(const struct daemon *daemon, size_t stem, size_t kind, char path[256])
{
	snprintf(path, 256, "/dev/shm/shmq.%s.%s.%016zx", daemon->instance, stems[stem], kind + 1);
}

static int plant_one(const char *path, size_t kind)
{
	char inside[300];
	int fd;

	switch (kind) {
	case 0:
		return symlink(SECRET, path);
	case 1:
		return symlink("/dev/shm/planted-elsewhere", path);
	case 2:
		return mkfifo(path, 0666);
	case 3:
		snprintf(inside, sizeof(inside), "%s/inside", path);
		if (mkdir(path, 0777) < 0)
			return -1;
		fd = open(inside, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		break;
	default:
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		if (fd >= 0 && ftruncate(fd, FOREIGN_BYTES) < 0)
			return -1;
	}
	fd_close(fd);
	return fd < 0 ? -1 : 0;
}

/* As the stranger. */
static int plant(void *arg)
{
	char path[256];

	umask(0);
	check(1, setgroups(0, NULL) == 0);
	check(2, setgid(STRANGER_UID) == 0 && setuid(STRANGER_UID) == 0);
	for (size_t stem = 0; stem < N_STEMS; stem++)
		for (size_t kind = 0; kind < N_KINDS; kind++) {
			planted_path(arg, stem, kind, path);
			check(10 + (int)kind, plant_one(path, kind) == 0);
		}
	return 0;
}

static void look(const struct daemon *daemon, struct stat found[N_STEMS][N_KINDS])
{
	char path[256];

	for (size_t stem = 0; stem < N_STEMS; stem++)
		for (size_t kind = 0; kind < N_KINDS; kind++) {
			planted_path(daemon, stem, kind, path);
			cr_assert(eq(int, lstat(path, &found[stem][kind]), 0), "%s is gone", path);
		}
}

/* Neither followed nor written nor removed. */
static void assert_untouched(struct stat before[N_STEMS][N_KINDS],
			     struct stat after[N_STEMS][N_KINDS])
{
	for (size_t stem = 0; stem < N_STEMS; stem++)
		for (size_t kind = 0; kind < N_KINDS; kind++) {
			const struct stat *a = &before[stem][kind], *b = &after[stem][kind];

			cr_assert(a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
					  a->st_uid == b->st_uid && a->st_size == b->st_size &&
					  a->st_nlink == b->st_nlink,
				  "%s, %s: another one", stems[stem], kinds[kind]);
			cr_assert(a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
					  a->st_mtim.tv_nsec == b->st_mtim.tv_nsec,
				  "%s, %s: written", stems[stem], kinds[kind]);
		}
}

static void assert_secret(void)
{
	_cleanup_fd_ int fd = open(SECRET, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	struct stat st;

	cr_assert(ge(int, fd, 0), "removed through a link");
	cr_assert(eq(long, fd_read_full(fd, text, sizeof(text) - 1), 6));
	cr_assert(eq(str, text, "secret"));
	cr_assert(eq(int, fstat(fd, &st), 0));
	cr_assert(eq(uint, st.st_mode & 07777, 0600));
	cr_assert(lt(int, access("/dev/shm/planted-elsewhere", F_OK), 0), "made through a link");
}

static void stage(struct daemon *daemon)
{
	struct shmq_ring_config config = { .lifetime = SHMQ_PERSISTENT };
	struct shmq_producer *producer;
	struct shmq_client *client;
	_cleanup_fd_ int fd = -1;

	if (geteuid() != 0 || mounts_own_shm("size=16m,mode=1777") < 0)
		cr_skip_test("only root can have a /dev/shm of its own");
	fixture_start(daemon, NULL);
	client = fixture_connect(daemon);
	assert_ok(shmq_open_producer(client, "r", &config, &producer));
	assert_ok(shmq_push(producer, "m", 1, 0));
	shmq_disconnect(client);
	fd = open(SECRET, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	cr_assert(eq(int, fd_write_all(fd, "secret", 6), 0));
}

/* After it started among them: what was there is there, and what is made is made. */
static void work(struct daemon *daemon)
{
	struct shmq_ring_config config = { .lifetime = SHMQ_PERSISTENT };
	struct shmq_consumer *consumer;
	struct shmq_client *client = fixture_connect(daemon);
	char byte = 0;

	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
	cr_assert(eq(int, byte, 'm'));
	shmq_consumer_detach(consumer);
	assert_ok(shmq_destroy(client, "r", 0));
	assert_ok(shmq_create(client, "new", &config));
	assert_ok(shmq_destroy(client, "new", 0));
	shmq_disconnect(client);
}

Test(planted, is_neither_followed_nor_removed_and_stops_nobody, .timeout = PASS_S)
{
	static struct stat before[N_STEMS][N_KINDS], after[N_STEMS][N_KINDS];
	struct daemon daemon;

	stage(&daemon);
	daemon_kill(&daemon);
	cr_assert(eq(int, child_wait(child_start(plant, &daemon)), 0));
	look(&daemon, before);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	work(&daemon);
	cr_assert(eq(int, daemon_stop(&daemon), 0));
	look(&daemon, after);
	assert_untouched(before, after);
	assert_secret();
	fixture_end(&daemon);
}
