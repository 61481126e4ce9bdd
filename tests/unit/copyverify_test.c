#include "copyverify.h"

#include "tap.h"

static struct kt_record record(const char *value, int64_t offset)
{
	return (struct kt_record){.partition = 1,
		.offset = offset,
		.tstype = KT_TS_CREATE,
		.ts_ms = 1000 + offset,
		.key = {"k", 1},
		.value = {value, value ? strlen(value) : 0}};
}

static void put(struct kt_copyverify *v, const struct kt_record *r)
{
	kt_copyverify_sent(v, r->partition, r->offset, kt_copyverify_hash(r), r->ts_ms);
}

TEST(finds_what_was_sent_among_others)
{
	kt_auto(kt_copyverify_fini) struct kt_copyverify v = {0};
	struct kt_err err = {0};
	const struct kt_record sent[] = {record("a", 3), record("bcdefghijkl", 4), record("", 6), record(NULL, 7)};
	const struct kt_record other = record("x", 5), early = record("x", 2), late = record("x", 8);
	for (size_t i = 0; i < KT_LEN(sent); i++)
		put(&v, &sent[i]);
	CHECK_INT(v.parts[1].n, 2);
	kt_copyverify_found(&v, &early);
	kt_copyverify_found(&v, &sent[0]);
	kt_copyverify_found(&v, &sent[1]);
	kt_copyverify_found(&v, &other);
	CHECK_INT(kt_copyverify_compare(&v, "t", &err), -1);
	CHECK_STR(err.msg, "t [1]: of 4 records that were acknowledged 2 are there");
	kt_copyverify_found(&v, &sent[2]);
	kt_copyverify_found(&v, &sent[3]);
	kt_copyverify_found(&v, &late);
	CHECK_INT(kt_copyverify_compare(&v, "t", &err), 0);
}

/* One difference each. */
TEST(sees_every_difference)
{
	static const struct kt_header h[] = {{{"h", 1}, {"1", 1}}, {{"h", 1}, {NULL, 0}}};
	struct kt_record sent = record("value", 0), got[7];
	sent.headers = h;
	sent.n_headers = 1;
	for (size_t i = 0; i < KT_LEN(got); i++)
		got[i] = sent;
	got[1].value = (struct kt_bytes){"valuE", 5};
	got[2].key = (struct kt_bytes){"", 0};
	got[3].headers = h + 1;
	got[4].n_headers = 2;
	got[5].n_headers = 0;
	got[6].ts_ms++;
	for (size_t i = 0; i < KT_LEN(got); i++) {
		kt_auto(kt_copyverify_fini) struct kt_copyverify v = {0};
		struct kt_err err;
		put(&v, &sent);
		kt_copyverify_found(&v, &got[i]);
		CHECK_INT(kt_copyverify_compare(&v, "t", &err), i ? -1 : 0);
	}
}

TEST(order_counts)
{
	kt_auto(kt_copyverify_fini) struct kt_copyverify v = {0};
	struct kt_err err;
	struct kt_record a = record("a", 0), b = record("b", 1);
	put(&v, &a);
	put(&v, &b);
	a.offset = 1;
	b.offset = 0;
	kt_copyverify_found(&v, &b);
	kt_copyverify_found(&v, &a);
	CHECK_INT(kt_copyverify_compare(&v, "t", &err), -1);
}

/* With acks=0 nothing says where a record is. */
TEST(a_record_without_an_offset_is_not_verified)
{
	kt_auto(kt_copyverify_fini) struct kt_copyverify v = {0};
	struct kt_err err = {0};
	struct kt_record a = record("a", 0);
	put(&v, &a);
	kt_copyverify_found(&v, &a);
	kt_copyverify_sent(&v, -1, -1, 7, 1);
	CHECK_INT(kt_copyverify_compare(&v, "t", &err), -1);
	CHECK_STR(err.msg, "t: 1 record cannot be looked for, since the broker did not say at which offset");
}

TEST(timestamps_of_the_destination)
{
	kt_auto(kt_copyverify_fini) struct kt_copyverify v = {0};
	struct kt_err err;
	struct kt_record a = record("a", 0);
	put(&v, &a);
	a.tstype = KT_TS_APPEND;
	a.ts_ms = 5;
	kt_copyverify_found(&v, &a);
	CHECK_INT(kt_copyverify_compare(&v, "t", &err), 0);
}
