#include "experiment_event.h"

#include "esc.h"
#include "measurementhash.h"
#include "tap.h"

static const struct kt_load load = {.researcher = "d.landau@uu.nl",
	.sensors = 2,
	.stabilization = 1,
	.carry_out = 2,
	.copies = 1,
	.start = 16,
	.lower = 25.5f,
	.upper = 26.5f};

struct fixture {
	struct kt_event_writer w;
	struct kt_experiment e;
};

static struct fixture begin(bool documents)
{
	struct fixture f;
	struct kt_random random;
	kt_random_seed(&random, 1, 0);
	kt_event_writer_init(&f.w);
	kt_experiment_init(&f.e, &load, &random, documents);
	memcpy(f.e.id, "577cb8c3-0c81-456e-9314-349937ca08a9", KT_UUID_LEN);
	return f;
}

static void end(struct fixture *f)
{
	kt_event_writer_fini(&f->w);
	kt_experiment_fini(&f->e);
}

/* The value in hexadecimal, its two sync markers (which have to be alike) as 00 … 0f. */
static void show(struct kt_buf *out, struct kt_bytes value, size_t head)
{
	static const unsigned char sync[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	CHECK(!memcmp(value.data + head, value.data + value.len - 16, 16));
	kt_buf_add_hex(out, value.data, head);
	kt_buf_add_hex(out, sync, 16);
	kt_buf_add_hex(out, value.data + head + 16, value.len - head - 32);
	kt_buf_add_hex(out, sync, 16);
}

TEST(terminated_byte_for_byte)
{
	static const char expected[] =
		"4f626a0104166176726f2e736368656d618c027b2274797065223a227265636f7264222c226e616d65223a226578706572696d"
		"656e745f7465726d696e61746564222c226669656c6473223a5b7b226e616d65223a226578706572696d656e74222c22747970"
		"65223a22737472696e67227d2c7b226e616d65223a2274696d657374616d70222c2274797065223a22646f75626c65227d5d7d"
		"146176726f2e636f646563086e756c6c00000102030405060708090a0b0c0d0e0f025a4835373763623863332d306338312d34"
		"3536652d393331342d333439393337636130386139218029b61c3fd941000102030405060708090a0b0c0d0e0f";
	struct fixture f = begin(false);
	kt_auto(kt_buf_fini) struct kt_buf hex = {0};
	struct kt_bytes value = kt_event_stage(&f.w, KT_EVENT_TERMINATED, &f.e, 1694266072.6484454);
	CHECK_INT(value.len, 249);
	show(&hex, value, f.w.heads[KT_EVENT_TERMINATED].len);
	CHECK_STR(kt_buf_cstr(&hex), expected);
	end(&f);
}

TEST(schemas_are_as_long_as_the_originals)
{
	static const size_t lengths[] = {
		[KT_EVENT_CONFIGURED] = 366,
		[KT_EVENT_STABILIZATION] = 134,
		[KT_EVENT_STARTED] = 131,
		[KT_EVENT_MEASURED] = 298,
		[KT_EVENT_TERMINATED] = 134,
		[KT_EVENT_DOCUMENT] = 452,
	};
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		CHECK_INT(strlen(kt_event_schema(kind)), lengths[kind]);
}

static const char *hex_of(struct kt_buf *out, const char *data, size_t len)
{
	out->len = 0;
	kt_buf_add_hex(out, data, len);
	return kt_buf_cstr(out);
}

TEST(configured)
{
	struct fixture f = begin(false);
	kt_auto(kt_buf_fini) struct kt_buf hex = {0};
	struct kt_bytes value = kt_event_configured(&f.w, &f.e);
	CHECK_INT(value.len, 573);
	const char *datum = value.data + value.len - 16 - 136;
	CHECK_STR(hex_of(&hex, datum - 3, 4), "02900248");
	CHECK_MEM(datum + 1, 36, f.e.id, 36);
	CHECK_STR(hex_of(&hex, datum + 37, 1), "1c");
	CHECK_MEM(datum + 38, 14, "d.landau@uu.nl", 14);
	CHECK_STR(hex_of(&hex, datum + 52, 2), "0448");
	CHECK_MEM(datum + 54, 36, f.e.sensors[0], 36);
	CHECK_MEM(datum + 91, 36, f.e.sensors[1], 36);
	CHECK_STR(hex_of(&hex, datum + 127, 9), "000000d4410000cc41");
	end(&f);
}

TEST(sensors_of_a_sample)
{
	struct fixture f = begin(false);
	static const float temperatures[] = {21.5f, 20.5f};
	struct kt_sample sample = {.timestamp = 1694266072.336535, .average = 21, .temperatures = temperatures};
	char marks[2][16];
	memcpy(sample.measurement, "fc6e5b2b-0c81-456e-9314-349937ca08a9", KT_UUID_LEN);
	kt_event_sample(&f.w, &f.e, &sample, (struct kt_bytes){"nonce.sealed", 12});
	for (size_t i = 0; i < 2; i++) {
		struct kt_bytes value = kt_event_sensor(&f.w, &f.e, &sample, i);
		const char *at = value.data + f.w.heads[KT_EVENT_MEASURED].len;
		memcpy(marks[i], at, 16);
		CHECK(!memcmp(at, value.data + value.len - 16, 16));
		at += 16 + 1 + 2;
		CHECK_MEM(at + 1, 36, f.e.id, 36);
		CHECK_MEM(at + 38, 36, f.e.sensors[i], 36);
		CHECK_MEM(at + 75, 36, sample.measurement, 36);
		CHECK_MEM(at + 111, 8, (const char *)&sample.timestamp, 8);
		CHECK_MEM(at + 119, 4, i ? "\0\0\xa4\x41" : "\0\0\xac\x41", 4);
		CHECK_MEM(at + 123, 13, "\x18nonce.sealed", 13);
		CHECK(at + 136 + 16 == value.data + value.len);
	}
	CHECK(memcmp(marks[0], marks[1], 16) != 0);
	end(&f);
}

TEST(document)
{
	struct fixture f = begin(true);
	struct kt_sample sample;
	kt_auto(kt_buf_fini) struct kt_buf hex = {0};
	struct kt_bytes empty = kt_event_document(&f.w, &f.e), value;
	const char *datum = empty.data + f.w.heads[KT_EVENT_DOCUMENT].len + 16 + 2;
	CHECK_STR(hex_of(&hex, datum + 37, 9), "000000d4410000cc41");
	while (kt_experiment_step(&f.e, 2, &sample) != KT_EVENT_TERMINATED)
		;
	value = kt_event_document(&f.w, &f.e);
	/* A count, two samples, and a longer length of the block. */
	CHECK_INT(value.len, empty.len + 1 + 2 * 12 + 1);
	datum = value.data + f.w.heads[KT_EVENT_DOCUMENT].len + 16 + 3;
	CHECK_STR(hex_of(&hex, datum + 37, 9), "040000000000000040");
	end(&f);
}

TEST(text_under_the_hash)
{
	struct fixture f = begin(false);
	struct kt_sample sample = {.timestamp = 1694266072.336535};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	memcpy(sample.measurement, "fc6e5b2b-0c81-456e-9314-349937ca08a9", KT_UUID_LEN);
	kt_event_hash_text(&text, &f.e, &sample);
	CHECK_STR(kt_buf_cstr(&text),
		"{\"notification_type\":null,\"researcher\":\"d.landau@uu.nl\",\"experiment_id\":"
		"\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"measurement_id\":\"fc6e5b2b-0c81-456e-9314-349937ca08a9\","
		"\"timestamp\":1694266072.336535}");
	text.len = 0;
	sample.range = KT_RANGE_OUT;
	sample.timestamp = 1694266072;
	kt_event_hash_text(&text, &f.e, &sample);
	CHECK(strstr(kt_buf_cstr(&text), "{\"notification_type\":\"OutOfRange\",\"researcher\""));
	CHECK(strstr(kt_buf_cstr(&text), "\"timestamp\":1694266072.0}"));
	end(&f);
}

/* Texts of the original are 300 to 305 characters without a type and 312 to 316 with one, for a researcher of 14. */
TEST(length_of_the_hash)
{
	struct fixture f = begin(false);
	struct kt_err err = {0};
	kt_auto(kt_measurementhash_free) struct kt_measurementhash *hash = NULL;
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, sealed = {0};
	struct kt_sample sample = {.timestamp = 1694266072.336535};
	memcpy(sample.measurement, f.e.id, KT_UUID_LEN);
	kt_event_hash_text(&text, &f.e, &sample);
	CHECK_INT(kt_measurementhash_new(&hash, KT_MEASUREMENTHASH_KEY, &err), 0);
	CHECK_INT(kt_measurementhash_seal(hash, &sealed, text.data, text.len, &err), 0);
	CHECK(sealed.len >= 300 && sealed.len <= 305);
	end(&f);
}
