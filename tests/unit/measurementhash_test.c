#include "measurementhash.h"

#include "tap.h"

/* Made with another implementation: the default key, nonce 00 01 … 0b. */
static const char text[] =
	"AAECAwQFBgcICQoL.94+EVtFpX9TRs1xnYJNmajUcx2OX+GmZnc+IQ5RWc5i8T/z28Z5RnpaJ/5OVcovfZJCg8ejAohNGLMd"
	"NsNkdFqoaWMJ00bdV";
static const char plain[] = "{\"notification_type\":null,\"researcher\":\"d.landau@uu.nl\"}";

static struct kt_err err;

static int open_text(const char *key, const char *hash, struct kt_buf *out)
{
	kt_auto(kt_measurementhash_free) struct kt_measurementhash *h = NULL;
	err = (struct kt_err){0};
	return kt_measurementhash_new(&h, key, &err) < 0 ? -1
							 : kt_measurementhash_open(h, out, hash, strlen(hash), &err);
}

TEST(opens_what_others_sealed)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	CHECK_INT(open_text(KT_MEASUREMENTHASH_KEY, text, &out), 0);
	CHECK_MEM(out.data, out.len, plain, strlen(plain));
}

TEST(seals_and_opens)
{
	kt_auto(kt_measurementhash_free) struct kt_measurementhash *h = NULL;
	kt_auto(kt_buf_fini) struct kt_buf last = {0};
	CHECK_INT(kt_measurementhash_new(&h, KT_MEASUREMENTHASH_KEY, &err), 0);
	for (size_t len = 0; len < 600; len++) {
		kt_auto(kt_buf_fini) struct kt_buf data = {0}, sealed = {0}, out = {0};
		for (size_t i = 0; i < len; i++)
			kt_buf_addc(&data, (char)(i * 7));
		CHECK_INT(kt_measurementhash_seal(h, &sealed, data.data, data.len, &err), 0);
		CHECK_INT(sealed.len, 16 + 1 + ((len + 16) * 4 + 2) / 3);
		CHECK(sealed.data[16] == '.' && !memchr(sealed.data, '=', sealed.len));
		CHECK(!last.len || memcmp(last.data, sealed.data, 16) != 0);
		CHECK_INT(kt_measurementhash_open(h, &out, sealed.data, sealed.len, &err), 0);
		CHECK_MEM(out.data, out.len, data.data, data.len);
		last.len = 0;
		kt_buf_add(&last, sealed.data, sealed.len);
	}
}

TEST(refuses_other_texts)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"", "a measurement_hash is two texts with one dot between them"},
		{"AAECAwQFBgcICQoL", "a measurement_hash is two texts with one dot between them"},
		{"AAEC.AwQF.BgcI", "a measurement_hash is two texts with one dot between them"},
		{"AAEC.AwQF", "the nonce of the measurement_hash is not 12 bytes as base64"},
		{"AAECAwQFBgcICQ!L.AwQF", "the nonce of the measurement_hash is not 12 bytes as base64"},
		{"AAECAwQFBgcICQoL.AwQF", "the cipher text of the measurement_hash is not base64"},
		{"AAECAwQFBgcICQoL.*", "the cipher text of the measurement_hash is not base64"},
		{"AAECAwQFBgcICQoM.94+EVtFpX9TRs1xnYJNmajUcx2OX+GmZ",
			"the measurement_hash was made with another key, or is damaged"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		CHECK_INT(open_text(KT_MEASUREMENTHASH_KEY, rows[i].text, &out), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(out.len, 0);
	}
}

TEST(keys)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	CHECK_INT(open_text("QJUHsPhnA0eiqHuJqsPgzhDozYO4f1zH", text, &out), -1);
	CHECK_STR(err.msg, "the measurement_hash was made with another key, or is damaged");
	CHECK_INT(open_text("short", text, &out), -1);
	CHECK_STR(err.msg, "a secret key has 32 characters, not 5");
	CHECK_INT(err.status, KT_USAGE);
}
