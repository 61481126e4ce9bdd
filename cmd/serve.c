/* kt serve: HTTP in front of topics. */
#include <sys/resource.h>
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "out.h"
#include "routes.h"
#include "say.h"
#include "serve.h"
#include "stop.h"

struct serve_opts {
	struct kt_client_opts client;
	const char *listen;
	struct kt_strs routes, hosts, topics;
	int64_t max_body, max_inflight, max_connections, max_per_address, deadline_ms;
	bool print_routes, insecure;
};
#define OPTS struct serve_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "listen", .letter = 'l', KT_STR(listen), .arg = "ADDR:PORT", .def = "127.0.0.1:8082",
		.help = "serve there; port 0: any"},
	{.name = "routes", KT_LIST(routes), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "rows of a route table in place of the built-in ones; may be repeated"},
	{.name = "print-routes", KT_FLAG(print_routes), .help = "print the rows, and do not serve"},
	{.name = "topics", KT_LIST(topics), .arg = "GLOB",
		.help = "write to these topics only; may be repeated"},
	{.name = "host", KT_LIST(hosts), .arg = "NAME",
		.help = "take requests for this name too, on an address of this machine; may be repeated"},
	{.name = "insecure", KT_FLAG(insecure),
		.help = "allow an address that others can reach: whoever does may write"},
	{.name = "deadline", KT_MS(deadline_ms), .arg = "DUR", .def = "10s",
		.help = "answer 503 when nobody acknowledged a record by then"},
	{.name = "max-body", KT_BYTES(max_body), .arg = "SIZE", .def = "8MiB", .help = "the largest body of a request"},
	{.name = "max-inflight", KT_BYTES(max_inflight), .arg = "SIZE", .def = "64MiB",
		.help = "bodies of requests that wait; 503 beyond it"},
	{.name = "max-connections", KT_I64(max_connections), .arg = "N", .def = "10000", .help = "at once; more wait"},
	{.name = "max-per-address", KT_I64(max_per_address), .arg = "N", .def = "1000",
		.help = "of them from one address, but for this machine's; 429 beyond it"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char builtin[] = "POST /produce/{topic} produce {topic}\n"
			      "GET /healthy healthy\n"
			      "GET /metrics metrics\n";

static int read_routes(struct kt_routes *routes, const struct kt_strs *files, struct kt_err *err)
{
	for (size_t i = 0; i < files->n; i++)
		if (kt_routes_read(routes, files->v[i], err) < 0)
			return -1;
	if (files->n)
		return routes->n ? 0 : kt_err_set(err, KT_USAGE, "%s: there are no rows", files->v[0]);
	return kt_routes_add(routes, "the built-in rows", (struct kt_bytes){builtin, sizeof(builtin) - 1}, err);
}

static int check_usage(const struct serve_opts *o, struct kt_err *err)
{
	static const int64_t most = 1000000;
	if (o->max_connections < 1 || o->max_connections > most)
		return kt_err_set(err, KT_USAGE, "--max-connections: expected 1 to %lld", (long long)most);
	if (o->max_per_address < 1 || o->max_per_address > most)
		return kt_err_set(err, KT_USAGE, "--max-per-address: expected 1 to %lld", (long long)most);
	if (o->max_body < 1 || o->max_inflight < o->max_body)
		return kt_err_set(err, KT_USAGE, "--max-inflight has to be --max-body at least, and that 1");
	return o->deadline_ms > 0 ? 0 : kt_err_set(err, KT_USAGE, "--deadline 0: expected a millisecond at least");
}

/* A descriptor for each connection, and some for the rest. */
static void raise_limit(int64_t connections)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= (rlim_t)connections + 100)
		return;
	limit.rlim_cur = limit.rlim_max < (rlim_t)connections + 100 ? limit.rlim_max : (rlim_t)connections + 100;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int print_routes(const struct kt_routes *routes, struct kt_err *err)
{
	kt_auto(kt_out_fini) struct kt_out out;
	kt_out_init(&out, STDOUT_FILENO);
	kt_routes_print(routes, &out.buf);
	return kt_out_drain(&out, err);
}

static int check_address(const char *address, bool insecure, struct kt_err *err)
{
	if (insecure || !strncmp(address, "127.", 4) || !strncmp(address, "[::1]", 5))
		return 0;
	kt_err_set(err, KT_USAGE, "--listen: others can reach %s, and whoever does may write", address);
	return kt_err_hint(err, "--insecure allows it");
}

static int serve(const struct serve_opts *o, const struct kt_routes *routes, const struct kt_settings *settings,
	struct kt_err *err)
{
	struct kt_stop stop = {.outer = o->client.owner->stop};
	struct kt_serve *s;
	struct kt_serve_how how = {
		.listen = o->listen,
		.routes = routes,
		.settings = settings,
		.owner = o->client.owner,
		.hosts = &o->hosts,
		.topics = &o->topics,
		.timeout_ms = o->client.timeout_ms,
		.max_body = (size_t)o->max_body,
		.max_inflight = (size_t)o->max_inflight,
		.max_connections = (unsigned)o->max_connections,
		.max_per_address = (unsigned)o->max_per_address,
	};
	raise_limit(o->max_connections);
	if (kt_serve_open(&s, &how, err) < 0)
		return -1;
	int result = check_address(kt_serve_address(s), o->insecure, err);
	if (result == 0) {
		kt_say(KT_NORMAL, "serving at http://%s/", kt_serve_address(s));
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
	kt_auto(kt_routes_fini) struct kt_routes routes = {0};
	if (check_usage(o, err) < 0 || read_routes(&routes, &o->routes, err) < 0)
		return -1;
	if (o->print_routes)
		return print_routes(&routes, err);
	if (kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	kt_serve_settings(&settings, o->deadline_ms);
	return kt_conf_resolve(&settings, err) < 0 ? -1 : serve(o, &routes, &settings, err);
}

static const char *const about[] = {
	"Takes HTTP requests, makes records of them, and answers when the broker has acknowledged those: 200 with "
	"partition and offset. The body of a POST to /produce/TOPIC is a record, its bytes unchanged; ?key=, ?partition= and "
	"?timestamp= (in ms) say the rest, and request headers Kt-Header-NAME become headers. With Content-Type: "
	"application/x-ndjson each line is a record, and the answer tells the first and last offset of each partition.",
	"Nothing is 200 for nothing. 207: some lines were not acknowledged. 400, 413, 422: the request cannot be records, and "
	"none was written. 403: the cluster forbids it, or --topics does. 404: there is no such topic; none is ever made. 502: "
	"a broker refused the record for good. 503 with Retry-After: nobody acknowledged it by --deadline, no broker can be "
	"reached, or too much is waiting; \"maybe_written\" says that it may be in the topic all the same.",
	"What is served are rows: METHOD PATH ACTION WORD… key=value…, from --routes FILE or built in; --print-routes shows "
	"them as they can be put into a file. Actions: produce TOPIC; event TOPIC VALUE with reply=TEXT and type=; text TEXT "
	"with type= and status=; healthy; metrics. host=NAME has a row count for this host only. A part of a path in braces "
	"stands for any text, also as a word: POST /produce/{topic} produce {topic}. \"…\" holds blanks and escapes, '…' "
	"blanks. A row for GET answers HEAD, and writes nothing then.",
	"On an address of this machine requests for other host names are refused, so that no page of the web can write "
	"through a name that was made to point here, and so are those that a browser sends for a page of another site. Other "
	"addresses want --insecure, since there are no passwords yet: put a proxy in front that knows its users.",
	"A signal ends it: what is in flight is answered, for ten seconds at most, and the status is 0, or 3 when requests "
	"were left.",
	NULL,
};

static const char *const examples[] = {
	"a record from the shell",
	"kt serve & curl -d hello 'localhost:8082/produce/client58?key=a'",
	"a row of one's own",
	"echo 'GET /hello event t Hello reply=Hi' >my.routes",
	"and served",
	"kt serve --routes my.routes --listen 5000",
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
