#include "mqttpacket.h"

#include "esc.h"

/* Properties of version 5 (section 2.2.2.2), by how long they are. */
enum { TEXT = -1, PAIR = -2, VARIABLE = -3 };
static const struct {
	unsigned id;
	int len; /* bytes of a number, or one of these */
} properties[] = {
	{0x01, 1},
	{0x02, 4},
	{0x03, TEXT},
	{0x08, TEXT},
	{0x09, TEXT},
	{0x0b, VARIABLE},
	{0x11, 4},
	{0x12, TEXT},
	{0x13, 2},
	{0x15, TEXT},
	{0x16, TEXT},
	{0x1a, TEXT},
	{0x1c, TEXT},
	{0x1f, TEXT},
	{0x21, 2},
	{0x22, 2},
	{0x23, 2},
	{0x24, 1},
	{0x25, 1},
	{0x26, PAIR},
	{0x27, 4},
	{0x28, 1},
	{0x29, 1},
	{0x2a, 1},
};
enum {
	SESSION_EXPIRY = 0x11,
	SERVER_KEEP_ALIVE = 0x13,
	REASON = 0x1f,
	RECEIVE_MAXIMUM = 0x21,
	TOPIC_ALIAS = 0x23,
};

static int malformed(const char *why, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "%s", why);
}

/* --- reading --- */

/* What is left to read. One that was too short stays so. */
struct cursor {
	const unsigned char *at, *end;
	bool short_;
};

static struct cursor cursor_of(struct kt_bytes bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	return (struct cursor){.at = at, .end = at + bytes.len};
}

static bool has(struct cursor *c, size_t n)
{
	c->short_ = c->short_ || (size_t)(c->end - c->at) < n;
	return !c->short_;
}

static uint32_t take_number(struct cursor *c, int len)
{
	uint32_t n = 0;
	if (!has(c, (size_t)len))
		return 0;
	for (int i = 0; i < len; i++)
		n = n << 8 | *c->at++;
	return n;
}

static struct kt_bytes take_bytes(struct cursor *c, size_t len)
{
	if (!has(c, len))
		return (struct kt_bytes){"", 0};
	struct kt_bytes bytes = {(const char *)c->at, len};
	c->at += len;
	return bytes;
}

static struct kt_bytes take_text(struct cursor *c)
{
	return take_bytes(c, take_number(c, 2));
}

/* A number of seven bits a byte, four bytes at most. 1, 0 when it goes on behind the end, -1 when it is longer. */
static int take_variable(struct cursor *c, uint32_t *out)
{
	uint32_t n = 0;
	for (int i = 0; i < 4; i++) {
		if (c->at == c->end)
			return 0;
		n |= (uint32_t)(*c->at & 0x7f) << 7 * i;
		if (!(*c->at++ & 0x80)) {
			*out = n;
			return 1;
		}
	}
	return -1;
}

struct property {
	uint32_t id, number;
	struct kt_bytes text;
};

static bool take_property(struct cursor *c, struct property *p)
{
	size_t i = 0;
	if (take_variable(c, &p->id) <= 0)
		return false;
	while (i < KT_LEN(properties) && properties[i].id != p->id)
		i++;
	if (i == KT_LEN(properties))
		return false;
	int len = properties[i].len;
	if (len == VARIABLE)
		return take_variable(c, &p->number) > 0;
	if (len > 0)
		p->number = take_number(c, len);
	else
		p->text = take_text(c);
	if (len == PAIR)
		take_text(c);
	return !c->short_;
}

/* All properties of a packet, each of which is told. */
static int take_properties(
	struct cursor *c, void (*tell)(void *user, const struct property *p), void *user, struct kt_err *err)
{
	uint32_t len;
	if (take_variable(c, &len) <= 0 || !has(c, len))
		return malformed("properties go on past the end of their packet", err);
	struct cursor own = {.at = c->at, .end = c->at + len};
	c->at += len;
	while (own.at < own.end) {
		struct property p = {0};
		if (!take_property(&own, &p))
			return malformed("a property is not one of MQTT 5", err);
		tell(user, &p);
	}
	return 0;
}

int kt_mqttpacket_find(struct kt_mqttpacket *out, struct kt_bytes in, size_t max, struct kt_err *err)
{
	struct cursor c = cursor_of(in);
	uint32_t len = 0;
	if (!in.len)
		return 0;
	unsigned first = take_number(&c, 1);
	if (first >> 4 != KT_MQTT_PUBLISH && first & 15)
		return malformed("the flags of a packet are not 0", err);
	int took = take_variable(&c, &len);
	if (took < 0)
		return malformed("the length of a packet has more than four bytes", err);
	if (took == 0)
		return 0;
	size_t head = (size_t)(c.at - (const unsigned char *)in.data);
	if (head + len > max) {
		kt_err_set(err, KT_FAILED, "a packet of %zu bytes is larger than the %zu of --max-packet", head + len,
			max);
		return kt_err_hint(
			err, "--max-packet raises the limit; a record is limited by -X message.max.bytes too");
	}
	if (in.len < head + len)
		return 0;
	*out = (struct kt_mqttpacket){
		.type = first >> 4, .flags = first & 15, .body = {in.data + head, len}, .size = head + len};
	return 1;
}

static int check_topic(struct kt_bytes topic, struct kt_err *err)
{
	if (!topic.len)
		return malformed("a message has no topic", err);
	if (!kt_utf8_valid(topic.data, topic.len) || memchr(topic.data, '\0', topic.len))
		return malformed("a topic's name is not UTF-8", err);
	if (memchr(topic.data, '#', topic.len) || memchr(topic.data, '+', topic.len))
		return malformed("a topic's name holds a wildcard", err);
	return 0;
}

static void note_alias(void *user, const struct property *p)
{
	bool *has_alias = user;
	*has_alias |= p->id == TOPIC_ALIAS;
}

int kt_mqttpacket_message(
	struct kt_mqttmessage *out, const struct kt_mqttpacket *packet, int version, struct kt_err *err)
{
	struct cursor c = cursor_of(packet->body);
	struct kt_mqttmessage m = {
		.qos = (uint8_t)(packet->flags >> 1 & 3),
		.dup = packet->flags & 8,
		.retain = packet->flags & 1,
		.bytes = packet->size,
	};
	bool has_alias = false;
	if (m.qos > 1)
		return malformed("a message has a QoS that was not granted", err);
	m.topic = take_text(&c);
	if (m.qos)
		m.id = (uint16_t)take_number(&c, 2);
	if (c.short_)
		return malformed("a message ends too early", err);
	if (version == KT_MQTT_5 && take_properties(&c, note_alias, &has_alias, err) < 0)
		return -1;
	if (has_alias)
		return malformed("a message has a topic alias, which none was asked for", err);
	if (m.qos && !m.id)
		return malformed("a message of QoS 1 has the identifier 0", err);
	if (check_topic(m.topic, err) < 0)
		return -1;
	m.payload = (struct kt_bytes){(const char *)c.at, (size_t)(c.end - c.at)};
	*out = m;
	return 0;
}

static void note_answer(void *user, const struct property *p)
{
	struct kt_mqttanswer *a = user;
	if (p->id == SERVER_KEEP_ALIVE)
		a->keep_alive_s = p->number;
	if (p->id == SESSION_EXPIRY)
		a->session_s = p->number;
	if (p->id == REASON && kt_utf8_valid(p->text.data, p->text.len))
		a->reason = p->text;
}

int kt_mqttpacket_answer(struct kt_mqttanswer *out, const struct kt_mqttpacket *packet, int version, struct kt_err *err)
{
	struct cursor c = cursor_of(packet->body);
	struct kt_mqttanswer a = {.keep_alive_s = -1, .session_s = -1};
	unsigned flags = take_number(&c, 1);
	a.code = take_number(&c, 1);
	if (packet->type != KT_MQTT_CONNACK || c.short_ || flags > 1)
		return malformed("the first packet is not the answer to CONNECT", err);
	a.session = flags & 1;
	bool older = c.at == c.end && a.code;
	if (version == KT_MQTT_5 && !older && take_properties(&c, note_answer, &a, err) < 0)
		return -1;
	if (c.at != c.end)
		return malformed("the answer to CONNECT is too long", err);
	*out = a;
	return 0;
}

static void ignore(void *user, const struct property *p)
{
	(void)user;
	(void)p;
}

int kt_mqttpacket_granted(struct kt_bytes *codes, const struct kt_mqttpacket *packet, int version, uint16_t id,
	size_t n, struct kt_err *err)
{
	struct cursor c = cursor_of(packet->body);
	if (take_number(&c, 2) != id || c.short_)
		return malformed("an answer is for a SUBSCRIBE that was not sent", err);
	if (version == KT_MQTT_5 && take_properties(&c, ignore, NULL, err) < 0)
		return -1;
	*codes = (struct kt_bytes){(const char *)c.at, (size_t)(c.end - c.at)};
	return codes->len == n ? 0 : malformed("the answer to SUBSCRIBE has not a code for each filter", err);
}

int kt_mqttpacket_farewell(unsigned *code, const struct kt_mqttpacket *packet, int version, struct kt_err *err)
{
	struct cursor c = cursor_of(packet->body);
	if (version != KT_MQTT_5)
		return malformed("a DISCONNECT comes from the broker, which MQTT 3.1.1 does not have", err);
	*code = c.at < c.end ? take_number(&c, 1) : 0;
	return c.at < c.end ? take_properties(&c, ignore, NULL, err) : 0;
}

/* --- making --- */

static void put_number(struct kt_buf *out, uint32_t n, int len)
{
	while (len-- > 0)
		kt_buf_addc(out, (char)(n >> 8 * len));
}

static void put_variable(struct kt_buf *out, size_t n)
{
	do {
		kt_buf_addc(out, (char)((n & 0x7f) | (n > 0x7f ? 0x80 : 0)));
		n >>= 7;
	} while (n);
}

static void put_text(struct kt_buf *out, const char *text)
{
	put_number(out, (uint32_t)strlen(text), 2);
	kt_buf_adds(out, text);
}

static void put_packet(struct kt_buf *out, enum kt_mqtt_type type, unsigned flags, const struct kt_buf *body)
{
	kt_buf_addc(out, (char)(type << 4 | flags));
	put_variable(out, body->len);
	kt_buf_add(out, body->data, body->len);
}

/* A session lives as long as the broker lets it, as it does in 3.1.1. */
static void put_connect_properties(struct kt_buf *body, const struct kt_mqttconnect *how)
{
	enum { BYTES = 8 };
	put_variable(body, BYTES);
	kt_buf_addc(body, SESSION_EXPIRY);
	put_number(body, UINT32_MAX, 4);
	kt_buf_addc(body, RECEIVE_MAXIMUM);
	put_number(body, how->receive_maximum, 2);
}

void kt_mqttpacket_connect(struct kt_buf *out, const struct kt_mqttconnect *how)
{
	enum { USER = 0x80, PASSWORD = 0x40 };
	kt_auto(kt_buf_wipe) struct kt_buf body = {0};
	kt_buf_reserve(&body, 4096);
	put_text(&body, "MQTT");
	put_number(&body, (uint32_t)how->version, 1);
	put_number(&body, (how->user ? USER : 0) | (how->password ? PASSWORD : 0), 1);
	put_number(&body, how->keep_alive_s, 2);
	if (how->version == KT_MQTT_5)
		put_connect_properties(&body, how);
	put_text(&body, how->client_id);
	if (how->user)
		put_text(&body, how->user);
	if (how->password)
		put_text(&body, how->password);
	put_packet(out, KT_MQTT_CONNECT, 0, &body);
}

/* A broker of version 5 sends retained messages with a subscription that is new only. */
void kt_mqttpacket_subscribe(struct kt_buf *out, const struct kt_mqttsubscribe *how)
{
	enum { RETAINED_IF_NEW = 1 << 4, RETAINED_NEVER = 2 << 4 };
	kt_auto(kt_buf_fini) struct kt_buf body = {0};
	unsigned options = (unsigned)how->qos;
	if (how->version == KT_MQTT_5)
		options |= how->skips_retained ? RETAINED_NEVER : RETAINED_IF_NEW;
	put_number(&body, how->id, 2);
	if (how->version == KT_MQTT_5)
		put_variable(&body, 0);
	for (size_t i = 0; i < how->filters->n; i++) {
		put_text(&body, how->filters->v[i]);
		put_number(&body, options, 1);
	}
	put_packet(out, KT_MQTT_SUBSCRIBE, 2, &body);
}

/* The short form, which in version 5 means success. */
void kt_mqttpacket_puback(struct kt_buf *out, uint16_t id)
{
	char packet[] = {(char)(KT_MQTT_PUBACK << 4), 2, (char)(id >> 8), (char)id};
	kt_buf_add(out, packet, sizeof(packet));
}

void kt_mqttpacket_ping(struct kt_buf *out)
{
	kt_buf_add(out, "\xc0\x00", 2);
}

void kt_mqttpacket_disconnect(struct kt_buf *out)
{
	kt_buf_add(out, "\xe0\x00", 2);
}

/* --- filters --- */

static const char *why_no_filter(const char *filter)
{
	size_t len = strlen(filter);
	if (!len)
		return "it is empty";
	if (len > KT_MQTT_TEXT_MOST)
		return "it is longer than 65535 bytes";
	if (!kt_utf8_valid(filter, len))
		return "it is not UTF-8";
	for (const char *at = filter; *at; at++) {
		bool starts = at == filter || at[-1] == '/';
		if (*at == '#' && (!starts || at[1]))
			return "# stands alone, as the last level";
		if (*at == '+' && (!starts || (at[1] && at[1] != '/')))
			return "+ stands alone, for a whole level";
	}
	return NULL;
}

int kt_mqttpacket_check_filter(const char *filter, struct kt_err *err)
{
	char quoted[120];
	const char *why = why_no_filter(filter);
	if (!why)
		return 0;
	struct kt_bytes bytes = {filter, strlen(filter)};
	return kt_err_set(err, KT_USAGE, "%s is not an MQTT filter: %s", kt_quote(quoted, sizeof(quoted), bytes), why);
}
