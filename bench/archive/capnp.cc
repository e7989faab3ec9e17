/* SPDX-License-Identifier: MIT */
/*
 * capnp.cc - Cap'n Proto, as quick as it goes: its first and only segment is the slot, and it is read
 * there
 *
 * A segment must be zero before it is built in; as many bytes are zeroed as the last message had. A
 * reader checks bounds at each access, so nothing is checked before.
 */
#include <capnp/message.h>
#include <cstdlib>
#include <cstring>

#include "bench/archive/contestant.h"
#include "messages.capnp.h"

namespace
{

class SlotBuilder : public capnp::MessageBuilder
{
      public:
	SlotBuilder(void *slot, size_t cap, size_t zeroed)
		: words(static_cast<capnp::word *>(slot), cap / sizeof(capnp::word))
	{
		std::memset(slot, 0, zeroed);
	}

	kj::ArrayPtr<capnp::word> allocateSegment(uint minimum_words) override
	{
		if (taken || minimum_words > words.size())
			std::abort();
		taken = true;
		return words;
	}

	size_t length()
	{
		return getSegmentsForOutput()[0].asBytes().size();
	}

      private:
	kj::ArrayPtr<capnp::word> words;
	bool taken = false;
};

class SlotReader : public capnp::SegmentArrayMessageReader
{
      public:
	explicit SlotReader(const kj::ArrayPtr<const capnp::word> &segment)
		: capnp::SegmentArrayMessageReader(kj::arrayPtr(&segment, 1))
	{
	}
};

kj::ArrayPtr<const capnp::word> segment_of(const void *msg, size_t len)
{
	return kj::arrayPtr(static_cast<const capnp::word *>(msg), len / sizeof(capnp::word));
}

size_t fixed_build(uint64_t i, void *slot, size_t cap)
{
	static size_t last = SLOT_SMALL;
	SlotBuilder message(slot, cap, last);
	auto o = message.initRoot<Fixed>();

	o.setId(i);
	o.setTime(bench_time(i));
	o.setPrice(bench_price(i));
	o.setQuantity(bench_quantity(i));
	o.setVenue(i & 7);
	o.setBuy(i & 1);
	return last = message.length();
}

uint64_t fixed_read(const void *msg, size_t len)
{
	auto segment = segment_of(msg, len);
	SlotReader message(segment);
	auto o = message.getRoot<Fixed>();

	return sum_of_scalars(o.getId(), o.getTime(), o.getPrice(), o.getQuantity(), o.getVenue(),
			      o.getBuy());
}

/* With the longest text it has 64 bytes. */
size_t small_build(uint64_t i, void *slot, size_t cap)
{
	SlotBuilder message(slot, cap, 64);
	auto o = message.initRoot<Small>();
	const struct bench_text *symbol = bench_symbol(i);

	o.setId(i);
	o.setTime(bench_time(i));
	o.setPrice(bench_price(i));
	o.setQuantity(bench_quantity(i));
	o.setBuy(i & 1);
	std::memcpy(o.initSymbol(symbol->len).begin(), symbol->text, symbol->len);
	return message.length();
}

uint64_t small_read(const void *msg, size_t len)
{
	auto segment = segment_of(msg, len);
	SlotReader message(segment);
	auto o = message.getRoot<Small>();
	auto symbol = o.getSymbol();

	return sum_of_scalars(o.getId(), o.getTime(), o.getPrice(), o.getQuantity(), 0, o.getBuy()) +
	       sum_of_text(symbol.begin(), symbol.size());
}

size_t large_build(uint64_t i, void *slot, size_t cap)
{
	static size_t last = SLOT_LARGE;
	SlotBuilder message(slot, cap, last);
	auto o = message.initRoot<Large>();
	auto levels = o.initLevels(LARGE_LEVELS);
	auto texts = o.initTexts(LARGE_TEXTS);

	o.setId(i);
	for (uint k = 0; k < LARGE_LEVELS; k++) {
		auto level = levels[k];

		level.setPrice(bench_price(i + k));
		level.setQuantity(bench_quantity(i + k));
		level.setOrders(k);
	}
	for (uint k = 0; k < LARGE_TEXTS; k++) {
		const struct bench_text *text = bench_text(i, k);

		std::memcpy(texts.init(k, text->len).begin(), text->text, text->len);
	}
	last = message.length() + 256; /* the next one's texts may be longer */
	return message.length();
}

uint64_t large_read(const void *msg, size_t len)
{
	auto segment = segment_of(msg, len);
	SlotReader message(segment);
	auto o = message.getRoot<Large>();
	uint64_t sum = o.getId();
	double prices = 0;

	for (auto level : o.getLevels()) {
		prices += level.getPrice();
		sum += level.getQuantity() + static_cast<uint64_t>(level.getOrders());
	}
	for (auto text : o.getTexts())
		sum += sum_of_text(text.begin(), text.size());
	return sum + static_cast<uint64_t>(prices * 4);
}

} // namespace

extern "C" {
extern const contestant contestants[];
const contestant contestants[] = {
	{ "Cap'n Proto, in place",
	  { fixed_build, small_build, large_build },
	  { fixed_read, small_read, large_read } },
	{ nullptr, {}, {} },
};
}
