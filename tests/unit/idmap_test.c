#include "idmap.h"

#include "tap.h"

TEST(uuids)
{
	static const char text[] = "577cb8c3-0c81-456e-9314-349937ca08a9";
	static const char *const bad[] = {"", "577cb8c3-0c81-456e-9314-349937ca08a",
		"577cb8c3-0c81-456e-9314-349937ca08ag", "577cb8c30c81-456e-9314-349937ca08a9-",
		"577cb8c3-0c81-456e-9314-349937ca08a99"};
	struct kt_uuid id;
	char shown[37];
	CHECK(kt_uuid_read(&id, text, strlen(text)));
	CHECK(id.high == 0x577cb8c30c81456e && id.low == 0x9314349937ca08a9);
	CHECK_STR(kt_uuid_show(&id, shown), text);
	CHECK(kt_uuid_read(&id, "577CB8C3-0C81-456E-9314-349937CA08A9", 36));
	CHECK_STR(kt_uuid_show(&id, shown), text);
	for (size_t i = 0; i < KT_LEN(bad); i++)
		CHECK(!kt_uuid_read(&id, bad[i], strlen(bad[i])));
}

TEST(numbers_are_found_again)
{
	kt_auto(kt_idmap_fini) struct kt_idmap map = {0};
	struct kt_uuid id = {0};
	CHECK(!kt_idmap_get(&map, &id));
	for (uint32_t i = 0; i < 10000; i++) {
		id = (struct kt_uuid){i % 100, i / 100};
		uint32_t *number = kt_idmap_put(&map, &id);
		CHECK(*number == KT_IDMAP_NEW);
		*number = i;
	}
	CHECK_INT(map.n, 10000);
	for (uint32_t i = 0; i < 10000; i++) {
		id = (struct kt_uuid){i % 100, i / 100};
		CHECK_INT(*kt_idmap_get(&map, &id), i);
		CHECK_INT(*kt_idmap_put(&map, &id), i);
	}
	CHECK_INT(map.n, 10000);
	id = (struct kt_uuid){100, 0};
	CHECK(!kt_idmap_get(&map, &id));
}

TEST(names)
{
	kt_auto(kt_idmap_fini) struct kt_idmap map = {0}, other = {0};
	char name[32] = "";
	for (uint32_t i = 0; i < 1000; i++) {
		int len = snprintf(name, sizeof(name), "%.*s%u", (int)(i % 20), "xxxxxxxxxxxxxxxxxxxx", i);
		struct kt_uuid id = kt_idmap_name(&map, name, (size_t)len),
			       again = kt_idmap_name(&map, name, (size_t)len);
		CHECK(id.high == again.high && id.low == again.low);
		CHECK_INT(*kt_idmap_put(&map, &id), KT_IDMAP_NEW);
		*kt_idmap_put(&map, &id) = i;
	}
	/* Lengths count, and each map has its own keys. */
	struct kt_uuid a = kt_idmap_name(&map, "a\0", 1), b = kt_idmap_name(&map, "a\0", 2),
		       c = kt_idmap_name(&other, "a\0", 1);
	CHECK(a.high != b.high && a.low != b.low && a.high != c.high);
}
