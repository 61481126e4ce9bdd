/* UUIDs to numbers, and names. Starts as {0}.
 *
 *   struct kt_uuid id;
 *   if (kt_uuid_read(&id, text, len))
 *           *kt_idmap_put(&map, &id) = number;           KT_IDMAP_NEW before
 *   const uint32_t *number = kt_idmap_get(&map, &id);    NULL: not there
 *   id = kt_idmap_name(&map, name, strlen(name));
 */
#ifndef KT_IDMAP_H
#define KT_IDMAP_H

#include "base.h"

struct kt_uuid {
	uint64_t high, low;
};

/* 36 characters with hyphens, either case. */
bool kt_uuid_read(struct kt_uuid *out, const char *text, size_t len);

/* Into out, 36 characters in lower case and a terminator; returns out. */
const char *kt_uuid_show(const struct kt_uuid *id, char out[37]);

#define KT_IDMAP_NEW UINT32_MAX

struct kt_idmap_slot {
	struct kt_uuid id;
	uint32_t number;
	bool used;
};

struct kt_idmap {
	struct kt_idmap_slot *slots;
	size_t n, cap;    /* cap: a power of 2 */
	uint64_t keys[2]; /* random: nobody can choose ids that meet */
};

/* A name as an id: SipHash-1-3 with 128 bits, under keys of this map, so that nobody can choose names that meet. */
struct kt_uuid kt_idmap_name(struct kt_idmap *map, const char *name, size_t len);

/* The id's number, KT_IDMAP_NEW when it was not there. Valid until the next put. */
uint32_t *kt_idmap_put(struct kt_idmap *map, const struct kt_uuid *id);

const uint32_t *kt_idmap_get(const struct kt_idmap *map, const struct kt_uuid *id);

void kt_idmap_fini(struct kt_idmap *map);

#endif
