/* kt cluster: the brokers, who controls them, and what they speak. */
#include <unistd.h>

#include "clusterview.h"
#include "cmd.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "watch.h"

struct cluster_opts {
	struct kt_client_opts client;
	bool versions, json, watch;
};
#define OPTS struct cluster_opts

static const struct kt_opt opts[] = {
	{.name = "versions",
		.also = "api-versions features",
		KT_FLAG(versions),
		.help = "also the cluster's features, and which versions of each request are spoken"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object, always with the features"},
	KT_WATCH_ROW(watch),
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the brokers of a cluster: id, advertised address, rack, the release of Apache Kafka whose protocol each "
	"speaks, and which one is the controller; on a terminal the cluster's id above them. Each broker is asked "
	"separately. One that does not answer is in the list too, and the status is then 3.",
	"The controller is the one that leads the quorum of controllers; finding it needs the right to Describe the "
	"cluster. Without a quorum (ZooKeeper, and what speaks like it) it is the one that all brokers name. "
	"Otherwise it is not known: in the metadata that clients get, brokers with a quorum name one of themselves "
	"at random.",
	"--versions adds the features with the level that the cluster has agreed on and those that the first broker "
	"supports, and for each kind of request the oldest and the newest version with the brokers that speak so.",
	"With SASL mechanisms that only librdkafka speaks (GSSAPI, OAUTHBEARER) only the addresses are known.",
	NULL,
};

static const char *const examples[] = {
	"The brokers, and who is the controller",
	"kt cluster",
	"The id of the cluster",
	"kt cluster -J | jq -r .cluster",
	"Is every broker of the same release?",
	"kt cluster -J | jq -e '[.brokers[].speaks_as] | unique | length == 1'",
	"Which versions of Fetch each broker speaks",
	"kt cluster --versions | grep ^Fetch",
	NULL,
};

/* Each broker that did not answer on its own, and the one sentence for all. */
static int judge(const struct kt_clusterlook *look, struct kt_err *err)
{
	for (size_t i = 0; i < look->n; i++) {
		const struct kt_clusterbroker *b = look->v[i];
		if (b->err.msg[0])
			kt_say(KT_QUIET, "broker %d at %s: %s%s%s", (int)b->id, b->probe.at.name, b->err.msg,
				b->err.hint[0] ? "; " : "", b->err.hint);
	}
	if (!look->asked && !look->failed)
		kt_say(KT_WARNING, "kt does not speak this SASL mechanism itself: only the addresses are known, from "
				   "librdkafka");
	if (!look->failed)
		return 0;
	return kt_err_set(err, KT_PARTIAL, "%zu of %zu broker%s could not be asked", look->failed, look->n,
		kt_plural((int64_t)look->n));
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	struct kt_buf out = {0};
	kt_auto(kt_clusterlook_fini) struct kt_clusterlook look = {0};
	if (kt_clusterlook(&look, &o->client, err) < 0)
		return -1;
	if (o->json)
		kt_clusterview_json(&out, &look, o->versions);
	else
		kt_clusterview_text(&out, &look, o->versions, isatty(STDOUT_FILENO) == 1);
	int result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	return result < 0 ? -1 : judge(&look, err);
}

const struct kt_cmd kt_cmd_cluster = {
	.name = "cluster",
	.also = "brokers nodes",
	.summary = "show the brokers, the controller, and what they speak",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
