/* Lines of a log, whatever they are, become ground truth that is JSON, and nothing that arrives upsets it. */
#include <jansson.h>

#include "fuzz.h"
#include "sentcheck.h"

static void check_print(struct kt_sentlog *t)
{
	kt_sentlog_sort(t);
	for (size_t i = 0; i < t->n; i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_sentlog_print(t, t->order[i], &out);
		const char *list = strchr(kt_buf_cstr(&out), '[');
		REQUIRE(list);
		json_t *json = json_loads(list, JSON_ALLOW_NUL, NULL);
		REQUIRE(json_is_array(json));
		json_decref(json);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = {0};
	kt_auto(kt_buf_fini) struct kt_buf decoded = {0};
	const char *at = (const char *)data, *end = at + size;
	for (size_t len; at < end; at += len + 1) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct kt_log_entry entry;
		struct kt_err err = {0};
		len = newline ? (size_t)(newline - at) : (size_t)(end - at);
		if (kt_log_read(&entry, &decoded, at, len, &err) < 0)
			continue;
		kt_sentlog_log(&t, &entry, NULL);
		struct kt_arrival a = {.kind = KT_EVENT_MEASURED, .experiment = entry.experiment, .sensor = entry.text};
		kt_sentlog_arrived(&t, &a);
		a.kind = KT_EVENT_STARTED;
		kt_sentlog_arrived(&t, &a);
	}
	check_print(&t);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	for (size_t i = 0; i < t.n; i++)
		REQUIRE(t.v[i].there + t.v[i].unacknowledged <= t.v[i].expected);
	return 0;
}
