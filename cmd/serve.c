/* kt serve: HTTP in front of topics. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "labs.h"
#include "mem.h"
#include "out.h"
#include "routesbuiltin.h"
#include "say.h"
#include "serve.h"
#include "stop.h"

struct serve_opts {
	struct kt_client_opts client;
	struct kt_serve_limits limits;
	const char *listen, *ops, *token_file, *topic;
	struct kt_certificate_files files;
	struct kt_strs labs, routes, hosts, topics;
	int64_t deadline_ms, drain_ms;
	bool print_routes, no_create, no_ui, access_log, insecure;
};
#define OPTS struct serve_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "listen", .letter = 'l', KT_STR(listen), .arg = "ADDR:PORT",
		.help = "serve the API or --routes there; 127.0.0.1:8082 without labs. Port 0: any"},
	{.name = "lab", KT_LIST(labs), .arg = "NAME[@ADDR:PORT]",
		.help = "serve what a web service of the course does, see below; may be repeated"},
	{.name = "topic", .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "of the labs chat and socketio, in place of $TOPIC; none: within this process"},
	{.name = "no-create", KT_FLAG(no_create), .help = "labs do not create the topics that they write to"},
	{.name = "routes", KT_LIST(routes), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "rows of a route table in place of the API; may be repeated"},
	{.name = "print-routes", KT_FLAG(print_routes), .help = "print the rows, and do not serve"},
	{.name = "no-ui", KT_FLAG(no_ui), .help = "no page to watch topics at / of the API"},
	{.name = "topics", KT_LIST(topics), .arg = "GLOB",
		.help = "these topics only, to write and to read; may be repeated"},
	{.name = "host", KT_LIST(hosts), .arg = "NAME",
		.help = "take requests for this name too, on an address of this machine; may be repeated"},
	{.name = "access-log", KT_FLAG(access_log),
		.help = "a line on stderr for each answer, which Flask's labs print anyway"},
	{.name = "ops-listen", KT_STR(ops), .arg = "ADDR:PORT",
		.help = "/healthy, /ready, /metrics (of all topics) for anybody: no TLS, no tokens"},
	{.name = "token-file", KT_STR(token_file), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "clients need a token of this file, and may do what it says: kt serve token add"},
	{.name = "tls-cert", KT_STR(files.cert), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "serve HTTPS with this certificate (PEM, the CA's after it); read again at a HUP"},
	{.name = "tls-key", KT_STR(files.key), .arg = "FILE", .comp = KT_COMP_FILE, .help = "its key (PEM)"},
	{.name = "tls-client-ca", KT_STR(files.client_ca), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "clients need a certificate of one of these CAs (PEM)"},
	{.name = "insecure", KT_FLAG(insecure),
		.help = "allow an address that others can reach: all of them may read and write"},
	{.name = "deadline", KT_MS(deadline_ms), .arg = "DUR", .def = "10s",
		.help = "for brokers to acknowledge or, for 5s, to answer, else 503; another server, 504"},
	{.name = "drain", KT_MS(drain_ms), .arg = "DUR", .def = "0",
		.help = "after a signal go on for this long, while /ready says 503"},
	{KT_INCLUDE(limits, "What clients may take up", kt_serve_limit_opts)},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static int read_routes(struct kt_routes *routes, const struct serve_opts *o, struct kt_err *err)
{
	const struct kt_strs *files = &o->routes;
	for (size_t i = 0; i < files->n; i++)
		if (kt_routes_read(routes, files->v[i], err) < 0)
			return -1;
	if (files->n)
		return routes->n ? 0 : kt_err_set(err, KT_USAGE, "%s: there are no rows", files->v[0]);
	return kt_routes_add_api(routes, err) < 0 ? -1 : o->no_ui ? 0 : kt_routes_add_ui(routes, err);
}

static int check_usage(const struct serve_opts *o, struct kt_err *err)
{
	if (kt_serve_limits_check(&o->limits, err) < 0)
		return -1;
	if (!o->files.cert != !o->files.key)
		return kt_err_set(err, KT_USAGE, "--tls-cert and --tls-key go together");
	if (o->files.client_ca && !o->files.cert)
		return kt_err_set(err, KT_USAGE, "--tls-client-ca: --tls-cert and --tls-key are needed, too");
	return o->deadline_ms > 0 ? 0 : kt_err_set(err, KT_USAGE, "--deadline 0: expected at least a millisecond");
}

/* What is served, and where. */
struct places {
	struct kt_serve_listen listen[KT_SERVE_LISTENERS];
	struct kt_routes routes[KT_SERVE_LISTENERS];
	const struct kt_lab *labs[KT_SERVE_LISTENERS]; /* NULL: the API, or rows of the user's */
	struct kt_strs addresses, topics;              /* topics: of the labs */
	size_t n;
};

static void fini_places(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		kt_routes_fini(&p->routes[i]);
	kt_strs_fini(&p->addresses);
	kt_strs_fini(&p->topics);
}

/* One more place at address (allocated), whose rows are to be filled in. */
static struct kt_routes *add_place(struct places *p, char *address, const struct kt_lab *lab, bool log)
{
	struct kt_routes *routes = &p->routes[p->n];
	kt_strs_take(&p->addresses, address);
	p->labs[p->n] = lab;
	p->listen[p->n++] = (struct kt_serve_listen){.address = address, .routes = routes, .log = log};
	return routes;
}

static int add_lab(struct places *p, const struct serve_opts *o, const char *text, struct kt_err *err)
{
	const char *at = strchr(text, '@');
	kt_auto(kt_free_ptr) char *name = kt_strndup(text, at ? (size_t)(at - text) : strlen(text));
	const struct kt_lab *lab = kt_lab_find(name, err);
	if (!lab)
		return -1;
	if (p->n == KT_SERVE_LISTENERS - 1)
		return kt_err_set(err, KT_USAGE, "--lab: more than %d places", KT_SERVE_LISTENERS - 1);
	char *address = at ? kt_strdup(at + 1) : kt_lab_address(lab);
	struct kt_routes *routes = add_place(p, address, lab, lab->app || o->access_log);
	p->listen[p->n - 1].hosts = lab->hosts;
	if (kt_lab_routes(lab, o->topic, routes, err) < 0)
		return -1;
	kt_routes_topics(routes, &p->topics);
	return 0;
}

static bool has_lab(const struct places *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->labs[i] && !strcmp(p->labs[i]->name, name))
			return true;
	return false;
}

static int add_ops(struct places *p, const struct serve_opts *o, struct kt_err *err)
{
	struct kt_routes *routes = add_place(p, kt_strdup(o->ops), NULL, o->access_log);
	p->listen[p->n - 1].open = true;
	return kt_routes_add_ops(routes, err);
}

static int check_topic(const struct places *p, const char *topic, struct kt_err *err)
{
	for (size_t i = 0; topic && i < p->n; i++)
		if (p->labs[i] && kt_lab_has_topic(p->labs[i]))
			return 0;
	return topic ? kt_err_set(err, KT_USAGE, "-t: only --lab chat and --lab socketio have a topic to move") : 0;
}

static int find_places(struct places *p, const struct serve_opts *o, struct kt_err *err)
{
	bool own = o->listen || o->routes.n || !o->labs.n;
	if (own) {
		char *address = kt_strdup(o->listen ? o->listen : "127.0.0.1:8082");
		if (read_routes(add_place(p, address, NULL, o->access_log), o, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < o->labs.n; i++)
		if (add_lab(p, o, o->labs.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < p->n; i++) {
		const char *with = p->labs[i] ? p->labs[i]->with : NULL;
		if (with && !has_lab(p, with) && add_lab(p, o, with, err) < 0)
			return -1;
	}
	return check_topic(p, o->topic, err) < 0 ? -1 : o->ops ? add_ops(p, o, err) : 0;
}

static int print_routes(const struct places *p, struct kt_err *err)
{
	kt_auto(kt_out_fini) struct kt_out out;
	kt_out_init(&out, STDOUT_FILENO);
	for (size_t i = 0; i < p->n; i++) {
		if (p->n > 1)
			kt_buf_addf(&out.buf, "# %s\n", p->listen[i].address);
		kt_routes_print(&p->routes[i], &out.buf);
	}
	return kt_out_drain(&out, err);
}

/* Flask's labs begin as Flask does. */
static void say_places(const struct kt_serve *s, const struct places *p, bool tls)
{
	for (size_t i = 0; i < p->n; i++) {
		const char *address = kt_serve_address(s, i), *app = p->labs[i] ? p->labs[i]->app : NULL;
		const char *scheme = tls && !p->listen[i].open ? "https" : "http";
		if (!app) {
			kt_say(KT_NORMAL, "serving at %s://%s/", scheme, address);
		} else if (kt_says(KT_NORMAL)) {
			kt_say_plain(" * Serving Flask app \"%s\"", app);
			kt_say_plain(" * Running on %s://%s/ (Press CTRL+C to quit)", scheme, address);
		}
	}
}

static int serve(
	const struct serve_opts *o, const struct places *p, const struct kt_settings *settings, struct kt_err *err)
{
	struct kt_stop stop = {.outer = o->client.owner->stop};
	kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
	struct kt_serve *s;
	struct kt_serve_how how = {
		.listen = p->listen,
		.n_listen = p->n,
		.settings = settings,
		.owner = o->client.owner,
		.hosts = &o->hosts,
		.topics = &o->topics,
		.timeout_ms = o->client.timeout_ms,
		.deadline_ms = o->deadline_ms,
		.drain_ms = o->drain_ms,
		.limits = o->limits,
		.tokens = o->token_file ? &tokens : NULL,
		.files = o->files,
		.insecure = o->insecure,
	};
	if (o->token_file && kt_tokens_read(&tokens, o->token_file, err) < 0)
		return kt_err_wrap(err, "--token-file");
	if (kt_serve_open(&s, &how, err) < 0)
		return -1;
	int result = o->no_create
			     ? 0
			     : kt_serve_make_topics(&p->topics, settings, o->client.owner, o->client.timeout_ms, err);
	if (result == 0) {
		say_places(s, p, o->files.cert);
		kt_stop_begin(&stop, o->client.run_for_ms);
		result = kt_serve_run(s, &stop, err);
	}
	kt_serve_close(s);
	return result;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(fini_places) struct places places = {0};
	if (check_usage(o, err) < 0 || find_places(&places, o, err) < 0)
		return -1;
	if (o->print_routes)
		return print_routes(&places, err);
	if (kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	kt_serve_settings(&settings, o->deadline_ms);
	return kt_conf_resolve(&settings, err) < 0 ? -1 : serve(o, &places, &settings, err);
}

#define SHOW_ACTION(name, id, words, keys, body, query, takes, gives, statuses, help) name words keys ": " help ".",

static const char *const about[] = {
	"Takes HTTP requests, makes records of them, and answers when the broker has acknowledged those: 200 with "
	"partition and offset. The body of a POST to /produce/TOPIC is a record, its bytes unchanged; ?key=, ?partition= and "
	"?timestamp= (in ms) say the rest, and request headers Kt-Header-NAME become headers. With Content-Type: "
	"application/x-ndjson each line is a record, and the answer tells the first and last offset of each partition; with "
	"?report=each it has a line for each record (100,000 at most). With ?format=record the lines are records as kt consume -J writes "
	"them: key, payload, headers and ts count, and where a record was does not.",
	"200 means that everything was acknowledged. 207: some lines were not acknowledged. 400, 413, 422: the "
	"request cannot be records, and none was written. 403: the cluster forbids it, or --topics does. 404: there "
	"is no such topic; none is made, and the same name is asked for again after a second at the earliest. 502: a "
	"broker refused the record for good. 503 with Retry-After: it was not acknowledged by --deadline, no broker "
	"can be reached, or too much is waiting; \"maybe_written\" says that it may be in the topic all the same.",
	"While brokers answer within 2 ms, a record is sent at once when nothing is on its way to them. Otherwise it waits for "
	"that to be acknowledged, but for 2 ms at most, and is sent together with what has come meanwhile. Where they are "
	"slower, each waits for 1 ms (linger.ms). With -X linger.ms=N each waits for N ms whatever they do.",
	"What is not HTTP the library for it refuses, before kt sees a request: 400, 413 (a length that no number holds), "
	"414 and 431 (beyond --max-head), 505, or the connection ends without an answer. Those answers are HTML, and in no "
	"access log and no metric.",
	"GET /consume/TOPIC reads, a line of JSON for each record as kt consume -J has it; Kt-Next in the head of the answer "
	"is what ?offset= is next time. ?offset= is beginning (the default), end, N, -N (the last N of each partition), @TIME as kt consume -o has it, or "
	"PARTITION:N,…, where partitions that are not named begin at their beginning; ?partition= may be repeated; ?count= "
	"is 500 and ?max_bytes= 1048576 unless said. When there is nothing, ?timeout=MS (1000, at most 60000) waits for "
	"some. 416 when an offset is not in the log: the answer says what is. No group is joined, nothing is committed. "
	"At most --max-readers requests are read at once; while others wait, one that waits for records ends with none. "
	"Answers that clients have not taken make the next ones smaller: each gets an eighth of what is left of --max-inflight, "
	"but at least one record. When it runs out, clients that have taken nothing for a second lose their connection.",
	"GET /events/TOPIC is the same as a stream that goes on, for EventSource of browsers: an event of Server-Sent Events "
	"for each record, from now on unless ?offset= says where. Its id is where all partitions go on after it; who comes "
	"again with it, in the header Last-Event-ID or as ?last_event_id=, misses nothing. ?partition= and ?key= choose "
	"records. All who listen to a topic are served from one reader and its latest records (16 MiB, 65536 at most): a "
	"client that is too far behind is let go, and resumes by its id. An event named gap says that records between its id "
	"and what there is are gone. A topic that is deleted and recreated goes on at its beginning, within seconds. "
	"A comment comes every 15 s when nothing else does. "
	"GET /ws/consume/TOPIC is the same as a WebSocket, a message of JSON for each record; ?offset=PARTITION:N,… resumes, "
	"and a client that is too far behind is closed with 1013. A browser says its token as one of the protocols: "
	"new WebSocket(url, ['kt', 'bearer.TOKEN']).",
	"With ?group=NAME the client of /ws/consume/TOPIC is a member of that group, and acknowledges what it is done with: "
	"{\"ack\":\"0:43,1:7\"}, all of partition 0 before offset 43 and of 1 before 7, or "
	"{\"ack\":{\"partition\":0,\"offset\":42}}, one record. A commit follows up to the first record that is not "
	"acknowledged, and never beyond what was sent; those that are not come again, to whoever has the partition then. "
	"?window= (100) records without an acknowledgement are sent, and 4 MiB; ?reset=latest is for partitions without a "
	"commit, earliest if nothing is said. There are --max-consumers of them; with tokens one needs a right to the group.",
	"GET /ws/produce/TOPIC is a WebSocket whose messages, text or binary, are records, their bytes unchanged; ?key=, "
	"?partition= and ?header=NAME=VALUE count for each. With ?format=record a message is a record as kt consume -J writes it. Each is "
	"answered in its order, when the broker has acknowledged it: {\"id\":1,\"partition\":0,\"offset\":42}, or else a status as "
	"above, error, and maybe_written. The id is the number of the message, or what a record has as \"id\". "
	"While 1000 messages have no answer nothing more is read. A message of more than 1 MiB ends the connection (1009); "
	"a signal to the server does when all have their answers (1001), and what was not answered then was not written.",
	"In a browser, / is a page to watch: topics with their rates, groups with how far behind they are, the records of a "
	"topic as they come, with a filter, from where you say, or the latest of each key as a table. It keeps the last 5000 "
	"records, and keys by the 10,000; what went by without being drawn is counted. ? shows its keys. It asks for a token "
	"when one is needed, keeps that for as long as its tab, and shows what the token may see. GET /overview is what it is "
	"made of: brokers are asked once for all who look, every two seconds at most, and less often where that takes long; "
	"the size of a topic, what the logs of its partitions' leaders take, every half minute, and null where a broker does "
	"not tell it: that needs the right to Describe the cluster, and `kt broker` has no logs; "
	"POST /decode makes JSON of a value of Avro whose schema is in it or in the configuration's registry. "
	"--no-ui leaves the page out.",
	"GET /ready answers 200 when a broker does, else 503 with the reason. "
	"Besides this there is a part of the REST proxy's API, version 2. GET /topics, /topics/TOPIC, "
	"/topics/TOPIC/partitions, …/partitions/N and …/partitions/N/offsets tell what there is; topics that begin "
	"with __ are not shown. POST /topics/TOPIC and /topics/TOPIC/partitions/N with "
	"{\"records\":[{\"key\":…,\"value\":…}]}, and partition, timestamp and headers ([{\"key\",\"value\" in "
	"base64}]) in a record where they are wanted, 100,000 records at most. By Content-Type, application/vnd.kafka.json.v2+json, binary or "
	"text, a value is any JSON, whose bytes go on as they are, base64, or a string; what the body says is "
	"checked before its first record is sent. Where only some records fail the status is 200, each has its "
	"error_code (50003: may be sent again), and Kt-Failed says how many. ?async=true, here and above, answers "
	"204 when the records are in the queue. Errors of these paths are {\"error_code\":…,\"message\":…}; those of others "
	"{\"error\":…}. GET /topics/TOPIC/partitions/N/records?offset= reads without a consumer, "
	"in the format that Accept names, binary if none: as far as records can be shown in it; 422 with 42203 when the "
	"first cannot.",
	"POST /consumers/GROUP makes a consumer instance of that API, a member of the group that requests ask for records: "
	"{\"name\":…,\"format\":\"json\"}, with \"auto.offset.reset\":\"earliest\" and \"auto.commit.enable\":\"false\" where that is wanted. "
	"If nothing is said it has a name of its own, is binary, begins at the end where nothing is committed, and commits by itself; "
	"enable.auto.commit, consumer.request.timeout.ms, fetch.min.bytes and isolation.level are understood too. The answer's "
	"base_uri is where it is, by the request's Host, or X-Forwarded-Proto, -Host and -Prefix of a proxy. It lives in this server alone: "
	"all its requests have to come to it. POST …/subscription {\"topics\":[…]} joins the group; GET …/records "
	"waits for records, for ?timeout=MS, and gives 500 or ?max_bytes= (1048576) of them at most; DELETE ends it. What was read is "
	"committed when its client comes for more or deletes it; or, if it does not commit by itself, with POST …/offsets: "
	"all of it, or {\"offsets\":[{\"topic\":…,\"partition\":0,\"offset\":41}]}, up to and with this record, as Confluent's proxy "
	"does and Strimzi's bridge does not. 200 means that the group has it; metadata is not kept. What is not committed comes again when the group shares its partitions anew. "
	"A record that cannot be shown in the format is told once, with 422 and 42203, when those before it were given; the next "
	"read goes on behind it. GET …/assignments and …/offsets tell what it has; patterns of topics, partitions of "
	"one's choice and other positions are 501. After --consumer-idle without a request an instance leaves its group, and what its "
	"client has not come for is not committed. It counts against --max-consumers; with tokens it needs a right to "
	"the group, and is for the token that has made it.",
	"--lab NAME serves what a program of the course's documents does, where that program listens, on this "
	"machine: rest (:5000, POST /kafka), game and game-headers (:5000), chat (:8000, a page with a "
	"WebSocket), socketio (:5000, the page Chatty with Socket.IO), ping (:3000 or $PORT), gateway (:8000, its admin gateway-admin :8001). --lab NAME@ADDR:PORT serves it elsewhere, and several are "
	"served by one process. The gateway passes requests on by their Host, to what was said in a form POSTed "
	"to /apis/ of its admin: name, hosts, upstream_url; as long as it runs. Missing topics that a lab writes "
	"to are created with one partition; $KAFKA_TOPIC moves that of ping, -t or $TOPIC those of "
	"chat and socketio (none: within this process, and without a broker); "
	"$podname is on the page of the chat. What is written there, or broadcast by Socket.IO, goes into partition 0 and comes back only from the "
	"topic, so that any number of servers are one chat with one order; nobody is let in before it is known where the "
	"topic ends. Socket.IO's clients 1.x and 2.x (Engine.IO 3) come by polling or by WebSocket; each that polls has to come to the "
	"same server every time, or gets 400: a balancer in front of several needs stickiness (by address, or the cookie io) for "
	"the course's original page, which begins by polling, and none for the page that is served here, which begins by WebSocket. "
	"The answers are those of the "
	"programs, but for Date, Server and Connection in their heads. --print-routes shows the rows of a lab.",
	"What is served is a list of rows: METHOD PATH ACTION WORD… key=value…, from --routes FILE or built in; "
	"--print-routes shows them as they can be put into a file. host=NAME makes a row count for this host only. A part of "
	"a path in braces stands for any text, also as a word: POST /produce/{topic} produce {topic}. The method ANY stands "
	"for each, and a last part of * for the rest of the path: ANY /api/* proxy http://localhost:3000. \"…\" holds blanks "
	"and escapes, '…' blanks. A row for GET answers HEAD too, and then writes nothing. /openapi.json describes the rows "
	"to programs.",
	"Actions, with the keys that each may have:",
	KT_ROUTE_ACTIONS(SHOW_ACTION) /* each a paragraph */
	"On an address of this machine requests for other host names are refused, so that no web page can write "
	"through a name that was made to point here, and so are those that a browser sends for a page of another "
	"site. Other addresses need something that tells clients apart. --token-file: each request has a header "
	"Authorization: Bearer TOKEN, or gets 401; kt serve token add makes one, with rights to produce to some "
	"topics or consume some, and other topics answer 403 or are not there; what is put behind the gateway needs a right, too. --tls-client-ca: each client has a "
	"certificate of that CA, for clients; others get 403. --insecure: everybody may do everything.",
	"With --tls-cert and --tls-key all but --ops-listen is HTTPS, from TLS 1.2 on. A HUP has the files read again: "
	"new connections get the new certificate, those that there are end with their next answer.",
	"A signal ends it: after --drain, in which /ready says 503 already, nobody can connect any more, and what is "
	"in flight is answered, for ten seconds at most. The status is 0, or 3 when requests were left. On a "
	"terminal the last line tells how many requests there are.",
	NULL,
};

static const char *const examples[] = {
	"a record from the shell",
	"kt serve & curl -d hello 'localhost:8082/produce/client58?key=a'",
	"and back: the last five of each partition",
	"curl 'localhost:8082/consume/client58?offset=-5'",
	"topics, groups and records in a browser",
	"kt serve & xdg-open http://localhost:8082/",
	"a row of your own",
	"echo 'GET /hello event t Hello reply=Hi' >my.routes",
	"and served",
	"kt serve --routes my.routes --listen 5000",
	"for others, with a token each",
	"kt serve token add shop 'produce:orders*' --token-file tokens",
	"and served over HTTPS",
	"kt serve -l :8443 --token-file tokens --tls-cert c.pem --tls-key k.pem",
	"a game's events, as its students' page sends them",
	"kt serve --lab game",
	NULL,
};

const struct kt_cmd kt_cmd_serve = {
	.name = "serve",
	.summary = "HTTP in front of topics",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
