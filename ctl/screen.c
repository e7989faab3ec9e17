/* SPDX-License-Identifier: MIT */
/*
 * screen.c - taking over the terminal; see screen.h
 */
#include "ctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };

#define N_WATCHED (sizeof(watched) / sizeof(watched[0]))

static volatile sig_atomic_t ending, stopping, resized;

static void on_signal(int signal)
{
	if (signal == SIGWINCH)
		resized = 1;
	else if (signal == SIGTSTP)
		stopping = 1;
	else
		ending = signal;
}

bool screen_is_there(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void put(const char *text)
{
	/* who can't be written to will not miss it */
	(void)!fd_write_all(STDOUT_FILENO, text, strlen(text));
}

static void measure(struct screen *screen)
{
	struct winsize size;

	screen->n_rows = 24;
	screen->n_columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
		screen->n_rows = size.ws_row;
		screen->n_columns = size.ws_col;
	}
}

static void enter(struct screen *screen)
{
	struct termios raw = screen->cooked;

	/* signals by keys stay: they are how one is used to leave */
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (screen->has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	put(ENTER);
	measure(screen);
}

static void leave(struct screen *screen)
{
	if (screen->has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->cooked);
	put(LEAVE);
}

int screen_open(struct screen *screen)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t inside;

	*screen = (struct screen){ 0 };
	screen->has_keys = tcgetattr(STDIN_FILENO, &screen->cooked) == 0;
	sigemptyset(&inside);
	for (size_t i = 0; i < N_WATCHED; i++)
		sigaddset(&inside, watched[i]);
	if (sigprocmask(SIG_BLOCK, &inside, &screen->outside) < 0)
		return -errno;
	for (size_t i = 0; i < N_WATCHED; i++)
		if (sigaction(watched[i], &action, NULL) < 0)
			return -errno;
	enter(screen);
	return 0;
}

void screen_close(struct screen *screen)
{
	leave(screen);
	for (size_t i = 0; i < N_WATCHED; i++)
		signal(watched[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &screen->outside, NULL);
}

_Noreturn void screen_die(struct screen *screen)
{
	int signal = ending;

	screen_close(screen);
	raise(signal);
	_exit(128 + signal); /* it was blocked when we were started */
}

/* What Ctrl-Z means, with the terminal as it was; we go on when somebody continues us. */
static void stop(struct screen *screen)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t only, before;

	stopping = 0;
	leave(screen);
	signal(SIGTSTP, SIG_DFL);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGTSTP, &action, NULL);
	enter(screen);
}

/* ---- keys ---- */

static const struct {
	const char *bytes;
	int key;
} sequences[] = {
	{ "\033[A", SCREEN_UP },	{ "\033[B", SCREEN_DOWN },    { "\033OA", SCREEN_UP },
	{ "\033OB", SCREEN_DOWN },	{ "\033[5~", SCREEN_PAGE_UP }, { "\033[6~", SCREEN_PAGE_DOWN },
	{ "\033[H", SCREEN_HOME },	{ "\033[F", SCREEN_END },     { "\033[1~", SCREEN_HOME },
	{ "\033[4~", SCREEN_END },
};

static int input_take(struct screen *screen, unsigned n, int key)
{
	screen->n_input -= n;
	memmove(screen->input, screen->input + n, screen->n_input);
	return key;
}

/* A key that is sent as several bytes; they are read at once, but for slow lines. */
static int input_sequence(struct screen *screen)
{
	unsigned n = 2;

	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		size_t len = strlen(sequences[i].bytes);

		if (screen->n_input >= len && !memcmp(screen->input, sequences[i].bytes, len))
			return input_take(screen, (unsigned)len, sequences[i].key);
	}
	if (screen->n_input == 1 || (screen->input[1] != '[' && screen->input[1] != 'O'))
		return input_take(screen, 1, SCREEN_ESCAPE);
	/* some other: up to its last character */
	while (n < screen->n_input && (screen->input[n] < '@' || screen->input[n] > '~'))
		n++;
	return input_take(screen, n < screen->n_input ? n + 1 : screen->n_input, SCREEN_OTHER);
}

static int input_key(struct screen *screen)
{
	if (screen->input[0] == SCREEN_ESCAPE)
		return input_sequence(screen);
	return input_take(screen, 1, (unsigned char)screen->input[0]);
}

/* Return: false at the end of input: the terminal has gone. */
static bool input_read(struct screen *screen)
{
	ssize_t n = read(STDIN_FILENO, screen->input + screen->n_input,
			 sizeof(screen->input) - screen->n_input);

	if (n > 0)
		screen->n_input += (unsigned)n;
	return n > 0 || (n < 0 && errno == EINTR);
}

int screen_wait(struct screen *screen, int64_t deadline_ns)
{
	struct pollfd fd = { .fd = screen->has_keys ? STDIN_FILENO : -1, .events = POLLIN };

	for (;;) {
		struct timespec left;
		int n;

		if (ending)
			return SCREEN_ENDED;
		if (stopping) {
			stop(screen);
			return SCREEN_RESIZED;
		}
		if (resized) {
			resized = 0;
			measure(screen);
			put("\033[2J");
			return SCREEN_RESIZED;
		}
		if (screen->n_input)
			return input_key(screen);
		left = timespec_from_ns(deadline_left_ns(deadline_ns));
		n = ppoll(&fd, 1, &left, &screen->outside);
		if (n == 0)
			return SCREEN_TIMEOUT;
		if (n > 0 && !input_read(screen)) {
			ending = SIGHUP;
			return SCREEN_ENDED;
		}
	}
}

void screen_show(const struct screen *screen, const char *text)
{
	int row = 1;

	put("\033[H");
	while (*text && row <= screen->n_rows) {
		size_t len = strcspn(text, "\n");

		(void)!fd_write_all(STDOUT_FILENO, text, len);
		put(row < screen->n_rows ? "\033[K\r\n" : "\033[K");
		text += len + (text[len] == '\n');
		row++;
	}
	put("\033[J");
}
