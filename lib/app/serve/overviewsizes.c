/* How many bytes topics have, which librdkafka does not tell: each broker is asked about the partitions that it leads,
 * on a connection of its own that lives for one question. */
#include "brokerask.h"
#include "mem.h"
#include "overview_own.h"
#include "parallel.h"
#include "tlsfiles.h"
#include "when.h"
#include "workers.h"

/* EVERY, REST: as seldom as that, and so many times longer than asking took. AGAIN: where a broker did not answer.
 * MOST: about more partitions nobody is asked. */
enum { EVERY_MS = 30000, AGAIN_MS = 10000, REST = 10, LIMIT_MS = 5000, AT_ONCE = 64, MOST = 20000 };

struct size {
	char *topic;
	int64_t bytes;
	int32_t told; /* so many partitions' bytes */
};

/* A broker, and what it leads. */
struct leader {
	struct kt_probe probe;
	struct kt_logsize *logs;
	size_t n, cap;
};

/* One question to all of them, and what has come of it. */
struct question {
	struct kt_worker_item item;
	struct leader **leaders;
	size_t n_leaders;
	struct size *v; /* by topic */
	size_t n;
	bool missed; /* a broker did not answer */
	int64_t took_us;
};

struct kt_overview_sizes {
	const struct kt_settings *settings;
	const struct kt_stop *stop;
	struct kt_tls *tls;
	bool no_tls; /* it is needed, and there is none: nobody is asked */
	struct kt_workers *workers;
	struct question *told; /* the last */
	bool asking;
	int64_t again_us; /* 0: never asked */
};

static void drop(struct kt_worker_item *item)
{
	struct question *q = (struct question *)item;
	for (size_t i = 0; i < q->n_leaders; i++) {
		kt_probe_fini(&q->leaders[i]->probe);
		free(q->leaders[i]->logs);
		free(q->leaders[i]);
	}
	for (size_t i = 0; i < q->n; i++)
		free(q->v[i].topic);
	free(q->leaders);
	free(q->v);
	free(q);
}

static int by_topic(const void *a, const void *b)
{
	return strcmp(((const struct size *)a)->topic, ((const struct size *)b)->topic);
}

static struct size *size_of(const struct question *q, const char *topic)
{
	const struct size place = {.topic = (char *)topic};
	return q->n ? bsearch(&place, q->v, q->n, sizeof(place), by_topic) : NULL;
}

/* --- on a thread --- */

static void ask(void *data, int stop_fd)
{
	struct leader *leader = data;
	struct kt_err ignored = {0};
	if (!leader->n)
		return;
	qsort(leader->logs, leader->n, sizeof(*leader->logs), kt_logsize_compare);
	kt_probe_run(&leader->probe, stop_fd);
	/* What it does not tell stays unknown. */
	if (leader->probe.works && kt_brokerask_logsizes(&leader->probe, leader->logs, leader->n, &ignored) < 0)
		leader->probe.works = false;
}

static void add_up(struct question *q, const struct leader *leader)
{
	q->missed |= leader->n && !leader->probe.works && !leader->probe.left_to_client;
	for (size_t i = 0; i < leader->n; i++) {
		const struct kt_logsize *log = &leader->logs[i];
		struct size *size = size_of(q, log->topic);
		if (size && log->bytes >= 0 && !__builtin_add_overflow(size->bytes, log->bytes, &size->bytes))
			size->told++;
	}
}

static void work(void *user, void **state, struct kt_worker_item *item)
{
	const struct kt_overview_sizes *s = user;
	struct question *q = (struct question *)item;
	int64_t begun_us = kt_clock_us();
	(void)state;
	for (size_t from = 0, n; from < q->n_leaders; from += n) {
		n = q->n_leaders - from < AT_ONCE ? q->n_leaders - from : AT_ONCE;
		if (kt_parallel_run(ask, (void *const *)(q->leaders + from), n, s->stop, NULL, NULL) < 0)
			break;
		for (size_t i = from; i < from + n; i++)
			add_up(q, q->leaders[i]);
	}
	q->took_us = kt_clock_us() - begun_us;
}

/* --- in the loop --- */

/* Here, since a thread may not wait for a file (sig.h). What is wrong with these the clients say that come first. */
static void open_tls(struct kt_overview_sizes *s)
{
	kt_auto(kt_tlsfiles_fini) struct kt_tlsfiles creds = {0};
	struct kt_err ignored = {0};
	s->no_tls = kt_settings_tls(s->settings) && (kt_tlsfiles_read(&creds, s->settings, &ignored) < 0 ||
							    kt_tls_open(&s->tls, &creds, s->settings, &ignored) < 0);
}

int kt_overview_sizes_open(struct kt_overview_sizes **out, const struct kt_settings *settings,
	const struct kt_stop *stop, struct kt_err *err)
{
	struct kt_overview_sizes *s = kt_calloc(1, sizeof(*s));
	const struct kt_workers_how how = {.threads = 1, .waiting = 1, .work = work, .drop = drop, .user = s};
	s->settings = settings;
	s->stop = stop;
	if (kt_workers_open(&s->workers, &how, err) < 0) {
		free(s);
		return -1;
	}
	open_tls(s);
	*out = s;
	return 0;
}

static void add_brokers(const struct kt_overview_sizes *s, struct question *q, const struct kt_overview_known *known)
{
	q->leaders = kt_calloc(known->n_brokers, sizeof(struct leader *));
	for (size_t i = 0; i < known->n_brokers; i++) {
		struct kt_err ignored = {0};
		struct leader *leader = kt_calloc(1, sizeof(*leader));
		leader->probe = (struct kt_probe){
			.broker = known->brokers[i].id,
			.settings = s->settings,
			.tls = s->tls,
			.limit_ms = LIMIT_MS,
			.link.fd = -1,
		};
		if (kt_endpoint_make(&leader->probe.at, known->brokers[i].host, known->brokers[i].port, &ignored) < 0)
			free(leader);
		else
			q->leaders[q->n_leaders++] = leader;
	}
}

static void add_log(struct question *q, const char *topic, const struct kt_overview_log *log)
{
	struct leader *leader = NULL;
	for (size_t i = 0; i < q->n_leaders && !leader; i++)
		if (q->leaders[i]->probe.broker == log->leader)
			leader = q->leaders[i];
	if (!leader)
		return;
	leader->logs = kt_grow(leader->logs, &leader->cap, leader->n + 1, sizeof(*leader->logs));
	leader->logs[leader->n++] = (struct kt_logsize){topic, log->partition, -1};
}

static struct question *question(const struct kt_overview_sizes *s, const struct kt_overview_known *known)
{
	struct question *q = kt_calloc(1, sizeof(*q));
	add_brokers(s, q, known);
	q->v = kt_calloc(known->n_topics, sizeof(*q->v));
	for (size_t i = 0; i < known->n_topics; i++) {
		const struct kt_overview_topic *topic = &known->topics[i];
		struct size *size = &q->v[q->n++];
		size->topic = kt_strdup(topic->name);
		for (int32_t k = 0; k < topic->partitions; k++)
			add_log(q, size->topic, &topic->logs[k]);
	}
	return q;
}

static void take(struct kt_overview_sizes *s)
{
	struct question *q = (struct question *)kt_workers_take(s->workers);
	if (!q)
		return;
	int64_t least_us = (q->missed ? AGAIN_MS : EVERY_MS) * INT64_C(1000), rest_us = q->took_us * REST;
	s->again_us = kt_clock_us() + (rest_us > least_us ? rest_us : least_us);
	s->asking = false;
	if (s->told)
		drop(&s->told->item);
	s->told = q;
}

void kt_overview_sizes_renew(struct kt_overview_sizes *s, const struct kt_overview_known *known)
{
	int64_t partitions = 0;
	take(s);
	for (size_t i = 0; i < known->n_topics; i++)
		partitions += known->topics[i].partitions;
	if (s->asking || (s->again_us && kt_until_ms(s->again_us) > 0) || s->no_tls || !known->n_brokers ||
		!partitions || partitions > MOST)
		return;
	struct question *q = question(s, known);
	s->asking = kt_workers_put(s->workers, &q->item);
	if (!s->asking)
		drop(&q->item);
}

int64_t kt_overview_sizes_of(const struct kt_overview_sizes *s, const struct kt_overview_topic *topic)
{
	const struct size *size = s->told ? size_of(s->told, topic->name) : NULL;
	return size && topic->partitions > 0 && size->told == topic->partitions ? size->bytes : -1;
}

void kt_overview_sizes_close(struct kt_overview_sizes *s)
{
	if (!s)
		return;
	kt_workers_close(s->workers);
	if (s->told)
		drop(&s->told->item);
	kt_tls_close(s->tls);
	free(s);
}
