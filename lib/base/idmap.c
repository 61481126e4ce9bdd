#include "idmap.h"

#include <endian.h>

#include "esc.h"
#include "mem.h"
#include "random.h"

bool kt_uuid_read(struct kt_uuid *out, const char *text, size_t len)
{
	uint64_t halves[2] = {0, 0};
	int digits = 0;
	if (len != 36)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
			continue;
		}
		int digit = kt_hex_digit(text[i]);
		if (digit < 0)
			return false;
		halves[digits / 16] = halves[digits / 16] << 4 | (uint64_t)digit;
		digits++;
	}
	*out = (struct kt_uuid){halves[0], halves[1]};
	return true;
}

const char *kt_uuid_show(const struct kt_uuid *id, char out[37])
{
	snprintf(out, 37, "%08llx-%04llx-%04llx-%04llx-%012llx", (unsigned long long)(id->high >> 32),
		(unsigned long long)(id->high >> 16 & 0xffff), (unsigned long long)(id->high & 0xffff),
		(unsigned long long)(id->low >> 48), (unsigned long long)(id->low & 0xffffffffffff));
	return out;
}

static uint64_t turned(uint64_t n, unsigned bits)
{
	return n << bits | n >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = turned(v[1], 13) ^ v[0];
		v[3] = turned(v[3], 16) ^ v[2];
		v[0] = turned(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = turned(v[1], 17) ^ v[2];
		v[3] = turned(v[3], 21) ^ v[0];
		v[2] = turned(v[2], 32);
	}
}

static void choose_keys(struct kt_idmap *map)
{
	struct kt_random random;
	if (map->keys[0])
		return;
	kt_random_start(&random);
	map->keys[0] = kt_random_next(&random) | 1;
	map->keys[1] = kt_random_next(&random);
}

struct kt_uuid kt_idmap_name(struct kt_idmap *map, const char *name, size_t len)
{
	struct kt_uuid id;
	choose_keys(map);
	/* The constants are those of Aumasson and Bernstein, "SipHash: a fast short-input PRF". */
	uint64_t v[4] = {map->keys[0] ^ 0x736f6d6570736575, map->keys[1] ^ 0x646f72616e646f6d ^ 0xee,
		map->keys[0] ^ 0x6c7967656e657261, map->keys[1] ^ 0x7465646279746573};
	for (size_t i = 0; i <= len; i += 8) {
		uint64_t word = 0;
		memcpy(&word, name + i, len - i < 8 ? len - i : 8);
		word = le64toh(word) | (len - i < 8 ? (uint64_t)len << 56 : 0);
		v[3] ^= word;
		sip_rounds(v, 1);
		v[0] ^= word;
	}
	v[2] ^= 0xee;
	sip_rounds(v, 3);
	id.high = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	sip_rounds(v, 3);
	id.low = v[0] ^ v[1] ^ v[2] ^ v[3];
	return id;
}

/* By the product of the halves, each with a key added to it: two ids share both halves of such a product with a
 * probability of 2^-64, whoever chose them. */
static size_t place(const struct kt_idmap *map, const struct kt_uuid *id)
{
	__extension__ unsigned __int128 n = id->high + map->keys[0];
	n *= id->low + map->keys[1];
	return (size_t)(n ^ n >> 64) & (map->cap - 1);
}

/* The slot of the id, or the free one where it would be. */
static struct kt_idmap_slot *find(const struct kt_idmap *map, const struct kt_uuid *id)
{
	size_t at = place(map, id);
	while (map->slots[at].used && (map->slots[at].id.high != id->high || map->slots[at].id.low != id->low))
		at = (at + 1) & (map->cap - 1);
	return &map->slots[at];
}

static void enlarge(struct kt_idmap *map)
{
	enum { FIRST = 64 };
	struct kt_idmap larger = *map;
	larger.cap = map->cap ? map->cap * 2 : FIRST;
	larger.slots = kt_calloc(larger.cap, sizeof(*larger.slots));
	choose_keys(&larger);
	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].used)
			*find(&larger, &map->slots[i].id) = map->slots[i];
	free(map->slots);
	*map = larger;
}

uint32_t *kt_idmap_put(struct kt_idmap *map, const struct kt_uuid *id)
{
	if (map->n * 2 >= map->cap)
		enlarge(map);
	struct kt_idmap_slot *slot = find(map, id);
	if (!slot->used) {
		*slot = (struct kt_idmap_slot){.id = *id, .number = KT_IDMAP_NEW, .used = true};
		map->n++;
	}
	return &slot->number;
}

const uint32_t *kt_idmap_get(const struct kt_idmap *map, const struct kt_uuid *id)
{
	if (!map->cap)
		return NULL;
	const struct kt_idmap_slot *slot = find(map, id);
	return slot->used ? &slot->number : NULL;
}

void kt_idmap_fini(struct kt_idmap *map)
{
	free(map->slots);
	*map = (struct kt_idmap){0};
}
