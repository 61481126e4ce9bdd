#include "brokerrtt.h"

#include "json.h"

/* The members of an object up to one of that name, whose value is next. */
static bool find(struct kt_json *j, const char *wanted)
{
	struct kt_bytes name;
	if (kt_json_enter(j, '{') < 0)
		return false;
	while (kt_json_member(j, &name) > 0) {
		if (kt_bytes_are(name, wanted))
			return true;
		if (kt_json_skip(j) < 0)
			return false;
	}
	return false;
}

/* Of {"avg":523,"cnt":12,…}; -1: nothing was counted. */
static int64_t mean_of(struct kt_json *j)
{
	struct kt_bytes name;
	int64_t mean = -1, n = 0;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0) {
		int64_t *wanted = kt_bytes_are(name, "avg") ? &mean : kt_bytes_are(name, "cnt") ? &n : NULL;
		if (wanted ? kt_json_i64(j, INT64_MIN, INT64_MAX, wanted) < 0 : kt_json_skip(j) < 0)
			return -1;
	}
	return more == 0 && n > 0 ? mean : -1;
}

/* Of what the library knows of one broker. */
static int64_t rtt_of(struct kt_bytes broker)
{
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	struct kt_err ignored;
	struct kt_json j = {.start = broker.data,
		.at = broker.data,
		.end = broker.data + broker.len,
		.out = &names,
		.err = &ignored};
	kt_buf_reserve(&names, broker.len + KT_JSON_SLACK);
	return find(&j, "rtt") ? mean_of(&j) : -1;
}

/* Brokers come before topics, of which there may be many: these are not read. */
int64_t kt_brokerrtt_of(struct kt_bytes statistics)
{
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	struct kt_err ignored;
	struct kt_json j = {.start = statistics.data,
		.at = statistics.data,
		.end = statistics.data + statistics.len,
		.out = &names,
		.err = &ignored};
	struct kt_bytes name;
	int64_t slowest = -1;
	kt_buf_reserve(&names, statistics.len + KT_JSON_SLACK);
	if (!find(&j, "brokers") || kt_json_enter(&j, '{') < 0)
		return -1;
	while (kt_json_member(&j, &name) > 0) {
		kt_json_peek(&j);
		const char *start = j.at;
		if (kt_json_skip(&j) < 0)
			return -1;
		int64_t mean = rtt_of((struct kt_bytes){start, (size_t)(j.at - start)});
		slowest = mean > slowest ? mean : slowest;
	}
	return slowest;
}
