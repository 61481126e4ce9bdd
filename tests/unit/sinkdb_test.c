/* The file of `kt sink sqlite`, and its tables, without a broker. */
#include "sinkdbtable.h"

#include <stdlib.h>
#include <unistd.h>

#include "dlload.h"
#include "hear.h"
#include "tap.h"

#define FILE_NAME "sinkdb_test.db"

static const struct kt_owner nobody;

static void begin_anew(void)
{
	unlink(FILE_NAME);
	unlink(FILE_NAME "-wal");
	unlink(FILE_NAME "-shm");
}

static struct kt_record record(int64_t offset, const char *value)
{
	return (struct kt_record){.topic = {"t", 1},
		.partition = 0,
		.offset = offset,
		.tstype = KT_TS_CREATE,
		.ts_ms = 1700000000000,
		.value = {value, value ? strlen(value) : 0}};
}

/* The first value of a statement's first row. */
static const char *asked(struct kt_sinkdbfile *f, const char *sql)
{
	static char text[1000];
	sqlite3_stmt *one = NULL;
	if (kt_sqlite.prepare_v2(f->db, sql, -1, &one, NULL) != SQLITE_OK || kt_sqlite.step(one) != SQLITE_ROW) {
		snprintf(text, sizeof(text), "%s", kt_sqlite.errmsg(f->db));
	} else {
		const unsigned char *value = kt_sqlite.column_text(one, 0);
		snprintf(text, sizeof(text), "%s", value ? (const char *)value : "NULL");
	}
	kt_sqlite.finalize(one);
	return text;
}

static int take(struct kt_sinkdbtable *t, int64_t offset, const char *value)
{
	struct kt_err err = {0};
	const struct kt_record r = record(offset, value);
	int result = kt_sinkdbtable_take(t, &r, 0, &err);
	if (result < 0)
		printf("# %s\n", err.msg);
	return result;
}

static int keep(struct kt_sinkdbfile *f, struct kt_sinkdbtable *t, struct kt_err *err)
{
	return kt_sinkdbtable_settle(t, err) < 0 ? -1 : kt_sinkdbfile_commit(f, err);
}

TEST(one_sink_at_a_time)
{
	kt_auto(kt_sinkdbfile_close) struct kt_sinkdbfile f = {0}, second = {0};
	struct kt_err err = {0};
	begin_anew();
	CHECK(kt_sinkdbfile_open(&f, FILE_NAME, &nobody, &err) == 0);
	CHECK(kt_sinkdbfile_open(&second, FILE_NAME, &nobody, &err) < 0);
	CHECK_STR(err.msg, "another sink writes " FILE_NAME);
	/* That the other one has opened and closed the file takes nothing away. */
	CHECK(kt_sinkdbfile_begin(&f, &err) == 0);
	CHECK(kt_sinkdbfile_put_place(&f, "t", 0, 7, &err) == 0);
	CHECK(kt_sinkdbfile_commit(&f, &err) == 0);
	kt_sinkdbfile_close(&second);
	CHECK(kt_sinkdbfile_open(&second, FILE_NAME, &nobody, &err) < 0);
	kt_sinkdbfile_close(&f);
	kt_sinkdbfile_close(&second);
	CHECK(kt_sinkdbfile_open(&second, FILE_NAME, &nobody, &err) == 0);
	CHECK_STR(asked(&second, "SELECT topic || partition || next FROM kt_sink_offsets"), "t07");
}

TEST(names_and_values_of_any_kind)
{
	static const char value[] = "{\"a\\\"b\":1,\"A\\\"B\":2,\"select\":\"x\\u0000y\",\"_topic\":[1],\"rowid\":true,"
				    "\"big\":9223372036854775808,\"\":7,\"'); DROP TABLE t; --\":-9223372036854775808}";
	static const struct kt_strs none;
	const struct kt_sinkdbtable_how how = {.columns = &none};
	kt_auto(kt_sinkdbfile_close) struct kt_sinkdbfile f = {0};
	struct kt_sinkdbtable t;
	struct kt_err err = {0};
	begin_anew();
	CHECK(kt_sinkdbfile_open(&f, FILE_NAME, &nobody, &err) == 0);
	CHECK(kt_sinkdbtable_open(&t, &f, "a \"table\"", &how, &err) == 0);
	hear_stderr();
	CHECK(take(&t, 1, value) == 0 && take(&t, 2, "[]") == 0 && take(&t, 3, NULL) == 0);
	CHECK(keep(&f, &t, &err) == 0);
	(void)heard();
	CHECK_STR(asked(&f, "SELECT \"a\"\"b\" FROM \"a \"\"table\"\"\" WHERE _offset = 1"), "1");
	CHECK_STR(asked(&f, "SELECT \"A\"\"B_2\" FROM \"a \"\"table\"\"\" WHERE _offset = 1"), "2");
	CHECK_STR(asked(&f, "SELECT hex(\"select\") FROM \"a \"\"table\"\"\" WHERE _offset = 1"), "780079");
	CHECK_STR(asked(&f, "SELECT _topic_2 FROM \"a \"\"table\"\"\" WHERE _offset = 1"), "[1]");
	CHECK_STR(asked(&f, "SELECT rowid FROM \"a \"\"table\"\"\" WHERE _offset = 1"), "1");
	CHECK_STR(asked(&f, "SELECT typeof(big) FROM \"a \"\"table\"\"\" WHERE _offset = 1"), "text");
	CHECK_STR(asked(&f, "SELECT \"'); DROP TABLE t; --\" FROM \"a \"\"table\"\"\" WHERE _offset = 1"),
		"-9223372036854775808");
	CHECK_STR(asked(&f, "SELECT count(*) || max(_value) FROM \"a \"\"table\"\"\" WHERE big IS NULL"), "2[]");
	CHECK_INT(t.bad, 1);
	kt_sinkdbtable_fini(&t);
	/* They are found again. */
	CHECK(kt_sinkdbtable_open(&t, &f, "A \"TABLE\"", &how, &err) == 0);
	CHECK_INT(t.columns.n, 7);
	CHECK(take(&t, 4, value) == 0 && keep(&f, &t, &err) == 0);
	CHECK_STR(asked(&f, "SELECT count(DISTINCT \"A\"\"B_2\") || sum(\"A\"\"B_2\") FROM \"a \"\"table\"\"\""), "14");
	/* The same record once more cannot be. */
	CHECK(kt_sinkdbtable_take(&t, &(struct kt_record){.topic = {"t", 1}, .offset = 4}, 0, &err) < 0);
	CHECK(keep(&f, &t, &err) < 0);
	kt_sinkdbtable_fini(&t);
}

TEST(as_many_columns_as_there_can_be)
{
	static const struct kt_strs none;
	const struct kt_sinkdbtable_how how = {.columns = &none, .add_columns = true, .parts = true};
	kt_auto(kt_sinkdbfile_close) struct kt_sinkdbfile f = {0};
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	struct kt_sinkdbtable t;
	struct kt_err err = {0};
	begin_anew();
	for (int i = 0; i < 2100; i++)
		kt_buf_addf(&value, "%s\"f%d\":%d", i ? "," : "{", i, i);
	kt_buf_addc(&value, '}');
	CHECK(kt_sinkdbfile_open(&f, FILE_NAME, &nobody, &err) == 0);
	CHECK(kt_sinkdbtable_open(&t, &f, "t", &how, &err) == 0);
	hear_stderr();
	CHECK(take(&t, 1, "{\"f0\":1}") == 0 && keep(&f, &t, &err) == 0);
	(void)heard();
	CHECK(freopen("/dev/null", "w", stderr) != NULL);
	CHECK(take(&t, 2, kt_buf_cstr(&value)) == 0 && keep(&f, &t, &err) == 0);
	CHECK_STR(asked(&f, "SELECT f999 FROM t WHERE _offset = 2"), "999");
	CHECK_STR(asked(&f, "SELECT _value->>'$.f2099' FROM t WHERE _offset = 2"), "2099");
	CHECK(t.columns.more_later);
	/* Rows of a record are taken back together. */
	const struct kt_record r = record(3, "{\"f0\":5}");
	CHECK(kt_sinkdbtable_take(&t, &r, 0, &err) == 0 && kt_sinkdbtable_take(&t, &r, 1, &err) == 0);
	CHECK_STR(asked(&f, "SELECT count(*) FROM t WHERE _offset = 3"), "2");
	CHECK(kt_sinkdbtable_drop(&t, &r, &err) == 0);
	CHECK_STR(asked(&f, "SELECT count(*) FROM t"), "2");
	kt_sinkdbtable_fini(&t);
}

TEST(what_is_held_is_bounded_with_its_headers)
{
	static const struct kt_strs none;
	const struct kt_sinkdbtable_how how = {.columns = &none};
	kt_auto(kt_sinkdbfile_close) struct kt_sinkdbfile f = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_sinkdbtable t;
	struct kt_err err = {0};
	begin_anew();
	for (size_t i = 0; i < KT_SINKDB_SAMPLE_BYTES / 4; i++)
		kt_buf_addc(&text, 'x');
	const struct kt_header header = {{"h", 1}, {text.data, text.len}};
	CHECK(kt_sinkdbfile_open(&f, FILE_NAME, &nobody, &err) == 0);
	CHECK(kt_sinkdbtable_open(&t, &f, "t", &how, &err) == 0);
	hear_stderr();
	for (int64_t i = 0; i < 4; i++) {
		struct kt_record r = record(i, "{\"a\":1}");
		r.headers = &header;
		r.n_headers = 1;
		CHECK(kt_sinkdbtable_take(&t, &r, 0, &err) == 0);
	}
	(void)heard();
	CHECK_INT(t.n_held, 0);
	CHECK(t.made);
	kt_sinkdbtable_fini(&t);
}

TEST(what_is_too_large_for_sqlite)
{
	static const struct kt_strs none;
	const struct kt_sinkdbtable_how how = {.columns = &none};
	kt_auto(kt_sinkdbfile_close) struct kt_sinkdbfile f = {0};
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	struct kt_sinkdbtable t;
	struct kt_err err = {0};
	begin_anew();
	CHECK(kt_sinkdbfile_open(&f, FILE_NAME, &nobody, &err) == 0);
	CHECK(kt_sinkdbtable_open(&t, &f, "t", &how, &err) == 0);
	CHECK(take(&t, 1, "{\"a\":1}") == 0 && keep(&f, &t, &err) == 0);
	int (*limit)(sqlite3 *, int, int) = NULL;
	const struct kt_dlload_row rows[] = {{"sqlite3_limit", &limit}};
	CHECK(kt_dlload("libsqlite3.so.0", rows, KT_LEN(rows), &err) == 0);
	if (limit)
		limit(f.db, SQLITE_LIMIT_LENGTH, 5000);
	kt_buf_adds(&value, "{\"a\":\"");
	for (int i = 0; i < 3000; i++)
		kt_buf_addc(&value, 'x');
	kt_buf_adds(&value, "\"}");
	/* Each of its values fits, and the row does not. */
	CHECK(take(&t, 2, kt_buf_cstr(&value)) == 0 && keep(&f, &t, &err) == 0);
	CHECK_INT(t.cut, 1);
	CHECK_STR(asked(&f, "SELECT count(*) || count(a) || count(_value) FROM t"), "211");
	kt_sinkdbtable_fini(&t);
}
