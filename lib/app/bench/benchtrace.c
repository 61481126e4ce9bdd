#include "benchtrace.h"

#include <endian.h>

#include "file.h"
#include "mem.h"

enum { PARTITIONS = 1 << 20 };

static const char magic[8] = "KTBENCH1";

static void put(char *to, uint64_t n)
{
	n = htole64(n);
	memcpy(to, &n, sizeof(n));
}

static uint64_t get(const char *from)
{
	uint64_t n;
	memcpy(&n, from, sizeof(n));
	return le64toh(n);
}

void kt_benchtrace_write(char *to, const struct kt_benchtrace_head *head)
{
	memcpy(to, magic, sizeof(magic));
	put(to + 8, head->run);
	put(to + 16, head->number);
	put(to + 24, (uint64_t)head->clock_us);
	put(to + 32, (uint64_t)head->wall_us);
	put(to + 40, head->boot);
}

bool kt_benchtrace_read(struct kt_benchtrace_head *head, struct kt_bytes value)
{
	if (!value.data || value.len < KT_BENCHTRACE_HEAD || memcmp(value.data, magic, sizeof(magic)) != 0)
		return false;
	head->run = get(value.data + 8);
	head->number = get(value.data + 16);
	head->clock_us = (int64_t)get(value.data + 24);
	head->wall_us = (int64_t)get(value.data + 32);
	head->boot = get(value.data + 40);
	return true;
}

uint64_t kt_benchtrace_boot(void)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err ignored;
	uint64_t boot = 14695981039346656037ULL; /* FNV-1a */
	if (kt_file_read(&text, "/proc/sys/kernel/random/boot_id", 4096, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < text.len; i++)
		boot = (boot ^ (unsigned char)text.data[i]) * 1099511628211ULL;
	return boot;
}

static bool get_bit(const uint64_t *bits, size_t cap, uint64_t n)
{
	return n / 64 < cap && bits[n / 64] >> n % 64 & 1;
}

/* Whether it was not set before. */
static bool set_bit(uint64_t **bits, size_t *cap, uint64_t n)
{
	size_t before = *cap;
	*bits = kt_grow(*bits, cap, (size_t)(n / 64) + 1, sizeof(**bits));
	memset(*bits + before, 0, (*cap - before) * sizeof(**bits));
	bool fresh = !get_bit(*bits, *cap, n);
	(*bits)[n / 64] |= UINT64_C(1) << n % 64;
	return fresh;
}

void kt_benchtrace_acked(struct kt_benchtrace *t, uint64_t number)
{
	if (!set_bit(&t->acked, &t->acked_cap, number))
		return;
	t->n_acked++;
	t->both += get_bit(t->came, t->came_cap, number);
}

static void check_order(struct kt_benchtrace *t, size_t partition, int64_t number)
{
	size_t before = t->last_cap;
	t->last = kt_grow(t->last, &t->last_cap, partition + 1, sizeof(*t->last));
	memset(t->last + before, 0, (t->last_cap - before) * sizeof(*t->last));
	t->unordered += number < t->last[partition];
	t->last[partition] = number >= t->last[partition] ? number + 1 : t->last[partition];
}

bool kt_benchtrace_came(struct kt_benchtrace *t, int32_t partition, uint64_t number)
{
	if (number >= (uint64_t)t->end + KT_BENCHTRACE_AHEAD || partition < 0 || partition >= PARTITIONS)
		return false;
	if (!set_bit(&t->came, &t->came_cap, number)) {
		t->twice++;
		return true;
	}
	t->n_came++;
	t->both += get_bit(t->acked, t->acked_cap, number);
	t->end = (int64_t)number >= t->end ? (int64_t)number + 1 : t->end;
	check_order(t, (size_t)partition, (int64_t)number);
	return true;
}

int64_t kt_benchtrace_lost(const struct kt_benchtrace *t)
{
	return t->n_acked - t->both;
}

int64_t kt_benchtrace_missing(const struct kt_benchtrace *t)
{
	return t->end - t->n_came;
}

void kt_benchtrace_fini(struct kt_benchtrace *t)
{
	free(t->came);
	free(t->acked);
	free(t->last);
}
