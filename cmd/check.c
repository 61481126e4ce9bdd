/* kt check: whether a cluster can be used from here, step by step, and where not, why. */
#include <unistd.h>

#include "checkconfig.h"
#include "checkreport.h"
#include "client.h"
#include "cmd.h"
#include "mem.h"
#include "out.h"
#include "parallel.h"
#include "probe.h"
#include "say.h"
#include "sig.h"
#include "topic.h"
#include "version.h"

/* More brokers than these are not looked at; if these are good, the others are likely to be. */
enum { MOST_PROBES = 64 };

enum { FOR_BOTH, FOR_READ, FOR_WRITE };
static const char *const purposes[] = {"both", "read", "write", NULL};

struct check_opts {
	struct kt_client_opts client;
	const char *topic, *option_topic, *group;
	int purpose;
	bool json;
};

#define OPTS struct check_opts
static const struct kt_opt opts[] = {
	{.name = "TOPIC",
		.positional = true,
		KT_STR(topic),
		.comp = KT_COMP_TOPIC,
		.help = "look at this topic too; else the configured one"},
	{.name = "topic",
		.letter = 't',
		KT_STR(option_topic),
		.arg = "TOPIC",
		.comp = KT_COMP_TOPIC,
		.help = "the same as TOPIC"},
	{.name = "group",
		.letter = 'g',
		KT_STR(group),
		.arg = "GROUP",
		.comp = KT_COMP_GROUP,
		.help = "look for the coordinator of this group"},
	{.name = "for",
		KT_ENUM(purpose, purposes),
		.arg = "WHAT",
		.def = "both",
		.help = "what the topic has to allow"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per step"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

struct check {
	const struct check_opts *o;
	struct kt_checkconfig pre;
	struct kt_checkreport report;
	struct kt_probe *probes[MOST_PROBES];
	size_t n, shown;        /* probes that there are, and that are printed */
	struct kt_probe *works; /* the first one that has passed all steps */
	const char *topic, *group;
};

static void check_fini(struct check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		kt_probe_fini(c->probes[i]);
		free(c->probes[i]);
	}
	kt_checkconfig_fini(&c->pre);
	kt_checkreport_fini(&c->report);
}

static int interrupted(const struct check *c, struct kt_err *err)
{
	return kt_err_set(err, kt_owner_stopped(c->o->client.owner), "%s", "");
}

static struct kt_probe *find_probe(const struct check *c, const struct kt_endpoint *at)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcasecmp(c->probes[i]->at.name, at->name))
			return c->probes[i];
	return NULL;
}

static void add_probe(struct check *c, const struct kt_endpoint *at, int32_t broker)
{
	struct kt_probe *p = c->probes[c->n++] = kt_calloc(1, sizeof(*p));
	p->at = *at;
	p->broker = broker;
	p->settings = &c->pre.settings;
	p->tls = c->pre.tls;
	p->no_tls = c->pre.usable ? NULL : "credentials did not work";
	p->known = c->works ? c->works->address : NULL;
	p->limit_ms = c->o->client.timeout_ms;
	p->wants_metadata = broker < 0;
	p->link.fd = -1;
}

static void run_probe(void *probe, int stop_fd)
{
	kt_probe_run(probe, stop_fd);
}

/* Prints the probes that are done, in their order, and shows what the next one does. */
static void show_probes(void *data, size_t done)
{
	struct check *c = data;
	for (; c->shown < done; c->shown++) {
		kt_checkreport_steps(&c->report, &c->probes[c->shown]->steps, 0);
		if (c->probes[c->shown]->works && !c->works)
			c->works = c->probes[c->shown];
	}
	if (done < c->n) {
		const char *doing = atomic_load(&c->probes[done]->doing);
		kt_say_progress("%s of %s", doing ? doing : "start", c->probes[done]->at.name);
	}
}

/* show_probes() for those after the ones that were run earlier. */
struct batch {
	struct check *check;
	size_t from;
};

static void show_batch(void *data, size_t done)
{
	const struct batch *b = data;
	show_probes(b->check, b->from + done);
}

static int run_probes(struct check *c, size_t from, struct kt_err *err)
{
	struct batch batch = {c, from};
	void *const *items = (void *const *)(c->probes + from);
	return kt_parallel_run(run_probe, items, c->n - from, c->o->client.owner->stop, show_batch, &batch) < 0
		       ? interrupted(c, err)
		       : 0;
}

static int check_bootstrap(struct check *c, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs list = {0};
	kt_strs_split(&list, kt_settings_text(&c->pre.settings, "bootstrap.servers", ""), ",");
	for (size_t i = 0; i < list.n && c->n < MOST_PROBES; i++) {
		struct kt_endpoint at;
		struct kt_err bad = {0};
		if (kt_endpoint_parse(&at, list.v[i], &bad) == 0) {
			if (!find_probe(c, &at))
				add_probe(c, &at, KT_STEP_BOOTSTRAP);
			continue;
		}
		struct kt_steps steps = {0};
		kt_step_fail(kt_step_begin(&steps, "bootstrap", "", KT_STEP_LOCAL), &bad);
		kt_checkreport_steps(&c->report, &steps, 0);
		kt_steps_fini(&steps);
	}
	return run_probes(c, 0, err);
}

/* A list that mixes clusters works now and then: whichever broker answers first decides. */
static void compare_clusters(struct check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct kt_probe *p = c->probes[i], *first = c->works;
		struct kt_steps steps = {0};
		struct kt_err mixed = {0};
		if (!p->works || !strcmp(p->seen.cluster, first->seen.cluster))
			continue;
		kt_err_set(&mixed, KT_USAGE, "%s belongs to cluster %s, but %s to cluster %s", p->at.name,
			p->seen.cluster, first->at.name, first->seen.cluster);
		kt_err_hint(&mixed, "name brokers of one cluster only");
		kt_step_fail(kt_step_begin(&steps, "bootstrap", "", KT_STEP_LOCAL), &mixed);
		kt_checkreport_steps(&c->report, &steps, 0);
		kt_steps_fini(&steps);
		return;
	}
}

/* A broker whose address was looked at already, or that has none. */
static void note_listener(struct check *c, const struct kt_seen_broker *broker)
{
	struct kt_endpoint at = {0};
	struct kt_err bad = {0};
	struct kt_steps steps = {0};
	int failed = kt_endpoint_make(&at, broker->host, broker->port, &bad);
	const struct kt_probe *probe = failed ? NULL : find_probe(c, &at);
	if (!failed && !probe && c->n < MOST_PROBES) {
		add_probe(c, &at, broker->id);
		return;
	}
	struct kt_step *step = kt_step_begin(&steps, "listener", at.name, broker->id);
	if (failed)
		kt_step_fail(step, &bad);
	else if (!probe)
		kt_step_skip(step, "enough brokers were looked at already");
	else if (probe->works)
		kt_step_ok(step, "as above");
	else
		kt_step_skip(step, "it failed above");
	kt_checkreport_steps(&c->report, &steps, 0);
	kt_steps_fini(&steps);
}

static int check_listeners(struct check *c, struct kt_err *err)
{
	size_t from = c->n;
	if (!c->works) {
		kt_checkreport_skipped(&c->report, "listener", "no broker could be asked which ones there are");
		return 0;
	}
	compare_clusters(c);
	for (size_t i = 0; i < c->works->seen.n; i++)
		note_listener(c, &c->works->seen.brokers[i]);
	return run_probes(c, from, err);
}

/* What is asked over the connection that works. */
static void ask_cluster(void *data, int stop_fd)
{
	struct check *c = data;
	struct kt_probe *p = c->works;
	p->stop_fd = stop_fd;
	if (c->topic)
		kt_probe_topic(p, c->topic, c->o->purpose != FOR_WRITE, c->o->purpose != FOR_READ);
	kt_probe_group(p, c->group ? c->group : "kt-check", c->group != NULL);
	kt_probe_round_trip(p);
}

static void show_cluster(void *data, size_t done)
{
	const struct check *c = data;
	const char *doing = atomic_load(&c->works->doing);
	if (!done)
		kt_say_progress("%s of %s", doing, c->works->at.name);
}

static int check_cluster(struct check *c, struct kt_err *err)
{
	static const char *const names[] = {"topic", "read", "write", "group", "round-trip"};
	const char *none = c->topic ? "no broker could be asked" : "no topic is given or configured";
	for (size_t i = 0; i < KT_LEN(names); i++)
		if (i < 3 ? !c->topic || !c->works : !c->works)
			kt_checkreport_skipped(&c->report, names[i], i < 3 ? none : "no broker could be asked");
	if (!c->works)
		return 0;
	size_t from = c->works->steps.n;
	void *item = c;
	if (kt_parallel_run(ask_cluster, &item, 1, c->o->client.owner->stop, show_cluster, c) < 0)
		return interrupted(c, err);
	kt_checkreport_steps(&c->report, &c->works->steps, from);
	return 0;
}

/* The same way that every other command goes; and the only one with a mechanism that kt does not speak itself. */
static int check_client(struct check *c, struct kt_err *err)
{
	struct kt_steps steps = {0};
	kt_auto(kt_client_fini) struct kt_client *client = NULL;
	struct kt_err bad = {0};
	bool possible = c->works != NULL;
	for (size_t i = 0; i < c->n; i++)
		possible |= c->probes[i]->left_to_client;
	if (!possible) {
		kt_checkreport_skipped(&c->report, "client", "no broker works");
		return 0;
	}
	struct kt_step *step = kt_step_begin(&steps, "client", "", KT_STEP_LOCAL);
	kt_say_progress("client");
	if (kt_client_open(&client, KT_ROLE_ADMIN, &c->pre.settings, c->o->client.owner, &bad) < 0 ||
		kt_client_reach(client, c->o->client.timeout_ms, &bad) < 0)
		kt_step_fail(step, &bad);
	else
		kt_step_ok(step, "librdkafka %s reaches the cluster", kt_rdkafka_version());
	if (!kt_owner_stopped(c->o->client.owner))
		kt_checkreport_steps(&c->report, &steps, 0);
	kt_steps_fini(&steps);
	return kt_owner_stopped(c->o->client.owner) ? interrupted(c, err) : 0;
}

static int find_words(struct check *c, struct kt_err *err)
{
	const struct kt_settings *s = &c->pre.settings;
	const char *given = c->o->topic ? c->o->topic : c->o->option_topic;
	c->topic = given ? given : kt_settings_text(s, "kt.topic", NULL);
	c->group = c->o->group ? c->o->group : kt_settings_text(s, "kt.group", NULL);
	return c->topic ? kt_topic_check(c->topic, err) : 0;
}

static int check_brokers(struct check *c, struct kt_err *err)
{
	if (check_bootstrap(c, err) < 0 || check_listeners(c, err) < 0 || check_client(c, err) < 0)
		return -1;
	return check_cluster(c, err);
}

static void skip_brokers(struct check *c)
{
	static const char *const names[] = {"bootstrap", "listener", "client", "topic", "group", "round-trip"};
	for (size_t i = 0; i < KT_LEN(names); i++)
		kt_checkreport_skipped(&c->report, names[i], "configuration did not work");
}

static int run(void *data, struct kt_err *err)
{
	const struct check_opts *o = data;
	kt_auto(check_fini) struct check c = {.o = o};
	c.report = (struct kt_checkreport){
		.json = o->json, .quiet = o->client.quiet, .color = kt_out_color(o->client.color)};
	if (kt_checkconfig(&c.pre, &o->client, err) < 0)
		return -1;
	kt_checkreport_steps(&c.report, &c.pre.steps, 0);
	if (!c.pre.loaded) {
		skip_brokers(&c);
	} else if (find_words(&c, err) < 0 || check_brokers(&c, err) < 0) {
		kt_checkreport_rest(&c.report);
		return -1;
	}
	return kt_checkreport_verdict(&c.report, err);
}

static const char *const about[] = {
	"Goes the way to the cluster step by step and prints for each step how it ended, how long it took and what "
	"was found. What failed comes first, with the cause and what to try, then the rest in a line each. Nothing is "
	"written to the cluster. A step that needs one that failed is skipped.",
	"configuration: the files and the settings in them. files: who may read those with secrets. credentials: the "
	"client's certificate and key, or its user name. ca: the CAs that are trusted. library: whether librdkafka "
	"takes the settings.",
	"Then each broker of the list, all at the same time: dns, tcp, tls (version, certificate, name), "
	"authentication, api-versions, metadata; and each address that the cluster advertises, in the same way: a "
	"client talks to those. client: librdkafka goes the same way. Each step gets the time that -m says.",
	"Last, topic (it exists, with leaders), read and write (whether this client may: the broker says so with the "
	"metadata, from Kafka 2.3 on; nothing is read or written), group (its coordinator) and round-trip.",
	"With -q only what failed or is worth a warning is printed. A warning does not change the status, which is "
	"that of the first step that failed: 2 for the configuration and the credentials, 5 for what cannot be "
	"reached or is not a broker's port of that kind, 1 for a refusal (TLS, authentication, rights), 4 for a topic "
	"that does not exist.",
	NULL,
};

static const char *const examples[] = {
	"Whether everything is as it should be",
	"kt check client58 --auth ./auth -b kafka1.example.org:19093",
	"What does not work, and why",
	"kt check -J | jq -r 'select(.state == \"failed\") | .text'",
	"Before a program that only writes",
	"kt check orders --for write -q && ./program",
	NULL,
};

const struct kt_cmd kt_cmd_check = {
	.name = "check",
	.summary = "say step by step whether a cluster can be used",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
