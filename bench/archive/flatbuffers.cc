/* SPDX-License-Identifier: MIT */
/*
 * flatbuffers.cc - FlatBuffers: built from the end in a buffer of its own that is kept, then copied
 * into the slot; read there with and without its verifier
 */
#include <cstring>

#include "bench/archive/contestant.h"
#include "messages_generated.h"

namespace
{

flatbuffers::FlatBufferBuilder &builder()
{
	static flatbuffers::FlatBufferBuilder kept(SLOT_LARGE);

	kept.Clear();
	return kept;
}

size_t send(flatbuffers::FlatBufferBuilder &b, void *slot, size_t cap)
{
	if (b.GetSize() > cap)
		return 0;
	std::memcpy(slot, b.GetBufferPointer(), b.GetSize());
	return b.GetSize();
}

size_t fixed_build(uint64_t i, void *slot, size_t cap)
{
	auto &b = builder();

	b.Finish(bench::CreateFixed(b, i, bench_time(i), bench_price(i), bench_quantity(i), i & 7,
				    i & 1));
	return send(b, slot, cap);
}

size_t small_build(uint64_t i, void *slot, size_t cap)
{
	auto &b = builder();
	const struct bench_text *symbol = bench_symbol(i);
	auto text = b.CreateString(symbol->text, symbol->len);

	b.Finish(bench::CreateSmall(b, i, bench_time(i), bench_price(i), bench_quantity(i), i & 1, text));
	return send(b, slot, cap);
}

size_t large_build(uint64_t i, void *slot, size_t cap)
{
	auto &b = builder();
	flatbuffers::Offset<flatbuffers::String> texts[LARGE_TEXTS];
	bench::Level *levels;

	for (uint32_t k = 0; k < LARGE_TEXTS; k++) {
		const struct bench_text *text = bench_text(i, k);

		texts[k] = b.CreateString(text->text, text->len);
	}
	auto all_texts = b.CreateVector(texts, LARGE_TEXTS);
	auto all_levels = b.CreateUninitializedVectorOfStructs(LARGE_LEVELS, &levels);
	for (uint32_t k = 0; k < LARGE_LEVELS; k++)
		levels[k] = bench::Level(bench_price(i + k), bench_quantity(i + k), k);
	b.Finish(bench::CreateLarge(b, i, all_levels, all_texts));
	return send(b, slot, cap);
}

uint64_t sum_of(const bench::Fixed *o)
{
	return sum_of_scalars(o->id(), o->time(), o->price(), o->quantity(), o->venue(), o->buy());
}

uint64_t sum_of(const bench::Small *o)
{
	return sum_of_scalars(o->id(), o->time(), o->price(), o->quantity(), 0, o->buy()) +
	       sum_of_text(o->symbol()->c_str(), o->symbol()->size());
}

uint64_t sum_of(const bench::Large *o)
{
	uint64_t sum = o->id();
	double prices = 0;

	for (const auto *level : *o->levels()) {
		prices += level->price();
		sum += level->quantity() + static_cast<uint64_t>(level->orders());
	}
	for (const auto *text : *o->texts())
		sum += sum_of_text(text->c_str(), text->size());
	return sum + static_cast<uint64_t>(prices * 4);
}

template <typename Message> uint64_t read_verified(const void *msg, size_t len)
{
	flatbuffers::Verifier verifier(static_cast<const uint8_t *>(msg), len);

	if (!verifier.VerifyBuffer<Message>(nullptr))
		return 0;
	return sum_of(flatbuffers::GetRoot<Message>(msg));
}

template <typename Message> uint64_t read_unverified(const void *msg, size_t)
{
	return sum_of(flatbuffers::GetRoot<Message>(msg));
}

} // namespace

extern "C" {
extern const contestant contestants[];
const contestant contestants[] = {
	{ "FlatBuffers, verified",
	  { fixed_build, small_build, large_build },
	  { read_verified<bench::Fixed>, read_verified<bench::Small>, read_verified<bench::Large> } },
	{ "FlatBuffers, unverified",
	  { fixed_build, small_build, large_build },
	  { read_unverified<bench::Fixed>, read_unverified<bench::Small>,
	    read_unverified<bench::Large> } },
	{ nullptr, {}, {} },
};
}
