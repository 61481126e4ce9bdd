#include "instancebody.h"

#include "esc.h"
#include "json.h"
#include "mem.h"
#include "num.h"

/* A body that is read member by member. */
struct reader {
	struct kt_json j;
	struct kt_buf texts;
	/* A value follows. */
	int (*member)(struct reader *r, struct kt_bytes name);
	union {
		struct kt_instance_config *config;
		struct kt_strs *topics;
		struct kt_instance_parts *parts;
	};
	bool offsets;
	int64_t code;
};

static void fini_reader(struct reader *r)
{
	kt_buf_fini(&r->texts);
}

static int not_a_member(struct kt_json *j, struct kt_bytes name, const char *expected)
{
	char quoted[80];
	kt_quote(quoted, sizeof(quoted), name);
	return kt_err_set(j->err, KT_USAGE, "%s does not belong here; expected %s", quoted, expected);
}

static int read_members(struct reader *r)
{
	struct kt_bytes name;
	int more;
	if (kt_json_enter(&r->j, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->j, &name)) > 0)
		if (r->member(r, name) < 0)
			return -1;
	return more;
}

static unsigned read_body(struct reader *r, struct kt_bytes body, struct kt_err *err)
{
	const char *end = body.data + body.len;
	struct kt_json check = {.start = body.data, .at = body.data, .end = end, .out = &r->texts, .err = err};
	if (!body.len)
		return 0;
	int result = kt_json_skip(&check) < 0 ? -1 : kt_json_finish(&check);
	if (result < 0)
		return 400;
	r->texts.len = 0;
	kt_buf_reserve(&r->texts, body.len + KT_JSON_SLACK);
	r->j = (struct kt_json){.start = body.data, .at = body.data, .end = end, .out = &r->texts, .err = err};
	return read_members(r) < 0 ? 422 : 0;
}

/* A number, or one in quotes. */
static int read_i64(struct kt_json *j, const char *name, int64_t min, int64_t max, int64_t *n)
{
	struct kt_bytes text;
	if (kt_json_null(j))
		return 0;
	if (kt_json_peek(j) != '"')
		return kt_json_i64(j, min, max, n) < 0 ? kt_err_wrap(j->err, "%s", name) : 0;
	if (kt_json_text(j, &text) < 0)
		return -1;
	kt_auto(kt_free_ptr) char *copy = kt_strndup(text.data, text.len);
	return kt_parse_i64(copy, min, max, n, j->err) < 0 ? kt_err_wrap(j->err, "%s", name) : 0;
}

/* One of the words, whose number it is. null leaves *n as it is. */
static int read_choice(struct kt_json *j, const char *name, const char *const words[], int *n)
{
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	struct kt_bytes text;
	if (kt_json_null(j))
		return 0;
	if (kt_json_text(j, &text) < 0)
		return kt_err_wrap(j->err, "%s", name);
	for (int i = 0; words[i]; i++) {
		if (kt_bytes_are(text, words[i])) {
			*n = i;
			return 0;
		}
		kt_buf_addf(&list, i ? ", %s" : "%s", words[i]);
	}
	return kt_err_set(j->err, KT_USAGE, "%s: expected one of %s", name, kt_buf_cstr(&list));
}

/* true or false, or one of these in quotes. */
static int read_truth(struct kt_json *j, const char *name, bool *truth)
{
	static const char *const words[] = {"false", "true", NULL};
	int n = *truth;
	char next = kt_json_peek(j);
	if (next != 't' && next != 'f') {
		if (read_choice(j, name, words, &n) < 0)
			return -1;
		*truth = n;
		return 0;
	}
	*truth = next == 't';
	return kt_json_skip(j);
}

static int read_name(struct kt_json *j, char name[KT_INSTANCE_NAME + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	struct kt_bytes text;
	if (kt_json_null(j))
		return 0;
	if (kt_json_text(j, &text) < 0)
		return kt_err_wrap(j->err, "name");
	bool good = text.len && text.len <= KT_INSTANCE_NAME;
	for (size_t i = 0; i < text.len && good; i++)
		good = text.data[i] && strchr(letters, text.data[i]);
	/* It is a part of a path, and is not to be taken for a step in it. */
	if (!good || kt_bytes_are(text, ".") || kt_bytes_are(text, ".."))
		return kt_err_set(
			j->err, KT_USAGE, "name: expected 1 to %d letters, digits, . _ and -", KT_INSTANCE_NAME);
	memcpy(name, text.data, text.len);
	name[text.len] = '\0';
	return 0;
}

static int read_format(struct kt_json *j, enum kt_rest_format *format)
{
	static const char *const words[] = {"binary", "json", "text", NULL};
	static const enum kt_rest_format formats[] = {KT_REST_BINARY, KT_REST_JSON, KT_REST_TEXT};
	int n = 0;
	if (read_choice(j, "format", words, &n) < 0)
		return -1;
	*format = formats[n];
	return 0;
}

static int read_reset(struct kt_json *j, enum kt_reset *reset)
{
	static const char *const words[] = {"earliest", "latest", NULL};
	static const enum kt_reset resets[] = {KT_RESET_EARLIEST, KT_RESET_LATEST};
	int n = 1;
	if (read_choice(j, "auto.offset.reset", words, &n) < 0)
		return -1;
	*reset = resets[n];
	return 0;
}

static int read_isolation(struct kt_json *j, bool *uncommitted)
{
	static const char *const words[] = {"read_committed", "read_uncommitted", NULL};
	int n = 0;
	if (read_choice(j, "isolation.level", words, &n) < 0)
		return -1;
	*uncommitted = n;
	return 0;
}

static int config_member(struct reader *r, struct kt_bytes name)
{
	struct kt_json *j = &r->j;
	struct kt_instance_config *c = r->config;
	if (kt_bytes_are(name, "name"))
		return read_name(j, c->name);
	if (kt_bytes_are(name, "format"))
		return read_format(j, &c->format);
	if (kt_bytes_are(name, "auto.offset.reset"))
		return read_reset(j, &c->reset);
	if (kt_bytes_are(name, "auto.commit.enable") || kt_bytes_are(name, "enable.auto.commit"))
		return read_truth(j, "auto.commit.enable", &c->auto_commit);
	if (kt_bytes_are(name, "isolation.level"))
		return read_isolation(j, &c->uncommitted);
	if (kt_bytes_are(name, "consumer.request.timeout.ms"))
		return read_i64(j, "consumer.request.timeout.ms", 0, KT_INSTANCE_WAIT_MS, &c->wait_ms);
	/* -1 is Confluent's word for its own default. */
	if (kt_bytes_are(name, "fetch.min.bytes"))
		return read_i64(j, "fetch.min.bytes", -1, KT_INSTANCE_LEAST_BYTES, &c->least_bytes);
	return not_a_member(j, name,
		"name, format, auto.offset.reset, auto.commit.enable, isolation.level, consumer.request.timeout.ms or "
		"fetch.min.bytes");
}

unsigned kt_instancebody_config(struct kt_instance_config *c, struct kt_bytes body, int64_t *code, struct kt_err *err)
{
	kt_auto(fini_reader) struct reader r = {.member = config_member, .config = c};
	*c = (struct kt_instance_config){.format = KT_REST_BINARY,
		.reset = KT_RESET_LATEST,
		.auto_commit = true,
		.wait_ms = 1000,
		.least_bytes = 1};
	unsigned status = read_body(&r, body, err);
	*code = status == 422 ? KT_INSTANCE_BAD_CONFIG : 0;
	return status;
}

/* A string without NUL. */
static int read_word(struct kt_json *j, const char *name, char **word)
{
	struct kt_bytes text;
	if (kt_json_text(j, &text) < 0)
		return kt_err_wrap(j->err, "%s", name);
	if (memchr(text.data, '\0', text.len))
		return kt_err_set(j->err, KT_USAGE, "%s: a NUL byte", name);
	*word = kt_strndup(text.data, text.len);
	return 0;
}

static int topics_member(struct reader *r, struct kt_bytes name)
{
	int more;
	if (kt_bytes_are(name, "topic_pattern")) {
		if (kt_json_null(&r->j))
			return 0;
		r->code = 501;
		return kt_err_set(r->j.err, KT_USAGE, "topic_pattern: there are no patterns here; name the topics");
	}
	if (!kt_bytes_are(name, "topics"))
		return not_a_member(&r->j, name, "{\"topics\":[…]}");
	if (kt_json_null(&r->j))
		return 0;
	if (kt_json_enter(&r->j, '[') < 0)
		return -1;
	while ((more = kt_json_element(&r->j)) > 0) {
		char *topic = NULL;
		if (read_word(&r->j, "topics", &topic) < 0)
			return -1;
		kt_strs_add_new(r->topics, topic);
		free(topic);
		if (r->topics->n > KT_INSTANCE_TOPICS)
			return kt_err_set(r->j.err, KT_USAGE, "topics: more than %d", KT_INSTANCE_TOPICS);
	}
	return more;
}

unsigned kt_instancebody_topics(struct kt_strs *topics, struct kt_bytes body, int64_t *code, struct kt_err *err)
{
	kt_auto(fini_reader) struct reader r = {.member = topics_member, .topics = topics};
	unsigned status = read_body(&r, body, err);
	*code = r.code;
	if (status == 422 && r.code)
		return (unsigned)r.code;
	if (status || topics->n)
		return status;
	kt_err_set(err, KT_USAGE, "expected {\"topics\":[…]}, with one topic at least");
	return 422;
}

static size_t place_of(struct kt_strs *topics, const char *topic)
{
	size_t i = 0;
	while (i < topics->n && strcmp(topics->v[i], topic) != 0)
		i++;
	if (i == topics->n)
		kt_strs_add(topics, topic);
	return i;
}

/* One of them: {"topic":"t","partition":0,"offset":41,"metadata":""} */
static int read_part(struct reader *r)
{
	struct kt_json *j = &r->j;
	int64_t partition = -1;
	struct kt_instance_part part = {.offset = -1};
	kt_auto(kt_free_ptr) char *topic = NULL;
	struct kt_bytes name;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0) {
		int read;
		if (kt_bytes_are(name, "topic") && !topic)
			read = read_word(j, "topic", &topic);
		else if (kt_bytes_are(name, "partition"))
			read = read_i64(j, "partition", 0, INT32_MAX, &partition);
		else if (r->offsets && kt_bytes_are(name, "offset"))
			read = read_i64(j, "offset", 0, INT64_MAX - 1, &part.offset);
		else if (r->offsets && kt_bytes_are(name, "metadata"))
			read = kt_json_skip(j);
		else
			read = not_a_member(
				j, name, r->offsets ? "topic, partition and offset" : "topic and partition");
		if (read < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (!topic || partition < 0 || (r->offsets && part.offset < 0))
		return kt_err_set(j->err, KT_USAGE,
			r->offsets ? "expected a topic, a partition and an offset"
				   : "expected a topic and a partition");
	part.topic = place_of(&r->parts->topics, topic);
	part.partition = (int32_t)partition;
	r->parts->v = kt_grow(r->parts->v, &r->parts->cap, r->parts->n + 1, sizeof(part));
	r->parts->v[r->parts->n++] = part;
	return 0;
}

static int parts_member(struct reader *r, struct kt_bytes name)
{
	const char *wanted = r->offsets ? "offsets" : "partitions";
	int more;
	if (!kt_bytes_are(name, wanted))
		return not_a_member(&r->j, name, r->offsets ? "{\"offsets\":[…]}" : "{\"partitions\":[…]}");
	if (kt_json_null(&r->j))
		return 0;
	if (kt_json_enter(&r->j, '[') < 0)
		return -1;
	r->parts->listed = true;
	while ((more = kt_json_element(&r->j)) > 0) {
		if (r->parts->n == KT_INSTANCE_PARTS)
			return kt_err_set(r->j.err, KT_USAGE, "%s: more than %d", wanted, KT_INSTANCE_PARTS);
		if (read_part(r) < 0)
			return kt_err_wrap(r->j.err, "%s: number %zu", wanted, r->parts->n + 1);
	}
	return more;
}

unsigned kt_instancebody_parts(struct kt_instance_parts *parts, struct kt_bytes body, bool offsets, struct kt_err *err)
{
	kt_auto(fini_reader) struct reader r = {.member = parts_member, .parts = parts, .offsets = offsets};
	return read_body(&r, body, err);
}

void kt_instance_parts_fini(struct kt_instance_parts *parts)
{
	kt_strs_fini(&parts->topics);
	free(parts->v);
	*parts = (struct kt_instance_parts){0};
}
