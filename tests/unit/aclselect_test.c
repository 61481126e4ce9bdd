#include "aclselect.h"

#include "aclshow.h"
#include "tap.h"

static struct kt_err err;

/* Words that outlive the options, which borrow from them. */
static struct kt_strs words;

static void parse(struct kt_acl_opts *o, const char *line)
{
	kt_strs_fini(&words);
	kt_strs_split(&words, line, " ");
	CHECK_INT(kt_opts_parse(kt_acl_opts, (int)words.n, words.v, o, &err), 0);
}

static const char *sentences(struct kt_buf *out, const struct kt_acls *acls)
{
	for (size_t i = 0; i < acls->n; i++) {
		kt_buf_adds(out, i ? "; " : "");
		kt_aclshow_sentence(out, &acls->v[i]);
	}
	return kt_buf_cstr(out);
}

static void check_new(const char *line, const char *expected)
{
	struct kt_acl_opts o = {0};
	kt_auto(kt_acls_fini) struct kt_acls acls = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	parse(&o, line);
	CHECK_INT(kt_aclselect_new(&acls, &o, &err), 0);
	CHECK_STR(sentences(&text, &acls), expected);
	kt_opts_fini(kt_acl_opts, &o);
}

TEST(combinations)
{
	check_new("--principal a --operation read --topic t", "User:a may READ topic t");
	check_new(
		"--principal User:a --deny-principal Group:b --operation read,Describe-Configs,READ --topic t --group g",
		"User:a may READ topic t; User:a may DESCRIBE_CONFIGS topic t; Group:b may not READ topic t; "
		"Group:b may not DESCRIBE_CONFIGS topic t; User:a may READ group g; User:a may DESCRIBE_CONFIGS group g; "
		"Group:b may not READ group g; Group:b may not DESCRIBE_CONFIGS group g");
	check_new("--principal CN=a,OU=b --operation all --cluster --host 1.2.3.4 --host 5.6.7.8",
		"User:CN=a,OU=b may ALL the cluster from 1.2.3.4; User:CN=a,OU=b may ALL the cluster from 5.6.7.8");
	check_new("--principal * --operation write --topic t. --prefixed",
		"User:* may WRITE every topic that begins with t.");
}

TEST(what_is_missing)
{
	static const char *const lines[] = {"--operation read --topic t", "--principal a --topic t",
		"--principal a --operation read", "--principal a --operation reed --topic t",
		"--principal a --operation any --topic t", "--principal a --operation read --topic t --pattern match"};
	for (size_t i = 0; i < KT_LEN(lines); i++) {
		struct kt_acl_opts o = {0};
		kt_auto(kt_acls_fini) struct kt_acls acls = {0};
		parse(&o, lines[i]);
		CHECK_INT(kt_aclselect_new(&acls, &o, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_INT(acls.n, 0);
		kt_opts_fini(kt_acl_opts, &o);
	}
}

TEST(filters)
{
	struct kt_acl_opts o = {0};
	kt_auto(kt_acls_fini) struct kt_acls acls = {0};
	CHECK(kt_aclselect_all(&o));
	CHECK_INT(kt_aclselect_filters(&acls, &o, &err), 0);
	CHECK_INT(acls.n, 1);
	CHECK(!acls.v[0].principal && !acls.v[0].name && !acls.v[0].host);
	CHECK_INT(acls.v[0].resource, RD_KAFKA_RESOURCE_ANY);
	CHECK_INT(acls.v[0].permission, RD_KAFKA_ACL_PERMISSION_TYPE_ANY);
	CHECK_INT(acls.v[0].operation, RD_KAFKA_ACL_OPERATION_ANY);
	kt_acls_fini(&acls);
	parse(&o, "--principal a --topic t --pattern match");
	CHECK(!kt_aclselect_all(&o));
	CHECK_INT(kt_aclselect_filters(&acls, &o, &err), 0);
	CHECK_INT(acls.n, 1);
	CHECK_STR(acls.v[0].principal, "User:a");
	CHECK_INT(acls.v[0].pattern, RD_KAFKA_RESOURCE_PATTERN_MATCH);
	kt_opts_fini(kt_acl_opts, &o);
}

/* An ACL of a kind that this library does not know is never sent back. */
TEST(foreign)
{
	struct kt_acl acl = {.resource = RD_KAFKA_RESOURCE_TOPIC,
		.pattern = RD_KAFKA_RESOURCE_PATTERN_LITERAL,
		.operation = RD_KAFKA_ACL_OPERATION_READ,
		.permission = RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW};
	CHECK(!kt_acl_is_foreign(&acl));
	acl.resource = RD_KAFKA_RESOURCE_UNKNOWN;
	CHECK(kt_acl_is_foreign(&acl));
	acl.resource = 6;
	CHECK(kt_acl_is_foreign(&acl));
	acl.resource = RD_KAFKA_RESOURCE_TOPIC;
	acl.operation = 13;
	CHECK(kt_acl_is_foreign(&acl));
	/* That of transactional ids is known, or cannot be named. */
	CHECK_INT(kt_acls_can_transactional(&err), kt_acls_transactional == RD_KAFKA_RESOURCE_UNKNOWN ? -1 : 0);
}
