/* SPDX-License-Identifier: MIT */
/*
 * guard.c - the handler of SIGBUS; see guard.h
 *
 * A page that is not there any more is replaced by a private one full of ones: no position, no header
 * and no ticket looks like that, so the code that was interrupted judges what it finds and poisons
 * its handle. A producer may write into such pages until it looks at its consumer's position: that
 * is after at most as many messages as the ring has slots.
 */
#include "client/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <shmq/client.h>
#include <shmq/hot.h>

#include "client/error.h"

#define REGIONS_MAX 3072u /* of 1024 handles */

struct guarded {
	uintptr_t start; /* 0: free */
	size_t bytes;
	struct shmq_hot *hot;
};

static struct guarded table[REGIONS_MAX];
static struct sigaction previous;
static size_t page_bytes;

static void region_add(const struct segment_region *region, struct shmq_hot *hot)
{
	for (size_t i = 0; i < REGIONS_MAX; i++) {
		struct guarded *at = &table[i];
		uintptr_t none = 0;

		/* [G7] relaxed: a look that is cheaper than [G1], which decides */
		if (__atomic_load_n(&at->start, __ATOMIC_RELAXED) != 0)
			continue;
		/* [G1] acquire: the place is ours before it is filled; two threads may attach */
		if (!__atomic_compare_exchange_n(&at->start, &none, (uintptr_t)1, false,
						 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		/* [G5] release, both: who reads them sees that the place is being filled; pairs with [G6] */
		__atomic_store_n(&at->bytes, region->bytes, __ATOMIC_RELEASE);
		__atomic_store_n(&at->hot, hot, __ATOMIC_RELEASE);
		/* [G2] release: what it is before where it is; pairs with [G3] */
		__atomic_store_n(&at->start, (uintptr_t)region->memory, __ATOMIC_RELEASE);
		return;
	}
}

void guard_add(const struct segment_map *map, struct shmq_hot *hot)
{
	region_add(&map->own, hot);
	region_add(&map->peer, hot);
	region_add(&map->slots, hot);
}

static uintptr_t start_load(const struct guarded *at)
{
	/* [G3] acquire: where it is before what it is; pairs with [G2] */
	return __atomic_load_n(&at->start, __ATOMIC_ACQUIRE);
}

/* Another thread may give the place to another region meanwhile: then it is none of the caller's,
 * whose own stays. Return: whose memory the @address is, or NULL. */
static struct shmq_hot *region_owner(uintptr_t address)
{
	for (size_t i = 0; i < REGIONS_MAX; i++) {
		uintptr_t start = start_load(&table[i]);
		/* [G6] acquire, both: before the second look at the start; pairs with [G5] */
		size_t bytes = __atomic_load_n(&table[i].bytes, __ATOMIC_ACQUIRE);
		struct shmq_hot *hot = __atomic_load_n(&table[i].hot, __ATOMIC_ACQUIRE);

		if (start > 1 && address >= start && address - start < bytes &&
		    start_load(&table[i]) == start)
			return hot;
	}
	return NULL;
}

static void region_remove(const struct segment_region *region)
{
	for (size_t i = 0; i < REGIONS_MAX; i++) {
		if (!region->memory || start_load(&table[i]) != (uintptr_t)region->memory)
			continue;
		/* [G4] release: it is read no more before it is filled anew; pairs with [G1] */
		__atomic_store_n(&table[i].start, (uintptr_t)0, __ATOMIC_RELEASE);
		return;
	}
}

void guard_remove(const struct segment_map *map)
{
	region_remove(&map->own);
	region_remove(&map->peer);
	region_remove(&map->slots);
}

/* Return: whether the access that failed will succeed now. Async-signal-safe. */
static bool replace_page(void *address)
{
	struct shmq_hot *hot = region_owner((uintptr_t)address);
	void *page = (void *)((uintptr_t)address & ~(page_bytes - 1));

	if (!hot || mmap(page, page_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
		return false;
	memset(page, 0xff, page_bytes);
	if (!hot->error)
		hot->error = -EBADMSG;
	return true;
}

static void pass_on(int number, siginfo_t *info, void *context)
{
	if (previous.sa_flags & SA_SIGINFO) {
		previous.sa_sigaction(number, info, context);
	} else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
		previous.sa_handler(number);
	} else {
		sigaction(number, &previous, NULL); /* it happens again, and nobody is in the way */
		if (info->si_code <= 0)
			raise(number);
	}
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	if (info->si_code != BUS_ADRERR || !replace_page(info->si_addr))
		pass_on(number, info, context);
	errno = saved;
}

int shmq_guard_sigbus(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct sigaction before;

	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, NULL, &before) < 0)
		return error_set(-errno, "sigaction(): %s", shmq_strerror(-errno));
	if (before.sa_flags & SA_SIGINFO && before.sa_sigaction == on_sigbus)
		return 0;
	previous = before;
	if (sigaction(SIGBUS, &action, NULL) < 0)
		return error_set(-errno, "sigaction(): %s", shmq_strerror(-errno));
	return 0;
}
