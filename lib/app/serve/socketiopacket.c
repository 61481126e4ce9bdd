#include "socketiopacket.h"

#include "json.h"
#include "num.h"

/* DIGITS: of an id, which JavaScript has exactly. */
enum { DIGITS = 15 };

static struct kt_bytes from(const char *at, struct kt_bytes all)
{
	return (struct kt_bytes){at, (size_t)(all.data + all.len - at)};
}

/* /test?token=1, */
static void take_space(struct kt_socketio_packet *packet, struct kt_bytes *rest)
{
	const char *comma = memchr(rest->data, ',', rest->len);
	size_t len = comma ? (size_t)(comma - rest->data) : rest->len;
	const char *query = memchr(rest->data, '?', len);
	packet->comma = comma;
	packet->space = (struct kt_bytes){rest->data, query ? (size_t)(query - rest->data) : len};
	*rest = from(rest->data + len + packet->comma, *rest);
}

bool kt_socketio_read(struct kt_socketio_packet *packet, struct kt_bytes text)
{
	if (!text.len || *text.data < KT_SOCKETIO_CONNECT || *text.data > KT_SOCKETIO_ERROR)
		return false;
	struct kt_bytes rest = {text.data + 1, text.len - 1};
	*packet = (struct kt_socketio_packet){.type = *text.data, .space = {"/", 1}, .id = -1};
	if (rest.len && *rest.data == '/')
		take_space(packet, &rest);
	size_t digits = 0;
	while (digits < rest.len && rest.data[digits] >= '0' && rest.data[digits] <= '9')
		digits++;
	if (digits > DIGITS)
		return false;
	for (size_t i = 0; i < digits; i++)
		packet->id = (i ? packet->id * 10 : 0) + (rest.data[i] - '0');
	packet->data = from(rest.data + digits, rest);
	return true;
}

static int read_data(struct kt_json *j, struct kt_socketio_data *data)
{
	struct kt_bytes name;
	int more;
	if (kt_json_peek(j) != '{')
		return kt_json_skip(j);
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &name)) > 0) {
		if (!kt_bytes_are(name, "data")) {
			if (kt_json_skip(j) < 0)
				return -1;
			continue;
		}
		data->is_text = kt_json_peek(j) == '"';
		if ((data->is_text ? kt_json_text(j, &data->value) : kt_json_compact(j, &data->value)) < 0)
			return -1;
	}
	return more;
}

static int read_event(struct kt_json *j, struct kt_socketio_event *event)
{
	int more;
	if (kt_json_enter(j, '[') < 0 || kt_json_element(j) <= 0 || kt_json_text(j, &event->name) < 0)
		return -1;
	for (size_t i = 0; (more = kt_json_element(j)) > 0; i++)
		if ((i ? kt_json_skip(j) : read_data(j, &event->data)) < 0)
			return -1;
	return more < 0 ? -1 : kt_json_finish(j);
}

bool kt_socketio_event(struct kt_socketio_event *event, struct kt_bytes data)
{
	struct kt_err ignored = {0};
	struct kt_json j = {.start = data.data,
		.at = data.data,
		.end = data.data + data.len,
		.out = &event->texts,
		.err = &ignored,
		.lenient = true};
	kt_buf_reserve(&event->texts, 3 * data.len + KT_JSON_SLACK);
	return read_event(&j, event) == 0;
}

void kt_socketio_event_fini(struct kt_socketio_event *event)
{
	kt_buf_fini(&event->texts);
}

/* JSON, in whose strings other characters may stand for themselves. */
static void add_ascii(struct kt_buf *out, struct kt_bytes json)
{
	for (size_t i = 0; i < json.len; i++) {
		unsigned char lead = (unsigned char)json.data[i];
		if (lead < 0x80) {
			kt_buf_addc(out, (char)lead);
			continue;
		}
		size_t more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
		uint32_t c = lead & (0x3fu >> more);
		for (; more && i + 1 < json.len; more--)
			c = c << 6 | ((unsigned char)json.data[++i] & 0x3f);
		if (c > 0xffff)
			kt_buf_addf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
		else
			kt_buf_addf(out, "\\u%04x", c);
	}
}

void kt_socketio_response(struct kt_buf *out, struct kt_socketio_data data, int64_t count)
{
	kt_auto(kt_buf_fini) struct kt_buf quoted = {0};
	if (data.is_text) {
		kt_json_string(&quoted, data.value.data, data.value.len);
		data.value = (struct kt_bytes){quoted.data, quoted.len};
	}
	kt_buf_adds(out, "42" KT_SOCKETIO_NAMESPACE ",[\"my_response\",{\"data\":");
	add_ascii(out, data.value);
	kt_buf_adds(out, ",\"count\":");
	kt_buf_add_i64(out, count);
	kt_buf_adds(out, "}]");
}

bool kt_socketio_of_record(struct kt_buf *out, const struct kt_record *record)
{
	struct kt_err ignored;
	int64_t count = 0, n;
	if (!record->value.data)
		return false;
	for (size_t i = 0; i < record->n_headers; i++) {
		const struct kt_header *h = &record->headers[i];
		char text[24];
		if (!kt_bytes_are(h->name, KT_SOCKETIO_COUNT) || !h->value.data || h->value.len >= sizeof(text))
			continue;
		memcpy(text, h->value.data, h->value.len);
		text[h->value.len] = '\0';
		if (kt_parse_i64(text, 0, INT64_MAX, &n, &ignored) == 0)
			count = n;
	}
	kt_socketio_response(out, (struct kt_socketio_data){record->value, true}, count);
	return true;
}
