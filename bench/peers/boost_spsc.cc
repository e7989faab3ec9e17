/* SPDX-License-Identifier: MIT */
/*
 * boost_spsc.cc - peer: boost::lockfree::spsc_queue, one message at a time and 16 at once
 *
 * The objects lie in memory that both processes have at the same address, which its authors don't
 * promise to work; it does.
 */
#include <boost/lockfree/spsc_queue.hpp>
#include <new>
#include <sys/mman.h>

#include "bench/loops.h"

namespace
{

constexpr size_t batch = 16;

template <size_t Size> struct message {
	uint64_t words[Size / 8];
};

template <size_t Size>
using queue = boost::lockfree::spsc_queue<message<Size>,
					  boost::lockfree::capacity<Size <= 4096 ? 1024 : 64> >;

void *memory; /* two queues */
size_t memory_bytes;
size_t queue_bytes; /* distance of the two */

template <size_t Size> bool make()
{
	queue_bytes = (sizeof(queue<Size>) + 4095) & ~size_t(4095);
	memory_bytes = 2 * queue_bytes;
	memory = mmap(nullptr, memory_bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	new (memory) queue<Size>;
	new (static_cast<unsigned char *>(memory) + queue_bytes) queue<Size>;
	return true;
}

void *spsc_open(size_t slots, size_t size_bytes)
{
	bool made = false;

	(void)slots;
	switch (size_bytes) {
	case 8:
		made = make<8>();
		break;
	case 64:
		made = make<64>();
		break;
	case 256:
		made = make<256>();
		break;
	case 1024:
		made = make<1024>();
		break;
	case 4096:
		made = make<4096>();
		break;
	case 65536:
		made = make<65536>();
		break;
	}
	return made ? memory : nullptr;
}

void spsc_close(void *rings)
{
	munmap(rings, memory_bytes);
}

int spsc_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	unsigned char *to = static_cast<unsigned char *>(memory), *fro = to + queue_bytes;

	(void)run;
	ret_ends->out = is_a ? to : fro;
	ret_ends->in = is_a ? fro : to;
	return 0;
}

template <size_t Size> int send(void *end, const void *msg, size_t)
{
	return !static_cast<queue<Size> *>(end)->push(*static_cast<const message<Size> *>(msg));
}

template <size_t Size> int receive(void *end, void *buf, size_t)
{
	return !static_cast<queue<Size> *>(end)->pop(*static_cast<message<Size> *>(buf));
}

#define OPS_OF(size)                                                                               \
	const struct bench_ops ops##size = { send<size>, receive<size>, nullptr, nullptr,          \
					     nullptr,    nullptr,       true };
OPS_OF(8)
OPS_OF(64)
OPS_OF(256)
OPS_OF(1024)
OPS_OF(4096)
OPS_OF(65536)

BENCH_TYPED_HALVES(copy, ops, spsc_attach)

/* ---- batches ---- */

template <size_t Size> int batch_produce_of(const struct bench_run *run)
{
	static message<Size> buf[batch];
	queue<Size> *to = static_cast<queue<Size> *>(memory);

	bench_start(run);
	for (uint64_t i = 0; i < run->n;) {
		size_t n = run->n - i < batch ? run->n - i : batch, sent = 0;

		for (size_t k = 0; k < n; k++)
			bench_fill(&buf[k], Size, i + k);
		while ((sent += to->push(buf + sent, n - sent)) < n)
			bench_pause(&ops8);
		i += n;
	}
	return 0;
}

template <size_t Size> int batch_consume_of(const struct bench_run *run)
{
	static message<Size> buf[batch];
	queue<Size> *from = static_cast<queue<Size> *>(memory);
	uint64_t n_wrong = 0;

	bench_start(run);
	for (uint64_t i = 0; i < run->n;) {
		size_t n;

		while ((n = from->pop(buf, batch)) == 0)
			bench_pause(&ops8);
		for (size_t k = 0; k < n; k++)
			n_wrong += bench_sum(&buf[k], Size) != bench_sum_expected(Size, i + k);
		i += n;
	}
	return n_wrong != 0;
}

int batch_produce(const struct bench_run *run)
{
	switch (run->size_bytes) {
	case 8:
		return batch_produce_of<8>(run);
	case 64:
		return batch_produce_of<64>(run);
	case 256:
		return batch_produce_of<256>(run);
	case 1024:
		return batch_produce_of<1024>(run);
	case 4096:
		return batch_produce_of<4096>(run);
	default:
		return batch_produce_of<65536>(run);
	}
}

int batch_consume(const struct bench_run *run)
{
	switch (run->size_bytes) {
	case 8:
		return batch_consume_of<8>(run);
	case 64:
		return batch_consume_of<64>(run);
	case 256:
		return batch_consume_of<256>(run);
	case 1024:
		return batch_consume_of<1024>(run);
	case 4096:
		return batch_consume_of<4096>(run);
	default:
		return batch_consume_of<65536>(run);
	}
}

} // namespace

extern "C" {
extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	BENCH_BOTH(copy, "boost spsc_queue", "libboost-dev", spsc_open, spsc_close, BENCH_COPY,
		   BENCH_SPINS, 0),
	BENCH_STREAM(batch, "boost spsc_queue, copied", "libboost-dev", spsc_open, spsc_close,
		     BENCH_BATCHES, BENCH_SPINS, 0),
	BENCH_END,
};
}
