#include "copyflight.h"

#include "tap.h"

static void add(struct kt_copyflight *f, int64_t next)
{
	kt_copyflight_add(f, &(struct kt_copyflight_record){.place = 1, .taken = 2, .next = next});
}

TEST(counts_in_the_order_of_reading)
{
	kt_auto(kt_copyflight_fini) struct kt_copyflight f = {0};
	struct kt_copyflight_record r;
	int64_t first = kt_copyflight_tag(&f);
	add(&f, 11);
	int64_t second = kt_copyflight_tag(&f);
	add(&f, 12);
	kt_copyflight_done(&f, second);
	CHECK(!kt_copyflight_take(&f, &r));
	kt_copyflight_done(&f, first);
	CHECK(kt_copyflight_take(&f, &r));
	CHECK_INT(r.next, 11);
	CHECK_INT(r.place, 1);
	CHECK_INT(r.taken, 2);
	CHECK(kt_copyflight_take(&f, &r));
	CHECK_INT(r.next, 12);
	CHECK(kt_copyflight_is_empty(&f));
	CHECK(!kt_copyflight_take(&f, &r));
}

static bool skip(struct kt_copyflight *f, uint32_t place, int64_t taken, int64_t next)
{
	return kt_copyflight_skip(f, &(struct kt_copyflight_record){.place = place, .taken = taken, .next = next});
}

TEST(what_is_left_out_in_a_row_is_one)
{
	kt_auto(kt_copyflight_fini) struct kt_copyflight f = {0};
	struct kt_copyflight_record r;
	add(&f, 1);
	CHECK(skip(&f, 1, 2, 2));
	CHECK(skip(&f, 1, 2, 9));
	CHECK(skip(&f, 0, 2, 5));
	CHECK(skip(&f, 0, 3, 6));
	CHECK_INT(f.end - f.first, 4);
	CHECK(!kt_copyflight_take(&f, &r));
	kt_copyflight_done(&f, 0);
	for (int i = 0; i < 4; i++)
		CHECK(kt_copyflight_take(&f, &r));
	CHECK_INT(r.taken, 3);
	CHECK_INT(r.next, 6);
}

TEST(is_bounded)
{
	kt_auto(kt_copyflight_fini) struct kt_copyflight f = {0};
	struct kt_copyflight_record r;
	for (int64_t i = 0; i < KT_COPYFLIGHT_MOST; i++) {
		CHECK(kt_copyflight_tag(&f) == i);
		add(&f, i);
	}
	CHECK_INT(kt_copyflight_tag(&f), -1);
	CHECK(!skip(&f, 1, 2, 3));
	kt_copyflight_done(&f, 0);
	CHECK(kt_copyflight_take(&f, &r));
	CHECK_INT(kt_copyflight_tag(&f), KT_COPYFLIGHT_MOST);
}
