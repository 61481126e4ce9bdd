#include "labs.h"

#include "mem.h"
#include "suggest.h"
#include "topic.h"

#define HTML " type=\"text/html; charset=utf-8\""
#define GAME(path, event, words, merge)                                                                                \
	"GET " path " event game_events '{\"event_type\": \"" event "\"}'" merge " reply=\"\\n" words "\\n\"" HTML "\n"
#define GAMES(merge)                                                                                                   \
	GAME("/", "default", "This is the default response!", merge)                                                   \
	GAME("/purchase_a_sword", "purchase_sword", "Sword Purchased!", merge)                                         \
	GAME("/purchase_a_knife", "purchase_knife", "Knife Purchased!", merge)                                         \
	GAME("/join_guild", "join_guild", "Guild Joined!", merge)

/* clang-format off */
const struct kt_lab kt_labs[] = {
	{"rest", "127.0.0.1", "5000", NULL, "rest", NULL, NULL,
		"POST /kafka message topics=deliveries,updates\n",
		"a record for each POST of a topic and a message"},
	{"game", "127.0.0.1", "5000", NULL, "game", NULL, NULL, GAMES(""),
		"a game's events"},
	{"game-headers", "127.0.0.1", "5000", NULL, "game", NULL, NULL, GAMES(" merge=headers"),
		"the same, with the headers of their requests"},
	{"ping", "127.0.0.1", "3000", "PORT", NULL, NULL, "ping-api.com",
		"GET / text \"Go check the ping endpoint.\" like=express" HTML "\n"
		"GET /ping text pong like=express" HTML "\n"
		"POST /ping echo $KAFKA_TOPIC(ping) like=express\n",
		"what is posted is a record, and comes back"},
	{"chat", "127.0.0.1", "8000", NULL, NULL, NULL, NULL,
		"GET /ws chat $TOPIC(chat)\n"
		"GET /* page\n",
		"a page on which all see what anybody writes"},
	{"socketio", "127.0.0.1", "5000", NULL, NULL, NULL, NULL,
		"GET / page of=socketio\n"
		"GET /socket.io/ socketio $TOPIC(broadcast)\n"
		"POST /socket.io/ socketio $TOPIC(broadcast)\n",
		"a page that has texts echoed, or sent to all, by Socket.IO"},
	{"gateway", "127.0.0.1", "8000", NULL, NULL, "gateway-admin", "*",
		"ANY /* gateway\n",
		"requests go on to the server that was put behind their Host"},
	{"gateway-admin", "127.0.0.1", "8001", NULL, NULL, NULL, NULL,
		"GET / text '{\"tagline\":\"Welcome to kong\",\"version\":\"0.11.1\"}'"
		" type=\"application/json; charset=utf-8\"\n"
		"GET /apis apis\n"
		"GET /apis/ apis\n"
		"POST /apis api-add\n"
		"POST /apis/ api-add\n",
		"the gateway is told there what stands behind it"},
	{0},
};
/* clang-format on */

const struct kt_lab *kt_lab_find(const char *name, struct kt_err *err)
{
	struct kt_suggest near = {.word = name};
	for (const struct kt_lab *lab = kt_labs; lab->name; lab++) {
		if (!strcmp(lab->name, name))
			return lab;
		kt_suggest_offer(&near, lab->name);
	}
	kt_err_set(err, KT_USAGE, "there is no lab \"%.40s\"", name);
	if (near.best)
		kt_err_hint(err, "did you mean %s?", near.best);
	else
		kt_err_hint(err, "kt serve --help lists them");
	return NULL;
}

/* Appends the value of the variable that text begins with, as $NAME(DEFAULT), and returns the length of that. */
static size_t add_variable(struct kt_buf *out, const char *text, const char *topic)
{
	size_t name_len = strcspn(text, "("), len = strcspn(text, ")");
	kt_auto(kt_free_ptr) char *name = kt_strndup(text + 1, name_len - 1);
	const char *value = topic && !strcmp(name, KT_LAB_TOPIC) ? topic : getenv(name);
	if (value && *value)
		kt_buf_adds(out, value);
	else
		kt_buf_add(out, text + name_len + 1, len - name_len - 1);
	return len;
}

bool kt_lab_has_topic(const struct kt_lab *lab)
{
	return strstr(lab->rows, "$" KT_LAB_TOPIC "(");
}

int kt_lab_routes(const struct kt_lab *lab, const char *topic, struct kt_routes *routes, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, origin = {0};
	if (topic && kt_topic_check(topic, err) < 0)
		return -1;
	for (const char *at = lab->rows; *at; at++) {
		if (*at == '$')
			at += add_variable(&text, at, topic);
		else
			kt_buf_addc(&text, *at);
	}
	kt_buf_addf(&origin, "lab %s", lab->name);
	return kt_routes_add(routes, kt_buf_cstr(&origin), (struct kt_bytes){text.data, text.len}, err);
}

char *kt_lab_address(const struct kt_lab *lab)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *port = lab->port_from ? getenv(lab->port_from) : NULL;
	kt_buf_addf(&text, "%s:%s", lab->host, port && *port ? port : lab->port);
	return kt_strdup(kt_buf_cstr(&text));
}
