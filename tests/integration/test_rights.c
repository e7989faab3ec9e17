/* SPDX-License-Identifier: MIT */
/*
 * test_rights.c - rules of access against real other users, and what the file system says of them
 */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "tests/integration/fixture.h"

#define BOB_UID	    65533u
#define EVE_UID	    65531u
#define FRIENDS_GID 65532u
#define NO_LINKS    99 /* fs.protected_hardlinks says so */

static const char *const open_to_all[] = { "--socket-mode=0666", NULL };

struct visit {
	const struct daemon *daemon;
	uid_t uid;
	gid_t group;
	int produce, consume, show; /* what each is to answer */
	bool opens;		    /* the segment, by its name */
};

static int become(uid_t uid, gid_t group)
{
	gid_t groups[] = { group };

	return setgroups(group ? 1 : 0, groups) < 0 || setgid(uid) < 0 || setuid(uid) < 0 ? -1 : 0;
}

/* The name is no secret: /dev/shm lists it. */
static bool opens_segment(const struct daemon *daemon)
{
	char name[256], path[280];

	if (!daemon_segment_name(daemon, "r", name, sizeof(name)))
		return false;
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	return open(path, O_RDWR | O_CLOEXEC) >= 0;
}

static int visit(void *arg)
{
	const struct visit *visit = arg;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_ring_info info;
	struct shmq_client *client;

	check(1, become(visit->uid, visit->group) == 0);
	client = child_connect(visit->daemon);
	check(2, client);
	check(3, shmq_attach_producer(client, "r", &producer) == visit->produce);
	check(4, shmq_attach_consumer(client, "r", &consumer) == visit->consume);
	check(5, shmq_show(client, "r", &info) == visit->show);
	check(6, opens_segment(visit->daemon) == visit->opens);
	shmq_disconnect(client);
	return 0;
}

Test(rights, rules_give_roles_and_the_segment_carries_them, .timeout = PASS_S)
{
	const struct shmq_rule rules[] = {
		{ .who = SHMQ_USER, .id = BOB_UID, .rights = SHMQ_MAY_CONSUME },
		{ .who = SHMQ_GROUP, .id = FRIENDS_GID, .rights = SHMQ_MAY_PRODUCE },
		{ .who = SHMQ_USER, .id = EVE_UID, .rights = SHMQ_MAY_SEE },
		{ .who = SHMQ_UNIT, .unit = "feed.service", .rights = SHMQ_MAY_PRODUCE },
	};
	const struct shmq_ring_config config = { .slots = 8, .lifetime = SHMQ_PERSISTENT,
						 .rules = rules, .n_rules = 4 };
	struct shmq_ring_info info;
	struct shmq_client *client;
	struct daemon daemon;

	if (geteuid() != 0)
		cr_skip_test("only root can be other users");
	fixture_start(&daemon, open_to_all);
	cr_assert(eq(int, chmod(daemon.dir, 0755), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", &config));
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(u32, info.n_rules, 4));
	cr_assert(eq(str, info.rules[3].unit, "feed.service"));

	struct visit visits[] = {
		{ &daemon, BOB_UID, 0, -EACCES, 0, 0, true },
		{ &daemon, 65530, FRIENDS_GID, 0, -EACCES, 0, true },
		{ &daemon, BOB_UID, FRIENDS_GID, 0, 0, 0, true },
		{ &daemon, EVE_UID, 0, -EACCES, -EACCES, 0, false },
		{ &daemon, 65530, 0, -ENOENT, -ENOENT, -ENOENT, false },
	};
	for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]); i++)
		cr_assert(eq(int, child_wait(child_start(visit, &visits[i])), 0), "visit %zu", i);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* ---- memory that is kept ---- */

static int create_again(struct shmq_client *client, const struct shmq_ring_config *config)
{
	int64_t deadline_ns = deadline_after_ns(LONG_NS);
	int r;

	/* pages go back behind the answer, and what was held is looked at every few seconds */
	while ((r = shmq_create(client, "next", config)) == -EDQUOT &&
	       deadline_left_ns(deadline_ns) > 0)
		usleep(10000);
	return r;
}

static void keep_and_destroy(const struct shmq_ring_config *config)
{
	static const char *const args[] = { "--max-bytes=1M", NULL };
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char name[256], path[280];
	void *memory;
	int fd;

	fixture_start(&daemon, args);
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", config));
	assert_ok(shmq_attach_consumer(client, "r", &consumer));
	cr_assert(daemon_segment_name(&daemon, "r", name, sizeof(name)));
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	cr_assert(ne(ptr, memory, MAP_FAILED));
	close(fd);
	shmq_consumer_detach(consumer);
	assert_error(shmq_purge(client, "r"), -EBUSY);
	assert_detail("without being attached");
	assert_ok(shmq_destroy(client, "r", 0));
	assert_error(shmq_create(client, "next", config), -EDQUOT);
	assert_ok(shmq_ping(client));
	assert_error(shmq_create(client, "next", config), -EDQUOT);
	cr_assert(eq(int, munmap(memory, 4096), 0));
	assert_ok(create_again(client, config));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

Test(rights, memory_that_is_kept_stays_charged, .timeout = PASS_S)
{
	const struct shmq_ring_config config = { .slots = 512, .size_bytes = 1024,
						 .lifetime = SHMQ_PERSISTENT };

	keep_and_destroy(&config);
}

struct opening {
	struct daemon daemon;
	struct gate stop;
};

static bool is_given_back(void *arg)
{
	const int *fd = arg;
	struct stat st;

	return fstat(*fd, &st) == 0 && st.st_blocks == 0;
}

/* Who was in the middle of opening what is unlinked may have it, but not its memory for long. */
static bool is_kept(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0 && !wait_until(is_given_back, &fd);
}

/* Opens the segment again and again, and looks whether it gets memory that is no ring's any more. */
static int open_and_keep(void *arg)
{
	struct opening *opening = arg;
	struct pollfd stop = { .fd = opening->stop.read_fd, .events = POLLIN };
	char name[256], path[280];

	if (geteuid() == 0) /* whom no mode keeps out */
		check(2, become(BOB_UID, 0) == 0);
	while (poll(&stop, 1, 0) == 0) {
		int fd;

		if (!daemon_segment_name(&opening->daemon, "r", name, sizeof(name)))
			continue;
		snprintf(path, sizeof(path), "/dev/shm/%s", name);
		for (unsigned i = 0; i < 1000; i++) {
			fd = open(path, O_RDWR | O_CLOEXEC);
			if (fd < 0)
				break;
			check(3, !is_kept(fd)); /* memory that nobody pays for */
			close(fd);
		}
	}
	return 0;
}

Test(rights, purge_leaves_no_memory_to_who_opens_it_meanwhile, .timeout = PASS_S)
{
	const struct shmq_ring_config config = { .slots = 512, .size_bytes = 1024,
						 .lifetime = SHMQ_PERSISTENT, .mode = 0666 };
	struct opening opening;
	struct shmq_client *client;
	unsigned n_purged = 0;
	pid_t opener;

	fixture_start(&opening.daemon, NULL);
	cr_assert(eq(int, gate_init(&opening.stop), 0));
	client = fixture_connect(&opening.daemon);
	assert_ok(shmq_create(client, "r", &config));
	opener = child_start(open_and_keep, &opening);
	for (unsigned i = 0; i < 2000; i++) {
		int64_t r = shmq_purge(client, "r");

		cr_assert(r == 0 || r == -EBUSY, "%s", shmq_error_detail());
		n_purged += r == 0;
	}
	cr_assert(gt(uint, n_purged, 0));
	gate_open(&opening.stop);
	cr_assert(eq(int, child_wait(opener), 0));
	gate_deinit(&opening.stop);
	shmq_disconnect(client);
	fixture_end(&opening.daemon);
}

/* A participant may give his segment other names; once the ring is gone that holds nothing. */
static int link_and_leave(void *arg)
{
	const struct daemon *daemon = arg;
	char name[256], path[280], link_path[320];
	struct shmq_producer *producer;
	struct shmq_client *client;

	check(1, become(BOB_UID, 0) == 0);
	client = child_connect(daemon);
	check(2, client && shmq_attach_producer(client, "r", &producer) == 0);
	check(3, daemon_segment_name(daemon, "r", name, sizeof(name)));
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	snprintf(link_path, sizeof(link_path), "/dev/shm/shmq.%s.registry.planted",
		 daemon->instance);
	if (link(path, link_path) < 0)
		return errno == EPERM ? NO_LINKS : 4;
	shmq_disconnect(client);
	return 0;
}

Test(rights, hard_links_of_a_segment_gain_nothing, .timeout = PASS_S)
{
	const struct shmq_rule rule = { .who = SHMQ_USER, .id = BOB_UID,
					.rights = SHMQ_MAY_PRODUCE };
	const struct shmq_ring_config config = { .slots = 8, .lifetime = SHMQ_PERSISTENT,
						 .rules = &rule, .n_rules = 1 };
	struct shmq_client *client;
	struct daemon daemon;
	struct shmq_ring_info info;
	char path[280];
	struct stat st;
	int r;

	if (geteuid() != 0)
		cr_skip_test("only root can be other users");
	fixture_start(&daemon, open_to_all);
	cr_assert(eq(int, chmod(daemon.dir, 0755), 0));
	client = fixture_connect(&daemon);
	assert_ok(shmq_create(client, "r", &config));
	r = child_wait(child_start(link_and_leave, &daemon));
	cr_assert(r == 0 || r == NO_LINKS, "%d", r);
	/* it doesn't keep the next daemon from knowing the ring */
	daemon_kill(&daemon);
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_show(client, "r", &info));
	cr_assert(eq(str, info.state, "live"));
	assert_ok(shmq_destroy(client, "r", 0));
	assert_ok(shmq_ping(client));
	snprintf(path, sizeof(path), "/dev/shm/shmq.%s.registry.planted", daemon.instance);
	if (lstat(path, &st) == 0)
		cr_assert(eq(long, (long)st.st_blocks, 0), "the link still holds memory");
	daemon_kill(&daemon);
	/* the next daemon takes it neither for its registry nor for anything else */
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_create(client, "r", &config));
	unlink(path);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* ---- memory that was another ring's ---- */

#define SECRET "the payload of somebody else"

static bool segment_has_secret(const struct daemon *daemon, const char *ring)
{
	char name[256], path[280];
	struct stat st;
	void *memory;
	bool found;
	int fd;

	cr_assert(daemon_segment_name(daemon, ring, name, sizeof(name)));
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0 && fstat(fd, &st) == 0);
	memory = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	cr_assert(ne(ptr, memory, MAP_FAILED));
	close(fd);
	found = memmem(memory, (size_t)st.st_size, SECRET, strlen(SECRET));
	munmap(memory, (size_t)st.st_size);
	return found;
}

Test(rights, no_ring_begins_with_what_was_in_another, .timeout = PASS_S)
{
	const struct shmq_ring_config config = { .slots = 512, .size_bytes = 1024,
						 .lifetime = SHMQ_PERSISTENT };
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "a", &config, &producer));
	for (unsigned i = 0; i < 512; i++)
		assert_ok(shmq_push(producer, SECRET, strlen(SECRET), 0));
	shmq_producer_detach(producer);
	cr_assert(segment_has_secret(&daemon, "a"), "else this test shows nothing");
	assert_ok(shmq_purge(client, "a"));
	cr_assert(not(segment_has_secret(&daemon, "a")));
	assert_ok(shmq_attach_producer(client, "a", &producer));
	for (unsigned i = 0; i < 512; i++)
		assert_ok(shmq_push(producer, SECRET, strlen(SECRET), 0));
	shmq_producer_detach(producer);
	/* the same record, the same pages if the kernel likes */
	assert_ok(shmq_destroy(client, "a", 0));
	assert_ok(shmq_create(client, "b", &config));
	cr_assert(not(segment_has_secret(&daemon, "b")));
	assert_ok(shmq_create(client, "a", &config));
	cr_assert(not(segment_has_secret(&daemon, "a")));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* ---- whose names ---- */

struct maker {
	const struct daemon *daemon;
	uid_t uid;
	gid_t group;
	int md, pay, other; /* what making a ring of such a name is to answer */
};

static int make_some(void *arg)
{
	const struct maker *maker = arg;
	struct shmq_producer *producer;
	struct shmq_client *client;

	check(1, become(maker->uid, maker->group) == 0);
	client = child_connect(maker->daemon);
	check(2, client);
	check(3, shmq_create(client, "md.r", NULL) == maker->md);
	check(4, shmq_open_producer(client, "md.s", NULL, &producer) == maker->md);
	check(5, shmq_create(client, "pay.r", NULL) == maker->pay);
	check(6, shmq_create(client, "other", NULL) == maker->other);
	if (maker->md == 0)
		check(7, shmq_destroy(client, "md.r", 0) == 0 &&
				 shmq_destroy(client, "md.s", SHMQ_DESTROY_FORCE) == 0);
	if (maker->pay == 0)
		check(8, shmq_destroy(client, "pay.r", 0) == 0);
	if (maker->other == 0)
		check(9, shmq_destroy(client, "other", 0) == 0);
	shmq_disconnect(client);
	return 0;
}

Test(rights, names_are_made_by_those_whose_they_are, .timeout = PASS_S)
{
	static const char *const args[] = {
		"--socket-mode=0666", "--create-rule=md.:group=65532", "--create-rule=pay.:user=65533",
		"--create-rule=pay.:unit=teller.service", NULL,
	};
	struct daemon daemon;

	if (geteuid() != 0)
		cr_skip_test("only root can be other users");
	fixture_start(&daemon, args);
	cr_assert(eq(int, chmod(daemon.dir, 0755), 0));

	struct maker makers[] = {
		{ &daemon, EVE_UID, FRIENDS_GID, 0, -EACCES, 0 },
		{ &daemon, BOB_UID, 0, -EACCES, 0, 0 },
		{ &daemon, BOB_UID, FRIENDS_GID, 0, 0, 0 },
		{ &daemon, EVE_UID, 0, -EACCES, -EACCES, 0 },
		{ &daemon, 0, 0, 0, 0, 0 },
	};
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		cr_assert(eq(int, child_wait(child_start(make_some, &makers[i])), 0), "maker %zu", i);
	fixture_end(&daemon);
}
