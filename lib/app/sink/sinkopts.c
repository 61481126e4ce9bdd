#include "sinkopts.h"

#define OPTS struct kt_sink_opts
/* clang-format off */
const struct kt_opt kt_sink_opts[] = {
	{.name = "topic", .letter = 't', KT_LIST(read.topics), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "topic to read, or 'PATTERN*', or '^REGEX'; may be repeated"},
	{.name = "exit-at-end", .often = true, .letter = 'e', KT_FLAG(read.exit_at_end), .conflict = 'e',
		.help = "end where the partitions ended when the run started"},
	{.name = "follow", KT_FLAG(read.follow), .conflict = 'e', .help = "go on with what comes next, as it does without -e"},
	{.name = "offset", .often = true, .letter = 'o', .also = "from", KT_LIST(read.offsets), .arg = "WHERE",
		.help = "where what is new to the sink begins: beginning (default), end, N, -N, A:B, -1h"},
	{.name = "since", KT_STR(read.since), .arg = "TIME", .help = "the same, at a time, or this long ago: 10m, 2h"},
	{.name = "until", KT_STR(read.until), .arg = "TIME", .help = "end at a time, or what was there this long ago"},
	{.name = "partition", .letter = 'p', KT_LIST(read.partitions), .arg = "N",
		.help = "read only these: 3, 0,1 or 0-7; may be repeated"},
	{.name = "count", .letter = 'c', KT_I64(read.count), .arg = "N", .def = "-1",
		.help = "end after N records; -1: no limit"},
	{.name = "idle", KT_MS(read.idle_ms), .arg = "DUR", .help = "end when no record has come for this long"},
	{.name = "isolation", .also = "isolation-level", KT_STR(read.isolation), .arg = "LEVEL",
		.help = "read_committed (default) or read_uncommitted"},
	{.name = "serde", .often = true, .letter = 's', KT_LIST(serdes), .arg = "TYPE",
		.help = "what values are: json (default) or avro"},
	{.name = "group", .often = true, .letter = 'g', KT_STR(group), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "commit for this group too, which shows the lag; it decides nothing"},
	{.name = "metrics-listen", KT_STR(metrics_listen), .arg = "ADDR:PORT", .help = "serve /metrics there"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "the last line, of counts, as JSON on stdout"},
	KT_END,
};
/* clang-format on */

int kt_sinkopts_read(struct kt_reading *reading, struct kt_filter *filter, const struct kt_sink_opts *opts,
	const struct kt_strs *words, struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err)
{
	/* A group of the configuration is nothing that a sink commits for unasked. */
	kt_settings_put(settings, KT_RANK_FLAG, "kt.group", "", "kt sink");
	if (kt_reading_init(reading, &opts->read, words, settings, timeout_ms, err) < 0)
		return -1;
	return kt_filter_open(filter, &opts->filter, err);
}
