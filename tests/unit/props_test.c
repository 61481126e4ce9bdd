#include "props.h"

#include "tap.h"

static struct kt_props props;

static const char *canonical(const char *name)
{
	if (!props.n)
		kt_props_load(&props);
	return kt_props_canonical(&props, name);
}

TEST(the_librarys_list)
{
	canonical("");
	CHECK(props.n > 100);
	const struct kt_prop *linger = kt_props_find(&props, "queue.buffering.max.ms");
	CHECK(linger != NULL);
	CHECK_STR(linger->who, "P");
	CHECK_STR(linger->def, "5");
	CHECK_STR(linger->range, "0 .. 900000");
	CHECK_STR(linger->type, "float");
	CHECK(!linger->topic && !linger->stands);
	CHECK_STR(kt_props_find(&props, "linger.ms")->stands, "queue.buffering.max.ms");
	CHECK(kt_props_find(&props, "acks")->topic);
	CHECK(!kt_props_find(&props, "dr_msg_cb"));
	CHECK(!kt_props_find(&props, "Property"));
	for (size_t i = 0; i < props.n; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(props.v[i].name, props.v[j].name))
				TAP_FAIL("%s is listed twice", props.v[i].name);
}

TEST(one_name_for_each)
{
	static const char *const cases[][2] = {
		{"metadata.broker.list", "bootstrap.servers"},
		{"bootstrap.servers", "bootstrap.servers"},
		{"queue.buffering.max.ms", "linger.ms"},
		{"request.required.acks", "acks"},
		{"topic.acks", "acks"},
		{"topic.request.required.acks", "acks"},
		{"topic.metadata.refresh.interval.ms", "topic.metadata.refresh.interval.ms"},
		{"compression.codec", "compression.type"},
		{"message.timeout.ms", "delivery.timeout.ms"},
		{"sasl.mechanisms", "sasl.mechanism"},
		{"enable.auto.commit", "enable.auto.commit"},
		{"auto.commit.enable", "auto.commit.enable"},
		{"client.id", "client.id"},
		{"no.such", "no.such"},
		{"topic.no.such", "topic.no.such"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(canonical(cases[i][0]), cases[i][1]);
}

TEST(what_is_known)
{
	static const char *const known[] = {"ssl.ca.location", "ssl.providers", "acks", "linger.ms", "client.id",
		"sasl.password", "test.mock.num.brokers", "compression.level"};
	for (size_t i = 0; i < KT_LEN(known); i++)
		if (!kt_props_known(known[i]))
			TAP_FAIL("%s is not known", known[i]);
	CHECK(!kt_props_known("no.such"));
	CHECK(!kt_props_known("key.serializer"));
	CHECK(!kt_props_known(""));
}

TEST(values)
{
	struct kt_err err = {0};
	CHECK_INT(kt_props_check("linger.ms", "5", &err), 0);
	CHECK_INT(kt_props_check("acks", "all", &err), 0);
	CHECK_INT(kt_props_check("acks", "some", &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK(strstr(err.msg, "acks=some: "));
	CHECK_INT(kt_props_check("security.protocol", "tls", &err), -1);
}

TEST(listing)
{
	struct kt_buf text = {0};
	canonical("");
	kt_props_write(&text, &props);
	CHECK(strstr(kt_buf_cstr(&text), "\nlinger.ms (float: 0 .. 900000; default 5; producer)\n"
					 "    The same as queue.buffering.max.ms.\n"));
	for (const char *line = text.data; line; line = strchr(line, '\n'), line += line != NULL)
		if (*line == ' ' && strcspn(line, "\n") > 80 && strcspn(line + 4, " \n") != strcspn(line + 4, "\n"))
			TAP_FAIL("a line of %zu columns", strcspn(line, "\n"));
	kt_buf_fini(&text);
	kt_props_fini(&props);
}
