/* SPDX-License-Identifier: MIT */
/*
 * assault.c - the processes of an attack; see attack.h
 */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/attack/attack.h"
#include "tests/harness/process.h"

struct order {
	const struct attack *attack;
	const char *socket;
	uint64_t *n_blows;
	uint64_t seed;
	pid_t parent;
};

/* Root's requests are not limited: be somebody else. Many descriptors are part of the trade. */
static int disguise(pid_t parent)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setgid(ATTACK_STRANGER_UID) < 0 ||
	    setuid(ATTACK_STRANGER_UID) < 0)
		return -errno;
	/* with another uid the old wish to die with the parent is forgotten */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return getppid() == parent ? 0 : -ESRCH;
}

static int attacker_run(void *arg)
{
	static struct attacker attacker;
	const struct order *order = arg;

	attacker.socket = order->socket;
	attacker.random = order->seed;
	if (disguise(order->parent) < 0)
		return 1;
	for (;;) {
		order->attack->strike(&attacker);
		/* [N1] relaxed: a count, nothing is read because of it */
		__atomic_fetch_add(order->n_blows, 1, __ATOMIC_RELAXED);
	}
}

int assault_start(struct assault *assault, const struct attack *attack, const char *socket,
		  unsigned n)
{
	struct order order = { .attack = attack, .socket = socket, .parent = getpid() };

	*assault = (struct assault){ 0 };
	assault->n_blows = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (assault->n_blows == MAP_FAILED)
		return -errno;
	order.n_blows = assault->n_blows;
	while (assault->n < n) {
		pid_t pid;

		order.seed = UINT64_C(0x9e3779b97f4a7c15) * (assault->n + 1);
		pid = child_start(attacker_run, &order);
		if (pid < 0) {
			assault_stop(assault);
			return (int)pid;
		}
		assault->pids[assault->n++] = pid;
	}
	return 0;
}

uint64_t assault_blows(const struct assault *assault)
{
	/* [N2] relaxed: as above */
	return __atomic_load_n(assault->n_blows, __ATOMIC_RELAXED);
}

void assault_stop(struct assault *assault)
{
	while (assault->n)
		child_kill(assault->pids[--assault->n]);
	munmap(assault->n_blows, sizeof(uint64_t));
	assault->n_blows = NULL;
}
