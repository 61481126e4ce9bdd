/* kt topic offsets: where the logs of partitions begin and end, and where a time is in them. */
#include <inttypes.h>
#include <unistd.h>

#include "cmd.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "offsetquery.h"
#include "out.h"
#include "say.h"
#include "table.h"
#include "topicselect.h"
#include "version.h"
#include "watch.h"
#include "when.h"

struct offsets_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	const char *time;
	bool json, watch;
};
#define OPTS struct offsets_opts

static const struct kt_opt opts[] = {
	KT_TOPICSELECT_ROWS(names, "names or quoted patterns (default: kt.topic of the configuration)"),
	{.name = "time",
		.letter = 'T',
		KT_STR(time),
		.arg = "TIME",
		.help = "also the first offset at or after a time: now, -1h30m, RFC 3339, epoch"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per topic, each on a line"},
	KT_WATCH_ROW(watch),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints for each partition the offset of the first record that is there, the offset that the next one will "
	"get, and the difference. That is the number of records unless some were compacted away or written by "
	"transactions. The last line of a topic has the sum.",
	"With --time, AT is the offset of the first record that is at least that late (the end, when there is none), "
	"and SINCE how many offsets there are from there on. TIME is what `kt consume -o @TIME` takes: epoch seconds "
	"or milliseconds, RFC 3339 (without a zone it is local time), now, -1h30m. As in kafka-get-offsets, -1 "
	"(latest) is the end, -2 (earliest) the beginning and -3 (max-timestamp) the record with the largest "
	"timestamp, which needs librdkafka 2.3.",
	"An open transaction holds back what comes after its first record: consumers see it when the transaction "
	"ends. How far they see is reported where that is not the end, and is `stable` in JSON.",
	"A partition without a leader has - instead of offsets, and the status is 3 then.",
	NULL,
};

static const char *const examples[] = {
	"How many records there are",
	"kt topic offsets client58",
	"How many of them are from the last hour",
	"kt topic offsets client58 --time -1h",
	"The sums of all topics that begin alike",
	"kt topic offsets 'client*' -J | jq -r '[.topic, .count] | @tsv'",
	NULL,
};

/* One topic: what was found of each of its partitions, in their order. */
struct logs {
	const struct rd_kafka_metadata_topic *topic;
	struct found {
		bool known; /* there is a leader to ask */
		int64_t begin, end, at;
		int64_t stable; /* where open transactions begin, or the end: how far consumers see */
	} * found;
	int64_t count, since, held;
	int leaderless;
};

struct search {
	struct kt_client *client, *stable; /* see client.h */
	int64_t timeout_ms, at_ms;
	bool by_time;
};

/* What kafka-get-offsets takes for --time (ListOffsets requests, KIP-79 and KIP-734). */
static const struct {
	const char *number, *word;
	int64_t at_ms;
} specials[] = {
	{"-1", "latest", KT_OFFSETQUERY_END},
	{"-2", "earliest", KT_OFFSETQUERY_BEGINNING},
	{"-3", "max-timestamp", KT_OFFSETQUERY_MAX_TIMESTAMP},
};

static int check_special(const struct search *search, struct kt_err *err)
{
	if (search->at_ms != KT_OFFSETQUERY_MAX_TIMESTAMP || kt_offsetquery_max_timestamp())
		return 0;
	return kt_err_set(err, KT_FAILED,
		"--time -3, the largest timestamp, needs librdkafka 2.3 or later, and this is %s",
		kt_rdkafka_version());
}

static int parse_time(struct search *search, const char *text, struct kt_err *err)
{
	if (!text)
		return 0;
	search->by_time = true;
	for (size_t i = 0; i < KT_LEN(specials); i++)
		if (!strcmp(text, specials[i].number) || !strcmp(text, specials[i].word)) {
			search->at_ms = specials[i].at_ms;
			return check_special(search, err);
		}
	if (*text == '-' && text[1] && !text[1 + strspn(text + 1, "0123456789")]) {
		kt_err_set(err, KT_USAGE, "--time %.40s: of Kafka's numbers -1, -2 and -3 are understood", text);
		return kt_err_hint(err,
			"-1 is the end, -2 the beginning, -3 the largest timestamp; %.40ss is that many seconds ago",
			text);
	}
	if (kt_parse_when_ms(text + (*text == '@'), kt_now_ms(), &search->at_ms, err) < 0)
		return kt_err_wrap(err, "--time");
	return 0;
}

/* The partitions that have a leader to ask, in order. */
static rd_kafka_topic_partition_list_t *list_led(const struct rd_kafka_metadata_topic *topic)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic->partition_cnt);
	for (int i = 0; i < topic->partition_cnt; i++)
		if (topic->partitions[i].leader >= 0)
			rd_kafka_topic_partition_list_add(list, topic->topic, topic->partitions[i].id);
	return list;
}

static int find_logs(const struct search *search, struct logs *logs, struct kt_err *err)
{
	struct kt_client *c = search->client;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = list_led(logs->topic);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = list_led(logs->topic);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *times = list_led(logs->topic);
	if (kt_offsetquery_bounds(c, begins, ends, search->timeout_ms, err) < 0 ||
		(search->by_time && kt_offsetquery_offsets(c, times, search->at_ms, search->timeout_ms, err) < 0))
		return kt_err_wrap(err, "topic %s", logs->topic->topic);
	/* Asked for last: records that came after the ends were read are not held back. */
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *stables =
		rd_kafka_topic_partition_list_copy(ends);
	kt_offsetquery_stable(search->stable, stables, search->timeout_ms);
	for (int i = 0, led = 0; i < logs->topic->partition_cnt; i++) {
		struct found *found = &logs->found[i];
		found->known = logs->topic->partitions[i].leader >= 0;
		if (!found->known) {
			logs->leaderless++;
			continue;
		}
		found->begin = begins->elems[led].offset;
		found->end = ends->elems[led].offset;
		found->stable = stables->elems[led].offset;
		found->at = times->elems[led++].offset;
		/* No record is that late. */
		if (found->at < 0 || found->at > found->end)
			found->at = found->end;
		logs->held += found->end - found->stable;
		logs->count += found->end - found->begin;
		logs->since += found->end - found->at;
	}
	return 0;
}

static void say_held(const struct logs *logs)
{
	for (int i = 0; i < logs->topic->partition_cnt; i++) {
		const struct found *found = &logs->found[i];
		if (found->known && found->stable < found->end)
			kt_say(KT_WARNING,
				"%s [%d]: consumers see up to offset %" PRId64
				": an open transaction holds back the %" PRId64 " from there on",
				logs->topic->topic, logs->topic->partitions[i].id, found->stable,
				found->end - found->stable);
	}
}

static int check_leaders(const struct logs *logs, struct kt_err *err)
{
	int n = logs->topic->partition_cnt;
	if (!logs->leaderless)
		return 0;
	return kt_err_set(err, logs->leaderless < n ? KT_PARTIAL : KT_FAILED,
		"topic %s: %d of %d partition%s %s no leader", logs->topic->topic, logs->leaderless, n, kt_plural(n),
		logs->leaderless == 1 ? "has" : "have");
}

static void add_json(struct kt_buf *out, const struct logs *logs, bool by_time)
{
	kt_buf_addc(out, '{');
	kt_jsonout_words(out, "topic", logs->topic->topic);
	kt_jsonout_begin(out, "partitions", '[');
	for (int i = 0; i < logs->topic->partition_cnt; i++) {
		const struct found *found = &logs->found[i];
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_i64(out, "partition", logs->topic->partitions[i].id);
		if (!found->known) {
			kt_jsonout_text(out, "error", "no leader");
		} else {
			kt_jsonout_i64(out, "begin", found->begin);
			kt_jsonout_i64(out, "end", found->end);
			kt_jsonout_i64(out, "stable", found->stable);
			kt_jsonout_i64(out, "count", found->end - found->begin);
		}
		if (by_time && found->known) {
			kt_jsonout_i64(out, "at", found->at);
			kt_jsonout_i64(out, "since", found->end - found->at);
		}
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_i64(out, "count", logs->count);
	if (by_time)
		kt_jsonout_i64(out, "since", logs->since);
	kt_buf_adds(out, "}\n");
}

static void add_rows(struct kt_table *table, const struct logs *logs, bool by_time)
{
	for (int i = 0; i < logs->topic->partition_cnt; i++) {
		const struct found *found = &logs->found[i];
		kt_table_add(table, "%s", logs->topic->topic);
		kt_table_add(table, "%d", logs->topic->partitions[i].id);
		kt_table_add_count(table, found->known ? found->begin : -1);
		kt_table_add_count(table, found->known ? found->end : -1);
		kt_table_add_count(table, found->known ? found->end - found->begin : -1);
		if (by_time)
			kt_table_add_count(table, found->known ? found->at : -1);
		if (by_time)
			kt_table_add_count(table, found->known ? found->end - found->at : -1);
	}
	kt_table_add(table, "%s", logs->topic->topic);
	kt_table_add(table, "total");
	kt_table_add(table, "%s", "");
	kt_table_add(table, "%s", "");
	kt_table_add_count(table, logs->count);
	if (by_time)
		kt_table_add(table, "%s", "");
	if (by_time)
		kt_table_add_count(table, logs->since);
}

static const struct kt_column columns[] = {{"TOPIC"}, {"PARTITION", .right = true}, {"BEGIN", .right = true},
	{"END", .right = true}, {"COUNT", .right = true}, {NULL}};
static const struct kt_column time_columns[] = {{"TOPIC"}, {"PARTITION", .right = true}, {"BEGIN", .right = true},
	{"END", .right = true}, {"COUNT", .right = true}, {"AT", .right = true}, {"SINCE", .right = true}, {NULL}};

/* What could be found out about a topic is printed even when the rest could not. */
static int find_and_print(struct kt_topicselect *t, const struct search *search, const OPTS *o,
	struct kt_several *several, struct kt_err *err)
{
	kt_auto(kt_table_fini) struct kt_table table = {.columns = search->by_time ? time_columns : columns};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (size_t i = 0; i < t->pick.found.n && !several->stopped; i++) {
		struct kt_err one = {0};
		struct logs logs = {.topic = kt_topicselect_find(t, t->pick.found.v[i])};
		logs.found = kt_calloc((size_t)logs.topic->partition_cnt + 1, sizeof(*logs.found));
		int result = find_logs(search, &logs, &one);
		if (result == 0 && o->json)
			add_json(&out, &logs, search->by_time);
		else if (result == 0)
			add_rows(&table, &logs, search->by_time);
		if (result == 0 && logs.held)
			say_held(&logs);
		if (result == 0)
			result = check_leaders(&logs, &one);
		kt_several_add(several, result, &one);
		free(logs.found);
	}
	if (table.cells.n)
		kt_table_render(&table, &out, isatty(STDOUT_FILENO) == 1);
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_client_fini) struct kt_client *stable = NULL;
	struct search search = {.timeout_ms = o->client.timeout_ms};
	if (parse_time(&search, o->time, err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_pick_some(&t, &o->names, err) < 0)
		return -1;
	search.client = t.client;
	if (kt_client_open_stable(&stable, t.client, err) < 0)
		return -1;
	search.stable = stable;
	if (search.by_time && kt_topicselect_refuse_embedded(&t, "find offsets by time", err) < 0)
		return -1;
	struct kt_several several = kt_topicselect_several(&t, "shown whole");
	if (find_and_print(&t, &search, o, &several, err) < 0)
		return -1;
	return kt_several_close(&several, err);
}

const struct kt_cmd kt_cmd_topic_offsets = {
	.name = "topic offsets",
	.summary = "show where the logs of topics begin and end",
	.section = "Topics",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
