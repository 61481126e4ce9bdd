#include "reading.h"

#include "buf.h"
#include "conf.h"
#include "embedded.h"
#include "mem.h"
#include "num.h"
#include "pattern.h"
#include "topic.h"
#include "when.h"

enum { SORT_NONE, SORT_TIME };
static const char *const sorts[] = {"none", "time", NULL};

#define OPTS struct kt_read_opts
/* clang-format off */
const struct kt_opt kt_read_opts[] = {
	{.name = "topic", .letter = 't', KT_LIST(topics), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "topic to read, or 'PATTERN*', or '^REGEX'; may be repeated"},
	{.name = "group", .often = true, .letter = 'g', .also = "G group-id consumer-group", KT_STR(group), .arg = "GROUP",
		.comp = KT_COMP_GROUP, .help = "read as a member of this group and commit offsets"},
	{.name = "reset", .often = true, KT_STR(reset), .arg = "WHERE",
		.help = "earliest, latest or none: where to start when the group has no offset"},
	{.name = "from-beginning", KT_PRESET(reset, "--from-beginning"), .help = "the same as --reset earliest"},
	{.name = "offset", .often = true, .letter = 'o', .also = "from", KT_LIST(offsets), .arg = "WHERE",
		.help = "beginning, end, stored, N, -N, +N, A:B, @TIME, @FROM:TO, -1h; or P=N,P=N"},
	{.name = "since", .often = true, KT_STR(since), .arg = "TIME",
		.help = "start at a time, or this long ago: 10m, 2h"},
	{.name = "until", KT_STR(until), .arg = "TIME", .help = "end at a time, or what was there this long ago"},
	{.name = "tail", .often = true, KT_STR(tail), .arg = "N", .help = "start N records before the end of each partition"},
	{.name = "partition", .often = true, .letter = 'p', KT_LIST(partitions), .arg = "N",
		.help = "read only these: 3, 0,1 or 0-7; may be repeated; not with a group"},
	{.name = "exit-at-end", .often = true, .letter = 'e', KT_FLAG(exit_at_end), .conflict = 'e',
		.help = "end where the partitions ended when the run started"},
	{.name = "sort", KT_ENUM(sort, sorts), .def = "none",
		.help = "time: all partitions merged by timestamp; needs an end, such as -e"},
	{.name = "follow", KT_FLAG(follow), .conflict = 'e', .help = "go on with what comes next, as it does without -e"},
	{.name = "count", .often = true, .letter = 'c', .also = "n max-messages limit", KT_I64(count), .arg = "N", .def = "-1",
		.help = "end after N records; -1: no limit"},
	{.name = "idle", KT_MS(idle_ms), .arg = "DUR", .help = "end when no record has come for this long"},
	{.name = "timeout-ms", KT_I64(console_ms), .arg = "N", .hidden = true,
		.help = "--idle in milliseconds, as Kafka's console has it"},
	{.name = "isolation", .also = "isolation-level", KT_STR(isolation), .arg = "LEVEL",
		.help = "read_committed (default) or read_uncommitted"},
	{.name = "commit", KT_STR(commit), .arg = "WHEN",
		.help = "none, auto (default), each, end, or every N records"},
	{.name = "show-assign", KT_FLAG(show_assign), .help = "say where each partition starts, without a group too"},
	KT_END,
};
/* clang-format on */

static int parse_reset(struct kt_reading *r, const struct kt_settings *s, struct kt_err *err)
{
	static const struct {
		const char *word;
		enum kt_reset reset;
	} words[] = {
		{"earliest", KT_RESET_EARLIEST}, {"latest", KT_RESET_LATEST}, {"none", KT_RESET_NONE},
		{"beginning", KT_RESET_EARLIEST}, {"end", KT_RESET_LATEST}, {"error", KT_RESET_NONE},
		{"smallest", KT_RESET_EARLIEST}, {"largest", KT_RESET_LATEST},
		{"--from-beginning", KT_RESET_EARLIEST}, /* the option's own name: what is said about it has it */
	};
	const char *configured = r->group ? kt_settings_text(s, "auto.offset.reset", NULL) : NULL;
	const char *word = r->opts->reset ? r->opts->reset : configured;
	r->how.reset = r->group ? KT_RESET_LATEST : KT_RESET_EARLIEST;
	for (size_t i = 0; word && i < KT_LEN(words); i++) {
		if (strcmp(word, words[i].word) != 0)
			continue;
		r->how.reset = words[i].reset;
		return 0;
	}
	if (!word)
		return 0;
	return kt_err_set(err, KT_USAGE, "--reset %s: expected earliest, latest or none", word);
}

/* "0=10,1=-5": adds a start for each partition that is named. */
static int parse_starts(struct kt_reading *r, const char *text, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	kt_strs_split(&words, text, ",");
	r->starts = kt_realloc(r->starts, (r->how.n_starts + words.n) * sizeof(*r->starts));
	for (size_t i = 0; i < words.n; i++) {
		struct kt_start *start = &r->starts[r->how.n_starts++];
		char *equals = strchr(words.v[i], '=');
		int64_t partition;
		start->topic = NULL;
		if (!equals)
			return kt_err_set(err, KT_USAGE, "%s: expected PARTITION=WHERE", words.v[i]);
		*equals = '\0';
		if (kt_parse_i64(words.v[i], 0, INT32_MAX, &partition, err) < 0 ||
			kt_place_parse(&start->place, equals + 1, err) < 0)
			return -1;
		if (start->place.where == KT_AT_STORED && !r->group)
			return kt_err_set(err, KT_USAGE, "stored needs a group: -g GROUP");
		start->partition = (int32_t)partition;
	}
	r->how.starts = r->starts;
	return 0;
}

/* A time, or, without a sign, a duration: so long ago. */
static int parse_time(struct kt_place *place, const char *option, const char *text, int64_t now_ms, struct kt_err *err)
{
	struct kt_err ignored;
	int64_t ago_ms;
	bool plain = !text[strspn(text, "0123456789.")];
	place->where = KT_AT_TIME;
	if (!plain && kt_parse_duration_ms(text, &ago_ms, &ignored) == 0) {
		place->n = now_ms - ago_ms;
		return 0;
	}
	return kt_parse_when_ms(text, now_ms, &place->n, err) < 0 ? kt_err_wrap(err, "%s", option) : 0;
}

static int parse_times(struct kt_reading *r, int64_t now_ms, struct kt_err *err)
{
	const struct kt_read_opts *o = r->opts;
	struct kt_span *span = &r->how.span;
	if (o->since && parse_time(&span->start, "--since", o->since, now_ms, err) < 0)
		return -1;
	if (o->until && parse_time(&span->end, "--until", o->until, now_ms, err) < 0)
		return -1;
	if (!o->since || !o->until || span->start.n <= span->end.n)
		return 0;
	return kt_err_set(err, KT_USAGE, "--until %s is before --since %s", o->until, o->since);
}

static int parse_span(struct kt_reading *r, struct kt_err *err)
{
	const struct kt_read_opts *o = r->opts;
	struct kt_span *span = &r->how.span;
	int64_t now_ms = kt_now_ms(), tail;
	for (size_t i = 0; i < o->offsets.n; i++) {
		const char *text = o->offsets.v[i];
		if ((strchr(text, '=') ? parse_starts(r, text, err) : kt_span_parse(span, text, now_ms, err)) < 0)
			return kt_err_wrap(err, "--offset");
	}
	if (parse_times(r, now_ms, err) < 0)
		return -1;
	if (o->tail) {
		if (kt_parse_i64(o->tail, 0, INT64_MAX, &tail, err) < 0)
			return kt_err_wrap(err, "--tail");
		span->start = (struct kt_place){KT_AT_TAIL, tail};
	}
	if (r->group)
		return 0;
	if (span->start.where == KT_AT_STORED)
		return kt_err_set(err, KT_USAGE, "-o stored needs a group: -g GROUP");
	if (r->how.reset == KT_RESET_NONE)
		return kt_err_set(err, KT_USAGE, "--reset none needs a group: -g GROUP");
	if (span->start.where == KT_AT_DEFAULT)
		span->start.where = r->how.reset == KT_RESET_EARLIEST ? KT_AT_BEGINNING : KT_AT_END;
	return 0;
}

static int parse_commit(struct kt_reading *r, const struct kt_settings *s, struct kt_err *err)
{
	bool automatic = strcasecmp(kt_settings_text(s, "enable.auto.commit", "true"), "true") == 0;
	const char *word = r->opts->commit ? r->opts->commit : automatic || !r->group ? NULL : "none";
	r->commit = word ? word : "auto";
	r->how.commit = KT_COMMIT_AUTO;
	r->how.commit_every = 1;
	if (!word || !strcmp(word, "auto"))
		return 0;
	if (!r->group)
		return kt_err_set(err, KT_USAGE, "--commit %s needs a group: -g GROUP", word);
	r->how.commit = !strcmp(word, "none") ? KT_COMMIT_NONE : !strcmp(word, "end") ? KT_COMMIT_END : KT_COMMIT_EACH;
	if (r->how.commit != KT_COMMIT_EACH || !strcmp(word, "each"))
		return 0;
	if (kt_parse_i64(word, 1, INT64_MAX, &r->how.commit_every, err) < 0)
		return kt_err_set(err, KT_USAGE, "--commit %s: expected none, auto, each, end or a number", word);
	return 0;
}

/* "3", "0,1", "0-7". */
static int add_partitions(struct kt_reading *r, const char *word, struct kt_err *err)
{
	enum { MOST = 100000 };
	int64_t first, last;
	char *dash = strchr(word + (*word == '-'), '-'), low[24];
	snprintf(low, sizeof(low), "%.*s", dash ? (int)(dash - word) : 23, word);
	if (kt_parse_i64(dash ? low : word, 0, INT32_MAX, &first, err) < 0)
		return -1;
	last = first;
	if (dash && kt_parse_i64(dash + 1, first, INT32_MAX, &last, err) < 0)
		return -1;
	size_t n = r->how.n_partitions, more = (size_t)(last - first + 1);
	if (more > MOST)
		return kt_err_set(err, KT_USAGE, "%s: no topic has so many partitions", word);
	r->partitions = kt_realloc(r->partitions, (n + more) * sizeof(*r->partitions));
	for (int64_t at = first; at <= last; at++)
		r->partitions[r->how.n_partitions++] = (int32_t)at;
	return 0;
}

static int parse_partitions(struct kt_reading *r, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	for (size_t i = 0; i < r->opts->partitions.n; i++)
		kt_strs_split(&words, r->opts->partitions.v[i], ",");
	for (size_t i = 0; i < words.n; i++)
		if (add_partitions(r, words.v[i], err) < 0)
			return kt_err_wrap(err, "--partition");
	r->how.partitions = r->partitions;
	if (!r->group || !words.n)
		return 0;
	kt_err_set(err, KT_USAGE, "--partition does not go with a group, which hands out the partitions itself");
	return kt_err_hint(err, "leave out -g to read a partition by hand");
}

/* What has colons in it names a place in some tools: TOPIC:PARTITION:OFFSET. -1. */
static int suggest_place(const char *name, bool reads, struct kt_err *err)
{
	int topic = (int)strcspn(name, ":");
	const char *partition = name + topic + (name[topic] == ':');
	int digits = (int)strspn(partition, "0123456789");
	const char *offset = partition + digits + (partition[digits] == ':');
	if (!reads || !topic || !digits || offset[strspn(offset, "0123456789")] || name[strlen(name) - 1] == ':')
		return -1;
	return kt_err_hint(err, "a partition and an offset are options: -t %.*s -p %.*s%s%s", topic, name, digits,
		partition, *offset ? " -o " : "", offset);
}

/* A name is checked; a pattern becomes a regular expression. */
static int take_name(char **name, bool patterns, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf regex = {0};
	if (!patterns || !kt_topic_is_pattern(*name))
		return kt_topic_check(*name, err) < 0 ? suggest_place(*name, patterns, err) : 0;
	kt_topic_regex(&regex, *name);
	free(*name);
	*name = kt_strdup(kt_buf_cstr(&regex));
	/* For a group it is the Kafka library that compiles it. */
	return kt_pattern_check(*name, err);
}

int kt_choose_topics(struct kt_strs *out, const char *option, const struct kt_strs *words,
	const struct kt_settings *settings, bool patterns, struct kt_err *err)
{
	const char *configured = kt_settings_text(settings, "kt.topic", NULL);
	if (option)
		kt_strs_add(out, option);
	for (size_t i = 0; i < words->n; i++)
		kt_strs_add_new(out, words->v[i]);
	if (!out->n && configured)
		kt_strs_add(out, configured);
	for (size_t i = 0; i < out->n; i++)
		if (take_name(&out->v[i], patterns, err) < 0)
			return -1;
	return out->n ? 0 : kt_conf_no_topic("name one on the command line", err);
}

const char *kt_choose_group(struct kt_settings *settings, const char *option)
{
	if (option)
		kt_settings_put(settings, KT_RANK_FLAG, "kt.group", option, "--group");
	const char *group = kt_settings_text(settings, "kt.group", kt_settings_text(settings, "group.id", NULL));
	if (!group || !*group)
		return NULL;
	kt_embedded_tune(settings);
	return kt_settings_text(settings, "kt.group", kt_settings_text(settings, "group.id", NULL));
}

static int check_sort(const struct kt_reading *r, struct kt_err *err)
{
	if (!r->how.by_time || (r->how.exit_at_end && !r->group))
		return 0;
	if (r->group) {
		kt_err_set(err, KT_USAGE,
			"--sort time does not go with a group, whose members read partitions of their own");
		return kt_err_hint(err, "leave out -g; -o @-1h: and --tail say where to start");
	}
	kt_err_set(err, KT_USAGE, "--sort time needs an end: what comes later may be of an earlier time");
	return kt_err_hint(err, "--sort time -e ends where the partitions end now, --until now at a time");
}

int kt_reading_init(struct kt_reading *r, const struct kt_read_opts *opts, const struct kt_strs *topics,
	struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	r->opts = opts;
	for (size_t i = 0; i < opts->topics.n + topics->n; i++)
		kt_topic_names(&words, i < opts->topics.n ? opts->topics.v[i] : topics->v[i - opts->topics.n]);
	if (opts->isolation)
		kt_settings_put(settings, KT_RANK_FLAG, "isolation.level", opts->isolation, "--isolation");
	r->group = kt_choose_group(settings, opts->group);
	if (!r->group)
		kt_embedded_tune(settings);
	r->how.group = r->group;
	r->how.timeout_ms = timeout_ms;
	if (parse_reset(r, settings, err) < 0 || parse_span(r, err) < 0 || parse_commit(r, settings, err) < 0 ||
		parse_partitions(r, err) < 0 || kt_choose_topics(&r->topics, NULL, &words, settings, true, err) < 0)
		return -1;
	r->how.topics = &r->topics;
	r->idle_ms = opts->idle_ms ? opts->idle_ms : opts->console_ms;
	r->how.exit_at_end = opts->exit_at_end || r->how.span.end.where != KT_AT_DEFAULT;
	r->how.bounded = opts->count >= 0;
	r->how.by_time = opts->sort == SORT_TIME;
	r->bounded = r->how.exit_at_end || opts->count >= 0 || r->idle_ms;
	return check_sort(r, err);
}

void kt_reading_fini(struct kt_reading *r)
{
	kt_strs_fini(&r->topics);
	free(r->partitions);
	free(r->starts);
	*r = (struct kt_reading){0};
}
