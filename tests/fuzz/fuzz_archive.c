/* SPDX-License-Identifier: MIT */
/*
 * fuzz_archive.c - hostile messages for access(): libFuzzer, with a mutator that knows the layout
 *
 * Input: a byte that chooses the type, then the message. Whatever it is, the compiled validator and
 * the one that reads the descriptor must give the same verdict, and what is accepted must be readable
 * to the last byte (the copy ends where its heap block ends) and printable.
 *
 * The mutator makes honest messages, and lies about one thing at a time: a reference, a text, the
 * head. So most inputs get past the head, and the lies are those that are hard to see.
 */
#include <stdio.h>
#include <stdlib.h>

#include <shmq/archive_decode.h>

#include "tests/unit/archive_cases.h"

#define REFS_MAX 512

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- one more pass: where the references of an accepted message are ---- */

struct refs {
	struct shmq_ref *at[REFS_MAX];
	uint32_t n;
	const unsigned char *msg;
	size_t len;
};

/* What is missing in the message is read from elsewhere. */
static void refs_add(struct refs *refs, const struct shmq_ref *ref)
{
	if (refs->n < REFS_MAX && (size_t)((const unsigned char *)ref - refs->msg) < refs->len)
		refs->at[refs->n++] = (struct shmq_ref *)(uintptr_t)ref;
}

#define SHMQ_A_MISTAKE_p_refs(T, what, text)
#define REF_ADD(T, n)					refs_add(refs, T##_in_##n##_(o));
#define SHMQ_A_p_refs_k_scalar(T, n, m, d, t)
#define SHMQ_A_p_refs_k_text(T, n, m, d, t)		REF_ADD(T, n)
#define SHMQ_A_p_refs_k_struct(T, n, m, d, x)		x##_refs(refs, T##_##n(o));
#define SHMQ_A_p_refs_k_arrs(T, n, m, d, t, N)
#define SHMQ_A_p_refs_k_arrr(T, n, m, d, x, N)                                                     \
	for (size_t i = 0; i < (N); i++)                                                           \
		x##_refs(refs, T##_##n(o) + i);
#define SHMQ_A_p_refs_k_vecs(T, n, m, d, t)		REF_ADD(T, n)
#define SHMQ_A_p_refs_k_vect(T, n, m, d, t)                                                        \
	REF_ADD(T, n)                                                                              \
	for (size_t i = 0; i < T##_n_##n(o); i++)                                                  \
		refs_add(refs, T##_nth_##n##_(o, i));
#define SHMQ_A_p_refs_k_vecr(T, n, m, d, x)                                                        \
	REF_ADD(T, n)                                                                              \
	for (size_t i = 0; i < T##_n_##n(o); i++)                                                  \
		x##_refs(refs, T##_##n(o) + i);
#define SHMQ_A_p_refs_k_vecself(T, n, m, d, s)		SHMQ_A_p_refs_k_vecr(T, n, m, d, T)
#define SHMQ_A_p_refs_k_opts(T, n, m, d, t)
#define SHMQ_A_p_refs_k_optt(T, n, m, d, t)		REF_ADD(T, n)
#define SHMQ_A_p_refs_k_optr(T, n, m, d, x)                                                        \
	REF_ADD(T, n)                                                                              \
	if (T##_has_##n(o))                                                                        \
		x##_refs(refs, T##_##n(o));
#define SHMQ_A_p_refs_k_optself(T, n, m, d, s)		SHMQ_A_p_refs_k_optr(T, n, m, d, T)

#define REFS(T, ...)                                                                               \
	static void T##_refs(struct refs *refs, const struct T *o)                                 \
	{                                                                                          \
		(void)refs;                                                                        \
		(void)o;                                                                           \
		SHMQ_A_EACH(p_refs, T, __VA_ARGS__)                                                \
	}
#define FUZZ_RECORD(T, ...)                                                                        \
	RANDOM_RECORD(T, __VA_ARGS__);                                                             \
	REFS(T, __VA_ARGS__)

/* ---- the types: between them every kind of field ---- */

FUZZ_RECORD(coin, (u16, value), (bool, heads))
FUZZ_RECORD(purse, (utf8, owner), (vector(struct coin), coins), (optional(i8), mood),
	    (array(struct coin, 2), held))
FUZZ_RECORD(branch, (string, name), (vector(self), twigs), (optional(self), root), (struct coin, coin))

/* Every kind, in a message small enough for thousands of tries a second. */
#define MIX                                                                                        \
	(u8, id), (bool, flag), (f64, real), (string, bytes), (utf8, words), (struct purse, purse),    \
		(array(u32, 3), codes), (array(bool, 5), bits), (array(struct purse, 2), pair),        \
		(vector(u64), longs), (vector(bool), flags), (vector(string), lines),                  \
		(vector(utf8), titles), (vector(struct coin), coins), (vector(struct purse), purses),  \
		(optional(u32), count), (optional(bool), sure), (optional(string), memo),              \
		(optional(utf8), title), (optional(struct coin), coin),                                \
		(optional(struct purse), spare), (u16, late, added(3)), (utf8, later, added),          \
		(vector(struct purse), latest, added)
RANDOM_MESSAGE(mix, MIX);
REFS(mix, MIX)

#define GARDEN (u32, id), (struct branch, trunk), (optional(struct branch), graft)
RANDOM_MESSAGE(garden, GARDEN);
REFS(garden, GARDEN)

#define PLAIN (u64, id), (i16, delta), (array(u8, 7), mac), (f32, part), (optional(f64), stop)
RANDOM_MESSAGE(plain, PLAIN);
REFS(plain, PLAIN)

struct target {
	const struct shmq_archive_type *(*type)(void);
	int (*judge)(const void *buf, size_t len, struct refs *refs);
	int (*make)(struct draw *d, void *buf, size_t cap);
	uint64_t (*family)(void);
};

#define TARGET(T)                                                                                  \
	static int T##_judge(const void *buf, size_t len, struct refs *refs)                       \
	{                                                                                          \
		const struct T *o;                                                                 \
		int r = T##_access(buf, len, &o);                                                  \
                                                                                                   \
		if (r == 0)                                                                        \
			T##_touch(o);                                                              \
		if (r == 0 && refs)                                                                \
			T##_refs(refs, o);                                                         \
		return r;                                                                          \
	}                                                                                          \
	static int T##_make(struct draw *d, void *buf, size_t cap)                                 \
	{                                                                                          \
		struct shmq_builder b;                                                             \
		struct T *o;                                                                       \
		int r = T##_build(&b, buf, cap, &o);                                               \
                                                                                                   \
		if (r < 0)                                                                         \
			return r;                                                                  \
		T##_fill(d, &b, o, 0);                                                             \
		return T##_finish(&b);                                                             \
	}

TARGET(mix)
TARGET(garden)
TARGET(plain)

static const struct target targets[] = {
	{ mix_archive_type, mix_judge, mix_make, mix_family_ },
	{ garden_archive_type, garden_judge, garden_make, garden_family_ },
	{ plain_archive_type, plain_judge, plain_make, plain_family_ },
};

static const struct target *target_of(uint8_t choice)
{
	return targets + choice % (sizeof(targets) / sizeof(targets[0]));
}

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond);                         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	const struct target *target;
	unsigned char *copy;
	int r;

	if (size < 1)
		return 0;
	nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
	target = target_of(data[0]);
	copy = malloc(size > 1 ? size - 1 : 1);
	memcpy(copy, data + 1, size - 1);
	r = target->judge(copy, size - 1, NULL);
	MUST(r == 0 || r == -EBADMSG || r == -EPROTO);
	MUST(shmq_archive_verify(target->type(), copy, size - 1) == r);
	MUST(shmq_archive_to_json(target->type(), copy, size - 1, nowhere) == r);
	free(copy);
	return 0;
}

#if defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)

/* ---- the mutator ---- */

static uint32_t small_step(struct draw *d)
{
	static const int steps[] = { -16, -8, -4, -1, 1, 4, 8, 16 };

	return (uint32_t)steps[draw_below(d, 8)];
}

/* One lie about one reference. */
static void ref_lie(struct draw *d, const struct refs *refs, uint32_t len)
{
	struct shmq_ref *ref = refs->at[draw_below(d, refs->n)], *other;

	other = refs->at[draw_below(d, refs->n)];
	switch (draw_below(d, 9)) {
	case 0:
		ref->count += small_step(d);
		break;
	case 1:
		ref->offset = (int32_t)((uint32_t)ref->offset + small_step(d));
		break;
	case 2:
		ref->count = (uint32_t)draw_integer(d);
		break;
	case 3:
		ref->offset = (int32_t)draw_integer(d);
		break;
	case 4: /* to where another one leads */
		ref->offset = (int32_t)((const unsigned char *)shmq_ref_at(other) -
					(const unsigned char *)ref);
		ref->count = draw_below(d, 2) ? other->count : ref->count;
		break;
	case 5: /* to another reference, or to itself */
		ref->offset = (int32_t)((unsigned char *)other - (unsigned char *)ref);
		break;
	case 6:
		ref->offset = (int32_t)(draw_below(d, len + 8) & ~7u) - (int32_t)draw_below(d, 64);
		break;
	case 7:
		ref->offset = 0;
		break;
	default:
		ref->count = 0;
		break;
	}
}

/* One lie in what a reference leads to: mostly texts, where every byte matters. */
static void byte_lie(struct draw *d, const struct refs *refs)
{
	static const unsigned char odd[] = { 0x00, 0x01, 0x02, 0x7f, 0x80, 0xbf, 0xc0, 0xc2,
					     0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0xa0 };
	const struct shmq_ref *ref = refs->at[draw_below(d, refs->n)];
	unsigned char *at = (unsigned char *)(uintptr_t)shmq_ref_at(ref);

	if (ref->offset) /* the byte behind a text is its NUL; an accepted one lies inside */
		at[draw_below(d, ref->count ? ref->count : 1)] = odd[draw_below(d, sizeof(odd))];
}

static void head_lie(struct draw *d, unsigned char *msg, uint32_t len)
{
	struct shmq_archive_head head;

	memcpy(&head, msg, sizeof(head));
	switch (draw_below(d, 4)) {
	case 0:
		head.root_bytes += small_step(d);
		break;
	case 1:
		head.root_bytes = draw_below(d, len + 1);
		break;
	case 2:
		head.bytes += small_step(d);
		break;
	default:
		head.bytes = (uint32_t)draw_integer(d);
		break;
	}
	memcpy(msg, &head, sizeof(head));
}

static size_t message_mutate(struct draw *d, const struct target *target, unsigned char *msg, size_t len,
			     size_t max)
{
	struct shmq_archive_head head;
	struct refs refs = { .msg = msg, .len = len };
	int honest = target->judge(msg, len, &refs) == 0;

	if (len < sizeof(head) || draw_below(d, 24) == 0) {
		struct draw fresh = { draw_bits(d), 1 + draw_below(d, 6), 1 + draw_below(d, 3) };
		int r = target->make(&fresh, msg, max);

		return r < 0 ? 0 : (size_t)r;
	}
	if (honest && refs.n && draw_below(d, 4)) {
		for (uint32_t i = draw_below(d, 3); i < 3; i++) {
			if (draw_below(d, 4) == 0 && target->judge(msg, len, NULL) == 0)
				byte_lie(d, &refs);
			else
				ref_lie(d, &refs, (uint32_t)len);
		}
		return len;
	}
	if (draw_below(d, 8) == 0) {
		head_lie(d, msg, (uint32_t)len);
		return len;
	}
	len = LLVMFuzzerMutate(msg, len, max);
	if (len >= sizeof(head) && draw_below(d, 16)) {
		memcpy(&head, msg, sizeof(head));
		head.family = target->family();
		head.bytes = (uint32_t)len & ~7u;
		if (draw_below(d, 2))
			head.root_bytes = target->type()->fields[target->type()->n_fields - 1].end;
		memcpy(msg, &head, sizeof(head));
	}
	return len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static _Alignas(8) unsigned char msg[1 << 16];
	struct draw d = { seed, 4, 2 };
	size_t cap = max_size - 1 < sizeof(msg) ? max_size - 1 : sizeof(msg);
	size_t len = size ? size - 1 : 0;

	if (max_size < 2)
		return LLVMFuzzerMutate(data, size, max_size);
	if (!size || draw_below(&d, 64) == 0)
		data[0] = (uint8_t)draw_below(&d, sizeof(targets) / sizeof(targets[0]));
	if (len > cap)
		len = cap;
	memcpy(msg, data + 1, len);
	len = message_mutate(&d, target_of(data[0]), msg, len, cap);
	memcpy(data + 1, msg, len);
	return len + 1;
}

#endif
