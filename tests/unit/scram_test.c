#include "scram.h"

#include "tap.h"

static struct kt_err err;
static struct kt_buf out;

#define NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="

static struct kt_bytes text(const char *data)
{
	return (struct kt_bytes){data, strlen(data)};
}

static void begin(struct kt_scram *s, const char *mechanism)
{
	*s = (struct kt_scram){.user = "user", .password = "pencil"};
	out.len = 0;
	CHECK_INT(kt_scram_begin(s, mechanism, NONCE, &out, &err), 0);
	CHECK_STR(kt_buf_cstr(&out), "n,,n=user,r=" NONCE);
	out.len = 0;
}

/* The example of RFC 7677, section 3. */
TEST(the_example_of_the_rfc)
{
	kt_auto(kt_scram_fini) struct kt_scram s;
	begin(&s, "SCRAM-SHA-256");
	CHECK_INT(kt_scram_answer(&s, text("r=" SERVER_NONCE ",s=" SALT ",i=4096"), &out, &err), 0);
	CHECK_STR(kt_buf_cstr(&out), "c=biws,r=" SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
	CHECK_INT(kt_scram_verify(&s, text("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), &err), 0);
	CHECK_INT(kt_scram_verify(&s, text("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), &err), -1);
	CHECK_STR(err.msg, "it accepts the password without knowing it");
	CHECK_INT(kt_scram_verify(&s, text("v="), &err), -1);
	CHECK_INT(kt_scram_verify(&s, text("e=other-error"), &err), -1);
	CHECK_STR(err.msg, "it does not speak SCRAM as RFC 5802 has it");
}

TEST(what_servers_must_not_say)
{
	static const char *const cases[] = {
		"",
		"r=",
		"s=" SALT ",i=4096",
		"r=" NONCE ",s=" SALT ",i=4096",
		"r=other" NONCE ",s=" SALT ",i=4096",
		"r=" SERVER_NONCE ",s=,i=4096",
		"r=" SERVER_NONCE ",s=?,i=4096",
		"r=" SERVER_NONCE ",s=" SALT,
		"r=" SERVER_NONCE ",s=" SALT ",i=many",
		"r=" SERVER_NONCE ",s=" SALT ",i=0",
		"r=" SERVER_NONCE ",s=" SALT ",i=99999999999999999999999999",
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		kt_auto(kt_scram_fini) struct kt_scram s;
		begin(&s, "SCRAM-SHA-256");
		CHECK_INT(kt_scram_answer(&s, text(cases[i]), &out, &err), -1);
		CHECK_STR(err.msg, "it does not speak SCRAM as RFC 5802 has it");
		CHECK_INT(out.len, 0);
	}
}

TEST(iterations_are_bounded)
{
	kt_auto(kt_scram_fini) struct kt_scram s;
	begin(&s, "SCRAM-SHA-512");
	CHECK_INT(kt_scram_answer(&s, text("r=" SERVER_NONCE ",s=" SALT ",i=1"), &out, &err), -1);
	CHECK_STR(err.msg, "it asks for 1 iterations of SCRAM's hash, and 4096 to 1000000 are sensible");
	CHECK_INT(kt_scram_answer(&s, text("r=" SERVER_NONCE ",s=" SALT ",i=2000000000"), &out, &err), -1);
	CHECK_INT(kt_scram_answer(&s, text("r=" SERVER_NONCE ",s=" SALT ",i=4096"), &out, &err), 0);
}

TEST(names_and_nonces)
{
	kt_auto(kt_scram_fini) struct kt_scram s = {.user = "a,b=c", .password = ""}, other = s;
	kt_auto(kt_buf_fini) struct kt_buf again = {0};
	out.len = 0;
	CHECK_INT(kt_scram_begin(&s, "SCRAM-SHA-512", NULL, &out, &err), 0);
	CHECK(!strncmp(kt_buf_cstr(&out), "n,,n=a=2Cb=3Dc,r=", 17));
	CHECK_INT(kt_scram_begin(&other, "SCRAM-SHA-512", NULL, &again, &err), 0);
	CHECK(strcmp(kt_buf_cstr(&out), kt_buf_cstr(&again)) != 0);
	CHECK_INT(kt_scram_begin(&other, "SCRAM-SHA-1", NULL, &again, &err), -1);
	kt_buf_fini(&out);
}
