/* SPDX-License-Identifier: MIT */
/*
 * boost_mq.cc - peer: boost::interprocess::message_queue, sleeping and polled
 */
#include <boost/interprocess/ipc/message_queue.hpp>
#include <memory>
#include <string>
#include <unistd.h>

#include "bench/loops.h"

namespace
{

using boost::interprocess::create_only;
using boost::interprocess::message_queue;

std::unique_ptr<message_queue> to, fro;

std::string name_of(const char *what)
{
	return "shmq-bench-" + std::to_string(getpid()) + what;
}

void mq_close(void *)
{
	to.reset();
	fro.reset();
	message_queue::remove(name_of("to").c_str());
	message_queue::remove(name_of("fro").c_str());
}

void *mq_open(size_t slots, size_t size_bytes)
{
	try {
		to.reset(new message_queue(create_only, name_of("to").c_str(), slots, size_bytes));
		fro.reset(new message_queue(create_only, name_of("fro").c_str(), slots, size_bytes));
	} catch (const std::exception &) {
		mq_close(nullptr);
		return nullptr;
	}
	return &to;
}

int mq_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	(void)run;
	ret_ends->out = is_a ? to.get() : fro.get();
	ret_ends->in = is_a ? fro.get() : to.get();
	return 0;
}

int send(void *end, const void *msg, size_t len)
{
	static_cast<message_queue *>(end)->send(msg, len, 0);
	return 0;
}

int receive(void *end, void *buf, size_t len)
{
	message_queue::size_type got;
	unsigned priority;

	static_cast<message_queue *>(end)->receive(buf, len, got, priority);
	return got == len ? 0 : -1;
}

int try_send(void *end, const void *msg, size_t len)
{
	return !static_cast<message_queue *>(end)->try_send(msg, len, 0);
}

int try_receive(void *end, void *buf, size_t len)
{
	message_queue::size_type got;
	unsigned priority;

	return !static_cast<message_queue *>(end)->try_receive(buf, len, got, priority);
}

const struct bench_ops ops = { send, receive, nullptr, nullptr, nullptr, nullptr, false };
const struct bench_ops try_ops = {
	try_send, try_receive, nullptr, nullptr, nullptr, nullptr, true,
};

BENCH_HALVES(sleeping, ops, mq_attach, false)
BENCH_HALVES(spinning, try_ops, mq_attach, false)

} // namespace

#define NAME	"boost message_queue"
#define PACKAGE "libboost-dev"

extern "C" {
extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	BENCH_BOTH(spinning, NAME, PACKAGE, mq_open, mq_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_BOTH(sleeping, NAME, PACKAGE, mq_open, mq_close, BENCH_COPY, BENCH_SLEEPS, 0),
	BENCH_END,
};
}
