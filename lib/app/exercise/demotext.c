#include "demotext.h"

#include "esc.h"
#include "jsonout.h"
#include "mem.h"
#include "python.h"
#include "recordjson.h"

static void add_place(struct kt_buf *out, const char *topic, int32_t partition, int64_t offset)
{
	kt_jsonout_words(out, "topic", topic);
	kt_jsonout_i64(out, "partition", partition);
	kt_jsonout_count(out, "offset", offset);
}

static void begin_event(struct kt_buf *out, const char *event)
{
	kt_buf_addc(out, '{');
	kt_jsonout_text(out, "event", event);
}

static void json_parts(struct kt_buf *out, const char *event, const struct kt_member_part *parts, size_t n, bool starts)
{
	begin_event(out, event);
	kt_jsonout_begin(out, "partitions", '[');
	for (size_t i = 0; i < n; i++) {
		kt_jsonout_begin(out, NULL, '{');
		add_place(out, parts[i].topic, parts[i].partition, parts[i].offset);
		if (starts)
			kt_jsonout_words(out, "start", kt_start_names[parts[i].why]);
		kt_jsonout_end(out, '}');
	}
	kt_buf_adds(out, "]}\n");
}

static void python_parts(struct kt_buf *out, const struct kt_member_part *parts, size_t n)
{
	kt_buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		kt_buf_adds(out, i ? ", " : "");
		kt_python_partition(out, parts[i].topic, parts[i].partition);
	}
	kt_buf_adds(out, "]\n");
}

static int by_place(const void *a, const void *b)
{
	const struct kt_member_part *x = a, *y = b;
	int order = strcmp(x->topic, y->topic);
	return order ? order : (x->partition > y->partition) - (x->partition < y->partition);
}

struct kt_member_part *kt_tell_sorted(const struct kt_member_part *parts, size_t n)
{
	struct kt_member_part *copy = kt_calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = parts[i];
	qsort(copy, n, sizeof(*copy), by_place);
	return copy;
}

size_t kt_tell_ranges(struct kt_buf *b, const struct kt_member_part *parts, size_t n, size_t at)
{
	size_t from = at;
	for (size_t i = at; i < n && !strcmp(parts[i].topic, parts[at].topic); i++) {
		bool goes_on = i + 1 < n && !strcmp(parts[i + 1].topic, parts[at].topic) &&
			       parts[i + 1].partition == parts[i].partition + 1;
		if (goes_on)
			continue;
		kt_buf_addf(b, "%s%d", from == at ? "" : ",", (int)parts[from].partition);
		if (i > from)
			kt_buf_addf(b, "-%d", (int)parts[i].partition);
		from = i + 1;
	}
	return from;
}

void kt_tell_parts(struct kt_buf *b, const struct kt_member_part *given, size_t n)
{
	kt_auto(kt_free_ptr) struct kt_member_part *parts = kt_tell_sorted(given, n);
	for (size_t at = 0; at < n;) {
		kt_words_addf(b, "%s%s [", at ? ", " : "", parts[at].topic);
		at = kt_tell_ranges(b, parts, n, at);
		kt_buf_addc(b, ']');
	}
}

void kt_tell_assigned(const struct kt_demotext *t, const struct kt_member_part *parts, size_t n)
{
	if (t->style == KT_DEMOTEXT_JSON) {
		json_parts(t->out, "assigned", parts, n, true);
	} else if (t->style == KT_DEMOTEXT_PYTHON) {
		python_parts(t->out, parts, n);
	} else {
		kt_buf_adds(t->out, n ? "assigned: " : "assigned: nothing");
		kt_tell_parts(t->out, parts, n);
		kt_buf_addc(t->out, '\n');
	}
}

void kt_tell_gone(const struct kt_demotext *t, const char *event, const struct kt_member_part *parts, size_t n)
{
	if (t->style == KT_DEMOTEXT_JSON)
		json_parts(t->out, event, parts, n, false);
}

void kt_tell_record(const struct kt_demotext *t, const struct kt_record *record)
{
	if (t->style == KT_DEMOTEXT_PYTHON) {
		kt_python_bytes(t->out, record->value);
	} else if (t->style == KT_DEMOTEXT_JSON) {
		begin_event(t->out, "record");
		kt_jsonout_key(t->out, NULL);
		kt_recordjson_members(t->out, record, KT_ENC_UTF8);
		kt_jsonout_end(t->out, '}');
	} else {
		kt_buf_add(t->out, record->value.data, record->value.len);
	}
	kt_buf_addc(t->out, '\n');
}

void kt_tell_step(const struct kt_demotext *t, enum kt_step step, const char *topic, int32_t partition, int64_t offset)
{
	static const char *const words[] = {"Start Storing", "End Storing", "End Storing", "Message committed"};
	static const char *const events[] = {"storing", "stored", "stored", "committed"};
	if (t->style != KT_DEMOTEXT_JSON) {
		kt_buf_addf(t->out, "%s\n", words[step]);
		return;
	}
	begin_event(t->out, events[step]);
	add_place(t->out, topic, partition, offset);
	if (step == KT_STEP_STORED_BEFORE)
		kt_jsonout_bool(t->out, "again", true);
	kt_buf_adds(t->out, "}\n");
}

void kt_tell_exit(const struct kt_demotext *t)
{
	if (t->style == KT_DEMOTEXT_JSON) {
		begin_event(t->out, "exit");
		kt_buf_adds(t->out, "}\n");
	} else {
		kt_buf_adds(t->out, "EXITING SAFELY!\n");
	}
}

void kt_tell_trouble(const struct kt_demotext *t, const char *text)
{
	if (t->style != KT_DEMOTEXT_PYTHON)
		return;
	kt_words_addf(t->out, "Consumer error: %s", text);
	kt_buf_addc(t->out, '\n');
}
