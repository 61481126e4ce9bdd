/* kt bench http: load on a web server, with ab's report and what it leaves out. */
#include "benchhttp.h"
#include "cmd.h"
#include "command.h"
#include "mem.h"
#include "num.h"
#include "say.h"

/* What -t means for the count, unless -n comes after it. */
enum { AB_REQUESTS = 50000 };

struct bench_opts {
	struct kt_bench_opts bench;
	struct kt_bench_rate_opts rate;
	const char *url, *file, *type, *method, *ca_file, *payload, *delim, *seed;
	struct kt_strs headers, schemas, fields;
	int64_t concurrency, limit_ms, timeout_ms, size, per_request;
	int limit_turn, verbose;
	bool keep, insecure, quiet;
};
#define OPTS struct bench_opts

/* A letter of ab's that means nothing here, and what does in its place. */
#define NOT_HERE(c, instead)                                                                                           \
	{                                                                                                              \
		.letter = c, .hidden = true, KT_GONE, .help = instead                                                  \
	}

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "URL", .positional = true, .required = true, KT_STR(url), .help = "http:// or https://HOST[:PORT]/PATH"},
	{KT_INCLUDE(bench, "How long, and what is shown", kt_bench_opts)},
	{.name = "timelimit", .often = true, .letter = 't', .also = "run-for", KT_MS(limit_ms), KT_TURN(limit_turn), .arg = "DUR",
		.help = "end after DUR (bare: seconds); as ab, with -n 50000 unless -n comes after it"},
	{KT_INCLUDE(rate, "How fast", kt_bench_rate_opts)},
	{.name = "concurrency", .often = true, .letter = 'c', KT_I64(concurrency), .arg = "N", .def = "1",
		.help = "requests at a time, each on a connection of its own: 1 to 10000"},
	{.name = "keep-alive", .often = true, .letter = 'k', KT_FLAG(keep),
		.help = "request after request on a connection, with HTTP/1.1; else HTTP/1.0 and one each"},
	{.name = "timeout", KT_MS(timeout_ms), .arg = "DUR", .def = "30s", .help = "how long to wait for an answer"},
	{.name = "method", .letter = 'm', KT_STR(method), .arg = "METHOD", .help = "(default: GET, with a body POST)"},
	{.name = "header", .often = true, .letter = 'H', KT_LIST(headers), .arg = "NAME: VALUE",
		.help = "a further line of the head; may be repeated"},
	{.name = "body", .often = true, .letter = 'p', KT_STR(file), .arg = "FILE", .comp = KT_COMP_FILE, .conflict = 'p',
		.help = "POST what is in this file"},
	{.name = "content-type", .letter = 'T', KT_STR(type), .arg = "TYPE", .def = "text/plain", .help = "what the body is"},
	{.name = "size", KT_BYTES(size), .arg = "BYTES", .conflict = 'p', .help = "POST this many random bytes, different each time"},
	{.name = "payload", KT_STR(payload), .arg = "FILE", .comp = KT_COMP_FILE, .conflict = 'p',
		.help = "POST lines of this file, drawn at random"},
	{.name = "payload-delimiter", KT_STR(delim), .arg = "BYTES", .def = "\\n", .help = "what ends a line there"},
	{.name = "schema", KT_LIST(schemas), .arg = "FILE", .comp = KT_COMP_FILE, .conflict = 'p',
		.help = "POST random records of this Avro schema, a container each"},
	{.name = "field", KT_LIST(fields), .arg = "PATH=GENERATOR", .help = "with --schema: how a field's values are made"},
	{.name = "seed", KT_STR(seed), .arg = "N", .help = "the same bodies in the same order each time"},
	{.name = "records-per-request", KT_I64(per_request), .arg = "N", .def = "0",
		.help = "this many records in each body, a line each; their rate is said too"},
	{.name = "ca-file", KT_STR(ca_file), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "trust the certificates in this file (PEM), not this machine's"},
	{.name = "insecure", KT_FLAG(insecure), .help = "any certificate will do, as with ab"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "say only what failed, and warnings"},
	{.name = "verbose", .letter = 'v', KT_COUNT(verbose), .help = "say more"},
	NOT_HERE('s', "--timeout DUR"),
	NOT_HERE('b', "the system chooses the buffers"),
	NOT_HERE('B', "the system chooses the address"),
	NOT_HERE('u', "-m PUT -p FILE"),
	NOT_HERE('w', "-J prints JSON"),
	NOT_HERE('i', "-m HEAD"),
	NOT_HERE('x', "-J prints JSON"),
	NOT_HERE('y', "-J prints JSON"),
	NOT_HERE('z', "-J prints JSON"),
	NOT_HERE('C', "-H 'Cookie: NAME=VALUE'"),
	NOT_HERE('A', "-H 'Authorization: Basic BASE64'"),
	NOT_HERE('P', "requests go to the server itself, not to a proxy"),
	NOT_HERE('X', "requests go to the server itself, not to a proxy"),
	NOT_HERE('d', "leave it out: the percentages are a part of the report"),
	NOT_HERE('S', "leave it out: the warnings are a part of the report"),
	NOT_HERE('l', "leave it out: lengths that differ are counted apart"),
	NOT_HERE('g', "--hgrm FILE for plotters, -J for programs"),
	NOT_HERE('e', "--hgrm FILE for plotters, -J for programs"),
	NOT_HERE('r', "leave it out: it goes on after errors"),
	NOT_HERE('I', "leave it out: the name of the server is sent to it"),
	NOT_HERE('Z', "OpenSSL chooses the cipher"),
	NOT_HERE('f', "OpenSSL chooses the version of TLS"),
	NOT_HERE('E', "there are no certificates of clients"),
	KT_END,
};
/* clang-format on */

/* ab's rules for -n and -t: one request if nothing is said; -t makes 50,000 of it, and what comes last counts. */
static void read_limits(OPTS *o)
{
	bool capped = o->limit_ms && (o->bench.count < 0 || o->bench.count_turn < o->limit_turn);
	char given[32];
	if (capped && o->bench.count > AB_REQUESTS)
		kt_say(KT_WARNING, "-t after -n ends after 50,000 requests, not %s, as with ab: put -n last",
			kt_group_digits(o->bench.count, given));
	if (capped)
		o->bench.count = AB_REQUESTS;
	/* An open loop has its own measure of how many that are. */
	if (capped && (o->rate.rate > 0 || o->rate.ramp) && !o->bench.count_turn)
		o->bench.count = -1;
	if (o->bench.count < 0 && !o->limit_ms && !o->rate.ramp)
		o->bench.count = 1;
}

static int check(const OPTS *o, struct kt_err *err)
{
	bool made = o->size || o->payload || o->schemas.n;
	if (o->bench.count == 0)
		return kt_err_set(err, KT_USAGE, "-n 0: expected at least 1");
	if (o->bench.count > 0 && o->concurrency > o->bench.count)
		return kt_err_set(err, KT_USAGE, "-c %lld is more than -n %lld: more at a time than there are in all",
			(long long)o->concurrency, (long long)o->bench.count);
	if (!made && o->seed)
		return kt_err_set(err, KT_USAGE, "--seed is for --size, --payload and --schema");
	if (o->fields.n && !o->schemas.n)
		return kt_err_set(err, KT_USAGE, "--field needs a schema: --schema FILE");
	if (o->per_request > 1 && o->schemas.n)
		return kt_err_set(err, KT_USAGE, "--records-per-request: Avro containers are not lines");
	if (o->per_request && !made && !o->file)
		return kt_err_set(err, KT_USAGE, "--records-per-request needs a body: -p, --payload or --size");
	if (o->timeout_ms < 1)
		return kt_err_set(err, KT_USAGE, "--timeout: expected at least a millisecond");
	return o->ca_file && o->insecure ? kt_err_set(err, KT_USAGE, "--ca-file and --insecure: only one can be given")
					 : 0;
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(kt_free_ptr) struct kt_benchhttp *bench = kt_calloc(1, sizeof(*bench));
	const struct kt_encode_opts encode = {.schemas = o->schemas};
	const struct kt_benchrecords_opts records = {
		.encode = &encode,
		.payload = o->payload,
		.delim = o->delim,
		.size = o->size,
		.fields = o->fields,
		.seed = o->seed,
	};
	read_limits(o);
	if (check(o, err) < 0)
		return -1;
	struct kt_benchhttp_how how = {
		.run =
			{
				.owner = &kt_command,
				.opts = &o->bench,
				.rate = &o->rate,
				.run_for_ms = o->limit_ms,
				.time_ends = true,
				.kind = "http",
				.what = "request",
				.target = o->url,
			},
		.url = o->url,
		.method = o->method,
		.type = o->type,
		.file = o->file,
		.records = o->size || o->payload || o->schemas.n ? &records : NULL,
		.per_request = o->per_request,
		.headers = &o->headers,
		.concurrency = o->concurrency,
		.keep = o->keep,
		.ca_file = o->ca_file,
		.insecure = o->insecure,
		.timeout_ms = o->timeout_ms,
	};
	bench->run.timer = bench->poll = -1;
	int result = kt_benchhttp_open(bench, &how, err);
	result = result < 0 ? -1 : kt_benchhttp_run(bench, err);
	kt_benchhttp_fini(bench);
	return result;
}

static const char *const about[] = {
	"Sends requests to URL and prints the report of ab (ApacheBench), with its lines and its formulas, so that older "
	"numbers can be laid beside it. ab's options -n, -c, -t, -k, -p, -T, -H and -m are understood. Without -k each request "
	"is one of HTTP/1.0 on a connection of its own; with it they are of HTTP/1.1. \"Total body sent\" is all that was "
	"written, heads too. What ab says for whole milliseconds is below it in hundredths, with more percentiles.",
	"Where ab waits for an answer before it sends again, so does this (a closed loop) unless --rate or --ramp gives the "
	"times at which requests are to be sent: latency in the lower table counts from then, also while all -c connections "
	"wait for answers, which makes late sends. Failures of connections, of TLS, answers that end early or come too late, "
	"lengths that differ from the first and statuses other than 2xx are counted apart, and make the status 3; while it "
	"goes on they are all shown as failed.",
	"There is always an end: -n requests (1, if nothing is said), -t, or that of a ramp. -t 5 is 50,000 requests in five "
	"seconds at most, as with ab, unless -n comes after it, or the loop is open.",
	"A body is that of a file (-p), or made for each request: random bytes, lines of a file, a record of an Avro schema. "
	"With --records-per-request it is that many lines of --payload or --size. -J has each interval of the run; on a terminal the last one is shown while it goes on. Only the first ten "
	"million requests are in ab's times; the percentiles below know all.",
	KT_BENCH_LISTEN,
	KT_BENCH_HGRM,
	NULL,
};

static const char *const examples[] = {
	"ten thousand requests from ten connections",
	"kt bench http -n 10000 -c 10 -k http://localhost:3000/ping",
	"the load test of the lab, a body from a file",
	"kt bench http -p some.json -T application/json -n 1000 localhost:3000/",
	"what users feel at 2,000 requests a second",
	"kt bench http --rate 2000 -t 30s -c 200 -k http://localhost:3000/",
	NULL,
};

const struct kt_cmd kt_cmd_bench_http = {
	.name = "bench http",
	.summary = "load a web server, with ab's report and its open-loop truth",
	.section = "Measuring",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
