/* Answers of workers, as lines and as frames. */
#include "workanswer.h"

#include <endian.h>

#include "esc.h"
#include "json.h"

enum { LENGTH = 4, ID = 8, HEAD = ID + 1 };

static bool starts_with(const char *line, size_t len, const char *word, struct kt_bytes *rest)
{
	size_t n = strlen(word);
	if (len < n || memcmp(line, word, n) != 0 || (len > n && line[n] != ' '))
		return false;
	*rest = len > n ? (struct kt_bytes){line + n + 1, len - n - 1} : (struct kt_bytes){line + n, 0};
	return true;
}

static int read_bool(struct kt_json *j, bool *value)
{
	static const char expected[] = "true or false";
	struct kt_bytes word;
	char first = kt_json_peek(j);
	if (first != 't' && first != 'f')
		return kt_json_expected(j, expected);
	*value = first == 't';
	return kt_json_compact(j, &word);
}

/* Text is taken as it is; anything else as JSON. */
static int read_text(struct kt_json *j, struct kt_bytes *text)
{
	if (kt_json_null(j))
		return 0;
	return kt_json_peek(j) == '"' ? kt_json_text(j, text) : kt_json_compact(j, text);
}

struct members {
	bool ok, has_ok, retry;
	struct kt_bytes out, error;
};

static int read_member(struct kt_json *j, struct kt_bytes name, struct members *m)
{
	m->has_ok |= kt_bytes_are(name, "ok");
	if (kt_bytes_are(name, "ok") || kt_bytes_are(name, "retry"))
		return read_bool(j, kt_bytes_are(name, "ok") ? &m->ok : &m->retry);
	if (kt_bytes_are(name, "out") || kt_bytes_are(name, "error"))
		return read_text(j, kt_bytes_are(name, "out") ? &m->out : &m->error);
	return kt_json_skip(j);
}

static int read_object(struct kt_workanswer *answer, struct kt_json *j)
{
	struct members m = {.retry = true, .out = {"", 0}, .error = {"", 0}};
	struct kt_bytes name;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0)
		if (read_member(j, name, &m) < 0)
			return -1;
	if (more < 0 || kt_json_finish(j) < 0)
		return -1;
	if (!m.has_ok)
		return kt_err_set(j->err, KT_FAILED, "an answer without \"ok\"");
	answer->action = m.ok ? KT_WORK_DONE : m.retry ? KT_WORK_RETRY : KT_WORK_REJECT;
	answer->text = m.ok ? m.out : m.error;
	return 0;
}

int kt_workanswer_line(
	struct kt_workanswer *answer, const char *line, size_t len, struct kt_buf *scratch, struct kt_err *err)
{
	static const struct {
		const char *word;
		enum kt_workaction action;
	} words[] = {{"ok", KT_WORK_DONE}, {"retry", KT_WORK_RETRY}, {"reject", KT_WORK_REJECT}};
	char quoted[80];
	*answer = (struct kt_workanswer){.text = {"", 0}};
	len -= len && line[len - 1] == '\r';
	for (size_t i = 0; i < KT_LEN(words); i++)
		if (starts_with(line, len, words[i].word, &answer->text)) {
			answer->action = words[i].action;
			return 0;
		}
	scratch->len = 0;
	kt_buf_reserve(scratch, len + KT_JSON_SLACK);
	struct kt_json j = {.start = line, .at = line, .end = line + len, .out = scratch, .err = err};
	if (len && line[0] == '{')
		return read_object(answer, &j);
	return kt_err_set(err, KT_FAILED, "%s is not an answer (ok, retry WHY, reject WHY, or an object with \"ok\")",
		kt_quote(quoted, sizeof(quoted), (struct kt_bytes){line, len}));
}

ssize_t kt_workanswer_frame(struct kt_workanswer *answer, const char *data, size_t len, size_t most, struct kt_err *err)
{
	static const enum kt_workaction actions[] = {KT_WORK_DONE, KT_WORK_RETRY, KT_WORK_REJECT};
	uint32_t size;
	uint64_t id;
	if (len < LENGTH)
		return 0;
	memcpy(&size, data, LENGTH);
	size = be32toh(size);
	if (size < HEAD || size - HEAD > most)
		return kt_err_set(err, KT_FAILED, "a frame of %u bytes: expected %d to %zu", size, HEAD, HEAD + most);
	if (len - LENGTH < size)
		return 0;
	memcpy(&id, data + LENGTH, ID);
	unsigned char verdict = (unsigned char)data[LENGTH + ID];
	if (verdict >= KT_LEN(actions))
		return kt_err_set(err, KT_FAILED, "a frame with the verdict %d: expected 0, 1 or 2", verdict);
	*answer = (struct kt_workanswer){
		.action = actions[verdict], .id = be64toh(id), .text = {data + LENGTH + HEAD, size - HEAD}};
	return (ssize_t)size + LENGTH;
}

void kt_workanswer_ask(struct kt_buf *out, uint64_t id, struct kt_bytes metadata, struct kt_bytes body)
{
	uint32_t size = htobe32((uint32_t)(ID + LENGTH + metadata.len + body.len)),
		 head = htobe32((uint32_t)metadata.len);
	id = htobe64(id);
	kt_buf_add(out, &size, LENGTH);
	kt_buf_add(out, &id, ID);
	kt_buf_add(out, &head, LENGTH);
	kt_buf_add(out, metadata.data, metadata.len);
	kt_buf_add(out, body.data, body.len);
}
