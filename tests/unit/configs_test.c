#include "configs_own.h"

#include "tap.h"

/* Words "name=value"; one that begins with '-' is Kafka's default, one without '=' is hidden. */
static void fill(struct kt_configs *configs, const char *words)
{
	struct kt_strs list = {0};
	kt_strs_split(&list, words, " ");
	for (size_t i = 0; i < list.n; i++) {
		char *word = list.v[i], *equals = strchr(word, '=');
		bool own = *word != '-';
		word += !own;
		const struct kt_config config = {.name = strndup(word, strcspn(word, "=")),
			.value = equals ? strdup(equals + 1) : NULL,
			.own = own,
			.is_default = !own,
			.sensitive = !equals};
		kt_configs_take(configs, config);
	}
	kt_configs_sort(configs);
	kt_strs_fini(&list);
}

static const char *text_of(struct kt_configs *configs)
{
	static char text[512];
	size_t len = 0;
	text[0] = '\0';
	for (size_t i = 0; i < configs->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s=%s", i ? " " : "", configs->v[i].name,
			configs->v[i].value ? configs->v[i].value : "?");
	return text;
}

/* What is sent when these are there. A word of the change that begins with '-' is to be removed. */
static const char *merged(const char *now_words, const char *change_words, struct kt_err *err)
{
	static char text[512];
	struct kt_configs now = {0}, wanted = {0};
	struct kt_strs words = {0}, set = {0}, remove = {0};
	fill(&now, now_words);
	kt_strs_split(&words, change_words, " ");
	for (size_t i = 0; i < words.n; i++)
		kt_strs_add(words.v[i][0] == '-' ? &remove : &set, words.v[i] + (words.v[i][0] == '-'));
	const struct kt_config_change change = {.set = &set, .remove = &remove};
	int result = kt_config_check(&change, err);
	if (result == 0)
		result = kt_configs_merge(&wanted, &now, "t", &change, err);
	snprintf(text, sizeof(text), "%s", result < 0 ? err->msg : text_of(&wanted));
	kt_configs_fini(&now);
	kt_configs_fini(&wanted);
	kt_strs_fini(&words);
	kt_strs_fini(&set);
	kt_strs_fini(&remove);
	return text;
}

TEST(finds_one_and_knows_whether_any_is_the_topics_own)
{
	struct kt_configs configs = {0}, defaults = {0};
	fill(&configs, "-a=1 b=2 c");
	fill(&defaults, "-a=1");
	CHECK_STR(kt_configs_find(&configs, "b")->value, "2");
	CHECK(!kt_configs_find(&configs, "c")->value);
	CHECK(!kt_configs_find(&configs, "bb"));
	CHECK(kt_configs_any_own(&configs));
	CHECK(!kt_configs_any_own(&defaults));
	kt_configs_fini(&configs);
	kt_configs_fini(&defaults);
	CHECK(!kt_configs_find(&configs, "b"));
}

TEST(one_config_changed_and_all_others_kept)
{
	static const struct {
		const char *now, *change, *wanted;
	} rows[] = {
		{"", "a=1", "a=1"},
		{"b=2", "a=1", "a=1 b=2"},
		{"b=2 c=3", "b=4", "b=4 c=3"},
		{"b=2 c=3", "-b", "c=3"},
		{"b=2 -c=3", "a=1", "a=1 b=2"},
		{"b=2 -c=3", "-c", "b=2"},
		{"b=2", "a=1 a=7", "a=7 b=2"},
		{"b=2", "bb=", "b=2 bb="},
		{"bb=2", "b=1", "b=1 bb=2"},
		{"b=2 hidden", "b=3", "b=3 hidden=?"},
		{"b=2", "a=x=y", "a=x=y b=2"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_STR(merged(rows[i].now, rows[i].change, &err), rows[i].wanted);
	}
}

TEST(several_in_a_word)
{
	static const char *const rows[][2] = {
		{"a=1", "a=1"},
		{"a=1,b=2", "a=1 b=2"},
		{"a=1,b=[c,d],e=f", "a=1 b=c,d e=f"},
		{"b=[c]", "b=c"},
		{"b=[]", "b="},
		{"b=[c,d", "b=[c,d"},
		{"b=c]", "b=c]"},
		{"b=[", "b=["},
		{"a=", "a="},
		{"", ""},
		{"a=1,", "a=1 "},
		{",", " "},
		{"[a],b", "[a] b"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_strs_fini) struct kt_strs lists = {0}, set = {0};
		kt_auto(kt_buf_fini) struct kt_buf joined = {0};
		kt_strs_add(&lists, rows[i][0]);
		kt_config_lists(&lists, &set);
		for (size_t at = 0; at < set.n; at++)
			kt_buf_addf(&joined, "%s%s", at ? " " : "", set.v[at]);
		CHECK_STR(kt_buf_cstr(&joined), rows[i][1]);
		CHECK_INT(lists.n, 0);
	}
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_strs_add(&names, "a,b");
	kt_strs_add(&names, "c");
	kt_config_split(&names);
	CHECK_INT(names.n, 3);
	CHECK_STR(names.v[1], "b");
	struct kt_err err = {0};
	kt_auto(kt_strs_fini) struct kt_strs set = {0};
	kt_strs_add(&set, "listeners=a,b");
	kt_config_hint(&set, &err);
	CHECK_STR(err.hint, "");
	kt_strs_add(&set, "retention.ms=1,x,cleanup.policy=compact");
	kt_config_hint(&set, &err);
	CHECK_STR(err.hint, "one --config for each: --config retention.ms=1,x --config cleanup.policy=compact");
}

TEST(times_and_sizes_with_units)
{
	static const char *const rows[][2] = {
		{"retention.ms=2h", "retention.ms=7200000"},
		{"retention.ms=-1", "retention.ms=-1"},
		{"retention.ms=3600000", "retention.ms=3600000"},
		{"segment.bytes=64m", "segment.bytes=67108864"},
		{"retention.ms=soon", "retention.ms=soon"},
		{"cleanup.policy=2h", "cleanup.policy=2h"},
		{".ms=2h", ".ms=2h"},
		{"retention.ms=", "retention.ms="},
		{"retention.ms", "retention.ms"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_strs_fini) struct kt_strs set = {0};
		kt_strs_add(&set, rows[i][0]);
		kt_config_units(&set);
		CHECK_STR(set.v[0], rows[i][1]);
	}
}

TEST(changes_that_cannot_be)
{
	static const struct {
		const char *change, *msg;
		int status;
	} rows[] = {
		{"a", "--config a is not NAME=VALUE", KT_USAGE},
		{"=1", "--config =1 is not NAME=VALUE", KT_USAGE},
		{"a=1 -a", "a is to be set and to be removed", KT_USAGE},
		{"-retention.msx", "changing topic t: Unknown topic config name: retention.msx", KT_FAILED},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_STR(merged("b=2", rows[i].change, &err), rows[i].msg);
		CHECK_INT(err.status, rows[i].status);
	}
	struct kt_err err = {0};
	merged("b=2", "-retention.msx", &err);
	CHECK_STR(err.hint, "did you mean retention.ms?");
}

/* The names that differ; those that the change "a=1 -b" is about, or the others. */
static const char *differing(const char *one, const char *other, bool asked)
{
	static char text[256];
	struct kt_configs a = {0}, b = {0};
	struct kt_strs set = {0}, remove = {0};
	struct kt_buf names = {0};
	fill(&a, one);
	fill(&b, other);
	kt_strs_add(&set, "a=1");
	kt_strs_add(&remove, "b");
	kt_configs_differing(&names, &a, &b, &(struct kt_config_change){.set = &set, .remove = &remove}, asked);
	snprintf(text, sizeof(text), "%s", kt_buf_cstr(&names));
	kt_buf_fini(&names);
	kt_configs_fini(&a);
	kt_configs_fini(&b);
	kt_strs_fini(&set);
	kt_strs_fini(&remove);
	return text;
}

TEST(what_somebody_else_changed)
{
	CHECK_STR(differing("a=1 c=3", "a=1 c=3 -d=4", false), "");
	CHECK_STR(differing("a=1 c=3", "a=1 c=4", false), "c");
	CHECK_STR(differing("a=1 c=3", "a=1 -c=3", false), "c");
	CHECK_STR(differing("a=1", "a=1 c=4 d=5", false), "c, d");
	CHECK_STR(differing("a=1", "a=2 c=4", false), "c");
	CHECK_STR(differing("a=1", "a=2 c=4", true), "a");
	CHECK_STR(differing("a=1", "b=2", true), "a, b");
}

TEST(values_as_brokers_repeat_them)
{
	static const struct {
		const char *one, *other;
		bool same;
	} rows[] = {
		{"a=compact,delete", "a=compact,delete", true},
		{"a=0.50", "a=0.5", true},
		{"a=007", "a=7", true},
		{"a=9223372036854775807", "a=9223372036854775806", false},
		{"a=TRUE", "a=true", true},
		{"a=compact", "a=compact,delete", false},
		{"a=", "a=x", false},
		{"a=", "a=", true},
		{"a", "a", true},
		{"a", "a=1", false},
		{"a=1", "a=1x", false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_configs a = {0}, b = {0};
		fill(&a, rows[i].one);
		fill(&b, rows[i].other);
		CHECK_INT(kt_configs_same(&a, &b), rows[i].same);
		kt_configs_fini(&a);
		kt_configs_fini(&b);
	}
}

TEST(blanks_in_a_list)
{
	struct kt_configs a = {0}, b = {0};
	const struct kt_config spaced = {.name = strdup("a"), .value = strdup(" compact , delete"), .own = true};
	kt_configs_take(&a, spaced);
	fill(&b, "a=compact,delete");
	CHECK(kt_configs_same(&a, &b));
	kt_configs_fini(&a);
	kt_configs_fini(&b);
}
