#include "mqttacks.h"

#include "tap.h"

static int64_t add(struct kt_mqttacks *a, uint16_t id, size_t bytes)
{
	int64_t tag = kt_mqttacks_tag(a);
	if (tag >= 0)
		kt_mqttacks_add(a, id, bytes);
	return tag;
}

TEST(acknowledges_in_the_order_of_the_messages)
{
	kt_auto(kt_mqttacks_fini) struct kt_mqttacks a = {0};
	uint16_t id = 99;
	int64_t first = add(&a, 7, 10), second = add(&a, 8, 10), third = add(&a, 9, 10);
	CHECK(!kt_mqttacks_take(&a, &id));
	kt_mqttacks_done(&a, third);
	kt_mqttacks_done(&a, second);
	CHECK(!kt_mqttacks_take(&a, &id));
	kt_mqttacks_done(&a, first);
	CHECK(kt_mqttacks_take(&a, &id) && id == 7);
	CHECK(kt_mqttacks_take(&a, &id) && id == 8);
	CHECK(kt_mqttacks_take(&a, &id) && id == 9);
	CHECK(!kt_mqttacks_take(&a, &id));
	CHECK(kt_mqttacks_is_empty(&a));
	CHECK_INT(a.bytes, 0);
}

TEST(owes_nothing_for_qos_0)
{
	kt_auto(kt_mqttacks_fini) struct kt_mqttacks a = {0};
	uint16_t id = 99;
	kt_mqttacks_done(&a, add(&a, 0, 1));
	CHECK(kt_mqttacks_take(&a, &id));
	CHECK_INT(id, 0);
}

TEST(owes_nothing_to_a_connection_that_is_gone)
{
	kt_auto(kt_mqttacks_fini) struct kt_mqttacks a = {0};
	uint16_t id = 99;
	int64_t old = add(&a, 1, 1);
	kt_mqttacks_lost(&a);
	int64_t new = add(&a, 1, 1);
	kt_mqttacks_done(&a, new);
	CHECK(!kt_mqttacks_take(&a, &id));
	kt_mqttacks_done(&a, old);
	CHECK(kt_mqttacks_take(&a, &id) && id == 0);
	CHECK(kt_mqttacks_take(&a, &id) && id == 1);
}

TEST(tells_what_is_left)
{
	kt_auto(kt_mqttacks_fini) struct kt_mqttacks a = {0};
	int64_t again = -1, lost = -1;
	kt_mqttacks_left(&a, &again, &lost);
	CHECK(again == 0 && lost == 0);
	add(&a, 0, 1);
	add(&a, 7, 1);
	kt_mqttacks_done(&a, add(&a, 8, 1));
	/* Of QoS 0, and through. */
	kt_mqttacks_done(&a, add(&a, 0, 1));
	kt_mqttacks_left(&a, &again, &lost);
	CHECK_INT(again, 2);
	CHECK_INT(lost, 1);
}

TEST(is_bounded_in_number)
{
	kt_auto(kt_mqttacks_fini) struct kt_mqttacks a = {0};
	uint16_t id;
	for (int64_t i = 0; i < KT_MQTTACKS_MOST; i++)
		CHECK(add(&a, 1, 1) == i);
	CHECK_INT(kt_mqttacks_tag(&a), -1);
	kt_mqttacks_done(&a, 0);
	CHECK(kt_mqttacks_take(&a, &id));
	CHECK_INT(kt_mqttacks_tag(&a), KT_MQTTACKS_MOST);
}

TEST(is_bounded_in_bytes)
{
	kt_auto(kt_mqttacks_fini) struct kt_mqttacks a = {0};
	uint16_t id;
	CHECK_INT(add(&a, 1, KT_MQTTACKS_BYTES - 1), 0);
	CHECK_INT(add(&a, 2, 1000), 1);
	CHECK_INT(kt_mqttacks_tag(&a), -1);
	kt_mqttacks_done(&a, 0);
	CHECK(kt_mqttacks_take(&a, &id));
	CHECK_INT(kt_mqttacks_tag(&a), 2);
}
