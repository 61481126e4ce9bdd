#include "benchab.h"

#include <math.h>

#include "mem.h"

/* What is measured of each request, in ab's order. */
enum { CONNECT, PROCESSING, WAITING, TOTAL, KINDS };

static const struct {
	const char *name, *sentence;
} kinds[KINDS] = {
	{"Connect:", "the initial connection time"},
	{"Processing:", "the processing time"},
	{"Waiting:", "the waiting time"},
	{"Total:", "the total time"},
};

struct numbers {
	int64_t least, mean, median, most; /* milliseconds, rounded */
	double deviation;
};

static uint32_t fit(int64_t us)
{
	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

void kt_benchab_add(struct kt_benchab *ab, int64_t connect_us, int64_t total_us, int64_t wait_us)
{
	ab->done++;
	if (ab->n == KT_BENCHAB_SAMPLES)
		return;
	ab->v = kt_grow(ab->v, &ab->cap, ab->n + 1, sizeof(*ab->v));
	ab->v[ab->n++] = (struct kt_benchab_sample){fit(connect_us), fit(total_us), fit(wait_us)};
}

static uint32_t time_of(const struct kt_benchab_sample *s, int kind)
{
	switch (kind) {
	case CONNECT:
		return s->connect;
	case PROCESSING:
		return s->total - (s->connect < s->total ? s->connect : s->total);
	case WAITING:
		return s->wait;
	default:
		return s->total;
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return left < right ? -1 : left > right;
}

static int64_t round_ms(int64_t us)
{
	return (us + 500) / 1000;
}

/* The times of a kind, sorted, and what ab says of them: means of whole microseconds, the deviation over n - 1, and of
 * an odd number of at least three the mean of the middle one and the next one as median. */
static struct numbers count(const struct kt_benchab *ab, uint32_t *times, int kind)
{
	size_t n = ab->n, half = n / 2;
	int64_t sum = 0;
	double squares = 0;
	for (size_t i = 0; i < n; i++) {
		times[i] = time_of(&ab->v[i], kind);
		sum += times[i];
	}
	int64_t mean = sum / (int64_t)n;
	for (size_t i = 0; i < n; i++)
		squares += ((double)times[i] - (double)mean) * ((double)times[i] - (double)mean);
	qsort(times, n, sizeof(*times), compare);
	int64_t median = n > 1 && n % 2 ? ((int64_t)times[half] + times[half + 1]) / 2 : times[half];
	return (struct numbers){round_ms(times[0]), round_ms(mean), round_ms(median), round_ms(times[n - 1]),
		n > 1 ? sqrt(squares / (double)(n - 1)) / 1000 : 0};
}

static void add_warning(struct kt_buf *out, const char *what, const struct numbers *n)
{
	double apart = fabs((double)(n->mean - n->median));
	if (apart > 2 * n->deviation)
		kt_buf_addf(out,
			"ERROR: The median and mean for %s are more than twice the standard\n"
			"       deviation apart. These results are NOT reliable.\n",
			what);
	else if (apart > n->deviation)
		kt_buf_addf(out,
			"WARNING: The median and mean for %s are not within a normal deviation\n"
			"        These results are probably not that reliable.\n",
			what);
}

static void add_times(const struct kt_benchab *ab, struct kt_buf *out)
{
	static const int percents[] = {50, 66, 75, 80, 90, 95, 98, 99};
	kt_auto(kt_free_ptr) uint32_t *times = kt_malloc(ab->n * sizeof(*times));
	struct numbers numbers[KINDS];
	kt_buf_adds(out, "\nConnection Times (ms)\n              min  mean[+/-sd] median   max\n");
	for (int kind = 0; kind < KINDS; kind++) {
		struct numbers *n = &numbers[kind];
		*n = count(ab, times, kind); /* the last one is that of the whole requests, for what follows */
		kt_buf_addf(out, "%-12s%5lld %4lld %5.1f %6lld %7lld\n", kinds[kind].name, (long long)n->least,
			(long long)n->mean, n->deviation, (long long)n->median, (long long)n->most);
	}
	for (int kind = 0; kind < KINDS; kind++)
		add_warning(out, kinds[kind].sentence, &numbers[kind]);
	if (ab->n < 2)
		return;
	kt_buf_adds(out, "\nPercentage of the requests served within a certain time (ms)\n");
	for (size_t i = 0; i < KT_LEN(percents); i++)
		kt_buf_addf(out, "  %d%%  %5lld\n", percents[i],
			(long long)round_ms(times[ab->n * (size_t)percents[i] / 100]));
	kt_buf_addf(out, " 100%%  %5lld (longest request)\n", (long long)round_ms(times[ab->n - 1]));
}

static void add_head(const struct kt_benchab *ab, struct kt_buf *out)
{
	kt_buf_addf(out, "Server Software:        %s\n", ab->server);
	kt_buf_addf(out, "Server Hostname:        %s\n", ab->host);
	kt_buf_addf(out, "Server Port:            %d\n", ab->port);
	if (ab->tls[0])
		kt_buf_addf(out, "SSL/TLS Protocol:       %s\n", ab->tls);
	if (ab->tls_name[0])
		kt_buf_addf(out, "TLS Server Name:        %s\n", ab->tls_name);
	kt_buf_addf(out, "\nDocument Path:          %s\n", ab->path);
	kt_buf_addf(out, "Document Length:        %lld bytes\n\n", (long long)(ab->document < 0 ? 0 : ab->document));
}

static void add_rates(const struct kt_benchab *ab, struct kt_buf *out)
{
	double done = (double)ab->done, seconds = ab->seconds;
	if (!(seconds > 0) || !ab->done)
		return;
	kt_buf_addf(out, "Requests per second:    %.2f [#/sec] (mean)\n", done / seconds);
	kt_buf_addf(out, "Time per request:       %.3f [ms] (mean)\n", (double)ab->concurrency * seconds * 1000 / done);
	kt_buf_addf(out, "Time per request:       %.3f [ms] (mean, across all concurrent requests)\n",
		seconds * 1000 / done);
	kt_buf_addf(out, "Transfer rate:          %.2f [Kbytes/sec] received\n", (double)ab->received / 1024 / seconds);
	if (!ab->posts)
		return;
	kt_buf_addf(out, "                        %.2f kb/s sent\n", (double)ab->sent / 1024 / seconds);
	kt_buf_addf(
		out, "                        %.2f kb/s total\n", (double)(ab->received + ab->sent) / 1024 / seconds);
}

void kt_benchab_report(struct kt_benchab *ab, struct kt_buf *out)
{
	add_head(ab, out);
	kt_buf_addf(out, "Concurrency Level:      %lld\n", (long long)ab->concurrency);
	kt_buf_addf(out, "Time taken for tests:   %.3f seconds\n", ab->seconds);
	kt_buf_addf(out, "Complete requests:      %lld\n", (long long)ab->done);
	kt_buf_addf(out, "Failed requests:        %lld\n", (long long)ab->failed);
	if (ab->failed)
		kt_buf_addf(out, "   (Connect: %lld, Receive: %lld, Length: %lld, Exceptions: %lld)\n",
			(long long)ab->failed_connect, (long long)ab->failed_receive, (long long)ab->failed_length,
			(long long)ab->failed_other);
	if (ab->not_2xx)
		kt_buf_addf(out, "Non-2xx responses:      %lld\n", (long long)ab->not_2xx);
	if (ab->keep)
		kt_buf_addf(out, "Keep-Alive requests:    %lld\n", (long long)ab->kept);
	kt_buf_addf(out, "Total transferred:      %lld bytes\n", (long long)ab->received);
	if (ab->posts)
		kt_buf_addf(out, "Total body sent:        %lld\n", (long long)ab->sent);
	kt_buf_addf(out, "HTML transferred:       %lld bytes\n", (long long)ab->received_body);
	add_rates(ab, out);
	if (ab->n)
		add_times(ab, out);
}

void kt_benchab_fini(struct kt_benchab *ab)
{
	free(ab->v);
}
