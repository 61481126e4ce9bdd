#include "sinkname.h"

#include "sinkroll.h"
#include "tap.h"

static const char *written(const struct kt_sinkname *name)
{
	static struct kt_buf text;
	text.len = 0;
	kt_sinkname_write(name, &text);
	return kt_buf_cstr(&text);
}

TEST(names_are_read_from_their_end)
{
	static const struct {
		const char *text, *topic;
		int partition;
		int64_t first, last;
		int format, packing;
	} rows[] = {
		{"t.0.0-0.jsonl", "t", 0, 0, 0, KT_SINKFORMAT_JSONL, KT_SINKPACKING_NONE},
		{"orders.eu.3.10-4711.csv.gz", "orders.eu", 3, 10, 4711, KT_SINKFORMAT_CSV, KT_SINKPACKING_GZIP},
		{"a.1.2-3.avro.4.5-6.jsonl.zst", "a.1.2-3.avro", 4, 5, 6, KT_SINKFORMAT_JSONL, KT_SINKPACKING_ZSTD},
		{"..hidden.2147483646.7-9223372036854775806.avro", "..hidden", 2147483646, 7, INT64_MAX - 1,
			KT_SINKFORMAT_AVRO, KT_SINKPACKING_NONE},
		{"a-b_C.0-0.0.1-1.jsonl", "a-b_C.0-0", 0, 1, 1, KT_SINKFORMAT_JSONL, KT_SINKPACKING_NONE},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_sinkname name;
		CHECK(kt_sinkname_read(&name, rows[i].text));
		CHECK_STR(name.topic, rows[i].topic);
		CHECK_INT(name.partition, rows[i].partition);
		CHECK(name.first == rows[i].first && name.last == rows[i].last);
		CHECK_INT(name.format, rows[i].format);
		CHECK_INT(name.packing, rows[i].packing);
		CHECK_STR(written(&name), rows[i].text);
		CHECK(!kt_sinkname_is_part(rows[i].text));
	}
}

TEST(what_is_no_name)
{
	static const char *const rows[] = {
		"",
		".jsonl",
		"t.jsonl",
		"t.0.jsonl",
		"t.0.1.jsonl",
		"t.0.1-.jsonl",
		"t.0.-1.jsonl",
		"t.0.2-1.jsonl",
		"t.0.01-2.jsonl",
		"t.00.1-2.jsonl",
		"t.0.1-2.jsonl.zst.gz",
		"t.0.1-2.avro.gz",
		"t.0.1-2.json",
		"t.0.1-2.JSONL",
		"t.0.1-2",
		".0.1-2.jsonl",
		"..0.1-2.jsonl",
		"...0.1-2.jsonl",
		"t.2147483647.1-2.jsonl",
		"t.0.1-9223372036854775807.jsonl",
		"t.0.1-99999999999999999999.jsonl",
		"t.0.1-18446744073709551617.jsonl",
		"t.0.+1-2.jsonl",
		"a/b.0.1-2.jsonl",
		"a b.0.1-2.jsonl",
		"t.0.1-2.jsonl.part",
		".t.0.jsonl.part",
	};
	struct kt_sinkname name;
	for (size_t i = 0; i < KT_LEN(rows); i++)
		if (kt_sinkname_read(&name, rows[i]))
			TAP_FAIL("%s is read as %s", rows[i], written(&name));
}

TEST(parts)
{
	struct kt_sinkname name;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	CHECK(kt_sinkname_read(&name, "a.b.3.1-2.csv.zst"));
	kt_sinkname_part(&name, &text);
	CHECK_STR(kt_buf_cstr(&text), ".a.b.3.csv.zst.part");
	CHECK(kt_sinkname_is_part(kt_buf_cstr(&text)));
	CHECK(!kt_sinkname_is_part("a.b.3.csv.zst.part"));
	CHECK(!kt_sinkname_is_part(".a.b.csv.part"));
	CHECK(!kt_sinkname_is_part(".3.csv.part"));
	CHECK(!kt_sinkname_is_part(KT_SINKROLL_FILE ".part"));
	CHECK(!kt_sinkname_is_part(".part"));
}

TEST(topics_whose_files_have_too_long_names)
{
	char topic[KT_SINKNAME_TOPIC_MAX + 1] = "";
	memset(topic, 'a', 194);
	CHECK(kt_sinkname_fits(topic));
	topic[194] = 'a';
	CHECK(!kt_sinkname_fits(topic));
}

static const char *folder(enum kt_sinkfolders by, enum kt_tstype type, int64_t ms)
{
	static struct kt_buf text;
	const struct kt_record record = {.tstype = type, .ts_ms = ms};
	text.len = 0;
	kt_sinkname_folder(by, &record, &text);
	return kt_buf_cstr(&text);
}

TEST(folders_by_time)
{
	const char *nowhen = "dt=__HIVE_DEFAULT_PARTITION__/hour=__HIVE_DEFAULT_PARTITION__";
	CHECK_STR(folder(KT_SINKFOLDERS_NONE, KT_TS_CREATE, 0), "");
	CHECK_STR(folder(KT_SINKFOLDERS_DAY, KT_TS_CREATE, 0), "dt=1970-01-01");
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_APPEND, 1796072399999), "dt=2026-11-30/hour=20");
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_CREATE, 1796072400000), "dt=2026-11-30/hour=21");
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_CREATE, -1), "dt=1969-12-31/hour=23");
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_CREATE, -1000), "dt=1969-12-31/hour=23");
	CHECK_STR(folder(KT_SINKFOLDERS_DAY, KT_TS_CREATE, 253402300799999), "dt=9999-12-31");
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_CREATE, 253402300800000), nowhen);
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_CREATE, INT64_MIN), nowhen);
	CHECK_STR(folder(KT_SINKFOLDERS_HOUR, KT_TS_NONE, 0), nowhen);
	CHECK(kt_sinkname_is_folder(nowhen));
	CHECK(kt_sinkname_is_folder("dt=2026-11-30/hour=21"));
	CHECK(kt_sinkname_is_folder("dt=2026-11-30"));
	CHECK(!kt_sinkname_is_folder(""));
	CHECK(!kt_sinkname_is_folder("hour=21"));
	CHECK(!kt_sinkname_is_folder("dt=2026-11-30/"));
	CHECK(!kt_sinkname_is_folder("dt=2026-11-30/hour=21/x"));
	CHECK(!kt_sinkname_is_folder("dt=../../etc"));
}

static int read_note(struct kt_sinkroll *roll, const char *text)
{
	static struct kt_err err;
	return kt_sinkroll_read(roll, (struct kt_bytes){text, strlen(text)}, &err);
}

TEST(notes)
{
	const char *text = "kt-sink-roll 1\nt.0.1-9.jsonl\ndt=2026-11-30\ndt=2026-12-01\nend\n";
	kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {0};
	kt_auto(kt_buf_fini) struct kt_buf again = {0};
	CHECK_INT(read_note(&roll, text), 0);
	CHECK_INT(roll.folders.n, 2);
	CHECK_STR(roll.folders.v[1], "dt=2026-12-01");
	kt_sinkroll_write(&roll, &again);
	CHECK_STR(kt_buf_cstr(&again), text);
}

TEST(what_is_no_note)
{
	static const char *const rows[] = {
		"",
		"kt-sink-roll 1\n",
		"kt-sink-roll 2\nt.0.1-9.jsonl\ndt=2026-11-30\nend\n",
		"kt-sink-roll 1\nt.0.1-9.jsonl\nend\n",
		"kt-sink-roll 1\nt.0.1-9.jsonl\ndt=2026-11-30\n",
		"kt-sink-roll 1\nt.0.1-9.jsonl\ndt=2026-11-30\nend",
		"kt-sink-roll 1\nt.0.1-9.jsonl\ndt=2026-11-30\nend\n\n",
		"kt-sink-roll 1\nt.0.1-9.jsonl\n../x\nend\n",
		"kt-sink-roll 1\nt.0.1-9.jsonl\n\nend\n",
		"kt-sink-roll 1\nt.0.1-9.jsonl\ndt=2026-11-30\ndt=2026-11-30\nend\n",
		"kt-sink-roll 1\n../t.0.1-9.jsonl\ndt=2026-11-30\nend\n",
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {0};
		if (read_note(&roll, rows[i]) == 0)
			TAP_FAIL("row %zu is read", i);
	}
}
