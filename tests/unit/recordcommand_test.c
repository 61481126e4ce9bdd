#include "recordcommand.h"

#include <unistd.h>

#include "mem.h"
#include "recordcopy.h"
#include "tap.h"

static struct kt_bytes bytes(const char *text)
{
	return (struct kt_bytes){text, text ? strlen(text) : 0};
}

/* What the script prints, up to 4 KiB, for the record; "failed" when it ends with a status other than 0. */
static const char *told(const char *script, const struct kt_record *record)
{
	static char text[4097];
	struct kt_child child;
	struct kt_err err = {0};
	struct kt_strs words = {0};
	int ends[2];
	CHECK_INT(pipe(ends), 0);
	kt_strs_add(&words, "sh");
	kt_strs_add(&words, "-c");
	kt_strs_add(&words, script);
	const struct kt_recordcommand command = {.words = &words, .out = ends[1]};
	CHECK_INT(kt_recordcommand_start(&child, &command, record, 2, &err), 0);
	kt_strs_fini(&words);
	close(ends[1]);
	size_t len = 0;
	for (ssize_t n; (n = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0;)
		len += (size_t)n;
	text[len] = '\0';
	close(ends[0]);
	return child.fd >= 0 && kt_child_end(&child) == 0 ? text : "failed";
}

static struct kt_record record(const char *key, const char *value)
{
	return (struct kt_record){.topic = bytes("t"),
		.partition = 3,
		.offset = 9,
		.tstype = KT_TS_CREATE,
		.ts_ms = 1700000000123,
		.key = bytes(key),
		.value = bytes(value)};
}

TEST(variables_stdin_and_descriptor_3)
{
	static const char variables[] = "echo $KT_RECORD_TOPIC $KT_RECORD_PARTITION $KT_RECORD_OFFSET "
					"${KT_RECORD_KEY-none} $KT_RECORD_TIMESTAMP $KT_RECORD_ATTEMPT "
					"${KT_RECORD_KEY_OMITTED-}; cat";
	struct kt_record r = record("k", "v\n");
	CHECK_STR(told(variables, &r), "t 3 9 k 1700000000123 2\nv\n");
	CHECK_STR(told("cat <&3", &r), "{\"topic\":\"t\",\"partition\":3,\"offset\":9,\"tstype\":\"create\","
				       "\"ts\":1700000000123,\"key\":\"k\"}\n");
	CHECK_STR(told("ls /proc/self/fd | wc -l | tr -d ' '", &r), "5\n");
	r = record(NULL, NULL);
	r.tstype = KT_TS_NONE;
	CHECK_STR(told("echo ${KT_RECORD_KEY-none} ${KT_RECORD_TIMESTAMP-none}; cat; cat <&3", &r),
		"none none\n{\"topic\":\"t\",\"partition\":3,\"offset\":9,\"key\":null,\"payload\":null}\n");
}

/* Nothing is passed on of a record that this process itself was started with. */
TEST(no_variable_of_another_record)
{
	struct kt_record r = record(NULL, "");
	setenv("KT_RECORD_KEY", "of another", 1);
	setenv("KT_RECORD_KEY_OMITTED", "1", 1);
	CHECK_STR(told("env | grep -c '^KT_RECORD_KEY' || true", &r), "0\n");
	unsetenv("KT_RECORD_KEY");
	unsetenv("KT_RECORD_KEY_OMITTED");
}

TEST(keys_that_do_not_fit)
{
	static const char script[] = "echo ${#KT_RECORD_KEY} ${KT_RECORD_KEY_OMITTED-}";
	static const struct {
		size_t len;
		const char *said;
	} rows[] = {{0, "0\n"}, {KT_RECORDCOMMAND_KEY, "32768\n"}, {KT_RECORDCOMMAND_KEY + 1, "0 1\n"},
		{128 << 10, "0 1\n"}, {3 << 20, "0 1\n"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_free_ptr) char *key = kt_calloc(1, rows[i].len + 1);
		memset(key, 'k', rows[i].len);
		struct kt_record r = record(key, "v");
		CHECK_STR(told(script, &r), rows[i].said);
	}
	struct kt_record r = record(NULL, "v");
	r.key = (struct kt_bytes){"a\0b", 3};
	CHECK_STR(told(script, &r), "0 1\n");
	/* It is whole on descriptor 3. */
	CHECK_STR(told("cut -d, -f6 <&3", &r), "\"key\":\"a\\u0000b\"}\n");
}

TEST(keys_are_no_commands)
{
	struct kt_record r = record("$(echo bad)`echo bad`; echo bad #\nLD_PRELOAD=/x", "");
	CHECK_STR(told("printf '%s' \"$KT_RECORD_KEY\"; echo; echo ${LD_PRELOAD-none}", &r),
		"$(echo bad)`echo bad`; echo bad #\nLD_PRELOAD=/x\nnone\n");
}

/* More than a pipe would take, to a command that does not read. */
TEST(large_values)
{
	kt_auto(kt_free_ptr) char *value = kt_calloc(1, 1 << 20);
	struct kt_record r = record(NULL, NULL);
	r.value = (struct kt_bytes){value, 1 << 20};
	CHECK_STR(told("true", &r), "");
	CHECK_STR(told("wc -c", &r), "1048576\n");
}

TEST(a_copy_is_whole)
{
	struct kt_recordcopy copy = {0};
	const struct kt_header headers[] = {
		{bytes("a"), bytes("x")}, {bytes("a"), bytes(NULL)}, {bytes("b"), bytes("")}};
	struct kt_record r = record("key", "value");
	r.headers = headers;
	r.n_headers = KT_LEN(headers);
	for (int round = 0; round < 2; round++) {
		kt_recordcopy_set(&copy, &r);
		CHECK(copy.record.key.data != r.key.data && copy.record.headers != headers);
		CHECK_STR(copy.record.topic.data, "t");
		CHECK_STR(copy.record.key.data, "key");
		CHECK_STR(copy.record.value.data, "value");
		CHECK_INT(copy.record.n_headers, 3);
		CHECK_STR(copy.record.headers[0].value.data, "x");
		CHECK(!copy.record.headers[1].value.data);
		CHECK(copy.record.headers[2].value.data && !copy.record.headers[2].value.len);
		CHECK_INT(copy.record.offset, 9);
	}
	r = record(NULL, NULL);
	kt_recordcopy_set(&copy, &r);
	CHECK(!copy.record.key.data && !copy.record.value.data && !copy.record.n_headers);
	kt_recordcopy_fini(&copy);
}
