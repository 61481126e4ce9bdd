#include "labs.h"

#include "mem.h"
#include "suggest.h"

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
		"POST /ping echo $KAFKA_TOPIC like=express\n",
		"what is posted is a record, and comes back"},
	{"chat", "127.0.0.1", "8000", NULL, NULL, NULL, NULL,
		"GET /ws chat $TOPIC\n"
		"GET /* page\n",
		"a page on which all see what anybody writes"},
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

/* What stands for a variable of the programs' environment, and what it is without it. */
static const struct {
	const char *name, *without;
} variables[] = {{"KAFKA_TOPIC", "ping"}, {"TOPIC", "chat"}};

/* Appends the value of the variable that text begins with, after its $, and returns its length; 0: there is none. */
static size_t add_variable(struct kt_buf *out, const char *text)
{
	for (size_t i = 0; i < KT_LEN(variables); i++) {
		size_t len = strlen(variables[i].name);
		if (strncmp(text, variables[i].name, len) != 0)
			continue;
		const char *value = getenv(variables[i].name);
		kt_buf_adds(out, value && *value ? value : variables[i].without);
		return len;
	}
	return 0;
}

int kt_lab_routes(const struct kt_lab *lab, struct kt_routes *routes, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, origin = {0};
	for (const char *at = lab->rows; *at; at++) {
		size_t len = *at == '$' ? add_variable(&text, at + 1) : 0;
		if (!len)
			kt_buf_addc(&text, *at);
		at += len;
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
