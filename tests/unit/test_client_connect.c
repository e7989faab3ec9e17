/* SPDX-License-Identifier: MIT */
/*
 * test_client_connect.c - sockets that aren't there, aren't shmqd's, or speak another version
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "base/fd.h"
#include "tests/unit/client_fake.h"

#define PASS_S 30

static unsigned open_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Connect to a fake with @script. The sentence must contain @word, and no descriptor may be left.
 */
static void refuse(fake_script script, int expected, const char *word)
{
	struct shmq_client *client = NULL;
	unsigned n_before;
	struct fake fake;

	cr_assert(eq(int, fake_start(&fake, script, NULL), 0));
	n_before = open_descriptors();
	cr_assert(eq(int, shmq_connect(&client, fake.socket), expected), "%s", shmq_error_detail());
	cr_assert(eq(ptr, client, NULL));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), word), NULL), "%s", shmq_error_detail());
	fake_stop(&fake);
	cr_assert(le(uint, open_descriptors(), n_before));
}

static void greet_and_wait(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	if (fake_greet(fake, fd))
		fake_wait_for_end(fd);
}

Test(client_connect, a_right_greeting_connects, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct fake fake;

	cr_assert(eq(int, fake_start(&fake, greet_and_wait, NULL), 0));
	cr_assert(eq(int, shmq_connect(&client, fake.socket), 0), "%s", shmq_error_detail());
	cr_assert(eq(str, (char *)shmq_error_detail(), ""));
	cr_assert(eq(ptr, shmq_disconnect(client), NULL));
	fake_stop(&fake);
}

Test(client_connect, the_socket_comes_from_the_environment, .timeout = PASS_S)
{
	struct shmq_client *client;
	struct fake fake;

	cr_assert(eq(int, fake_start(&fake, greet_and_wait, NULL), 0));
	setenv("SHMQ_SOCKET", fake.socket, 1);
	cr_assert(eq(int, shmq_connect(&client, NULL), 0), "%s", shmq_error_detail());
	shmq_disconnect(client);
	fake_stop(&fake);
}

Test(client_connect, the_users_own_daemon_comes_before_the_systems, .timeout = PASS_S)
{
	char dir[] = "/tmp/shmq-test.XXXXXX", path[64], own[96];
	struct shmq_client *client;
	struct fake fake;

	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	snprintf(path, sizeof(path), "%s/shmqd", dir);
	cr_assert(eq(int, mkdir(path, 0700), 0));
	snprintf(own, sizeof(own), "%s/control.sock", path);
	unsetenv("SHMQ_SOCKET");
	setenv("XDG_RUNTIME_DIR", dir, 1);

	cr_assert(eq(int, fake_start(&fake, greet_and_wait, NULL), 0));
	cr_assert(eq(int, symlink(fake.socket, own), 0));
	cr_assert(eq(int, shmq_connect(&client, NULL), 0), "%s", shmq_error_detail());
	shmq_disconnect(client);
	fake_stop(&fake);
	unlink(own);

	/* a socket that nobody serves is the user's all the same: the system's is not taken instead
	 */
	fd_close(open(own, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	cr_assert(eq(int, shmq_connect(&client, NULL), -ENOTCONN));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), own), NULL), "%s", shmq_error_detail());
	unlink(own);

	/* without one, it is the system's: there or not, it is the one that is spoken of */
	if (shmq_connect(&client, NULL) == 0)
		shmq_disconnect(client);
	else
		cr_assert(ne(ptr, strstr(shmq_error_detail(), "/run/shmqd/control.sock"), NULL),
			  "%s", shmq_error_detail());
	rmdir(path);
	rmdir(dir);
}

Test(client_connect, no_socket_is_enotconn_and_says_how_to_start_it, .timeout = PASS_S)
{
	struct shmq_client *client = NULL;

	cr_assert(eq(int, shmq_connect(&client, "/tmp/shmq-none/control.sock"), -ENOTCONN));
	cr_assert(eq(ptr, client, NULL));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "/tmp/shmq-none/control.sock"), NULL));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "start it with"), NULL));
}

Test(client_connect, a_path_that_is_too_long_is_enametoolong, .timeout = PASS_S)
{
	struct shmq_client *client = NULL;
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	cr_assert(eq(int, shmq_connect(&client, path), -ENAMETOOLONG));
	cr_assert(eq(int, shmq_connect(NULL, path), -EINVAL));
}

Test(client_connect, a_stream_socket_is_eproto, .timeout = PASS_S)
{
	char dir[] = "/tmp/shmq-test.XXXXXX";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct shmq_client *client = NULL;

	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", dir);
	cr_assert(eq(int, bind(fd, (struct sockaddr *)&address, sizeof(address)), 0));
	cr_assert(eq(int, listen(fd, 1), 0));
	cr_assert(eq(int, shmq_connect(&client, address.sun_path), -EPROTO));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "not shmqd's"), NULL));
	close(fd);
	unlink(address.sun_path);
	rmdir(dir);
}

/* Somebody listens, and accepts nobody: the first one waits for an answer, the others to be let in. */
Test(client_connect, who_does_not_answer_is_waited_for_as_long_as_asked, .timeout = PASS_S)
{
	char dir[] = "/tmp/shmq-test.XXXXXX";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int64_t default_ns = deadline_after_ns(5 * NS_PER_S);
	struct shmq_client *client = NULL;
	unsigned n_before;

	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", dir);
	cr_assert(eq(int, bind(fd, (struct sockaddr *)&address, sizeof(address)), 0));
	cr_assert(eq(int, listen(fd, 0), 0));
	n_before = open_descriptors();
	cr_assert(eq(int, shmq_connect_timeout(&client, address.sun_path, 30 * NS_PER_MS), -ETIMEDOUT));
	cr_assert(ne(ptr, strstr(shmq_error_detail(), "does not answer"), NULL));
	cr_assert(eq(int, shmq_connect_timeout(&client, address.sun_path, 30 * NS_PER_MS), -EHOSTDOWN));
	cr_assert(eq(int, shmq_connect_timeout(&client, address.sun_path, 0), -EHOSTDOWN));
	cr_assert(gt(i64, deadline_left_ns(default_ns), 0), "it waited for the default");
	cr_assert(eq(ptr, client, NULL));
	cr_assert(eq(uint, open_descriptors(), n_before));
	close(fd);
	unlink(address.sun_path);
	rmdir(dir);
}

static void hang_up(struct fake *fake, int fd, unsigned n)
{
	(void)fake;
	(void)fd;
	(void)n;
}

Test(client_connect, one_that_hangs_up_is_eproto_after_a_few_tries, .timeout = PASS_S)
{
	refuse(hang_up, -EPROTO, "hung up");
}

static void garble(struct fake *fake, int fd, unsigned n)
{
	(void)fake;
	(void)n;
	if (fake_send(fd, "220 mail.example.org ESMTP", 26, NULL, 0))
		fake_wait_for_end(fd);
}

Test(client_connect, garbage_is_eproto, .timeout = PASS_S)
{
	refuse(garble, -EPROTO, "does not speak");
}

static void flood(struct fake *fake, int fd, unsigned n)
{
	static char huge[CONTROL_PACKET_MAX + 1];

	(void)fake;
	(void)n;
	if (fake_send(fd, huge, sizeof(huge), NULL, 0))
		fake_wait_for_end(fd);
}

Test(client_connect, a_packet_that_is_too_long_is_eproto, .timeout = PASS_S)
{
	refuse(flood, -EPROTO, "does not speak");
}

static void reply_to_hello(struct fake *fake, int fd, void (*spoil)(struct control_reply *reply),
			   const int *fds, size_t n_fds)
{
	uint8_t packet[CONTROL_PACKET_MAX];
	struct wire_request request;
	struct control_reply reply;
	ssize_t bytes;

	if (!fake_receive(fd, &request))
		return;
	fake_hello_reply(fake, request.request.id, &reply);
	wire_request_release(&request);
	if (spoil)
		spoil(&reply);
	bytes = wire_encode_reply(&reply, packet, sizeof(packet));
	if (fake_send(fd, packet, (size_t)bytes, fds, n_fds))
		fake_wait_for_end(fd);
}

static void later_protocol(struct control_reply *reply)
{
	reply->hello.protocol = 2;
}

static void speak_later_protocol(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, later_protocol, &fake->board_fd, 1);
}

Test(client_connect, another_protocol_version_is_eproto_and_names_both, .timeout = PASS_S)
{
	refuse(speak_later_protocol, -EPROTO, "protocol 2 and layout 1");
}

static void later_layout(struct control_reply *reply)
{
	reply->hello.layout = 9;
}

static void speak_later_layout(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, later_layout, &fake->board_fd, 1);
}

Test(client_connect, another_layout_is_eproto, .timeout = PASS_S)
{
	refuse(speak_later_layout, -EPROTO, "layout 9");
}

static void is_refused(struct control_reply *reply)
{
	reply->status = -EDQUOT;
	reply->text = "user 0 has 64 connections, and may have 64";
	reply->body = CONTROL_BODY_NONE;
}

static void refuse_hello(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, is_refused, NULL, 0);
}

Test(client_connect, a_refusal_comes_with_the_daemons_words, .timeout = PASS_S)
{
	refuse(refuse_hello, -EDQUOT, "64 connections");
}

static void other_body(struct control_reply *reply)
{
	reply->body = CONTROL_BODY_PURGE;
	reply->dropped = 1;
}

static void answer_other_body(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, other_body, &fake->board_fd, 1);
}

Test(client_connect, an_answer_to_something_else_is_eproto, .timeout = PASS_S)
{
	refuse(answer_other_body, -EPROTO, "does not greet");
}

static void send_no_board(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, NULL, NULL, 0);
}

Test(client_connect, a_missing_board_is_eproto, .timeout = PASS_S)
{
	refuse(send_no_board, -EPROTO, "board");
}

static void send_many_descriptors(struct fake *fake, int fd, unsigned n)
{
	int fds[20];

	(void)n;
	for (size_t i = 0; i < 20; i++)
		fds[i] = fake->board_fd;
	reply_to_hello(fake, fd, NULL, fds, 20);
}

static void send_two_descriptors(struct fake *fake, int fd, unsigned n)
{
	int fds[2] = { fake->board_fd, fake->board_fd };

	(void)n;
	reply_to_hello(fake, fd, NULL, fds, 2);
}

Test(client_connect, more_descriptors_than_asked_for_are_closed, .timeout = PASS_S)
{
	refuse(send_two_descriptors, -EPROTO, "does not speak");
	refuse(send_many_descriptors, -EPROTO, "does not speak");
}

static void send_pipe(struct fake *fake, int fd, unsigned n)
{
	int fds[2];

	(void)n;
	if (pipe(fds) == 0)
		reply_to_hello(fake, fd, NULL, fds, 1);
	close(fds[0]);
	close(fds[1]);
}

Test(client_connect, a_board_that_is_no_file_is_eproto, .timeout = PASS_S)
{
	refuse(send_pipe, -EPROTO, "not a file");
}

static void foreign_owner(struct control_reply *reply)
{
	reply->hello.owner_uid++;
}

static void send_foreign(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, foreign_owner, &fake->board_fd, 1);
}

Test(client_connect, a_board_of_another_user_is_eproto, .timeout = PASS_S)
{
	refuse(send_foreign, -EPROTO, "not a file of its user");
}

static void bigger_board(struct control_reply *reply)
{
	reply->hello.board_bytes++;
}

static void send_bigger(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, bigger_board, &fake->board_fd, 1);
}

Test(client_connect, a_board_that_is_too_short_is_eproto, .timeout = PASS_S)
{
	refuse(send_bigger, -EPROTO, "size");
}

static void other_epoch(struct control_reply *reply)
{
	reply->hello.epoch[3] ^= 1;
}

static void send_other_epoch(struct fake *fake, int fd, unsigned n)
{
	(void)n;
	reply_to_hello(fake, fd, other_epoch, &fake->board_fd, 1);
}

Test(client_connect, a_board_of_another_epoch_is_eproto, .timeout = PASS_S)
{
	refuse(send_other_epoch, -EPROTO, "not the one");
}

static void send_no_magic(struct fake *fake, int fd, unsigned n)
{
	fake->board->magic++;
	greet_and_wait(fake, fd, n);
}

Test(client_connect, a_board_without_magic_is_eproto, .timeout = PASS_S)
{
	refuse(send_no_magic, -EPROTO, "layout");
}

static void send_too_many_rings(struct fake *fake, int fd, unsigned n)
{
	fake->board->n_rings++;
	greet_and_wait(fake, fd, n);
}

Test(client_connect, a_board_that_counts_too_many_rings_is_eproto, .timeout = PASS_S)
{
	refuse(send_too_many_rings, -EPROTO, "more rings");
}
