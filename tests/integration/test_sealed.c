/* SPDX-License-Identifier: MIT */
/*
 * test_sealed.c - sealed rings: no name, nothing to forge, nothing to shrink
 */
#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "client/packet.h"
#include "proto/wire.h"
#include "tests/integration/fixture.h"

#define STRANGER_UID 65533u

static const char *const open_to_all[] = { "--socket-mode=0666", NULL };

static const struct shmq_ring_config sealed_config = { .slots = 8, .size_bytes = 64, .sealed = 1,
						       .lifetime = SHMQ_PERSISTENT, .mode = 0666 };

static void make(const struct daemon *daemon, const char *name)
{
	struct shmq_client *client = fixture_connect(daemon);

	assert_ok(shmq_create(client, name, &sealed_config));
	shmq_disconnect(client);
}

/* ---- the way of messages ---- */

static int produce(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_producer *producer;
	unsigned char message[64];

	check(1, client && shmq_open_producer(client, "s", NULL, &producer) == 0);
	for (uint64_t i = 0; i < 10000; i++)
		check(2, shmq_push(producer, message, message_make(i, 1 + i % 64, message),
				   LONG_NS) == 0);
	shmq_producer_detach(producer);
	shmq_disconnect(client);
	return 0;
}

Test(sealed, messages_arrive_as_they_do_through_a_name, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct shmq_ring_info info;
	struct daemon daemon;
	unsigned char message[64];
	pid_t child;

	fixture_start(&daemon, NULL);
	make(&daemon, "s");
	cr_assert(eq(uint, daemon_segments(&daemon), 0), "it has a name");
	child = child_start(produce, &daemon);
	client = fixture_connect(&daemon);
	assert_ok(shmq_attach_consumer(client, "s", &consumer));
	for (uint64_t i = 0; i < 10000; i++) {
		ssize_t n = shmq_pop(consumer, message, sizeof(message), LONG_NS);

		cr_assert(eq(long, n, (long)(1 + i % 64)));
		cr_assert(message_is(i, message, (size_t)n));
	}
	assert_error(shmq_pop(consumer, message, sizeof(message), LONG_NS), -EPIPE);
	cr_assert(eq(int, child_wait(child), 0));
	assert_ok(shmq_show(client, "s", &info));
	cr_assert(info.sealed);
	cr_assert(eq(u64, info.pushed, 10000));
	cr_assert(eq(u64, info.popped, 10000));
	shmq_consumer_detach(consumer);
	assert_ok(shmq_destroy(client, "s", 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static int die_attached(void *arg)
{
	struct shmq_client *client = child_connect(arg);
	struct shmq_producer *producer;

	check(1, client && shmq_attach_producer(client, "s", &producer) == 0);
	check(2, shmq_push(producer, "x", 1, 0) == 0);
	_exit(0);
}

Test(sealed, what_was_pushed_survives_the_producer_and_its_successor_goes_on, .timeout = PASS_S)
{
	struct shmq_consumer *consumer;
	struct shmq_client *client;
	struct daemon daemon;
	char byte;

	fixture_start(&daemon, NULL);
	make(&daemon, "s");
	client = fixture_connect(&daemon);
	assert_ok(shmq_attach_consumer(client, "s", &consumer));
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(eq(int, child_wait(child_start(die_attached, &daemon)), 0));
		assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), 1);
		assert_error(shmq_pop(consumer, &byte, 1, LONG_NS), -EOWNERDEAD);
	}
	shmq_consumer_detach(consumer);
	assert_error(shmq_purge(client, "s"), 0);
	assert_ok(shmq_attach_consumer(client, "s", &consumer));
	assert_error(shmq_pop(consumer, &byte, 1, 0), -EAGAIN);
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* Memory is given back in chunks, behind the answer. */
static bool wait_descriptors(const struct daemon *daemon, unsigned n)
{
	int64_t deadline_ns = deadline_after_ns(LONG_NS);

	while (daemon_descriptors(daemon) != n && deadline_left_ns(deadline_ns) > 0)
		usleep(1000);
	return daemon_descriptors(daemon) == n;
}

Test(sealed, descriptors_go_back_when_it_is_destroyed, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct daemon daemon;
	unsigned before;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	before = daemon_descriptors(&daemon);
	for (unsigned i = 0; i < 20; i++) {
		assert_ok(shmq_create(client, "s", &sealed_config));
		assert_ok(shmq_destroy(client, "s", 0));
	}
	assert_ok(shmq_create(client, "s", &sealed_config));
	cr_assert(wait_descriptors(&daemon, before + 2));
	assert_ok(shmq_destroy(client, "s", 0));
	cr_assert(wait_descriptors(&daemon, before), "descriptors are left open");
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* Nobody keeps the memory while no daemon runs: that is said, and the attached go on. */
Test(sealed, attached_ones_outlive_the_daemon_and_new_ones_are_told, .timeout = PASS_S)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer, *again;
	struct shmq_client *client;
	struct daemon daemon;
	char byte;

	fixture_start(&daemon, NULL);
	make(&daemon, "s");
	client = fixture_connect(&daemon);
	assert_ok(shmq_attach_producer(client, "s", &producer));
	assert_ok(shmq_attach_consumer(client, "s", &consumer));
	daemon_kill(&daemon);
	assert_ok(shmq_push(producer, "1", 1, 0));
	cr_assert(eq(int, daemon_restart(&daemon), 0));
	assert_ok(shmq_push(producer, "2", 1, 0));
	assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	assert_error(shmq_pop(consumer, &byte, 1, 0), 1);
	shmq_consumer_detach(consumer);
	assert_error(shmq_attach_consumer(client, "s", &again), -ESTALE);
	shmq_producer_detach(producer);
	assert_ok(shmq_destroy(client, "s", SHMQ_DESTROY_FORCE));
	make(&daemon, "s");
	assert_ok(shmq_attach_consumer(client, "s", &again));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

/* ---- what a hostile peer may try with its descriptors ---- */

/* Return: 0, the reply in @ret_packet, its descriptors in @fds. */
static int ask(int fd, const struct control_request *request, struct wire_packet *ret_packet,
	       int fds[PACKET_FDS])
{
	static uint8_t buf[CONTROL_PACKET_MAX];
	ssize_t n = wire_encode_request(request, buf, sizeof(buf));

	if (n < 0 || packet_send(fd, buf, (size_t)n, deadline_after_ns(LONG_NS)) < 0)
		return -EIO;
	n = packet_receive(fd, buf, sizeof(buf), deadline_after_ns(LONG_NS), fds);
	return n < 0 ? (int)n : wire_decode_packet(buf, (size_t)n, ret_packet);
}

/* Attach by hand and keep both descriptors. */
static int take_descriptors(const struct daemon *daemon, enum shmq_role role, int fds[PACKET_FDS])
{
	struct control_request hello = { .id = 1, .op = CONTROL_HELLO, .protocol_min = 1,
					 .protocol_max = 1, .layout = SHMQ_LAYOUT_VERSION,
					 .library = "test" };
	struct control_request attach = { .id = 2, .op = CONTROL_ATTACH, .name = "s", .role = role,
					  .nonce = 7, .want_descriptor = true };
	int fd = packet_connect(daemon->socket);
	struct wire_packet packet;

	if (fd < 0 || ask(fd, &hello, &packet, fds) < 0 || packet.reply.status < 0)
		return -EIO;
	fd_close(fds[0]);
	attach.echo = packet.reply.hello.echo;
	wire_packet_release(&packet);
	if (ask(fd, &attach, &packet, fds) < 0)
		return -EIO;
	wire_packet_release(&packet);
	return fds[0] >= 0 && fds[1] >= 0 ? 0 : -EIO;
}

static bool refuses_all_changes_of_size(int fd)
{
	return ftruncate(fd, 0) < 0 && ftruncate(fd, 1 << 30) < 0 &&
	       fallocate(fd, 0, 0, 1 << 30) < 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0;
}

static bool is_and_stays_readonly(int fd)
{
	char path[40], byte = 1;
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return memory != MAP_FAILED && mprotect(memory, 4096, PROT_READ | PROT_WRITE) < 0 &&
	       mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED &&
	       pwrite(fd, &byte, 1, 0) < 0 && open(path, O_RDWR | O_CLOEXEC) < 0 &&
	       open(path, O_WRONLY | O_TRUNC | O_CLOEXEC) < 0 && fchmod(fd, 0666) < 0;
}

static int attack_as(const struct daemon *daemon, enum shmq_role role)
{
	int fds[PACKET_FDS] = { -1, -1 };
	int own = role == SHMQ_ROLE_PRODUCER ? 0 : 1;

	check(1, setgroups(0, NULL) == 0);
	check(2, setgid(STRANGER_UID) == 0 && setuid(STRANGER_UID) == 0);
	check(3, take_descriptors(daemon, role, fds) == 0);
	check(4, refuses_all_changes_of_size(fds[0]));
	check(5, refuses_all_changes_of_size(fds[1]));
	check(6, is_and_stays_readonly(fds[1 - own]));
	check(7, pwrite(fds[own], "", 1, 0) == 1); /* its own it may */
	return 0;
}

static int attack_as_producer(void *arg)
{
	return attack_as(arg, SHMQ_ROLE_PRODUCER);
}

static int attack_as_consumer(void *arg)
{
	return attack_as(arg, SHMQ_ROLE_CONSUMER);
}

Test(sealed, peers_part_is_readonly_for_good_and_nothing_can_shrink, .timeout = PASS_S)
{
	struct daemon daemon;

	if (geteuid() != 0)
		cr_skip_test("only root can be other users");
	fixture_start(&daemon, open_to_all);
	cr_assert(eq(int, chmod(daemon.dir, 0755), 0));
	make(&daemon, "s");
	cr_assert(eq(int, child_wait(child_start(attack_as_consumer, &daemon)), 0));
	cr_assert(eq(int, child_wait(child_start(attack_as_producer, &daemon)), 0));
	fixture_end(&daemon);
}
