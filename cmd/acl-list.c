/* kt acl list: who may do what. */
#include "aclcheck.h"
#include "aclselect.h"
#include "aclshow.h"
#include "cmd.h"
#include "topicselect.h"

struct list_opts {
	struct kt_client_opts client;
	struct kt_acl_opts acl;
	bool json;
};
#define OPTS struct list_opts

static const struct kt_opt opts[] = {
	{KT_INCLUDE(acl, "Which ACLs (default: all)", kt_acl_opts)},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per ACL, each on a line"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Prints the ACLs of a cluster, sorted by resource and name: principal, host, permission, operation, resource, its "
	"name, and whether that is meant literally or as a prefix. An ACL is shown when it matches every option that is "
	"given, and one of the values of each.",
	"With --pattern match, a name finds the ACLs that decide about that resource: literal ones, those with a "
	"prefix of it, and those with *. Without --pattern, a name is the ACL's own.",
	"It needs the right to Describe the cluster. Kinds of ACLs that librdkafka does not know (before 2.6, those "
	"of transactional ids) are shown as UNKNOWN.",
	NULL,
};

static const char *const examples[] = {
	"Who may do what with a topic",
	"kt acl list --topic client58 --pattern match",
	"What somebody may do",
	"kt acl list --principal client58",
	"As JSON",
	"kt acl list -J | jq -r 'select(.permission == \"DENY\") | .principal'",
	NULL,
};

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_acls_fini) struct kt_acls filters = {0}, acls = {0};
	if (kt_aclselect_filters(&filters, &o->acl, err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "have ACLs", err) < 0 ||
		kt_aclselect_find(t.client, &filters, t.timeout_ms, &acls, err) < 0 ||
		(!acls.n && kt_aclcheck(&t.settings, &o->client, err) < 0))
		return -1;
	return kt_aclshow_print(&acls, o->json, err);
}

const struct kt_cmd kt_cmd_acl_list = {
	.name = "acl list",
	.summary = "show who may do what",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
