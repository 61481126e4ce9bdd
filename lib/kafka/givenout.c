#include "givenout.h"

#include "mem.h"

/* SLOTS: a power of 2. ROW: between the rows of neighbouring partitions, SLOTS by the golden ratio, which keeps any
 * number of them apart. LATELY_US: longer than it takes to notice that a topic was recreated. */
enum { SLOTS = 16384, ROW = 10125, FIRST_BYTES = 64, LATELY_US = 6000000 };

struct kt_givenout_slot {
	int64_t offset, at_us;
	uint64_t digest;
	int32_t partition;
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t digest_of(const struct kt_record *r)
{
	size_t left = r->value.len < FIRST_BYTES ? r->value.len : FIRST_BYTES;
	uint64_t digest = mix(mix(mix(1, (uint64_t)r->ts_ms), r->key.len), r->value.len);
	for (const char *at = r->value.data; left;) {
		uint64_t word = 0;
		size_t n = left < sizeof(word) ? left : sizeof(word);
		memcpy(&word, at, n);
		digest = mix(digest, word);
		at += n;
		left -= n;
	}
	return digest;
}

/* The records of a partition stand in a row: it is its newest ones that are found. */
bool kt_givenout_again(struct kt_givenout *given, const struct kt_record *r, int64_t now_us)
{
	uint64_t place = (uint64_t)r->partition * ROW + (uint64_t)r->offset, digest = digest_of(r);
	if (!given->slots)
		given->slots = kt_calloc(SLOTS, sizeof(*given->slots));
	struct kt_givenout_slot *slot = &given->slots[place % SLOTS];
	bool again = slot->at_us && slot->offset == r->offset && slot->partition == r->partition &&
		     slot->digest == digest && now_us - slot->at_us < LATELY_US;
	*slot = (struct kt_givenout_slot){r->offset, again ? slot->at_us : now_us, digest, r->partition};
	return again;
}

void kt_givenout_fini(struct kt_givenout *given)
{
	free(given->slots);
	given->slots = NULL;
}
