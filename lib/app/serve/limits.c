#include "limits.h"

#include <sys/resource.h>

#include "allowance.h"
#include "say.h"

/* HEAD_LEAST: for what browsers send. */
enum {
	CONNECTIONS_MOST = 1000000,
	READERS_MOST = 100,
	CONSUMERS_MOST = 1000,
	HEAD_LEAST = 1 << 10,
	HEAD_MOST = 1 << 20,
	OTHER_DESCRIPTORS = 100
};

#define OPTS struct kt_serve_limits
/* clang-format off */
const struct kt_opt kt_serve_limit_opts[] = {
	{.name = "max-body", KT_BYTES(max_body), .arg = "SIZE", .def = "8MiB", .help = "the largest body of a request"},
	{.name = "max-inflight", KT_BYTES(max_inflight), .arg = "SIZE", .def = "64MiB",
		.help = "bodies of requests that wait, and answers that do; 503 beyond it"},
	{.name = "max-head", KT_BYTES(max_head), .arg = "SIZE", .def = "8KiB",
		.help = "request line and headers; a connection takes twice that"},
	{.name = "max-connections", KT_I64(max_connections), .arg = "N", .def = "10000", .help = "at once; more wait"},
	{.name = "max-per-address", KT_I64(max_per_address), .arg = "N", .def = "1000",
		.help = "of them from one address, except this machine's; 429 beyond it"},
	{.name = "max-readers", KT_I64(max_readers), .arg = "N", .def = "8",
		.help = "requests that read at once; more wait, and end the long polls of those"},
	{.name = "max-consumers", KT_I64(max_consumers), .arg = "N", .def = "50",
		.help = "members of groups, of WebSockets and consumer instances; 503"},
	{.name = "consumer-idle", KT_MS(consumer_idle_ms), .arg = "DUR", .def = "5m",
		.help = "a consumer instance that nobody asks for anything leaves its group"},
	{.name = "rate-limit", KT_I64(rate), .arg = "N", .def = "0",
		.help = "requests per second of a token, or else an address; 0: no limit; 429"},
	{.name = "head-deadline", KT_MS(head_ms), .arg = "DUR", .def = "5s", .help = "for a request's head to come"},
	{.name = "body-deadline", KT_MS(body_ms), .arg = "DUR", .def = "30s",
		.help = "for a body or taking an answer, plus its bytes at --least-rate, and for a pause"},
	{.name = "least-rate", KT_BYTES(least_rate), .arg = "SIZE", .def = "64KiB",
		.help = "bytes per second that a client is expected to send or take"},
	{.name = "idle", KT_MS(idle_ms), .arg = "DUR", .def = "60s", .help = "for the next request on a connection"},
	KT_END,
};
/* clang-format on */

static int check_range(const char *name, int64_t n, int64_t least, int64_t most, struct kt_err *err)
{
	if (n >= least && n <= most)
		return 0;
	return kt_err_set(err, KT_USAGE, "--%s: expected %lld to %lld", name, (long long)least, (long long)most);
}

int kt_serve_limits_check(const struct kt_serve_limits *l, struct kt_err *err)
{
	static const int64_t day_ms = 86400000;
	if (check_range("max-connections", l->max_connections, 1, CONNECTIONS_MOST, err) < 0 ||
		check_range("max-per-address", l->max_per_address, 1, CONNECTIONS_MOST, err) < 0 ||
		check_range("max-readers", l->max_readers, 1, READERS_MOST, err) < 0 ||
		check_range("max-consumers", l->max_consumers, 0, CONSUMERS_MOST, err) < 0 ||
		check_range("rate-limit", l->rate, 0, KT_ALLOWANCE_MOST, err) < 0 ||
		check_range("max-head", l->max_head, HEAD_LEAST, HEAD_MOST, err) < 0 ||
		check_range("least-rate", l->least_rate, 1, INT32_MAX, err) < 0)
		return -1;
	if (l->consumer_idle_ms < 1000 || l->consumer_idle_ms > day_ms)
		return kt_err_set(err, KT_USAGE, "--consumer-idle: expected 1 s to a day");
	if (l->head_ms < 1 || l->body_ms < 1 || l->idle_ms < 1 || l->head_ms > day_ms || l->body_ms > day_ms ||
		l->idle_ms > day_ms)
		return kt_err_set(err, KT_USAGE, "--head-deadline, --body-deadline and --idle: expected 1 ms to a day");
	if (l->max_body < 1 || l->max_inflight < l->max_body)
		return kt_err_set(err, KT_USAGE, "--max-inflight has to be at least --max-body, and that at least 1");
	return 0;
}

void kt_serve_raise_descriptors(int64_t connections)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + OTHER_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted)
		kt_say(KT_WARNING, "the system allows %llu descriptors: fewer than %lld connections",
			(unsigned long long)limit.rlim_cur, (long long)connections);
}
